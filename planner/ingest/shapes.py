"""Vector files: four formats, recognised by content, opened through the guarded GDAL, brought to the study's CRS."""

from __future__ import annotations

import math
import warnings
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from planner import frames, gdal_guard
from planner.ingest.crs_sense import Box
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec
from planner.ingest.mapfiles import Source, read_source
from planner.ingest.paths import Found
from planner.ingest.plane import crs_of
from planner.ingest.positions import Where, judge
from planner.ingest.repair import Layer, flattened, kept, ordinate_reasons, repaired, sorted_kinds
from planner.ingest.words import fold_all, folded

HEIGHT = "z_m"  # the column that keeps the heights of three-dimensional shapes


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
    left_out: tuple[str, ...] = ()
    outside: int = 0

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
        return fold_all(self.written(heading))

    def written(self, heading: str) -> list[str]:
        """An attribute as text, as it stood."""
        at = self.headings.index(heading)
        return [_as_text(v) for v in self.frame.iloc[:, at].tolist()]

    def without(self, headings: Collection[str]) -> VectorRows:
        """The same features without some attributes."""
        kept = [at for at, heading in enumerate(self.headings) if heading not in headings]
        return replace(self, frame=self.frame.iloc[:, kept], left_out=(*self.left_out, *headings))

    def text(self, position: int) -> str:
        """A feature's attributes as they stood."""
        row = self.frame.iloc[position]
        return ", ".join(f"{k}={_as_text(v)}" for k, v in row.items())


def read_vector(
    found: Found, spec: RoleSpec, epsg: int, box: Box | None, ledger: Ledger
) -> tuple[VectorRows, list[str]]:
    """Read one layer and bring it to the study's CRS.

    The file's own CRS is used; a ``crs`` key of the role overrides it; GeoJSON that names none is JGD2011
    longitude and latitude (EPSG:6668). Whether that makes sense is judged by where the shapes fall
    (`crs_sense.sense`). Shapes are looked at in this order: can they reach GEOS at all, dimensions, kinds, position,
    validity.

    Returns
    -------
    (VectorRows, list[str])
        The features and a reason per feature ("" usable).

    Raises
    ------
    InputError
        As `mapfiles.read_source`, `repair.ordinate_reasons` and `crs_sense.sense`; ``geometry_column_missing``,
        ``crs_unknown``, ``gdal_unguarded``.
    """
    gdal_guard.require()
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        source = read_source(found, spec, ledger)
    for text in dict.fromkeys(str(w.message)[:200] for w in heard if not _told_otherwise(str(w.message))):
        ledger.note("reader_warning", file=found.name, text=text)
    table = pd.DataFrame(source.frame.drop(columns=source.frame.geometry.name))
    layer = Layer(spec.name, found.name, frames.TABLES[spec.name].shapes)
    shapes = np.asarray(source.frame.geometry.array)
    reasons = np.array(ordinate_reasons(shapes, layer), dtype=object)
    shapes = kept(shapes, reasons == "")
    shapes, z_m = flattened(shapes, layer, ledger)
    if z_m is not None and HEIGHT not in table:
        table[HEIGHT] = z_m
    shapes = sorted_kinds(shapes, layer, ledger)
    shapes, reading = _placed(
        shapes, reasons, source, Where(spec.name, found.name, source.lines, box, epsg), spec, ledger
    )
    geometry = to_study(shapes, reading, epsg)
    kinds = shape_reasons(np.asarray(geometry.array), layer.allowed)
    why = [str(r) or first or then for r, first, then in zip(reasons, source.reasons, kinds, strict=True)]
    mended, why = repaired(np.asarray(geometry.array), why, layer, ledger)
    return VectorRows(found, table, gpd.GeoSeries(mended, crs=epsg), source.encoding), why


def _told_otherwise(warning: str) -> bool:
    """Warnings of the reader that our own notes say in the user's words."""
    return "Non closed ring" in warning or "3D" in warning


def _placed(
    shapes: NDArray[Any], reasons: NDArray[Any], source: Source, where: Where, spec: RoleSpec, ledger: Ledger
) -> tuple[NDArray[Any], pyproj.CRS]:
    """Shapes with east first, and the CRS they are in; ``reasons`` is filled in.

    A stated CRS is that of the role, else that of the file, else degrees for GeoJSON.
    """
    stated = crs_of(spec.crs, key=f"[{spec.name}] crs") if spec.crs is not None else source.crs
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    xy, owner = shapely.get_coordinates(shapes[there], return_index=True)
    first = np.full((len(shapes), 2), np.nan)
    first[there] = xy[np.unique(owner, return_index=True)[1]]
    marks = np.where(there, reasons, "geometry_missing")
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    reading, turned = judge(first, single, marks, stated, where, ledger)
    reasons[there] = marks[there]
    turn = turned != reading.swapped
    if turn.any():
        shapes = shapes.copy()
        shapes[turn] = shapely.transform(shapes[turn], lambda c: c[:, ::-1])
    return kept(shapes, reasons == ""), reading.crs


def to_study(shapes: NDArray[Any], crs: pyproj.CRS, epsg: int) -> gpd.GeoSeries:
    """Geometries in the study's CRS (x east, y north, metres)."""
    series = gpd.GeoSeries(shapes, crs=crs)
    return series if crs.to_epsg() == epsg else series.to_crs(epsg)


def usable(shapes: NDArray[Any], role: str, file: str, ledger: Ledger) -> tuple[NDArray[Any], list[str]]:
    """Shapes of a common source in the study's CRS, polygons mended, and a reason per shape ("": a role can use it)."""
    layer = Layer(role, file, frames.TABLES[role].shapes, common=True)
    return repaired(shapes, shape_reasons(shapes, layer.allowed), layer, ledger)


def shape_reasons(shapes: NDArray[Any], allowed: tuple[str, ...]) -> list[str]:
    """Per geometry the reason why it cannot be used: missing, not finite, of another kind; "" when good or mendable."""
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    kinds = pd.Series(gpd.GeoSeries(shapes).geom_type)
    reasons = np.full(len(shapes), "", dtype=object)
    reasons[np.unique(owner[~np.isfinite(xy).all(axis=1)])] = "coordinate_absurd"  # beyond where its CRS can be used
    reasons[~kinds.isin(allowed).to_numpy()] = "geometry_kind"
    reasons[missing] = "geometry_missing"
    return [str(r) for r in reasons]
