"""Who sees what: sight lines in bulk, one per pair of camera place and spot place however many views share it."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree

from planner import assumptions, frames
from planner.coverage import mounts
from planner.coverage.aims import bearing_deg, turn_deg
from planner.coverage.scene import Scene, blocked, stand
from planner.coverage.views import Poses
from planner.work import Work

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
CHUNK_PAIRS = 1_000_000  # pairs of view and spot place held at a time: tens of MB
LEAST_M = 0.01  # a stored distance is never 0, which a sparse matrix would drop
ROUNDING_DEG = 1e-9


def in_sector(step: Floats, bearing: Floats, angle: Floats) -> NDArray[np.bool_]:
    """Which vectors (n, 2) lie within ``angle / 2`` of a bearing; angle 0 holds nothing, 360 everything."""
    turn = turn_deg(bearing_deg(step), bearing)
    return (angle > 0) & ((angle >= 360.0) | (turn <= angle / 2 + ROUNDING_DEG))


def _chunks(pairs: Indices) -> list[tuple[int, int]]:
    """Ranges of camera places with at most about ``CHUNK_PAIRS`` pairs each."""
    part = np.cumsum(pairs) // CHUNK_PAIRS
    cuts = [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), len(pairs)]
    return [(a, b) for a, b in pairwise(cuts) if b > a]


class _Places:
    """Camera places: views sorted by where they stand, each place with the farthest reach of its views."""

    def __init__(self, poses: Poses, scene: Scene) -> None:
        points = mounts.coordinates(poses.table)
        unique, place = np.unique(points, axis=0, return_inverse=True)
        place = place.ravel()
        self.order = np.argsort(place, kind="stable")  # views by place
        self.start = np.searchsorted(place[self.order], np.arange(len(unique) + 1))
        self.number = np.diff(self.start)
        self.points, inside = stand(unique, scene)
        self.reach = np.zeros(len(unique))
        np.maximum.at(self.reach, place, poses.reach_m)
        self.reach[inside] = -1.0  # shut in a building: sees nothing, not even at its feet


def _pairs(
    places: _Places, a: int, b: int, tree: cKDTree, spots: Floats, poses: Poses, scene: Scene
) -> tuple[Indices, Indices, Floats]:
    """View, spot place and distance of all that is seen from camera places ``a`` to ``b``."""
    reach = max(float(places.reach[a:b].max()), 0.0)
    near = cKDTree(places.points[a:b]).sparse_distance_matrix(tree, reach + 1e-9, output_type="ndarray")
    at, spot = near["i"].astype(np.int64) + a, near["j"].astype(np.int64)
    inside = near["v"] <= places.reach[at]
    at, spot = at[inside], spot[inside]
    step = spots[spot] - places.points[at]
    away = np.hypot(step[:, 0], step[:, 1])
    number = places.number[at]
    pair = np.repeat(np.arange(len(at)), number)
    slot = np.arange(len(pair)) - np.repeat(np.cumsum(number) - number, number)
    view = places.order[places.start[at[pair]] + slot]
    table = poses.table
    low, high = table["near_m"].to_numpy()[view], poses.reach_m[view]
    kept = (away[pair] >= low) & (away[pair] <= high)
    pair, view = pair[kept], view[kept]
    kept = in_sector(step[pair], table["bearing_deg"].to_numpy()[view], table["angle_deg"].to_numpy()[view])
    pair, view = pair[kept], view[kept]
    asked = np.unique(pair)  # only pairs that some view frames need a sight line
    open_ = np.zeros(len(at), dtype=bool)
    open_[asked] = ~blocked(places.points[at[asked]], spots[spot[asked]], scene)
    kept = open_[pair]
    return view[kept], spot[pair[kept]], np.maximum(away[pair[kept]], LEAST_M)


def sees(poses: Poses, spots: gpd.GeoDataFrame, scene: Scene, work: Work) -> sparse.csr_matrix:
    """Horizontal distance from each view to each spot it sees.

    A spot is seen when its measure is place or front, it lies within half the angle of the bearing and between
    ``near_m`` and ``reach_m``, and the straight line to it passes through no building.

    Returns
    -------
    CSR float64, views x spots, values in m (never 0), indices sorted.

    Raises
    ------
    StoppedError
        ``stopped_without_plan``: half a survey is no survey.
    """
    open_spots = np.flatnonzero((spots["measure"] != "owner_only").to_numpy(dtype=bool))
    shape = (len(poses.table), len(spots))
    if len(open_spots) == 0 or shape[0] == 0:
        return sparse.csr_matrix(shape, dtype=np.float64)
    points = mounts.coordinates(spots)[open_spots]
    # place and front spots share coordinates: one sight line serves both
    _, first, which = np.unique(np.round(points, 3), axis=0, return_index=True, return_inverse=True)
    unique = points[first]
    tree = cKDTree(unique)
    places = _Places(poses, scene)
    disc = tree.query_ball_point(places.points, np.maximum(places.reach, 0.0), return_length=True)
    found: list[tuple[Indices, Indices, Floats]] = []
    chunks = _chunks(np.asarray(disc, dtype=np.int64) * places.number)
    for i, (a, b) in enumerate(chunks):
        work.check()
        work.step("sight", i, len(chunks))
        found.append(_pairs(places, a, b, tree, unique, poses, scene))
    work.step("sight", len(chunks), len(chunks))
    view, spot, away = (np.concatenate(part) for part in zip(*found, strict=True))
    seen = sparse.csr_matrix((away, (view, spot)), shape=(shape[0], len(unique)))
    carry = sparse.csr_matrix((np.ones(len(open_spots)), (which.ravel(), open_spots)), shape=(len(unique), shape[1]))
    full = sparse.csr_matrix(seen @ carry)
    full.sort_indices()
    return full


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
