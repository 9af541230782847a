"""One map file opened by GDAL: its parts, its layer, its text encoding, and what its reader could not make out."""

from __future__ import annotations

import json
import sqlite3
import warnings
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyproj

from planner.errors import InputError, Question
from planner.frames import TABLES
from planner.ingest.formats import kind_of
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec
from planner.ingest.paths import Found
from planner.ingest.plane import JGD2011
from planner.settings import nearest

_NEEDED = (".dbf", ".shx")  # without them a shapefile has no attributes, or no order
_CURVES = ("CURVE", "CIRCULAR", "COMPOUND", "SURFACE")  # within the names of the geometry types of a GeoPackage


@dataclass(frozen=True)
class Source:
    """A layer as GDAL gives it: rings closed, curves as lines; a reason per feature for what could not be read."""

    frame: gpd.GeoDataFrame
    crs: pyproj.CRS | None
    encoding: str
    reasons: list[str]

    @property
    def lines(self) -> range:
        """Feature numbers."""
        return range(1, len(self.frame) + 1)


def read_source(found: Found, spec: RoleSpec, ledger: Ledger) -> Source:
    """Read one layer of one file.

    Parameters
    ----------
    found
        A file whose content is one of ``roles.MAPS``.
    spec
        What ``town.toml`` says about the role (layer, encoding).
    ledger
        Takes the question ``layer_for`` and the corrections ``ring_closed``, ``curves_to_lines``,
        ``encoding_assumed``.

    Raises
    ------
    InputError
        ``shapefile_parts``, ``geojson_cut``, ``gpkg_damaged``, ``vector_unreadable``, ``layer_unknown``,
        ``layer_not_table``, ``geometry_column_missing``.
    """
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError, FieldError

    kind = kind_of(found)
    _refuse_parts(found, kind, spec.name)
    try:
        layer = _layer(found, spec, ledger)
        if kind == "gpkg":
            refuse_view(found, spec.name, layer)
        encoding = _encoding(found, kind, spec, ledger)
        options: dict[str, Any] = {"layer": layer, "encoding": encoding, "force_2d": False, "use_arrow": False}
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            frame = pyogrio.read_dataframe(found.path, on_invalid="fix", **options)
        curved = _curved(found, layer) if kind == "gpkg" else ""
    except (DataSourceError, DataLayerError, FieldError, sqlite3.DatabaseError, UnicodeDecodeError) as error:
        raise _refusal(found, kind, spec.name, error) from error
    for warning in heard:
        warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError("geometry_column_missing", f"{found.name} has no geometry", role=spec.name, file=found.name)
    told = (spec.name, found.name, "geometry")
    if any("Non closed ring" in str(w.message) for w in heard):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # heard above
            plain = pyogrio.read_dataframe(found.path, on_invalid="ignore", columns=[], **options)
        closed = (plain.geometry.isna() & ~frame.geometry.isna()).to_numpy().nonzero()[0]
        ledger.corrected("ring_closed", *told, [(int(at) + 1, "open", "closed") for at in closed])
    if curved:
        ledger.corrected("curves_to_lines", *told, [(at, curved, "lines") for at in range(1, len(frame) + 1)])
    reasons = [""] * len(frame)
    if kind == "geojson" and frame.geometry.isna().any():
        reasons = _unread(found, len(frame))
    crs = frame.crs
    if kind == "geojson" and b'"crs"' not in found.path.read_bytes():
        crs = pyproj.CRS.from_epsg(JGD2011)
    return Source(frame, crs, encoding or "-", reasons)


def _side(found: Found, suffix: str) -> Path | None:
    """A part of a shapefile, whatever the case of its suffix."""
    tried = (found.path.with_suffix(suffix), found.path.with_suffix(suffix.upper()))
    return next((path for path in tried if path.is_file()), None)


def _refuse_parts(found: Found, kind: str, role: str) -> None:
    """A shapefile is several files: without some of them GDAL reads rubbish or nothing, and says nothing."""
    lacking = [suffix for suffix in _NEEDED if _side(found, suffix) is None] if kind == "shp" else []
    if lacking:
        parts = ", ".join(lacking)
        raise InputError("shapefile_parts", f"{found.name}: no {parts}", role=role, file=found.name, parts=parts)


