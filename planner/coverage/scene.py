"""The scene: walls as blockers, where a camera really stands before them, and which sight lines they cut.

First form: every wall blocks at its full height; terrain, trees and vehicles are ignored.
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
from planner.errors import Note

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
OFF_WALL_M = 0.02  # a camera on a facade looks from this far before it, so that touching its own wall is no crossing
OFF_SPOT_M = 0.01  # a sight line ends this short of its spot: a spot on a facade is seen from before that facade


@dataclass(frozen=True)
class Scene:
    """Dissolved wall polygons (counter-clockwise shells) and their search tree."""

    walls: NDArray[np.object_]
    tree: shapely.STRtree
    notes: tuple[Note, ...] = ()


def _polygons(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """The single polygons in any geometries."""
    parts = shapely.get_parts(shapely.get_parts(geometries))
    return np.asarray(parts[shapely.get_type_id(parts) == 3], dtype=object)


def _dissolve(polygons: NDArray[np.object_]) -> NDArray[np.object_]:
    """Touching polygons as one, so that no sight line slips along a shared wall."""
    left, right = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    n = len(polygons)
    links = sparse.csr_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(n, n))
    _, label = csgraph.connected_components(links, directed=False)
    order = np.argsort(label, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(label[order])) + 1)
    merged = np.empty(len(groups), dtype=object)
    for i, group in enumerate(groups):
        merged[i] = polygons[group[0]] if len(group) == 1 else shapely.union_all(polygons[group])
    return _polygons(merged)


def build(walls: gpd.GeoDataFrame) -> Scene:
    """The scene of table ``walls``.

    Notes: ``walls_absent_no_occlusion`` without walls; else ``walls_full_height`` and, for invalid outlines,
    ``walls_repaired``.
    """
    shapes = np.asarray(walls.geometry.to_numpy(), dtype=object)
    if len(shapes) == 0:
        return Scene(shapes, shapely.STRtree([]), (Note("walls_absent_no_occlusion"),))
    notes = [Note("walls_full_height", {"number": len(shapes)})]
    valid = shapely.is_valid(shapes)
    if not valid.all():
        bad = np.flatnonzero(~valid)
        names = ", ".join(walls["wall_id"].iloc[bad[:5]])
        notes.append(Note("walls_repaired", {"number": len(bad), "ids": names}))
        shapes = np.where(valid, shapes, shapely.make_valid(shapes))
    solid = shapely.orient_polygons(_dissolve(_polygons(shapes)))
    shapely.prepare(solid)
    return Scene(solid, shapely.STRtree(solid), tuple(notes))


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


def blocked(start: Floats, end: Floats, scene: Scene) -> Flags:
    """Which straight sight lines pass through the inside of a wall polygon (touching a boundary does not block).

    ``start``, ``end``: (n, 2) in m. Lines end ``OFF_SPOT_M`` short of ``end``.
    """
    cut = np.zeros(len(start), dtype=bool)
    if len(start) == 0 or len(scene.walls) == 0:
        return cut
    step = end - start
    length = np.hypot(step[:, 0], step[:, 1])
    kept = np.maximum(length - OFF_SPOT_M, 0.5 * length) / np.maximum(length, 1e-12)
    lines = shapely.linestrings(np.stack([start, start + step * kept[:, None]], axis=1))
    line, wall = scene.tree.query(lines)
    meets = shapely.intersects(scene.walls[wall], lines[line])  # prepared polygons: most pairs end here
    line, wall = line[meets], wall[meets]
    through = ~shapely.touches(scene.walls[wall], lines[line])
    cut[line[through]] = True
    return cut
