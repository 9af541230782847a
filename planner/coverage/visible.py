"""What cameras see: exact areas and polygons of many views at once.

Bearings run clockwise from grid north; angles are full horizontal angles. What a view sees is its annular sector
``near_m``..``far_m`` minus the insides of buildings minus their shadows; what stands nearer than ``near_m`` still blocks.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from planner.coverage.scene import Scene

Floats = NDArray[np.float64]


def areas(
    scene: Scene,
    points: Floats,
    bearing_deg: Floats,
    angle_deg: Floats,
    near_m: Floats,
    far_m: Floats,
    height_m: Floats,
) -> Floats:
    """Area that each view sees, m2 (n,); 0 for a camera inside a building, of angle 0, or with ``far_m <= near_m``.

    Parameters
    ----------
    scene
        The walls.
    points
        (n, 2) east_m, north_m of the cameras, moved off their facades by ``scene.stand``.
    bearing_deg, angle_deg, near_m, far_m, height_m
        (n,) each: degrees clockwise from grid north, full horizontal angle, horizontal distances, height of the camera.
    """
    shapes = polygons(scene, points, bearing_deg, angle_deg, near_m, far_m, height_m)
    return np.asarray(shapely.area(shapes), dtype=np.float64)


def polygons(
    scene: Scene,
    points: Floats,
    bearing_deg: Floats,
    angle_deg: Floats,
    near_m: Floats,
    far_m: Floats,
    height_m: Floats,
) -> NDArray[np.object_]:
    """What each view sees: object array (n,) of valid shapely MultiPolygons, empty where ``areas`` is 0.

    Parameters as in ``areas``. Arcs are drawn by chords of at most 1 degree.
    """
    from planner.coverage.outline import seen_polygon

    del height_m
    shapes = np.full(len(points), shapely.MultiPolygon(), dtype=object)
    shut = np.zeros(len(points), dtype=bool)
    if len(scene.walls):
        shut[scene.tree.query(shapely.points(points), predicate="within")[0]] = True
    for i in np.flatnonzero(~shut):
        view = (float(bearing_deg[i]), float(angle_deg[i]), float(near_m[i]), float(far_m[i]))
        shapes[i] = seen_polygon(points[i], view, scene)
    return shapes
