"""What a camera sees by the plainest construction: sector minus buildings minus shadows, shape by shape with shapely.

The reference of the kernel, in tests and benchmarks; it shares no code with it. Also the 15-ray cone of map applications.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ARC_PIECES = 4096  # per full circle: the chords lose 4e-7 of the area


class View(NamedTuple):
    """One view; bearing clockwise from grid north, full horizontal angle."""

    east_m: float
    north_m: float
    bearing_deg: float
    angle_deg: float
    near_m: float
    far_m: float
    height_m: float = 4.0


def _arc(view: View, radius_m: float, pieces: int) -> Floats:
    """Points of the arc of a view, clockwise."""
    number = max(2, int(np.ceil(pieces * view.angle_deg / 360.0)))
    turn = np.radians(view.bearing_deg + np.linspace(-0.5, 0.5, number + 1) * view.angle_deg)
    return np.array([view.east_m, view.north_m]) + radius_m * np.column_stack([np.sin(turn), np.cos(turn)])


def sector(view: View, pieces: int = ARC_PIECES) -> shapely.Polygon:
    """Annular sector from near to far; empty if it has no inside."""
    if view.angle_deg <= 0 or view.far_m <= view.near_m:
        return shapely.Polygon()
    outer, near = _arc(view, view.far_m, pieces), view.near_m > 0
    if view.angle_deg >= 360:
        return shapely.Polygon(outer, [_arc(view, view.near_m, pieces)] if near else [])
    inner = _arc(view, view.near_m, pieces)[::-1] if near else np.array([[view.east_m, view.north_m]])
    return shapely.Polygon(np.concatenate([outer, inner]))


def _edges(walls: NDArray[np.object_]) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Starts and ends of all edges, the inside on the left, and whose they are."""
    rings, owner = shapely.get_rings(walls, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    return points[:-1][same], points[1:][same], owner[ring[:-1][same]]


def _shadows(view: View, walls: NDArray[np.object_]) -> NDArray[np.object_]:
    """The region behind each front-facing edge within far, out beyond far: two quads, so that none is wider than 90 degrees."""
    here = np.array([view.east_m, view.north_m])
    a, b, _ = _edges(walls)
    a, b = a - here, b - here
    step = b - a
    foot = np.clip(-(a * step).sum(axis=1) / np.maximum((step * step).sum(axis=1), 1e-30), 0, 1)[:, None]
    near = np.hypot(*(a + foot * step).T) <= view.far_m
    front = near & (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0] < 0)
    a, b = a[front], b[front]
    unit_a, unit_b = (v / np.hypot(v[:, 0], v[:, 1])[:, None] for v in (a, b))
    middle = unit_a + unit_b
    middle /= np.hypot(middle[:, 0], middle[:, 1])[:, None]
    out = 1.5 * np.maximum(view.far_m, np.maximum(np.hypot(*a.T), np.hypot(*b.T)))[:, None]
    rings = np.stack([a, unit_a * out, middle * out, unit_b * out, b], axis=1) + here
    return np.asarray(shapely.polygons(rings), dtype=object)


def _over(view: View, wall: shapely.Polygon, height_m: float, target_m: float) -> NDArray[np.object_]:
    """What a wall lower than the camera hides of targets: every edge swept away from the camera."""
    if height_m <= target_m:
        return np.empty(0, dtype=object)
    here = np.array([view.east_m, view.north_m])
    times = (view.height_m - target_m) / (view.height_m - height_m)
    a, b, _ = _edges(np.array([wall], dtype=object))
    quads = np.stack([a, b, here + times * (b - here), here + times * (a - here)], axis=1)
    return np.asarray(shapely.make_valid(shapely.polygons(quads)), dtype=object)


class Plain:
    """A scene of wall polygons; ``height_m`` infinite where a wall blocks at any height."""

    def __init__(self, walls: NDArray[np.object_], height_m: Floats | None = None, pieces: int = ARC_PIECES) -> None:
        self.walls = np.asarray(shapely.orient_polygons(walls), dtype=object)
        self.height_m = np.full(len(walls), np.inf) if height_m is None else height_m
        self.tree = shapely.STRtree(self.walls)
        self.pieces = pieces

    def seen(self, view: View, target_m: float = 1.6) -> shapely.Geometry:
        """Sector minus the insides of buildings minus their shadows."""
        field = sector(view, self.pieces)
        here = shapely.Point(view.east_m, view.north_m)
        if field.is_empty or len(self.tree.query(here, predicate="within")):
            return shapely.Polygon()
        close = self.tree.query(sector(view._replace(near_m=0.0), self.pieces), predicate="intersects")
        if len(close) == 0:
            return field
        low = close[self.height_m[close] < view.height_m]
        tall = np.setdiff1d(close, low)
        hidden = [self.walls[close], _shadows(view, self.walls[tall])]
        hidden += [_over(view, self.walls[i], float(self.height_m[i]), target_m) for i in low]
        return shapely.difference(field, shapely.union_all(np.concatenate(hidden)))

    def clear(self, view: View, points: Floats, short_m: float = 0.01) -> NDArray[np.bool_]:
        """Which points a straight sight line reaches, ending ``short_m`` before them; all walls at full height."""
        here = np.array([view.east_m, view.north_m])
        step = points - here
        away = np.hypot(step[:, 0], step[:, 1])
        ends = here + step * (1 - short_m / np.maximum(away, 2 * short_m))[:, None]
        lines = shapely.linestrings(np.stack([np.broadcast_to(here, ends.shape), ends], axis=1))
        open_ = np.ones(len(points), dtype=bool)
        open_[np.unique(self.tree.query(lines, predicate="intersects")[0])] = False
        return open_

    def cone(self, view: View, rays: int = 15) -> shapely.Polygon:
        """The cone of map applications: so many rays, each to the first building, their ends joined by straight lines."""
        here = np.array([view.east_m, view.north_m])
        turn = np.radians(view.bearing_deg + np.linspace(-0.5, 0.5, rays) * view.angle_deg)
        unit = np.column_stack([np.sin(turn), np.cos(turn)])
        lines = shapely.linestrings(np.stack([np.broadcast_to(here, unit.shape), here + view.far_m * unit], axis=1))
        ray, wall = self.tree.query(lines, predicate="intersects")
        away = np.full(rays, view.far_m)
        if len(ray):
            hit = shapely.intersection(lines[ray], self.walls[wall])
            np.minimum.at(away, ray, shapely.distance(shapely.Point(here), hit))
        return shapely.Polygon(np.concatenate([here[None], here + away[:, None] * unit]))
