"""OpenStreetMap: one ``.osm.pbf`` serves several roles; read through GDAL in batches, every feature accounted for.

The rows of a role are the features with a tag of that role (``osm_tags``), wherever they lie: accepted, set aside,
duplicate, outside the town's box; the four add up. All other features of the file belong to other roles or to none;
a note counts them. GDAL drops a way whose nodes are not in the extract without a word: such ways are found by `pbf`
and set aside.
"""

from __future__ import annotations

import re
import tempfile
import warnings
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from planner import gdal_guard
from planner.assumptions import number
from planner.errors import InputError
from planner.ingest.crs_sense import Box
from planner.ingest.ledger import Ledger
from planner.ingest.osm_tags import VALUES, ours, table, tags_of
from planner.ingest.paths import Found
from planner.ingest.pbf import Census, DamagedError, census, drawable
from planner.ingest.shapes import VectorRows, to_study
from planner.ingest.words import SHIPPED, folded

WGS84 = 4326
# the layers of GDAL's OSM driver in which a role's features may stand
_LAYERS: Mapping[str, tuple[str, ...]] = {
    "streets": ("lines", "multipolygons"),
    "walls": ("multipolygons", "lines"),
    "mounts": ("points",),
    "standing": ("points",),
    "places": ("points", "multipolygons"),
}
_BATCH = 20_000  # features held at once
_IDS = ("osm_id", "osm_way_id")
_EXPORTED = ("full_id", "osm_id", "osm_way_id", "osmid", "@id")  # identities in tables that others made of OSM data
_HSTORE = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')


@dataclass
class OsmRows:
    """Features of one role in our columns; same face as ``texts.TextRows``. ``lines`` are feature numbers."""

    file: Found
    role: str
    cells: dict[str, list[str]] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    odd: list[tuple[int, str, str]] = field(default_factory=list)
    shapes: list[Any] = field(default_factory=list)
    left_out: tuple[str, ...] = ()
    outside: int = 0
    others: int = 0  # features of the layers read that have no tag of the role
    encoding: str = "utf-8"
    corrections: dict[tuple[str, str], list[tuple[int, str, str]]] = field(default_factory=dict)

    @property
    def headings(self) -> tuple[str, ...]:
        """Our own columns."""
        return tuple(self.cells)

    @property
    def rows(self) -> int:
        """Features with a tag of the role."""
        return len(self.lines) + len(self.odd) + self.outside

    def column(self, heading: str) -> list[str]:
        """The cells of one of our columns."""
        return self.cells[heading]

    def written(self, heading: str) -> list[str]:
        """The same: what the tags said stands in the corrections."""
        return self.cells[heading]

    def without(self, headings: Collection[str]) -> Self:
        """The same rows without some columns."""
        return replace(self, cells={name: cells for name, cells in self.cells.items() if name not in headings})

    def text(self, position: int) -> str:
        """A feature's tags as they stood."""
        return self.texts[position]

    def add(self, line: int, identity: str, tags: Mapping[str, str], shape: Any) -> None:
        """Take one feature that has a tag of the role and lies in the box."""
        made = ours(self.role, tags)
        if made is None:
            self.others += 1
            return
        text = ", ".join((identity, *(f"{k}={v}" for k, v in tags.items() if v)))
        if made.reason:
            self.odd.append((line, made.reason, text))
            return
        for column, code, before, after in made.corrections:
            self.corrections.setdefault((column, code), []).append((line, before, after))
        for column, cell in (*made.cells.items(), (_KEYS[self.role], identity)):
            self.cells.setdefault(column, []).append(cell)
        self.lines.append(line)
        self.texts.append(text)
        self.shapes.append(shape)

    def tell(self, ledger: Ledger) -> None:
        """Corrections and the number of features that are not this role's, to the ledger."""
        for (column, code), cells in self.corrections.items():
            ledger.corrected(code, self.role, self.file.name, column, cells)
        if self.others:
            ledger.note("osm_other_features", role=self.role, file=self.file.name, number=self.others, rows=self.rows)


_KEYS = {
    "streets": "street_id",
    "walls": "wall_id",
    "mounts": "mount_id",
    "standing": "camera_id",
    "places": "place_id",
}


def _columns(role: str) -> tuple[str, ...]:
    """Our columns that tags of a role fill, and its key."""
    defined = (column for words in table(role).values() for column, _ in words.values())
    return tuple(dict.fromkeys((*defined, *VALUES[role], _KEYS[role])))


def _degrees(box: Box, epsg: int) -> Box:
    """The town's box and the margin around it, in longitude and latitude."""
    margin = number("osm_margin_m")
    wide = (box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin)
    west, south, east, north = pyproj.Transformer.from_crs(epsg, WGS84, always_xy=True).transform_bounds(*wide)
    return float(west), float(south), float(east), float(north)


