"""Policy targets as points to look at: school routes, entrances, parks, station fronts. Counted apart from offences (P3)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner import assumptions, frames
from planner.coverage import mounts

STEP_M = 5.0  # between the points of a target, as between the spots of offences at most


def points_of(shape: shapely.Geometry) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Points that stand for a target, and the steps each stands for.

    A line is cut into equal pieces of at most ``STEP_M``, each told by its middle (steps: its length / ``STEP_M``); of an area the
    points of a square grid of ``STEP_M`` (one step each; at least one point inside); a point is one step.
    """
    points: list[shapely.Geometry] = []
    steps: list[float] = []
    for part in shapely.get_parts(shape):
        if part.geom_type == "LineString":
            number = max(1, int(np.ceil(part.length / STEP_M)))
            points += [*shapely.line_interpolate_point(part, (np.arange(number) + 0.5) / number, normalized=True)]
            steps += [part.length / number / STEP_M] * number
        elif part.geom_type == "Polygon":
            west, south, east, north = part.bounds
            grid = np.meshgrid(np.arange(west + STEP_M / 2, east, STEP_M), np.arange(south + STEP_M / 2, north, STEP_M))
            cells = shapely.points(np.column_stack([axis.ravel() for axis in grid]))
            inside = cells[shapely.intersects(part, cells)]
            found = [*inside] or [part.representative_point()]
            points, steps = [*points, *found], [*steps, *[1.0] * len(found)]
        else:
            points, steps = [*points, part], [*steps, 1.0]
    return np.asarray(points, dtype=object), np.asarray(steps)


def spots(inputs: frames.Inputs) -> gpd.GeoDataFrame:
    """Table ``target_spots``: the points of every policy target, the block and the district each lies in.

    A point within ``lit_street_width_m / 2`` of a street lies on it (and is lit where the street is).
    """
    targets, epsg = inputs.targets, inputs.town.epsg
    if len(targets) == 0:
        return frames.empty("target_spots", epsg)
    parts = [points_of(shape) for shape in targets.geometry]
    owner = np.repeat(np.arange(len(targets)), [len(points) for points, _ in parts])
    shapes = np.concatenate([points for points, _ in parts])
    named = pd.DataFrame(targets[["target_id", "kind"]]).iloc[owner].reset_index(drop=True)
    at, _ = mounts.area_of(shapely.get_coordinates(shapes), inputs.areas)
    areas = pd.DataFrame(inputs.areas[["area_id", "district_id"]]).iloc[at].reset_index(drop=True)
    table = pd.concat([named, areas], axis=1)
    turn = table.groupby("target_id", sort=False).cumcount()
    table["spot_id"] = pd.Series("t:" + table["target_id"] + ":" + turn.astype(str), dtype="str")
    table["street_id"] = pd.Series(_street_of(shapes, inputs.streets), dtype="str")
    table["steps"] = np.concatenate([steps for _, steps in parts])
    return frames.check("target_spots", gpd.GeoDataFrame(table, geometry=shapes, crs=epsg), epsg)


def _street_of(points: NDArray[np.object_], streets: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """The street on which each point lies ("" where none is near)."""
    found = np.full(len(points), "", dtype=object)
    if len(streets):
        half = assumptions.number("lit_street_width_m") / 2
        point, street = shapely.STRtree(streets.geometry.to_numpy()).query_nearest(
            points, max_distance=half, all_matches=False
        )
        found[point] = streets["street_id"].to_numpy(dtype=object)[street]
    return found


def beside(spots_of_demand: gpd.GeoDataFrame, of_targets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Spots of offences and, after them, those of targets, as one table to look at."""
    if len(of_targets) == 0:
        return spots_of_demand
    columns = ["spot_id", "street_id", "measure", "geometry"]
    open_ = of_targets.assign(measure="place")  # what a target is, everybody may see
    return gpd.GeoDataFrame(
        pd.concat([spots_of_demand[columns], open_[columns]], ignore_index=True), crs=spots_of_demand.crs
    )