def refuse_view(found: Found, role: str, layer: str) -> None:
    """A GeoPackage view is a program that may never end: only tables are read."""
    with closing(sqlite3.connect(f"{found.path.as_uri()}?mode=ro&immutable=1", uri=True)) as base:
        kinds = base.execute("select type from sqlite_master where lower(name) = lower(?)", (layer,)).fetchall()
    if ("table",) not in kinds:
        raise InputError("layer_not_table", f"{found.name}: {layer}", role=role, file=found.name, layer=layer)


def _curved(found: Found, layer: str) -> str:
    """The geometry type of a GeoPackage layer that may hold curves ("" otherwise); the reader calls it lines."""
    with closing(sqlite3.connect(f"{found.path.as_uri()}?mode=ro&immutable=1", uri=True)) as base:
        rows = base.execute(
            "select upper(geometry_type_name) from gpkg_geometry_columns where lower(table_name) = lower(?)", (layer,)
        ).fetchall()
    return next((str(name) for (name,) in rows if any(word in str(name) for word in _CURVES)), "")


def _layer(found: Found, spec: RoleSpec, ledger: Ledger) -> str:
    """The layer to read: the one named, the only one, or the one that the planner chooses (B081)."""
    import pyogrio

    listed = [(str(name), str(kind)) for name, kind in pyogrio.list_layers(found.path)]
    names = [name for name, _ in listed]
    values = {"role": spec.name, "file": found.name, "layers": ", ".join(names[:10])}
    if spec.layer is None and len(names) == 1:
        return names[0]
    if spec.layer is None:
        fits = [name for name, kind in listed if any(word in kind for word in TABLES[spec.name].shapes)]
        proposal = nearest(spec.name, fits or names) or names[0]
        preview = {name: (kind,) for name, kind in listed}
        return ledger.ask(Question("layer_for", spec.name, found.name, proposal, tuple(names), values, preview=preview))
    if spec.layer not in names:
        near = nearest(spec.layer, names)
        raise InputError("layer_unknown", f"{found.name}: {spec.layer}", **values, layer=spec.layer, nearest=near)
    return spec.layer


def _encoding(found: Found, kind: str, spec: RoleSpec, ledger: Ledger) -> str | None:
    """The text encoding of a shapefile without .cpg: UTF-8 if its bytes are that, else cp932 (GDAL would take Latin-1)."""
    table = _side(found, ".dbf")
    if spec.encoding is not None or kind != "shp" or table is None or _side(found, ".cpg") is not None:
        return spec.encoding
    content = table.read_bytes()
    try:
        content[int.from_bytes(content[8:10], "little") :].decode("utf-8")
    except UnicodeDecodeError:
        ledger.corrected("encoding_assumed", spec.name, found.name, ".dbf", [(1, "latin-1", "cp932")])
        return "cp932"
    return "utf-8"


def _refusal(found: Found, kind: str, role: str, error: Exception) -> InputError:
    """What a planner is told when GDAL cannot read a file: where it breaks off, or that it is damaged; never its SQL."""
    values: dict[str, Any] = {"role": role, "file": found.name}
    if kind == "gpkg":
        return InputError("gpkg_damaged", f"{found.name}: {error}", **values, bytes=found.path.stat().st_size)
    if kind == "geojson":
        content = found.path.read_bytes()
        try:
            json.loads(content.decode("utf-8-sig"))
        except json.JSONDecodeError as at:
            told = {**values, "bytes": len(content), "line": at.lineno, "position": at.colno}
            return InputError("geojson_cut", f"{found.name}: {at}", **told)
        except (UnicodeDecodeError, RecursionError):
            pass
    return InputError("vector_unreadable", f"{found.name}: {error}", **values, reason=str(error)[:200])


def _unread(found: Found, rows: int) -> list[str]:
    """Features of a GeoJSON whose geometry is written but could not be read: its numbers are text, or too few."""
    tree = json.loads(found.path.read_bytes().decode("utf-8-sig"))
    features = tree.get("features", [tree]) if isinstance(tree, dict) else []
    if len(features) != rows:
        return [""] * rows
    return [
        "coordinates_unreadable" if isinstance(shape := f.get("geometry"), dict) and _unreadable(shape) else ""
        for f in features
    ]


def _unreadable(shape: dict[str, Any]) -> bool:
    """Whether coordinates hold something that is no number."""
    held = [shape.get("coordinates", [])]
    while held:
        item = held.pop()
        if isinstance(item, list):
            held.extend(item)
        elif isinstance(item, bool) or not isinstance(item, int | float):
            return True
    return False