def _batches(found: Found, layer: str, columns: tuple[str, ...], ledger: Ledger) -> Iterator[Any]:
    """Record batches of one layer; GDAL's own base of nodes lies in a private folder that goes with it."""
    import pyogrio

    with tempfile.TemporaryDirectory(prefix="planner-osm-") as folder, warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        before = pyogrio.get_gdal_config_option("CPL_TMPDIR")
        pyogrio.set_gdal_config_options({"CPL_TMPDIR": folder})
        try:
            with pyogrio.open_arrow(
                found.path,
                layer=layer,
                columns=list(columns),
                use_pyarrow=True,
                batch_size=_BATCH,
                CONFIG_FILE=str(SHIPPED / "osmconf.ini"),
                USE_CUSTOM_INDEXING="NO",  # the quick index of GDAL 3.12 loses nodes, and their ways, without a word
            ) as (_, reader):
                yield from reader
        finally:
            pyogrio.set_gdal_config_options({"CPL_TMPDIR": before})
    for text in dict.fromkeys(str(warning.message)[:200] for warning in heard):
        ledger.note("reader_warning", file=found.name, text=text)


def _columns_of(layer: str) -> frozenset[str]:
    """The tags that ``osmconf.ini`` gives for a layer."""
    section = (SHIPPED / "osmconf.ini").read_text(encoding="utf-8").split(f"[{layer}]", 1)[1]
    line = next(line for line in section.splitlines() if line.startswith("attributes="))
    return frozenset(line.removeprefix("attributes=").split(","))


def _take_batch(rows: OsmRows, batch: Any, layer: str, begin: int, box: Box | None) -> NDArray[np.int64]:
    """Add one batch; the ids of its nodes or ways with a key of the role, of whatever value and wherever."""
    names = set(batch.schema.names)
    cells = {name: batch.column(name).to_numpy(zero_copy_only=False) for name in names}
    count = batch.num_rows
    defining = [key for key in table(rows.role) if key in names]
    mine, keyed = np.zeros((2, count), dtype=bool)
    for key in defining:
        known = table(rows.role)[key]
        there = np.array([v is not None for v in cells[key]], dtype=bool)
        keyed |= there
        mine |= there if "*" in known else there & np.isin(cells[key].astype(str), list(known))
    at = np.flatnonzero(mine)
    rows.others += count - len(at)
    geometry = next(n for n in batch.schema.names if n in ("wkb_geometry", "geometry"))
    shapes = shapely.from_wkb(cells[geometry][at], on_invalid="ignore")
    bounds = shapely.bounds(shapes)
    if box is not None and len(at):
        far = (bounds[:, 0] > box[2]) | (bounds[:, 2] < box[0]) | (bounds[:, 1] > box[3]) | (bounds[:, 3] < box[1])
        far &= (np.abs(bounds[:, [0, 2]]) <= 180).all(axis=1) & (np.abs(bounds[:, [1, 3]]) <= 90).all(axis=1)
    else:
        far = np.zeros(len(at), dtype=bool)
    rows.outside += int(far.sum())
    tags = [t for t in tags_of(rows.role) if t in names]
    ways = cells["osm_way_id"] if "osm_way_id" in names else np.full(count, None)
    for k in np.flatnonzero(~far).tolist():
        i = int(at[k])
        kind = {"points": "node", "lines": "way"}.get(layer, "way" if ways[i] else "relation")
        identity = f"{kind}/{ways[i] or cells['osm_id'][i]}"
        made = {tag: folded(cells[tag][i]) for tag in tags if cells[tag][i]}
        odd = (
            not np.isfinite(bounds[k]).all()
            or np.abs(bounds[k][[1, 3]]).max() > 90
            or np.abs(bounds[k][[0, 2]]).max() > 180
        )
        if odd:
            rows.odd.append(
                (begin + i, "geometry_invalid", ", ".join((identity, *(f"{t}={v}" for t, v in made.items()))))
            )
        else:
            rows.add(begin + i, identity, made, shapes[k])
    given = ways if layer == "multipolygons" else cells["osm_id"]
    return np.array([int(given[i]) for i in np.flatnonzero(keyed) if given[i]], dtype=np.int64)


def _keys() -> tuple[str, ...]:
    """Every tag that makes a feature one of some role."""
    return tuple(dict.fromkeys(key for role in VALUES for key in table(role)))


