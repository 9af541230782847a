"""Exact polygons of what single views see, by a plain construction: kept as the oracle of faster ones."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner import frames
from planner.coverage import mounts
from planner.coverage.scene import Scene, build, stand

Floats = NDArray[np.float64]
ARC_PIECES = 512  # per full circle: at 160 m the chord leaves 3 mm


def _arc(centre: Floats, radius: float, start_deg: float, end_deg: float) -> Floats:
    """Points of an arc between two bearings, clockwise from grid north."""
    pieces = max(2, int(np.ceil(ARC_PIECES * (end_deg - start_deg) / 360.0)))
    turn = np.radians(np.linspace(start_deg, end_deg, pieces + 1))
    return centre + radius * np.column_stack([np.sin(turn), np.cos(turn)])


def sector(centre: Floats, bearing_deg: float, angle_deg: float, near_m: float, far_m: float) -> shapely.Polygon:
    """Annular sector: ``angle_deg`` wide around the bearing, from near to far; empty if it has no inside."""
    if angle_deg <= 0 or far_m <= near_m:
        return shapely.Polygon()
    if angle_deg >= 360:
        hole = [_arc(centre, near_m, 0, 360)] if near_m > 0 else []
        return shapely.Polygon(_arc(centre, far_m, 0, 360), hole)
    start, end = bearing_deg - angle_deg / 2, bearing_deg + angle_deg / 2
    inner = _arc(centre, near_m, start, end)[::-1] if near_m > 0 else centre[None, :]
    return shapely.Polygon(np.concatenate([_arc(centre, far_m, start, end), inner]))


def _edges(walls: NDArray[np.object_]) -> tuple[Floats, Floats]:
    """Starts and ends of all edges; the inside of a wall is on the left (shells counter-clockwise, holes clockwise)."""
    rings = shapely.get_rings(walls)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    return points[:-1][same], points[1:][same]


def _shadows(centre: Floats, walls: NDArray[np.object_], far_m: float) -> NDArray[np.object_]:
    """The region behind each front-facing edge, out beyond ``far_m``: edge, rays through its ends, and a point between."""
    a, b = _edges(walls)
    a, b = a - centre, b - centre
    front = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0] < -1e-9  # the camera is on the right, the outer side
    a, b = a[front], b[front]
    length_a, length_b = np.hypot(a[:, 0], a[:, 1])[:, None], np.hypot(b[:, 0], b[:, 1])[:, None]
    out = 1.5 * np.maximum(far_m, np.maximum(length_a, length_b))  # chords of half a span (< 90 deg) stay beyond far
    middle = a / length_a + b / length_b
    middle /= np.hypot(middle[:, 0], middle[:, 1])[:, None]
    rings = np.stack([a, a / length_a * out, middle * out, b / length_b * out, b], axis=1) + centre
    return np.asarray(shapely.polygons(rings), dtype=object)


def seen_polygon(
    centre: Floats,
    view: tuple[float, float, float, float],
    scene: Scene,
) -> shapely.MultiPolygon:
    """What a camera at ``centre`` (in the open) sees: its annular sector minus buildings minus their shadows.

    ``view`` = bearing_deg, angle_deg, near_m, far_m. What stands nearer than ``near_m`` still blocks.
    """
    field = sector(centre, *view)
    if field.is_empty:
        return shapely.MultiPolygon()
    close = scene.tree.query(shapely.Point(centre), predicate="dwithin", distance=view[3]) if len(scene.walls) else []
    if len(close):
        walls = scene.walls[close]
        field = shapely.difference(field, shapely.union_all(np.concatenate([walls, _shadows(centre, walls, view[3])])))
    parts = shapely.get_parts(field)
    return shapely.MultiPolygon(list(parts[(shapely.get_type_id(parts) == 3) & (shapely.area(parts) > 0)]))


def outline(inputs: frames.Inputs, survey: frames.Survey, view_ids: Sequence[str]) -> gpd.GeoDataFrame:
    """Polygons of what the named views see at the chosen task by day.

    Annular sector ``near_m``..``far_m`` of ``angle_deg`` around ``bearing_deg``, minus the insides of ``walls``, minus the shadows of
    their front-facing edges, at full height. For chosen and standing cameras, not for thousands of candidates.

    Parameters
    ----------
    inputs
        ``walls`` and the metric CRS.
    survey
        Its ``views``.
    view_ids
        Which views; the result keeps this order.

    Returns
    -------
    view_id, area_m2 (m2) and geometry (MultiPolygon, possibly empty) in the study's CRS.

    Raises
    ------
    KeyError
        A name that is not in ``survey.views``.
    """
    scene = build(inputs.walls)
    views = survey.views.set_index("view_id").loc[list(view_ids)]
    points, inside = stand(mounts.coordinates(views), scene)
    numbers = views[["bearing_deg", "angle_deg", "near_m", "far_m"]].to_numpy(dtype=np.float64)
    shapes = [
        shapely.MultiPolygon() if shut else seen_polygon(point, (row[0], row[1], row[2], row[3]), scene)
        for point, shut, row in zip(points, inside, numbers.tolist(), strict=True)
    ]
    frame = pd.DataFrame({"view_id": pd.Series(list(view_ids), dtype="str"), "area_m2": [s.area for s in shapes]})
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=inputs.town.epsg), crs=inputs.town.epsg)
