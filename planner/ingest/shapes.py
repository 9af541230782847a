"""Vector files: four formats, recognised by content, opened through the guarded GDAL, brought to the study's CRS."""

from __future__ import annotations

import math
import sqlite3
import warnings
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from planner import gdal_guard
from planner.assumptions import number
from planner.errors import InputError
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec
from planner.ingest.paths import Found
from planner.ingest.plane import JGD2011, crs_of
from planner.ingest.words import fold_all, folded
from planner.settings import nearest

_MAGIC = {".gpkg": b"SQLite format 3\x00", ".shp": b"\x00\x00\x27\x0a", ".fgb": b"fgb"}
_MARGIN_DEG = 1.0  # zones are used a little beyond their edge


def _as_text(value: Any) -> str:
    """An attribute as a text file would hold it."""
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


@dataclass
class VectorRows:
    """The features of one layer; ``lines`` are feature numbers (1 = first). Same face as ``texts.TextRows``."""

    file: Found
    frame: pd.DataFrame
    geometry: gpd.GeoSeries
    encoding: str = "-"
    odd: list[tuple[int, str, str]] = field(default_factory=list)

    @property
    def headings(self) -> tuple[str, ...]:
        """Attribute names, folded."""
        return tuple(folded(str(c)) for c in self.frame.columns)

    @property
    def lines(self) -> list[int]:
        """Feature numbers."""
        return list(range(1, len(self.frame) + 1))

    @property
    def rows(self) -> int:
        """Number of features."""
        return len(self.frame)

    def column(self, heading: str) -> list[str]:
        """An attribute as folded text."""
        at = self.headings.index(heading)
        return fold_all([_as_text(v) for v in self.frame.iloc[:, at].tolist()])

    def text(self, position: int) -> str:
        """A feature's attributes as they stood."""
        row = self.frame.iloc[position]
        return ", ".join(f"{k}={_as_text(v)}" for k, v in row.items())


def _sniff(found: Found, role: str) -> bool:
    """Refuse a file whose content is not what its name says; True if it is GeoJSON that names no CRS."""
    content = found.path.read_bytes() if found.suffix in {".geojson", ".json"} else b""
    if content:
        start = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        good = start == b"{" and b'"type"' in content
    else:
        with found.path.open("rb") as file:
            good = found.suffix in _MAGIC and file.read(16).startswith(_MAGIC[found.suffix])
    if not good:
        raise InputError(
            "file_foreign", f"{found.name} is no {found.suffix}", role=role, file=found.name, kind=found.suffix
        )
    return bool(content) and b'"crs"' not in content


def refuse_view(found: Found, role: str, layer: str) -> None:
    """A GeoPackage view is a program that may never end: only tables are read."""
    with closing(sqlite3.connect(f"{found.path.as_uri()}?mode=ro&immutable=1", uri=True)) as base:
        kinds = base.execute("select type from sqlite_master where lower(name) = lower(?)", (layer,)).fetchall()
    if ("table",) not in kinds:
        raise InputError("layer_not_table", f"{found.name}: {layer}", role=role, file=found.name, layer=layer)


def _layer(found: Found, spec: RoleSpec) -> str:
    """The layer to read: the one named, or the only one."""
    import pyogrio

    names = [str(row[0]) for row in pyogrio.list_layers(found.path)]
    if spec.layer is None and len(names) == 1:
        return names[0]
    values = {"role": spec.name, "file": found.name, "layers": ", ".join(names[:10])}
    if spec.layer is None:
        raise InputError("layer_missing", f"{found.name} has layers {names}", **values)
    if spec.layer not in names:
        raise InputError(
            "layer_unknown",
            f"{found.name}: {spec.layer}",
            **values,
            layer=spec.layer,
            nearest=nearest(spec.layer, names),
        )
    return spec.layer


def _encoding(found: Found, spec: RoleSpec) -> str | None:
    """The text encoding of a shapefile without .cpg: UTF-8 if its bytes are that, else cp932 (GDAL would take Latin-1)."""
    if spec.encoding is not None or found.suffix != ".shp" or found.path.with_suffix(".cpg").is_file():
        return spec.encoding
    table = found.path.with_suffix(".dbf")
    if not table.is_file():
        raise InputError("file_missing", f"{table.name} is missing", role=spec.name, pattern=table.name)
    content = table.read_bytes()
    try:
        content[int.from_bytes(content[8:10], "little") :].decode("utf-8")
    except UnicodeDecodeError:
        return "cp932"
    return "utf-8"


