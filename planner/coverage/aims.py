"""Where a camera at a mount may look: along the streets, else at places, else all around. Never at this run's risk."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from planner import assumptions

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
MERGE_DEG = 15.0  # two aims closer than this are one; well under half of the narrowest street camera's angle
MOST_AIMS = 6
COMPASS_DEG = np.arange(8) * 45.0


def bearing_deg(step: Floats) -> Floats:
    """Bearing of vectors (n, 2), clockwise from grid north, 0 <= bearing < 360."""
    turned = np.degrees(np.arctan2(step[:, 0], step[:, 1])) % 360.0
    return np.where(turned >= 360.0, 0.0, turned)


def turn_deg(a: Floats, b: Floats) -> Floats:
    """Smallest turn between bearings, 0-180 degrees."""
    return np.abs((a - b + 180.0) % 360.0 - 180.0)


def _along_streets(points: Floats, streets: gpd.GeoDataFrame) -> tuple[Indices, Floats]:
    """Mount index and bearing towards street points ahead and behind, nearest streets first."""
    lines, owner = shapely.get_parts(streets.geometry.to_numpy(), return_index=True)
    rank = np.empty(len(streets), dtype=np.int64)
    rank[np.argsort(streets["street_id"].to_numpy(dtype=object), kind="stable")] = np.arange(len(streets))
    ahead = assumptions.number("aim_ahead_m")
    mount, line = shapely.STRtree(lines).query(
        shapely.points(points), predicate="dwithin", distance=assumptions.number("aim_street_m")
    )
    lines, rank = lines[line], rank[owner[line]]
    here = shapely.points(points[mount])
    foot = shapely.line_locate_point(lines, here)
    found = []
    for sign in (1.0, -1.0):
        goal = np.clip(foot + sign * ahead, 0.0, shapely.length(lines))
        step = shapely.get_coordinates(shapely.line_interpolate_point(lines, goal)) - points[mount]
        long = (np.abs(goal - foot) >= ahead / 4) & (np.hypot(step[:, 0], step[:, 1]) > 1e-6)
        away = np.round(shapely.distance(lines, here), 2)
        found.append(np.column_stack([mount, away, rank, np.full(len(mount), -sign), bearing_deg(step)])[long])
    table = np.concatenate(found)
    table = table[np.lexsort((table[:, 3], table[:, 2], table[:, 1], table[:, 0]))]
    return table[:, 0].astype(np.int64), table[:, 4]


def _towards_places(points: Floats, places: gpd.GeoDataFrame, reach_m: float) -> tuple[Indices, Floats]:
    """Mount index and bearing towards places within reach, nearest first."""
    if len(places) == 0:
        return np.empty(0, dtype=np.int64), np.empty(0)
    ordered = places.sort_values("place_id")
    centres = shapely.centroid(ordered.geometry.to_numpy())
    mount, place = shapely.STRtree(centres).query(shapely.points(points), predicate="dwithin", distance=reach_m)
    step = shapely.get_coordinates(centres[place]) - points[mount]
    away = np.hypot(step[:, 0], step[:, 1])
    order = np.lexsort((place, np.round(away, 2), mount))
    order = order[away[order] > 1e-6]
    return mount[order].astype(np.int64), bearing_deg(step)[order]


def _merge(mount: Indices, bearing: Floats, mounts: int) -> tuple[Indices, Floats]:
    """At most ``MOST_AIMS`` aims per mount, first come first served, none closer than ``MERGE_DEG`` to another."""
    starts = np.searchsorted(mount, np.arange(mounts + 1))
    turn = np.arange(len(mount)) - starts[mount]
    taken = np.full((mounts, MOST_AIMS), np.nan)
    used = np.zeros(mounts, dtype=np.int64)
    for k in range(int(turn.max(initial=-1)) + 1):
        at = np.flatnonzero(turn == k)
        near = turn_deg(bearing[at, None], taken[mount[at]]) < MERGE_DEG - 1e-6  # NaN compares false
        new = at[~near.any(axis=1) & (used[mount[at]] < MOST_AIMS)]
        taken[mount[new], used[mount[new]]] = bearing[new]
        used[mount[new]] += 1
    where, slot = np.nonzero(~np.isnan(taken))
    return where.astype(np.int64), taken[where, slot]


def aims(points: Floats, streets: gpd.GeoDataFrame, places: gpd.GeoDataFrame, reach_m: float) -> tuple[Indices, Floats]:
    """Bearings worth trying at each mount.

    Towards the points ``aim_ahead_m`` along every street that passes within ``aim_street_m``; where there is no
    street, towards places within ``reach_m``; where there is neither, the eight points of the compass.

    Parameters
    ----------
    points
        (n, 2) mounts, east_m and north_m.
    streets, places
        Tables of ``planner.frames``.
    reach_m
        The farthest range of any model, m.

    Returns
    -------
    Mount index (sorted) and bearing in degrees, one entry per aim.
    """
    none: tuple[Indices, Floats] = (np.empty(0, dtype=np.int64), np.empty(0))
    n = len(points)
    first = _merge(*(_along_streets(points, streets) if len(streets) and n else none), n)
    without = np.setdiff1d(np.arange(n), first[0])
    mount, bearing = _towards_places(points[without], places, reach_m) if len(without) else none
    second = _merge(without[mount], bearing, n)
    rest = np.setdiff1d(without, second[0])
    third = (np.repeat(rest, len(COMPASS_DEG)), np.tile(COMPASS_DEG, len(rest)))
    mount = np.concatenate([first[0], second[0], third[0]])
    bearing = np.concatenate([first[1], second[1], third[1]])
    order = np.argsort(mount, kind="stable")
    return mount[order], bearing[order]
