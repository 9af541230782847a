"""The scene: walls as blockers, and where a camera really stands before them.

A wall of known height blocks up to that height, every other one at any height; terrain, trees and vehicles are ignored.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from planner import assumptions
from planner.coverage import grid, kernel
from planner.errors import Note

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.int64]
OFF_WALL_M = 0.02  # a camera on a facade looks from this far before it, so that touching its own wall is no crossing


@dataclass(frozen=True)
class Scene:
    """Dissolved wall polygons (counter-clockwise shells) that do not overlap, their heights and their search structures.

    ``height_m``: infinite where a wall blocks at any height. ``tree`` finds polygons, ``grid`` serves the kernel.
    """

    walls: NDArray[np.object_]
    height_m: Floats
    tree: shapely.STRtree
    grid: grid.Walls
    notes: tuple[Note, ...] = ()


def _polygons(geometries: NDArray[np.object_]) -> tuple[NDArray[np.object_], Indices]:
    """The single polygons in any geometries, and where each came from."""
    parts, owner = shapely.get_parts(geometries, return_index=True)
    parts, again = shapely.get_parts(parts, return_index=True)
    solid = shapely.get_type_id(parts) == 3
    return np.asarray(parts[solid], dtype=object), owner[again[solid]].astype(np.int64)


def _stacked(polygons: NDArray[np.object_], height_m: Floats) -> tuple[list[object], list[float]]:
    """Touching polygons of one height as one, each without what higher ones cover."""
    shapes, heights = [], []
    higher = shapely.Polygon()
    for height in np.unique(height_m)[::-1]:
        layer = shapely.union_all(polygons[height_m == height])
        shapes.append(shapely.difference(layer, higher))
        heights.append(float(height))
        higher = shapely.union(higher, layer)
    return shapes, heights


def _dissolve(polygons: NDArray[np.object_], height_m: Floats) -> tuple[NDArray[np.object_], Floats]:
    """Touching polygons as one, so that no sight line slips along a shared wall; heights are kept apart."""
    left, right = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    n = len(polygons)
    links = sparse.csr_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(n, n))
    _, label = csgraph.connected_components(links, directed=False)
    order = np.argsort(label, kind="stable")
    alone = np.bincount(label)[label] == 1
    shapes, heights = list(polygons[alone]), height_m[alone].tolist()
    order = order[~alone[order]]
    for group in np.split(order, np.flatnonzero(np.diff(label[order])) + 1) if len(order) else []:
        more, their = _stacked(polygons[group], height_m[group])
        shapes += more
        heights += their
    parts, owner = _polygons(np.array(shapes, dtype=object))
    return parts, np.asarray(heights, dtype=np.float64)[owner]


def _heights_note(height_m: Floats) -> Note:
    """Whether walls block at any height."""
    known = int(np.isfinite(height_m).sum())
    if known:
        return Note("walls_known_height", {"number": len(height_m), "known": known})
    return Note("walls_full_height", {"number": len(height_m)})


def build(walls: gpd.GeoDataFrame) -> Scene:
    """The scene of table ``walls``.

    Notes: ``walls_absent_no_occlusion`` without walls; else ``walls_full_height`` or, where some heights are known,
    ``walls_known_height``, and ``walls_repaired`` for invalid outlines; ``kernel_not_compiled`` without Numba.
    """
    shapes = np.asarray(walls.geometry.to_numpy(), dtype=object)
    slow = () if kernel.COMPILED else (Note("kernel_not_compiled"),)
    if len(shapes) == 0:
        none = np.empty(0)
        return Scene(
            shapes, none, shapely.STRtree([]), grid.walls(shapes, none), (Note("walls_absent_no_occlusion"), *slow)
        )
    height = walls["height_m"].fillna(np.inf).to_numpy(dtype=np.float64)
    notes = [_heights_note(height)]
    valid = shapely.is_valid(shapes)
    if not valid.all():
        bad = np.flatnonzero(~valid)
        names = ", ".join(walls["wall_id"].iloc[bad[:5]])
        notes.append(Note("walls_repaired", {"number": len(bad), "ids": names}))
        shapes = np.where(valid, shapes, shapely.make_valid(shapes))
    parts, owner = _polygons(shapes)
    solid, height = _dissolve(parts, height[owner])
    solid = shapely.orient_polygons(solid)
    shapely.prepare(solid)
    return Scene(solid, height, shapely.STRtree(solid), grid.walls(solid, height), (*notes, *slow))


def stand(points: Floats, scene: Scene) -> tuple[Floats, Flags]:
    """Where cameras look from, and which of them are shut inside a building.

    Parameters
    ----------
    points
        (n, 2) east_m, north_m.
    scene
        The walls.

    Returns
    -------
    The same points, those on a facade (nearer than ``OFF_WALL_M``, or inside by at most ``facade_m``) moved out
    until they are ``OFF_WALL_M`` before it; and per point whether it lies deeper inside.
    """
    where = points.copy()
    inside = np.zeros(len(points), dtype=bool)
    if len(points) == 0 or len(scene.walls) == 0:
        return where, inside
    reach = assumptions.number("facade_m") + OFF_WALL_M
    at, wall = scene.tree.query(shapely.points(points), predicate="dwithin", distance=OFF_WALL_M)
    for i in np.unique(at):
        # neighbours count too: the way out of one house must not end in the next
        close = scene.tree.query(shapely.Point(points[i]), predicate="dwithin", distance=2 * reach)
        grown = shapely.buffer(shapely.union_all(scene.walls[np.union1d(close, wall[at == i])]), OFF_WALL_M)
        edge = shapely.boundary(grown)
        exit_point = shapely.line_interpolate_point(*_nearest_line(edge, shapely.Point(points[i])))
        if shapely.distance(exit_point, shapely.Point(points[i])) > reach + 1e-9:
            inside[i] = True
        else:
            where[i] = shapely.get_coordinates(exit_point)[0]
    return where, inside


def _nearest_line(edge: object, point: object) -> tuple[object, float]:
    """The ring of a boundary nearest to a point, and how far along it."""
    rings = shapely.get_parts(edge)
    ring = rings[int(np.argmin(shapely.distance(rings, point)))]
    return ring, float(shapely.line_locate_point(ring, point))
