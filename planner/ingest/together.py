"""Layers held against each other: gaps between areas, roads that hang together, layers that are shifted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from planner.assumptions import number
from planner.ingest.ledger import Ledger
from planner.ingest.plane import JGD2011

_TOKYO = 4301
_SAMPLE = 200  # positions that are tried
_FEW = 10  # fewer positions fit anywhere
_STEP_M, _REACH_M = 20.0, 100.0  # the fit is refined around the shift of Tokyo Datum
_BETTER = 4.0  # times: what a shift must gain to be named
Misfit = Callable[[NDArray[Any]], float]


def note_gaps(areas: gpd.GeoDataFrame, ledger: Ledger) -> None:
    """Areas that overlap, or leave holes between them, by more than the assumption ``areas_fault_share`` (B086)."""
    shapes = np.asarray(areas.geometry.array)
    whole = shapely.union_all(shapes)
    single = float(shapely.area(shapes).sum())
    rings = shapely.get_rings(shapely.get_parts(whole))
    shells = shapely.get_exterior_ring(shapely.get_parts(whole))
    gap_m2 = float(shapely.area(shapely.polygons(rings)).sum() - shapely.area(shapely.polygons(shells)).sum())
    for code, fault_m2 in (("areas_overlap", single - float(whole.area)), ("areas_gap", gap_m2)):
        if fault_m2 > number("areas_fault_share") * single:
            ledger.note(code, area_m2=fault_m2, share=fault_m2 / single)


def compare_layers(areas: gpd.GeoDataFrame, tables: Mapping[str, Any], ledger: Ledger) -> None:
    """Notes on the layers of a town: roads in pieces (B087), layers shifted as by an old datum (B065).

    Parameters
    ----------
    areas
        Table ``areas``, names joined.
    tables
        Tables by name; those that could not be read are missing.
    ledger
        Takes the notes ``streets_disconnected`` and ``layer_shifted``.
    """
    streets = np.asarray(tables["streets"].geometry.array) if "streets" in tables else np.array([], dtype=object)
    if len(streets):
        _note_pieces(streets, ledger)
    union = shapely.union_all(np.asarray(areas.geometry.array))
    shapely.prepare(union)
    epsg = int(areas.crs.to_epsg())
    for name in ("streets", "walls", "places", "mounts", "standing"):
        if name not in tables or len(tables[name]) < _FEW:
            continue
        xy = _positions(np.asarray(tables[name].geometry.array))
        misfit: Misfit = lambda at: float((~shapely.intersects_xy(union, at[:, 0], at[:, 1])).mean())  # noqa: E731
        floor = number("shift_outside_share")
        if name in ("mounts", "standing") and len(streets):
            misfit, floor = _to_streets(streets), number("shift_street_m")
        _note_shift(name, xy, misfit, floor, epsg, ledger)


def _positions(shapes: NDArray[Any]) -> NDArray[Any]:
    """Some vertices of a layer."""
    xy = shapely.get_coordinates(shapes)
    return np.asarray(xy[:: max(1, len(xy) // _SAMPLE)])


def _to_streets(streets: NDArray[Any]) -> Misfit:
    """The median distance to the nearest street, m: registers of poles and cameras stand along streets."""
    tree = shapely.STRtree(streets)

    def misfit(at: NDArray[Any]) -> float:
        _, away_m = tree.query_nearest(shapely.points(at), return_distance=True, all_matches=False)
        return float(np.median(away_m))

    return misfit


def _note_shift(name: str, xy: NDArray[Any], misfit: Misfit, floor: float, epsg: int, ledger: Ledger) -> None:
    """Name a shift near that of Tokyo Datum (either way) if it makes a layer fit far better than it does now."""
    now = misfit(xy)
    if now < floor:
        return
    shift_m = _tokyo_shift(xy, epsg)
    steps = np.arange(-_REACH_M, _REACH_M + 1, _STEP_M)
    around = np.array([(e, n) for e in steps for n in steps])
    around = around[np.argsort(np.hypot(around[:, 0], around[:, 1]), kind="stable")]  # of equals the nearest counts
    tried = [(misfit(xy + d), d) for sign in (1, -1) for d in around + sign * shift_m]
    best, (east_m, north_m) = min(tried, key=lambda one: round(one[0], 2))
    if best * _BETTER < now:
        length_m = float(np.hypot(east_m, north_m))
        ledger.note("layer_shifted", role=name, east_m=float(east_m), north_m=float(north_m), length_m=length_m)


def _tokyo_shift(xy: NDArray[Any], epsg: int) -> NDArray[Any]:
    """How far degrees of Tokyo Datum, called JGD2011, must be moved at this place: (east, north), m."""
    middle = np.median(xy, axis=0)
    lon, lat = pyproj.Transformer.from_crs(epsg, JGD2011, always_xy=True).transform(*middle)
    there = pyproj.Transformer.from_crs(_TOKYO, epsg, always_xy=True).transform(lon, lat)
    return np.asarray(np.asarray(there) - middle)


def _note_pieces(streets: NDArray[Any], ledger: Ledger) -> None:
    """The share of street ends and crossings outside the largest connected part."""
    first, second = shapely.STRtree(streets).query(streets, predicate="intersects")
    links = coo_matrix((np.ones(len(first), dtype=np.int8), (first, second)), shape=(len(streets),) * 2)
    _, part = connected_components(links, directed=False)
    ends, owner = shapely.get_coordinates(shapely.boundary(streets), return_index=True)
    nodes, at = np.unique(ends.round(1), axis=0, return_index=True)
    parts = part[owner[at]]
    outside = float((parts != np.bincount(parts).argmax()).mean()) if len(nodes) else 0.0
    if outside > number("streets_apart_share"):
        ledger.note("streets_disconnected", share=outside, nodes=len(nodes), parts=len(np.unique(parts)))
