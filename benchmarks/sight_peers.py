"""Other ways to the same polygons, one pose at a time through their public interfaces.

``pysovist`` and ``pyvispoly`` are wanted for this benchmark only: ``pip install -r benchmarks/peers-coverage.txt`` into an
environment of its own. All get the buildings that a search tree finds around the pose.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.plain_sight import Plain, View, sector
from planner.coverage.scene import Scene

Floats = NDArray[np.float64]
Peer = Callable[[View], object]
ARC_PIECES = 64  # per circle, shapely's own habit; coarser than the kernel's


def _box(view: View) -> shapely.Polygon:
    """The square around a pose that holds all it may see."""
    reach = view.far_m * 1.0001
    return shapely.box(view.east_m - reach, view.north_m - reach, view.east_m + reach, view.north_m + reach)


def pysovist(scene: Scene) -> Peer:
    """A plan of the walls around each pose, and its isovist."""
    import pysovist as peer

    def seen(view: View) -> object:
        box = _box(view)
        near = scene.walls[scene.tree.query(box, predicate="intersects")]
        points, ring = shapely.get_coordinates(shapely.get_rings(near), return_index=True)
        lines = np.stack([points[:-1], points[1:]], axis=1)[ring[:-1] == ring[1:]]
        lines = lines[shapely.intersects(box, shapely.linestrings(lines))]
        if len(lines) == 0:
            return sector(view, ARC_PIECES)
        turn = math.remainder(math.radians(90.0 - view.bearing_deg), math.tau)
        here = (view.east_m, view.north_m)
        return peer.isovist(
            peer.Plan(lines), here, max_distance=view.far_m, fov=math.radians(view.angle_deg), direction=turn
        )

    return seen


def pyvispoly(scene: Scene) -> Peer:
    """CGAL's visibility polygon in the open space around each pose, cut to its sector."""
    import pyvispoly as peer

    def ring(line: shapely.LinearRing) -> list[object]:
        return [peer.Point(float(x), float(y)) for x, y in shapely.get_coordinates(line)[:-1]]

    def seen(view: View) -> object:
        box, here = _box(view), shapely.Point(view.east_m, view.north_m)
        near = scene.walls[scene.tree.query(box, predicate="intersects")]
        space = shapely.difference(box, shapely.union_all(near))
        for part in shapely.orient_polygons(shapely.get_parts(space)):
            if part.covers(here):
                holes = [ring(hole) for hole in part.interiors]
                calculator = peer.VisibilityPolygonCalculator(peer.PolygonWithHoles(ring(part.exterior), holes))
                border = calculator.compute_visibility_polygon(peer.Point(view.east_m, view.north_m)).boundary()
                whole = shapely.Polygon([(float(p.x()), float(p.y())) for p in border])
                return shapely.intersection(shapely.make_valid(whole), sector(view, ARC_PIECES))
        return shapely.Polygon()

    return seen


def peers(scene: Scene) -> dict[str, Peer | None]:
    """Every other way by name; None where its package is not installed."""
    plain = Plain(scene.walls, pieces=ARC_PIECES)
    found: dict[str, Peer | None] = {"shapely_shadows": plain.seen, "cone_15_rays": plain.cone}
    for name, make in (("pyvispoly", pyvispoly), ("pysovist", pysovist)):
        found[name] = make(scene) if importlib.util.find_spec(name) else None
    return found
