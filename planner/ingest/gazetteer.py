"""The gazetteer: reference points of towns (大字・町丁目) and of street blocks (街区), as published.

Read without a mapping are the 位置参照情報 of the Ministry of Land in all its headings and the Geolonia address data
(shipped/forms.toml). Longitude and latitude are used; 座標系番号 and the metric columns beside it are not.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd

from planner import frames
from planner.frames import Tally, Town
from planner.ingest import words
from planner.ingest.columns import column_fault, pick
from planner.ingest.forms import resolved
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec
from planner.ingest.paths import Found, find
from planner.ingest.points import points
from planner.ingest.records import whose
from planner.ingest.sources import open_table
from planner.ingest.tables import to_frame

_OPTIONAL = ("block", "representative", "prefecture", "city", "code")

Row = tuple[bool, str, str, str, Any]  # whether others of its block stand before it, name, level, code, point


def read_gazetteer(folder: Path, spec: RoleSpec, town: Town, ledger: Ledger) -> gpd.GeoDataFrame:
    """Table ``addresses`` of the municipality; rows of others are counted as outside.

    Of several points of one block the one marked as representative (代表フラグ) comes first.

    Parameters
    ----------
    folder, spec, town
        The town folder, the ``[gazetteer]`` table, the municipality.
    ledger
        Takes tallies, rows set aside and faults of single files.
    """
    rows: list[Row] = []
    for found in find(folder, "gazetteer", spec.patterns, literal=spec.literal):
        with ledger.gathering():
            rows += _read_file(found, spec, town, ledger)
    rows.sort(key=lambda row: row[0])
    values: dict[str, list[Any]] = {
        "address_id": [f"g{n}" for n in range(1, len(rows) + 1)],
        "name": [row[1] for row in rows],
        "level": [row[2] for row in rows],
        "code": [row[3] for row in rows],
    }
    table = to_frame("addresses", values, [row[4] for row in rows], town.epsg)
    checked: gpd.GeoDataFrame = frames.check("addresses", table, town.epsg)
    return checked


def _read_file(found: Found, spec: RoleSpec, town: Town, ledger: Ledger) -> list[Row]:
    """One file's rows of the municipality.

    Raises
    ------
    InputError
        ``column_missing`` and the faults of `texts.read_text` and `points.points`.
    """
    rows = open_table(found, spec, ledger)
    spec = resolved(rows, spec, ledger)
    names = pick(rows, "gazetteer", "name", spec.columns)
    if names is None:
        raise column_fault(rows, "gazetteer", ["name"])
    cells = {our: pick(rows, "gazetteer", our, spec.columns) or [""] * len(names) for our in _OPTIONAL}
    shapes, why = points(rows, spec, town.epsg, None, ledger)
    where = whose({**cells, "offence": names}, town)
    marks, why_marks = words.parse_each(cells["representative"], words.flag)
    aside, made, outside = list(rows.odd), [], 0
    for at, (name, block) in enumerate(zip(names, cells["block"], strict=True)):
        reason = where[at] or ("" if name else "value_missing") or why_marks[at] or why[at]
        if reason == "outside":
            outside += 1
        elif reason:
            aside.append((rows.lines[at], reason, rows.text(at)))
        else:
            code = cells["code"][at] or town.code
            full = f"{name}{block}番" if block.isdigit() else f"{name}{block}"
            made.append((marks[at] is False, full, "street_block" if block else "town", code, shapes[at]))
    ledger.set_aside("gazetteer", found.name, aside)
    counted = (rows.rows, len(made), len(aside), 0, outside)
    ledger.tallies.append(Tally("gazetteer", found.name, found.sha256, *counted, rows.encoding, spec.note))
    return made
