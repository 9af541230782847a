"""One role's files to one checked table: every row accepted, set aside with its reason, or a duplicate."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner import frames
from planner.errors import InputError
from planner.frames import Tally
from planner.ingest import words
from planner.ingest.cameras import Place, why_not
from planner.ingest.cells import Cells
from planner.ingest.cells import column as read_column
from planner.ingest.columns import SourceRows, column_fault, pick, written
from planner.ingest.crs_sense import Box
from planner.ingest.elsewhere import judge_far
from planner.ingest.geocode import Geocoder
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec
from planner.ingest.paths import find
from planner.ingest.roles import DEFAULTS, MADE
from planner.ingest.sources import open_layer

_PREFIX = {
    "areas": "a",
    "streets": "s",
    "walls": "w",
    "mounts": "m",
    "places": "p",
    "zones": "z",
    "standing": "c",
    "requests": "r",
    "targets": "t",
    "police_list": "l",
    "districts": "d",
    "steps": "step",
    "footage_log": "log",
}


@dataclass
class Gathered:
    """Accepted rows of all files of a role so far."""

    values: dict[str, list[Any]] = field(default_factory=dict)
    shapes: list[Any] = field(default_factory=list)
    seen: dict[str, tuple[str, bytes]] = field(default_factory=dict)  # id -> text and shape of its first row
    names: dict[str, str] = field(default_factory=dict)  # areas: id -> name of its first row
    numbered: int = 0
    places: set[Place] = field(default_factory=set)  # standing: where cameras hang and look


def _read_columns(
    source: SourceRows,
    name: str,
    spec: RoleSpec,
    shapes: NDArray[Any] | None,
    gathered: Gathered,
    made: Mapping[str, list[str]],
    ledger: Ledger,
) -> tuple[dict[str, list[Any]], list[str], bool]:
    """All columns of a table from one source, the first reason per row, and whether rows carry an identifier.

    Raises
    ------
    InputError
        ``column_missing``.
    """
    defaults = DEFAULTS.get(name, {})
    key = frames.TABLES[name].key[0]
    values: dict[str, list[Any]] = {}
    reasons = [""] * len(source.lines)
    lacking: list[str] = []
    identified = True
    for column in frames.TABLES[name].columns:
        if column.name in MADE:
            values[column.name] = list(made[column.name])
            continue
        cells = pick(source, name, column.name, spec.columns)
        stood = written(source, column.name, spec.columns, cells) if cells is not None else None
        default = spec.constants.get(column.name, defaults.get(column.name))
        if cells is None and column.name == key and default is not None:
            cells, identified = _own_ids(name, len(reasons), shapes, made["match_level"], gathered)
        elif cells is None and default is None and not column.optional:
            lacking.append(column.name)
            continue
        elif cells is None:
            cells = [default or ""] * len(reasons)
        elif default:
            cells = [c if c.lower() not in words.UNKNOWN else default for c in cells]
        these = Cells(name, source.file.name, column.name, cells, stood or cells, source.lines)
        values[column.name], why = read_column(column, name, these, ledger)
        reasons = [first or then for first, then in zip(reasons, why, strict=True)]
    if lacking:
        raise column_fault(source, name, lacking)
    return values, reasons, identified


def _own_ids(
    name: str, rows: int, shapes: NDArray[Any] | None, levels: list[str], gathered: Gathered
) -> tuple[list[str], bool]:
    """Ids for rows that have none: a mount's 0.1 m rounded coordinate (an identity), else running numbers.

    A mount placed by its address stands at a point that it shares with others, so that it gets a number too.
    """
    begin = gathered.numbered + 1
    gathered.numbered += rows
    ids = [f"{_PREFIX[name]}{n}" for n in range(begin, begin + rows)]
    if name != "mounts" or shapes is None:
        return ids, False
    there = [s is not None and s.geom_type == "Point" and not s.is_empty for s in shapes]
    for at in range(rows):
        if levels[at] == "point":
            ids[at] = f"m{shapes[at].x:.1f}_{shapes[at].y:.1f}" if there[at] else "m"
    return ids, True


def _take(
    gathered: Gathered,
    source: SourceRows,
    spec: RoleSpec,
    shapes: NDArray[Any] | None,
    why: list[str],
    levels: list[str],
    ledger: Ledger,
) -> tuple[list[tuple[int, str, str]], int, int, int]:
    """Add a source's good rows; what was set aside, how many were duplicates, accepted and another municipality's."""
    name = spec.name
    values, reasons, identified = _read_columns(source, name, spec, shapes, gathered, {"match_level": levels}, ledger)
    reasons = [w if w == "outside" else r or w for r, w in zip(reasons, why, strict=True)]
    key = frames.TABLES[name].key[0]
    aside = list(source.odd)
    keep: list[int] = []
    duplicates = 0
    for at, reason in enumerate(reasons):
        verdict = reason
        if not reason and identified:
            verdict = _repeat(gathered, source, str(values[key][at]), at, shapes, values)
        if verdict == "duplicate":
            duplicates += 1
        elif verdict and verdict != "outside":
            aside.append((source.lines[at], verdict, source.text(at)))
        elif not verdict:
            keep.append(at)
    for column, cells in values.items():
        gathered.values.setdefault(column, []).extend(cells[at] for at in keep)
    if shapes is not None:
        gathered.shapes.extend(shapes[keep])
    return aside, duplicates, len(keep), reasons.count("outside")


def _repeat(
    gathered: Gathered,
    source: SourceRows,
    identity: str,
    at: int,
    shapes: NDArray[Any] | None,
    values: dict[str, list[Any]],
) -> str:
    """Whether an id was seen: "" new, ``duplicate`` (identical row), ``id_repeated`` (another row of the same id)."""
    mark = (source.text(at), b"" if shapes is None else shapely.to_wkb(shapes[at]))
    first = gathered.seen.setdefault(identity, mark)
    if first is mark:
        if "district_id" in values:
            gathered.names[identity] = str(values["name"][at])
        return ""
    if first == mark:
        return "duplicate"
    # pieces of one town block share its id in the census files; they are joined by name afterwards
    return "" if gathered.names.get(identity, "\x00") == str(values.get("name", [""] * (at + 1))[at]) else "id_repeated"


def to_frame(name: str, values: dict[str, list[Any]], shapes: Iterable[Any] | None, epsg: int) -> Any:
    """Typed columns in the order of the table; not yet checked."""
    made: dict[str, Any] = {}
    for column in frames.TABLES[name].columns:
        cells = values.get(column.name, [])
        if column.kind == "date":
            made[column.name] = pd.Series(pd.to_datetime(pd.Series(cells, dtype="object"))).astype("datetime64[ns]")
        else:
            made[column.name] = pd.Series(cells, dtype=column.empty().dtype)
    frame = pd.DataFrame(made)
    if frames.TABLES[name].shapes:
        frame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(list(shapes or []), crs=epsg), crs=epsg)
    return frame


def note_zeros(role: str, ids: Collection[str], ledger: Ledger) -> None:
    """Identifiers are text; those that differ by leading zeros only (a spreadsheet loses them) are told."""
    spelt: dict[str, set[str]] = {}
    led = {identity.lstrip("0") for identity in ids if identity.startswith("0")}
    for identity in ids if led else ():
        if identity.isdigit() and identity.lstrip("0") in led:
            spelt.setdefault(identity.lstrip("0"), set()).add(identity)
    twice = [min(several) for several in spelt.values() if len(several) > 1]
    if twice:
        ledger.note("ids_differ_by_zeros", role=role, number=len(twice), example=twice[0])


def read_role(
    folder: Path, spec: RoleSpec, epsg: int, box: Box | None, ledger: Ledger, geocoder: Geocoder | None = None
) -> Any:
    """The table of one role.

    Parameters
    ----------
    folder
        The town folder.
    spec
        What ``town.toml`` says about the role.
    epsg
        The study's metric CRS.
    box
        Bounds of the areas in m; None while the areas themselves are read.
    ledger
        Takes tallies, rows set aside, notes, and faults of single files.
    geocoder
        Finds the points of rows that have an address only.

    Returns
    -------
    (Geo)DataFrame as ``frames.TABLES[spec.name]``; faults of its files stand in the ledger.
    """
    gathered = Gathered()
    for found in find(folder, spec.name, spec.patterns, literal=spec.literal):
        with ledger.gathering():
            source, here, shapes, why, levels = open_layer(found, spec, epsg, box, ledger, geocoder)
            if box is not None and shapes is not None:
                why = judge_far(spec.name, found.name, shapes, why, epsg, box, ledger)
            if spec.name == "standing" and shapes is not None:
                why = why_not(source, here, shapes, why, gathered.places, ledger)
            aside, duplicates, accepted, outside = _take(gathered, source, here, shapes, why, levels, ledger)
            ledger.set_aside(spec.name, found.name, aside)
            counted = (source.rows, accepted, len(aside), duplicates, outside + source.outside)
            ledger.tallies.append(Tally(spec.name, found.name, found.sha256, *counted, source.encoding, spec.note))
            if source.rows and len(aside) == source.rows:
                raise InputError(
                    "nothing_usable",
                    f"{found.name}: no usable row of {source.rows}",
                    role=spec.name,
                    file=found.name,
                    rows=source.rows,
                    reason=aside[0][1] if aside else "-",
                )
    note_zeros(spec.name, gathered.seen, ledger)
    frame = to_frame(spec.name, gathered.values, gathered.shapes, epsg)
    # pieces of one area are joined (areas.py) before its ids can be unique
    return frame if spec.name == "areas" else frames.check(spec.name, frame, epsg)
