"""Who sees what: every view against every spot by the point test of the kernel."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse

from planner import assumptions, frames
from planner.coverage import grid, mounts, optics, spotting, visible
from planner.coverage.scene import Scene, stand
from planner.coverage.views import Poses
from planner.work import Work

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


def matrix(scene: Scene, views: Floats, points: Floats, work: Work | None = None) -> sparse.csr_matrix:
    """Horizontal distance from each view to each point it sees.

    Parameters
    ----------
    scene
        The walls.
    views
        (n, 7) as ``visible.table`` makes it, cameras already moved off their facades.
    points
        (m, 2) east_m, north_m.
    work
        Stage ``sight``.

    Returns
    -------
    CSR float64, n x m, values in m (never 0), indices int32 and sorted.

    Raises
    ------
    StoppedError
        ``stopped_without_plan``: half a survey is no survey.
    """
    work = Work() if work is None else work
    spots, target_m = grid.spots(points), assumptions.number("target_height_m")
    parts = visible.blocks(views)
    number = np.zeros(len(views), dtype=np.int64)
    found = []
    looks = visible.side_by_side(lambda part: spotting.look(scene.grid, spots, views[part], target_m), parts)
    for i, (part, look) in enumerate(zip(parts, looks, strict=True)):
        work.check()
        work.step("sight", i, len(parts))
        number[part] = look[0]
        found.append(look)
    start = np.concatenate([[0], np.cumsum(number)]).astype(np.int64)
    columns, values = np.empty(start[-1], dtype=np.int32), np.empty(start[-1])

    def place(i: Indices) -> None:
        counts, positions, distances = found[i[0]]
        spotting.place(counts, positions, distances, start[parts[i[0]]], columns, values)

    list(visible.side_by_side(place, [np.array([i]) for i in range(len(parts))]))
    work.step("sight", len(parts), len(parts))
    return sparse.csr_matrix((values, columns, start), shape=(len(views), len(points)))


def sees(poses: Poses, spots: gpd.GeoDataFrame, scene: Scene, work: Work) -> sparse.csr_matrix:
    """Horizontal distance from each view to each spot it sees.

    A spot is seen when its measure is place or front, it lies within half the angle of the bearing and between
    ``optics.near_m`` (of any task) and ``reach_m``, and the straight line to it passes through no building as high as the line.

    Returns
    -------
    CSR float64, views x spots, values in m (never 0), indices sorted.

    Raises
    ------
    StoppedError
        ``stopped_without_plan``.
    """
    open_spots = np.flatnonzero((spots["measure"] != "owner_only").to_numpy(dtype=bool))
    unique, place = np.unique(mounts.coordinates(poses.table), axis=0, return_inverse=True)
    points, _ = stand(unique, scene)  # a camera shut in a building stays there, and the kernel knows that it is
    least = optics.near_m(poses.table["height_m"].to_numpy(dtype=np.float64))
    own = poses.table.assign(near_m=least, far_m=poses.reach_m)
    views = visible.table_of(points[place.ravel()], own)
    seen = matrix(scene, views, mounts.coordinates(spots)[open_spots], work)
    shape = (len(poses.table), len(spots))
    return sparse.csr_matrix((seen.data, open_spots[seen.indices].astype(np.int32), seen.indptr), shape=shape)


def lit(inputs: frames.Inputs, spots: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Which spots count as lit: on a street that says so, or within ``street_light_reach_m`` of a street light."""
    told = inputs.streets.loc[inputs.streets["lit"].fillna(value=False).astype(bool), "street_id"]
    by_street = spots["street_id"].isin(told).to_numpy(dtype=bool) & (spots["street_id"] != "").to_numpy(dtype=bool)
    lights = inputs.mounts.loc[inputs.mounts["kind"] == "street_light"]
    by_light = np.zeros(len(spots), dtype=bool)
    if len(lights) and len(spots):
        near, _ = shapely.STRtree(lights.geometry.to_numpy()).query(
            spots.geometry.to_numpy(), predicate="dwithin", distance=assumptions.number("street_light_reach_m")
        )
        by_light[near] = True
    return np.asarray(by_street | by_light)