def read_vector(found: Found, spec: RoleSpec, epsg: int, ledger: Ledger) -> VectorRows:
    """Read one layer and bring it to the study's CRS.

    The file's own CRS is used; a ``crs`` key of the role overrides it; GeoJSON that names none is JGD2011
    longitude and latitude (EPSG:6668). Heights (z) are dropped.

    Raises
    ------
    InputError
        ``file_foreign``, ``layer_missing``, ``layer_unknown``, ``layer_not_table``, ``vector_unreadable``,
        ``geometry_column_missing``, ``crs_missing``, ``crs_unknown``, ``gdal_unguarded``.
    """
    gdal_guard.require()
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError, FieldError

    bare = _sniff(found, spec.name)
    try:
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            layer = _layer(found, spec)
            if found.suffix == ".gpkg":
                refuse_view(found, spec.name, layer)
            encoding = _encoding(found, spec)
            frame = pyogrio.read_dataframe(
                found.path, layer=layer, encoding=encoding, force_2d=True, use_arrow=False, on_invalid="ignore"
            )
    except (DataSourceError, DataLayerError, FieldError, sqlite3.DatabaseError, UnicodeDecodeError) as error:
        raise InputError(
            "vector_unreadable", f"{found.name}: {error}", role=spec.name, file=found.name, reason=str(error)[:200]
        ) from error
    for warning in heard[:5]:
        ledger.note("reader_warning", file=found.name, text=str(warning.message)[:200])
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError("geometry_column_missing", f"{found.name} has no geometry", role=spec.name, file=found.name)
    crs = crs_of(spec.crs, key=f"[{spec.name}] crs") if spec.crs is not None else frame.crs
    if spec.crs is None and bare:
        crs = pyproj.CRS.from_epsg(JGD2011)
    if crs is None:
        raise InputError("crs_missing", f"{found.name} names no CRS", role=spec.name, file=found.name)
    geometry = to_study(np.asarray(frame.geometry.array), crs, epsg)
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return VectorRows(found, table, geometry, encoding or "-")


def to_study(shapes: NDArray[Any], crs: pyproj.CRS, epsg: int) -> gpd.GeoSeries:
    """Geometries in the study's CRS (x east, y north, metres)."""
    series = gpd.GeoSeries(shapes, crs=crs)
    return series if crs.to_epsg() == epsg else series.to_crs(epsg)


def shape_reasons(shapes: NDArray[Any], allowed: tuple[str, ...]) -> list[str]:
    """Per geometry the reason why it cannot be used: missing, not finite, of another kind, invalid; "" when good."""
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    finite = np.isfinite(shapely.bounds(shapes)).all(axis=1)
    kinds = pd.Series(gpd.GeoSeries(shapes).geom_type)
    reasons = np.full(len(shapes), "", dtype=object)
    reasons[~(finite & shapely.is_valid(shapes))] = "geometry_invalid"
    reasons[~kinds.isin(allowed).to_numpy()] = "geometry_kind"
    reasons[missing] = "geometry_missing"
    return [str(r) for r in reasons]


def refuse_far(role: str, file: str, shapes: NDArray[Any], box: tuple[float, float, float, float]) -> int:
    """Refuse a layer that lies somewhere else; how many of its features lie far off otherwise.

    Parameters
    ----------
    role, file
        For the message.
    shapes
        Usable geometries in the study's CRS.
    box
        Bounds of the areas, m.

    Raises
    ------
    InputError
        ``outside_boundary``: more than half lie farther than the assumption ``outside_distance_m`` from the box.
    """
    if len(shapes) == 0:
        return 0
    limit_m = number("outside_distance_m")
    far = int((shapely.distance(shapes, shapely.box(*box)) > limit_m).sum())
    if far * 2 > len(shapes):
        raise InputError(
            "outside_boundary",
            f"{file}: {far} of {len(shapes)} lie more than {limit_m} m from the areas",
            role=role,
            file=file,
            number=far,
            rows=len(shapes),
            distance_m=limit_m,
        )
    return far


def refuse_foreign_areas(file: str, shapes: NDArray[Any], epsg: int) -> None:
    """Refuse areas that lie outside the region the study's CRS is made for (swapped or foreign coordinates).

    Raises
    ------
    InputError
        ``areas_outside_zone``.
    """
    use = pyproj.CRS.from_epsg(epsg).area_of_use
    if use is None or len(shapes) == 0:
        return
    centres = gpd.GeoSeries(shapely.centroid(shapes), crs=epsg).to_crs(JGD2011)
    lon, lat = centres.x.to_numpy(), centres.y.to_numpy()
    inside = (lon >= use.west - _MARGIN_DEG) & (lon <= use.east + _MARGIN_DEG)
    inside &= (lat >= use.south - _MARGIN_DEG) & (lat <= use.north + _MARGIN_DEG)
    out = int((~inside).sum())
    if out * 2 > len(shapes):
        raise InputError(
            "areas_outside_zone",
            f"{file}: {out} of {len(shapes)} areas lie outside the region of EPSG:{epsg}",
            file=file,
            number=out,
            rows=len(shapes),
            epsg=epsg,
        )
