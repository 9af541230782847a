"""Polygons of views by class of pixels per metre, by day and by night."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner import assumptions, frames
from planner.coverage import optics, visible
from planner.coverage.scene import Scene

Floats = NDArray[np.float64]
ROUND = 64  # chords per quarter of a circle: 2 cm at 200 m


@dataclass(frozen=True)
class Lamps:
    """Street lights as circles and lit streets as bands, with their search tree."""

    shapes: NDArray[np.object_]
    tree: shapely.STRtree


def lamps(inputs: frames.Inputs) -> Lamps:
    """What counts as lit: within ``street_light_reach_m`` of a street light, and lit streets over their width."""
    lights = inputs.mounts.loc[inputs.mounts["kind"] == "street_light"].geometry.to_numpy()
    streets = inputs.streets.loc[inputs.streets["lit"].fillna(value=False).astype(bool)]
    half = streets["width_m"].fillna(assumptions.number("lit_street_width_m")).to_numpy(dtype=np.float64) / 2
    circles = shapely.buffer(lights, assumptions.number("street_light_reach_m"))
    bands = shapely.buffer(streets.geometry.to_numpy(), half)
    shapes = np.asarray([*circles, *bands], dtype=object)
    return Lamps(shapes, shapely.STRtree(shapes))


def annuli(height_m: float, density_1m_px: float, standard: str) -> list[tuple[str, float, float, float]]:
    """Which class a view serves at which distance: task, pixels per metre, near and far, nearest first.

    A class holds from where its line of sight is flat enough (``optics.near_m`` with its ``steepest_deg``) to where its pixels end;
    where several hold the finest is named. A class may come twice: close to the mast a face is seen too steeply, so that
    a coarser class comes before a finer one.
    """
    limits = [
        (task, density, float(optics.near_m(height_m, optics.steepest_deg(standard, task))),
         float(optics.far_m(density_1m_px / density, height_m)))
        for task, density in sorted(optics.densities(standard).items(), key=lambda item: -item[1])
    ]  # fmt: skip
    edges = sorted({edge for _, _, near, far in limits if far > near for edge in (near, far)})
    rows: list[tuple[str, float, float, float]] = []
    for start, end in pairwise(edges):
        task, density = next(((t, p) for t, p, near, far in limits if near <= start and end <= far), ("", 0.0))
        if rows and rows[-1][0] == task and rows[-1][3] == start:
            rows[-1] = (*rows[-1][:3], end)
        elif task:
            rows.append((task, density, start, end))
    return rows


def _polygonal(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Only what has an area, as MultiPolygons."""
    found = np.empty(len(shapes), dtype=object)
    for i, shape in enumerate(shapes):
        parts = shapely.get_parts(shapely.get_parts(shape))
        found[i] = shapely.MultiPolygon(list(parts[(shapely.get_type_id(parts) == 3) & (shapely.area(parts) > 0)]))
    return found


def zones(
    scene: Scene, lit: Lamps, views: gpd.GeoDataFrame, points: Floats, inside: NDArray[np.bool_], standard: str
) -> gpd.GeoDataFrame:
    """Table ``view_zones``, not yet checked: per view and class its polygon by day, and the part that remains at night.

    At night a view sees within its infrared reach, and what is lit within ``lit_street_reach_m``.

    Parameters
    ----------
    scene, lit
        Walls and lamps.
    views
        Table ``views``.
    points, inside
        Where each looks from (``scene.stand``), and whether it is shut in a building: then it sees nothing.
    standard
        Whose classes.
    """
    names = ["height_m", "density_1m_px", "night_far_m", "bearing_deg", "angle_deg"]
    height, density, night_far, bearing, angle = (views[name].to_numpy(dtype=np.float64) for name in names)
    rows = [(i, *ring) for i in np.flatnonzero(~inside).tolist() for ring in annuli(height[i], density[i], standard)]
    at = np.array([row[0] for row in rows], dtype=np.int64)
    near, far = (np.array([row[n] for row in rows], dtype=np.float64) for n in (3, 4))
    day = visible.polygons(scene, visible.table(points[at], bearing[at], angle[at], near, far, height[at]))
    bright = {i: _bright(lit, points[i], night_far[i]) for i in np.unique(at).tolist()}
    night = _polygonal(shapely.intersection(day, np.array([bright[i] for i in at.tolist()], dtype=object)))
    shapes = np.concatenate([day, night])
    frame = pd.DataFrame(
        {
            "task": pd.Series([row[1] for row in rows] * 2, dtype="str"),
            "pixels_per_m": np.tile(np.array([row[2] for row in rows], dtype=np.float64), 2),
            "near_m": np.tile(near, 2),
            "far_m": np.tile(far, 2),
            "light": pd.Series(np.repeat(["day", "night"], len(rows)), dtype="str"),
            "view_id": pd.Series(views["view_id"].to_numpy(dtype=object)[np.tile(at, 2)], dtype="str"),
            "area_m2": shapely.area(shapes),
        }
    )
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=views.crs)


def _bright(lit: Lamps, point: Floats, night_far_m: float) -> shapely.Geometry:
    """Where a view sees at night: its infrared disc, and lit places within reach."""
    here = shapely.Point(point)
    reach = assumptions.number("lit_street_reach_m")
    near = lit.shapes[lit.tree.query(here, predicate="dwithin", distance=reach)] if len(lit.shapes) else []
    bright = shapely.intersection(shapely.union_all(near), shapely.buffer(here, reach, quad_segs=ROUND))
    return shapely.union(bright, shapely.buffer(here, night_far_m, quad_segs=ROUND))
