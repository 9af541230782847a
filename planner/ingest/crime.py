"""Incident records: police open data (both heading generations) or any table with mapped columns.

Every row of every file is accepted, set aside with a reason, an exact duplicate (only where rows carry an
identifier) or outside the municipality.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner import assumptions, frames
from planner.errors import InputError
from planner.frames import Tally, Town
from planner.ingest.forms import resolved
from planner.ingest.geocode import Geocoder
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec
from planner.ingest.names import old_codes
from planner.ingest.neighbours import Neighbours
from planner.ingest.paths import Found, find
from planner.ingest.points import has_points, points
from planner.ingest.records import parsed, record_columns, whose
from planner.ingest.shapes import refuse_far
from planner.ingest.sources import open_table
from planner.ingest.tables import Box, to_frame

_YEAR = re.compile(r"(?<!\d)(19\d\d|20\d\d)(?!\d)")
_SHOWN = 10


@dataclass
class Incidents:
    """What the files gave: the table, that of the neighbours, the length of the period, which offences it holds."""

    table: gpd.GeoDataFrame
    beyond: gpd.GeoDataFrame
    years: float
    offences: frozenset[str]


@dataclass
class _Gathered:
    """Accepted rows of all files so far."""

    values: dict[str, list[Any]] = field(
        default_factory=lambda: {c.name: [] for c in frames.TABLES["incidents"].columns}
    )
    shapes: list[Any] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)
    repeats: Counter[str] = field(default_factory=Counter)
    unplaced: Counter[str] = field(default_factory=Counter)
    town_only: Counter[str] = field(default_factory=Counter)
    nameless: int = 0


def _repeat(text: str, identity: str, gathered: _Gathered) -> str:
    """Whether a row came before: "" new (rows without an identifier always are), ``duplicate`` or ``id_repeated``."""
    if not identity:
        gathered.repeats[text] += 1
        return ""
    if identity not in gathered.seen:
        gathered.seen[identity] = text
        return ""
    return "duplicate" if gathered.seen[identity] == text else "id_repeated"


def _place(
    names: list[str], shapes: NDArray[Any] | None, geocoder: Geocoder, gathered: _Gathered
) -> tuple[list[str], list[str], list[str]]:
    """Area, precision and match level per row: by point, by name, else somewhere in the city.

    Precision ``outside`` is for points in no area. A town named without its 丁目 is never pinned to one of them: it
    counts as somewhere in the city, at level ``town``.
    """
    matches = [geocoder.find(name) for name in names]
    areas = [match.area_id for match in matches]
    precisions = ["area" if area else "city" for area in areas]
    levels = [match.level for match in matches]
    if shapes is not None:
        for at, area in enumerate(geocoder.by_point(shapes)):
            if shapes[at] is not None:
                areas[at], precisions[at], levels[at] = area, "point" if area else "outside", "point"
    for name, precision, level in zip(names, precisions, levels, strict=True):
        if precision != "city":
            continue
        if level == "city":
            gathered.nameless += 1
        else:
            (gathered.town_only if level == "town" else gathered.unplaced)[name] += 1
    return areas, precisions, levels


def _read_file(
    found: Found,
    spec: RoleSpec,
    town: Town,
    geocoder: Geocoder,
    neighbours: Neighbours,
    box: Box,
    gathered: _Gathered,
    ledger: Ledger,
) -> None:
    """Sort one file's rows into accepted, set aside, duplicate and outside.

    Raises
    ------
    InputError
        As `texts.read_text` and `records.record_columns`.
    """
    rows = open_table(found, spec, ledger)
    spec = resolved(rows, spec, ledger)
    everyone = cells = record_columns(rows, spec)
    where = whose(cells, town)
    _note_old_codes(found, rows.lines, cells["code"], town, ledger)
    aside = list(rows.odd)
    aside += [(rows.lines[at], why, rows.text(at)) for at, why in enumerate(where) if why not in {"", "outside"}]
    beyond = [at for at, why in enumerate(where) if why == "outside"]
    ours = [at for at, why in enumerate(where) if not why]
    shapes: NDArray[Any] | None = None
    everywhere: NDArray[Any] | None = None
    unread = [""] * len(ours)
    if has_points(rows, spec):
        everywhere, why_point = points(rows, spec, town.epsg, ledger)
        shapes, unread = everywhere[ours], [why_point[at] for at in ours]
        refuse_far("crime", found.name, shapes[[s is not None for s in shapes]], box)
    cells = {our: [column[at] for at in ours] for our, column in cells.items()}
    values, reasons = parsed(cells, found)
    reasons = [r or ("" if u == "coordinate_missing" else u) for r, u in zip(reasons, unread, strict=True)]
    good = [at for at, reason in enumerate(reasons) if not reason]
    aside += [(rows.lines[ours[at]], reason, rows.text(ours[at])) for at, reason in enumerate(reasons) if reason]
    identities = cells.get("incident_id", [""] * len(ours))
    accepted, duplicates = [], 0
    for at in good:
        verdict = _repeat(rows.text(ours[at]), identities[at], gathered)
        if not verdict:
            accepted.append(at)
        elif verdict == "duplicate":
            duplicates += 1
        else:
            aside.append((rows.lines[ours[at]], verdict, rows.text(ours[at])))
    ids = [identities[at] or f"{found.name}:{rows.lines[ours[at]]}" for at in accepted]
    kept_shapes = None if shapes is None else shapes[accepted]
    areas, precisions, levels = _place([cells["area"][at] for at in accepted], kept_shapes, geocoder, gathered)
    beyond += [ours[at] for at, precision in zip(accepted, precisions, strict=True) if precision == "outside"]
    _beyond(found, rows.lines, everyone, everywhere, sorted(beyond), neighbours)
    for n, at in enumerate(accepted):
        if precisions[n] != "outside":
            row = {"incident_id": ids[n], "area_id": areas[n], "precision": precisions[n], "match_level": levels[n]}
            row |= {name: column[at] for name, column in values.items()}
            for name, cell in row.items():
                gathered.values[name].append(cell)
            gathered.shapes.append(None if kept_shapes is None else kept_shapes[n])
    ledger.set_aside("crime", found.name, aside)
    counted = (rows.rows, len(accepted) - precisions.count("outside"), len(aside), duplicates, len(beyond))
    ledger.tallies.append(Tally("crime", found.name, found.sha256, *counted, rows.encoding, spec.note))


def _beyond(
    found: Found,
    lines: list[int],
    cells: Mapping[str, list[str]],
    shapes: NDArray[Any] | None,
    beyond: list[int],
    neighbours: Neighbours,
) -> None:
    """Hand the outside rows of a file to the neighbours."""
    columns = {our: [column[at] for at in beyond] for our, column in cells.items()}
    neighbours.take(found, [lines[at] for at in beyond], columns, None if shapes is None else shapes[beyond])


def _note_old_codes(found: Found, lines: list[int], codes: list[str], town: Town, ledger: Ledger) -> None:
    """Codes that the municipality bore before are read as those of today, and listed (B052)."""
    old = old_codes(town.code)
    cells = [(line, code, old[code]) for line, code in zip(lines, codes, strict=True) if code in old]
    ledger.corrected("code_replaced", "crime", found.name, "code", cells)


def period_years(files: list[Found], occurred_on: pd.Series[Any], ledger: Ledger) -> float:
    """Length of the period that the records cover, in years.

    A police file of year y holds what was *recognised* in y, so where every file name carries a year the length is
    the number of different years (a name with two years means all from the first to the last). Otherwise it is the span from the first to the last day of the accepted rows,
    both included, in years of ``days_per_year`` (a note says so: records without their period's ends are a little
    short).

    Raises
    ------
    InputError
        ``period_unknown``: neither a year in every name nor a readable day.
    """
    named = [[int(y) for y in _YEAR.findall(found.path.stem)] for found in files]
    if named and all(named):
        return float(len({year for found in named for year in range(min(found), max(found) + 1)}))
    days = occurred_on.dropna()
    if days.empty:
        raise InputError("period_unknown", "no year in the file names and no dates", role="crime")
    length = ((days.max() - days.min()).days + 1) / assumptions.number("days_per_year")
    ledger.note("years_from_dates", first=str(days.min().date()), last=str(days.max().date()), years=round(length, 3))
    return float(length)


def read_crime(
    folder: Path, spec: RoleSpec, town: Town, geocoder: Geocoder, neighbours: Neighbours, box: Box, ledger: Ledger
) -> Incidents | None:
    """All incident records of the municipality.

    Parameters
    ----------
    folder
        The town folder.
    spec
        The ``[crime]`` table.
    town
        The municipality (code, name, CRS).
    geocoder
        Finds the areas of names and points.
    neighbours
        Takes the records just beyond the border.
    box
        Bounds of the areas, m.
    ledger
        Takes tallies, rows set aside, notes (``repeats_kept``, ``names_unplaced``, ``names_town_only``,
        ``names_blank``, ``code_replaced``, ``years_from_dates``, ``neighbours_kept`` ...) and faults of single files.

    Returns
    -------
    Incidents | None
        Table ``incidents`` (points in the study's CRS where known); None when a file could not be read.
    """
    files = find(folder, "crime", spec.patterns, literal=spec.literal)
    gathered = _Gathered()
    before = ledger.refusals
    for found in files:
        with ledger.gathering():
            _read_file(found, spec, town, geocoder, neighbours, box, gathered, ledger)
    if ledger.refusals > before:
        return None
    shapes = np.array(gathered.shapes, dtype=object)
    table = frames.check("incidents", to_frame("incidents", gathered.values, shapes.tolist(), town.epsg), town.epsg)
    if table.empty:
        raise InputError(
            "no_incidents", f"no row of {len(files)} files lies in {town.code}", files=len(files), town_code=town.code
        )
    repeats = sum(count - 1 for count in gathered.repeats.values())
    if repeats:
        ledger.note("repeats_kept", number=repeats)
    if gathered.unplaced:
        ledger.note("names_unplaced", number=gathered.unplaced.total(), names=_listed(gathered.unplaced))
    if gathered.town_only:
        ledger.note("names_town_only", number=gathered.town_only.total(), names=_listed(gathered.town_only))
    if gathered.nameless:
        ledger.note("names_blank", number=gathered.nameless)
    beyond = neighbours.incidents(ledger)
    return Incidents(table, beyond, period_years(files, table["occurred_on"], ledger), frozenset(table["offence"]))


def _listed(names: Counter[str]) -> str:
    """The commonest names with their numbers."""
    return "、".join(f"{name} {count}" for name, count in names.most_common(_SHOWN))
