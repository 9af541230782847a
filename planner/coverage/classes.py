"""Polygons of one view by class of pixels per metre, by day and by night."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner import assumptions, frames
from planner.coverage import optics, visible
from planner.coverage.scene import Scene
from planner.settings import CoverageSettings

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


def annuli(view: frames.Pose, standard: str) -> pd.DataFrame:
    """Task, pixels per metre, near and far of every class of the standard that the view reaches, nearest first.

    Each class begins where the next finer one ends; the nearest at ``near_m``.
    """
    start = float(optics.near_m(view.height_m))
    rows = []
    for task, density in sorted(optics.densities(standard).items(), key=lambda item: -item[1]):
        end = float(optics.far_m(view.density_1m_px / density, view.height_m))
        if end > start:
            rows.append((task, density, start, end))
            start = end
    return pd.DataFrame(rows, columns=["task", "pixels_per_m", "near_m", "far_m"])


def _polygonal(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Only what has an area, as MultiPolygons."""
    found = np.empty(len(shapes), dtype=object)
    for i, shape in enumerate(shapes):
        parts = shapely.get_parts(shapely.get_parts(shape))
        found[i] = shapely.MultiPolygon(list(parts[(shapely.get_type_id(parts) == 3) & (shapely.area(parts) > 0)]))
    return found


def zones(
    scene: Scene, lit: Lamps, view: frames.Pose, point: Floats | None, wish: CoverageSettings
) -> gpd.GeoDataFrame:
    """Table ``view_zones`` of one view: per class its polygon by day, and the part that remains at night.

    At night a view sees within its infrared reach, and what is lit within ``lit_street_reach_m``.

    Parameters
    ----------
    scene, lit
        Walls and lamps.
    view
        The view.
    point
        Where it looks from (``scene.stand``); None: shut in a building, it sees nothing.
    wish
        ``standard``.
    """
    table = annuli(view, wish.standard)
    n = len(table)
    day = np.full(n, shapely.MultiPolygon(), dtype=object)
    night = day.copy()
    if point is not None and n:
        bearing, angle = np.full(n, view.bearing_deg), np.full(n, view.angle_deg)
        near, far = table["near_m"].to_numpy(), table["far_m"].to_numpy()
        day = visible.polygons(
            scene, np.repeat(point[None], n, axis=0), bearing, angle, near, far, np.full(n, view.height_m)
        )
        night = _polygonal(shapely.intersection(day, _bright(lit, view, point)))
    frame = pd.concat([table.assign(light="day"), table.assign(light="night")], ignore_index=True)
    shapes = np.concatenate([day, night])
    frame["area_m2"] = shapely.area(shapes)
    for name in ("task", "light"):
        frame[name] = frame[name].astype("str")
    crs = view.epsg
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=crs), crs=crs)


def _bright(lit: Lamps, view: frames.Pose, point: Floats) -> object:
    """Where a view sees at night: its infrared disc, and lit places within reach."""
    here = shapely.Point(point)
    reach = assumptions.number("lit_street_reach_m")
    near = lit.shapes[lit.tree.query(here, predicate="dwithin", distance=reach)] if len(lit.shapes) else []
    bright = shapely.intersection(shapely.union_all(near), shapely.buffer(here, reach, quad_segs=ROUND))
    return shapely.union(bright, shapely.buffer(here, view.night_far_m, quad_segs=ROUND))
