"""Incident records: police open data (both heading generations) or any table with mapped columns.

Every row of every file is accepted, set aside with a reason, an exact duplicate (only where rows carry an
identifier) or outside the municipality.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import compress
from pathlib import Path
from typing import Any

import geopandas as gpd
from numpy.typing import NDArray

from planner import frames
from planner.errors import InputError
from planner.frames import Tally, Town
from planner.ingest.areas import Finder
from planner.ingest.events import Origin, Repeats, note_the_whole
from planner.ingest.forms import resolved
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec
from planner.ingest.paths import Found, find
from planner.ingest.periods import PROVISIONAL, length_years
from planner.ingest.points import has_points, points
from planner.ingest.records import parsed, record_columns, whose
from planner.ingest.shapes import refuse_far
from planner.ingest.sources import open_table
from planner.ingest.tables import Box, note_zeros, to_frame

_SHOWN = 10


@dataclass
class Incidents:
    """What the files gave: the table, the length of the period, which offences it holds."""

    table: gpd.GeoDataFrame
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
    nameless: int = 0


def _place(
    names: list[str], shapes: NDArray[Any] | None, finder: Finder, gathered: _Gathered
) -> tuple[list[str], list[str]]:
    """Area and precision per row: by point, by name, else somewhere in the city; ``outside`` for points in no area."""
    areas = [finder.by_name(name) if name else "" for name in names]
    precisions = ["area" if area else "city" for area in areas]
    if shapes is not None:
        for at, area in enumerate(finder.by_point(shapes)):
            if shapes[at] is not None:
                areas[at], precisions[at] = area, "point" if area else "outside"
    for name, precision in zip(names, precisions, strict=True):
        if precision == "city" and name:
            gathered.unplaced[name] += 1
        elif precision == "city":
            gathered.nameless += 1
    return areas, precisions


def _read_file(
    found: Found, spec: RoleSpec, town: Town, finder: Finder, box: Box, gathered: _Gathered, ledger: Ledger
) -> None:
    """Sort one file's rows into accepted, set aside, duplicate and outside.

    Raises
    ------
    InputError
        As `texts.read_text` and `records.record_columns`.
    """
    rows = open_table(found, spec, ledger)
    spec = resolved(rows, spec, ledger)
    cells = record_columns(rows, spec)
    where = whose(cells, town)
    aside = list(rows.odd)
    aside += [(rows.lines[at], why, rows.text(at)) for at, why in enumerate(where) if why not in {"", "outside"}]
    outside = where.count("outside")
    ours = [at for at, why in enumerate(where) if not why]
    shapes: NDArray[Any] | None = None
    unread = [""] * len(ours)
    if has_points(rows, spec):
        everywhere, why_point = points(rows, spec, town.epsg, ledger)
        shapes, unread = everywhere[ours], [why_point[at] for at in ours]
        refuse_far("crime", found.name, shapes[[s is not None for s in shapes]], box)
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
    areas, precisions = _place([cells["area"][at] for at in accepted], kept_shapes, finder, gathered)
    outside += precisions.count("outside")
    for n, at in enumerate(accepted):
        if precisions[n] != "outside":
            row = {"incident_id": ids[n], "area_id": areas[n], "precision": precisions[n]}
            row |= {name: column[at] for name, column in values.items()}
            for name, cell in row.items():
                gathered.values[name].append(cell)
            gathered.shapes.append(None if kept_shapes is None else kept_shapes[n])
    if PROVISIONAL.search(found.name) or any(PROVISIONAL.search(heading) for heading in rows.headings):
        gathered.provisional.append(found.name)
    ledger.set_aside("crime", found.name, aside)
    counted = (rows.rows, len(accepted) - precisions.count("outside"), len(aside), duplicates, outside)
    ledger.tallies.append(Tally("crime", found.name, found.sha256, *counted, rows.encoding, spec.note))


def read_crime(folder: Path, spec: RoleSpec, town: Town, areas: gpd.GeoDataFrame, ledger: Ledger) -> Incidents | None:
    """All incident records of the municipality.

    Parameters
    ----------
    folder
        The town folder.
    spec
        The ``[crime]`` table.
    town
        The municipality (code, name, CRS).
    areas
        Table ``areas``, names joined.
    ledger
        Takes tallies, rows set aside, notes (``names_unplaced``, ``names_blank`` and those of events.py, periods.py)
        and faults of single files.

    Returns
    -------
    Incidents | None
        Table ``incidents`` (points in the study's CRS where known); None when a file could not be read.
    """
    files = find(folder, "crime", spec.patterns, literal=spec.literal)
    finder = Finder(areas, town)
    box = tuple(float(v) for v in areas.total_bounds)
    gathered = _Gathered()
    before = len(ledger.faults)
    for found in files:
        with ledger.gathering():
            _read_file(found, spec, town, finder, (box[0], box[1], box[2], box[3]), gathered, ledger)
    if len(ledger.faults) > before:
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
        listed = "、".join(f"{name} {count}" for name, count in gathered.unplaced.most_common(_SHOWN))
        ledger.note("names_unplaced", number=sum(gathered.unplaced.values()), names=listed)
    if gathered.nameless:
        ledger.note("names_blank", number=gathered.nameless)
    years = length_years(files, spec.period, gathered.provisional, table, ledger)
    return Incidents(table, years, frozenset(table["offence"]))