def _account(rows: OsmRows, known: Census, given: list[NDArray[np.int64]]) -> None:
    """Set aside the ways that GDAL left out, if it had reason to.

    Raises
    ------
    InputError
        ``osm_damaged``: GDAL stopped in the middle of the file, which it does without a word.
    """
    role, missing = rows.role, 0
    for key in table(role):
        if "points" in _LAYERS[role]:
            missing += len(np.setdiff1d(known.nodes[key], given[0]))
        if "lines" not in _LAYERS[role]:
            continue
        lost = np.setdiff1d(known.ways[key], given[1])
        merged = np.isin(lost, known.in_polygons)
        missing += len(drawable(rows.file.path, lost[~merged])) if len(lost) else 0
        for way, inside in zip(lost.tolist(), merged.tolist(), strict=True):
            rows.odd.append((0, "osm_way_in_relation" if inside else "osm_way_cut", f"way/{way}, {key}"))
    if missing:
        told = {"role": role, "file": rows.file.name, "reason": f"{missing} features cannot be read"}
        raise InputError("osm_damaged", f"{rows.file.name}: GDAL left out {missing} features", **told)


def read_osm(found: Found, role: str, epsg: int, box: Box | None, ledger: Ledger) -> tuple[OsmRows, NDArray[Any]]:
    """The features of one role and their geometries in the study's CRS.

    Parameters
    ----------
    found
        A file whose content is ``osm_pbf``.
    role
        One of streets, walls, places, mounts, standing.
    epsg
        The study's metric CRS.
    box
        Bounds of the areas, m; features farther than ``osm_margin_m`` from it are counted as outside. None: no bounds.
    ledger
        Takes corrections and notes.

    Raises
    ------
    InputError
        ``osm_damaged``, ``vector_unreadable``, ``outside_boundary`` (nothing of the role in the box), ``gdal_unguarded``.
    """
    gdal_guard.require()
    from pyogrio.errors import DataLayerError, DataSourceError

    told = {"role": role, "file": found.name}
    try:
        known = census(found.path, found.sha256, _keys())
    except DamagedError as error:
        raise InputError("osm_damaged", f"{found.name}: {error}", **told, reason=str(error)[:200]) from error
    rows = OsmRows(found, role, {column: [] for column in _columns(role)})
    limits = None if box is None else _degrees(box, epsg)
    none = np.empty(0, dtype=np.int64)
    given: tuple[list[NDArray[np.int64]], ...] = ([], [])  # ids of the nodes, of the ways that GDAL gave
    begin = 1
    try:
        for layer in _LAYERS[role]:
            there = _columns_of(layer)
            ids = ("osm_id", "osm_way_id") if layer == "multipolygons" else ("osm_id",)
            for batch in _batches(found, layer, (*ids, *(t for t in tags_of(role) if t in there)), ledger):
                given[layer != "points"].append(_take_batch(rows, batch, layer, begin, limits))
                begin += batch.num_rows
    except (DataSourceError, DataLayerError, RuntimeError, OSError) as error:
        raise InputError("vector_unreadable", f"{found.name}: {error}", **told, reason=str(error)[:200]) from error
    _account(rows, known, [np.concatenate([none, *ids]) for ids in given])
    rows.tell(ledger)
    if rows.outside and not rows.lines:
        far = {"number": rows.outside, "rows": rows.rows, "distance_m": number("osm_margin_m")}
        raise InputError("outside_boundary", f"{found.name}: nothing of {role} in the town", **told, **far)
    shapes = np.array(rows.shapes, dtype=object)
    return rows, np.asarray(to_study(_plain(shapes), pyproj.CRS.from_epsg(WGS84), epsg).array)


def _plain(shapes: NDArray[Any]) -> NDArray[Any]:
    """A multipolygon of one part as its part (GDAL gives every closed way as a multipolygon)."""
    single = (shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOLYGON) & (
        shapely.get_num_geometries(shapes) == 1
    )
    out = shapes.copy()
    out[single] = shapely.get_geometry(shapes[single], 0)
    return out


def from_export(layer: VectorRows, role: str, ledger: Ledger) -> OsmRows | None:
    """A table that someone made of OSM data, in our columns; None where it is no such table.

    It has an identity column of OSM and a tag of the role as a column (or in ``other_tags``, GDAL's hstore text).
    """
    headings = layer.headings
    identity = next((h for h in _EXPORTED if h in headings), "")
    if role not in VALUES or not identity or not any(key in headings for key in table(role)):
        return None
    rows = OsmRows(layer.file, role, {column: [] for column in _columns(role)}, encoding=layer.encoding)
    columns = {tag: layer.column(tag) for tag in tags_of(role) if tag in headings}
    ids = [layer.column(h) for h in _EXPORTED if h in headings]
    hstore = next((layer.column(h) for h in ("other_tags", "all_tags") if h in headings), None)
    shapes = np.asarray(layer.geometry.array)
    for at in range(layer.rows):
        tags = {} if hstore is None else {k: folded(v) for k, v in _HSTORE.findall(hstore[at])}
        tags |= {tag: cells[at] for tag, cells in columns.items() if cells[at]}
        rows.add(at + 1, next((i[at] for i in ids if i[at]), f"row/{at + 1}"), tags, shapes[at])
    rows.tell(ledger)
    return rows
