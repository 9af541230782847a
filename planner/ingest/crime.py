"""Incident records: police open data (both heading generations) or any table with mapped columns.

Every row of every file is accepted, set aside with a reason, an exact duplicate (only where rows carry an
identifier) or outside the municipality.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import compress
from pathlib import Path
from typing import Any

import geopandas as gpd
from numpy.typing import NDArray

from planner import frames
from planner.errors import InputError
from planner.frames import Tally, Town
from planner.ingest.crs_sense import Box
from planner.ingest.elsewhere import judge_far
from planner.ingest.events import Origin, Repeats, note_the_whole
from planner.ingest.forms import resolved
from planner.ingest.geocode import Geocoder
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec
from planner.ingest.names import old_codes
from planner.ingest.neighbours import Neighbours
from planner.ingest.paths import Found, find
from planner.ingest.periods import PROVISIONAL, length_years
from planner.ingest.points import has_points, points
from planner.ingest.positions import without_common_place
from planner.ingest.records import parsed, record_columns, whose
from planner.ingest.sources import open_table
from planner.ingest.tables import note_zeros, to_frame

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
    repeats: Repeats = field(default_factory=Repeats)
    provisional: list[str] = field(default_factory=list)
    unplaced: Counter[str] = field(default_factory=Counter)
    town_only: Counter[str] = field(default_factory=Counter)
    nameless: int = 0


def _place(
    names: list[str], shapes: NDArray[Any] | None, geocoder: Geocoder, gathered: _Gathered
) -> tuple[list[str], list[str], list[str], list[str]]:
    """Area, precision, match level and candidates per row: by point, by name, else somewhere in the city.

    Precision ``outside`` is for points in no area. A town named without its 丁目 is never pinned to one of them: it has
    precision ``city``, level ``town`` and the areas of the town as candidates.
    """
    matches = [geocoder.find(name) for name in names]
    areas = [match.area_id for match in matches]
    precisions = ["area" if area else "city" for area in areas]
    levels = [match.level for match in matches]
    candidates = [frames.BETWEEN_IDS.join(match.candidates) for match in matches]
    if shapes is not None:
        for at, area in enumerate(geocoder.by_point(shapes)):
            if shapes[at] is not None:
                areas[at], precisions[at], levels[at] = area, "point" if area else "outside", "point"
                candidates[at] = ""
    for name, precision, level in zip(names, precisions, levels, strict=True):
        if precision != "city":
            continue
        if level == "city":
            gathered.nameless += 1
        else:
            (gathered.town_only if level == "town" else gathered.unplaced)[name] += 1
    return areas, precisions, levels, candidates


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
        everywhere, why_point = points(rows, spec, town.epsg, box, ledger, ours)
        shapes, unread = everywhere[ours], [why_point[at] for at in ours]
        unread = judge_far("crime", found.name, shapes, unread, town.epsg, box, ledger)
        shapes = without_common_place(shapes)
    cells = {our: [column[at] for at in ours] for our, column in cells.items()}
    values, reasons = parsed(cells, rows, spec, ours, ledger)
    reasons = [r or ("" if u == "coordinate_missing" else u) for r, u in zip(reasons, unread, strict=True)]
    good = [at for at, reason in enumerate(reasons) if not reason]
    aside += [(rows.lines[ours[at]], reason, rows.text(ours[at])) for at, reason in enumerate(reasons) if reason]
    identities = cells.get("incident_id", [""] * len(ours))
    accepted, ids, duplicates = [], [], 0
    for at in good:
        stands = Origin(found.name, rows.lines[ours[at]], rows.text(ours[at]))
        verdict, identity = gathered.repeats.verdict(identities[at], stands, ledger)
        if not verdict:
            accepted.append(at)
            ids.append(identity)
        elif verdict == "duplicate":
            duplicates += 1
        else:
            aside.append((stands.line, verdict, stands.text))
    kept_shapes = None if shapes is None else shapes[accepted]
    areas, precisions, levels, candidates = _place(
        [cells["area"][at] for at in accepted], kept_shapes, geocoder, gathered
    )
    beyond += [ours[at] for at, precision in zip(accepted, precisions, strict=True) if precision == "outside"]
    outside = {our: [column[at] for at in sorted(beyond)] for our, column in everyone.items()}
    there = None if everywhere is None else everywhere[sorted(beyond)]
    neighbours.take(rows, spec, sorted(beyond), outside, there, ledger.answers)
    for n, at in enumerate(accepted):
        if precisions[n] != "outside":
            row = {"incident_id": ids[n], "area_id": areas[n], "precision": precisions[n], "match_level": levels[n]}
            row |= {"candidates": candidates[n]} | {name: column[at] for name, column in values.items()}
            for name, cell in row.items():
                gathered.values[name].append(cell)
            gathered.shapes.append(None if kept_shapes is None else kept_shapes[n])
    if PROVISIONAL.search(found.name) or any(PROVISIONAL.search(heading) for heading in rows.headings):
        gathered.provisional.append(found.name)
    ledger.set_aside("crime", found.name, aside)
    counted = (rows.rows, len(accepted) - precisions.count("outside"), len(aside), duplicates, len(beyond))
    ledger.tallies.append(Tally("crime", found.name, found.sha256, *counted, rows.encoding, spec.note))


def _note_old_codes(found: Found, lines: Sequence[int], codes: list[str], town: Town, ledger: Ledger) -> None:
    """Codes that the municipality bore before are read as those of today, and listed (B052)."""
    old = old_codes(town.code)
    cells = [(line, code, old[code]) for line, code in zip(lines, codes, strict=True) if code in old]
    ledger.corrected("code_replaced", "crime", found.name, "code", cells)


def _read_files(
    files: list[Found],
    spec: RoleSpec,
    town: Town,
    geocoder: Geocoder,
    neighbours: Neighbours,
    box: Box,
    gathered: _Gathered,
    ledger: Ledger,
) -> None:
    """Every file; one without rows is refused only where no other has any.

    The police publish a file per offence and year: of a rare one nothing may have been recorded.
    """
    bare: list[InputError] = []
    for found in files:
        with ledger.gathering():
            try:
                _read_file(found, spec, town, geocoder, neighbours, box, gathered, ledger)
            except InputError as error:
                if error.code != "rows_missing":
                    raise
                bare.append(error)
                ledger.tallies.append(Tally("crime", found.name, found.sha256, 0, 0, 0, 0, 0, "-", spec.note))
    if len(bare) == len(files):
        ledger.faults.extend(bare)
    elif bare:
        named = ", ".join(error.values["file"] for error in bare[:_SHOWN])
        ledger.note("files_without_rows", number=len(bare), files=named)


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
        Takes tallies, rows set aside, notes (``names_unplaced``, ``names_town_only``, ``names_blank``,
        ``code_replaced``, ``neighbours_kept`` ... and those of events.py, periods.py) and faults of single files.

    Returns
    -------
    Incidents | None
        Table ``incidents`` (points in the study's CRS where known); None when a file could not be read.
    """
    files = find(folder, "crime", spec.patterns, literal=spec.literal)
    gathered = _Gathered()
    before = ledger.refusals
    _read_files(files, spec, town, geocoder, neighbours, box, gathered, ledger)
    if ledger.refusals > before:
        return None
    stay = gathered.repeats.settle(gathered.values["incident_id"], ledger)
    gathered.values = {name: list(compress(column, stay)) for name, column in gathered.values.items()}
    shapes = list(compress(gathered.shapes, stay))
    table = frames.check("incidents", to_frame("incidents", gathered.values, shapes, town.epsg), town.epsg)
    if table.empty:
        raise InputError(
            "no_incidents", f"no row of {len(files)} files lies in {town.code}", files=len(files), town_code=town.code
        )
    note_the_whole(table, ledger)
    note_zeros("crime", gathered.repeats.first, ledger)
    if gathered.unplaced:
        ledger.note("names_unplaced", number=gathered.unplaced.total(), names=_listed(gathered.unplaced))
    if gathered.town_only:
        ledger.note("names_town_only", number=gathered.town_only.total(), names=_listed(gathered.town_only))
    if gathered.nameless:
        ledger.note("names_blank", number=gathered.nameless)
    beyond = neighbours.incidents(ledger)
    years = length_years(files, spec.period, gathered.provisional, table, ledger)
    return Incidents(table, beyond, years, frozenset(table["offence"]))


def _listed(names: Counter[str]) -> str:
    """The commonest names with their numbers."""
    return "、".join(f"{name} {count}" for name, count in names.most_common(_SHOWN))
