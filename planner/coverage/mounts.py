"""Where cameras can hang: the mounts of the file, or assumed ones; and in which area a point lies."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner import assumptions, frames
from planner.coverage.scene import Scene, stand
from planner.errors import Note

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
SAME_PLACE_M = 1.0  # drawings of one thing differ by this much: a camera and its pole, a street end and the border
CORNER_M = 1.0  # area outlines are thinned to this before their corners count


def coordinates(points: gpd.GeoDataFrame) -> Floats:
    """(n, 2) east_m, north_m of a point table."""
    return np.asarray(shapely.get_coordinates(points.geometry.to_numpy()), dtype=np.float64)


def area_of(points: Floats, areas: gpd.GeoDataFrame) -> tuple[Indices, Floats]:
    """Position of each point's area, and how far outside it lies (0: inside).

    On a border the smallest ``area_id`` wins; outside all areas the nearest one.
    """
    order = np.argsort(areas["area_id"].to_numpy(dtype=object), kind="stable")
    tree = shapely.STRtree(areas.geometry.to_numpy()[order])
    spots = shapely.points(points)
    found = np.full(len(points), len(areas), dtype=np.int64)
    point, area = tree.query(spots, predicate="intersects")
    np.minimum.at(found, point, area)
    away = np.zeros(len(points))
    lost = np.flatnonzero(found == len(areas))
    if len(lost):
        (point, area), distance = tree.query_nearest(spots[lost], return_distance=True, all_matches=True)
        np.minimum.at(found, lost[point], area)
        away[lost[point]] = distance
    return order[found].astype(np.int64), away


def _junctions(streets: gpd.GeoDataFrame) -> Floats:
    """Street ends where at least three pieces meet, or where one ends alone."""
    lines = shapely.get_parts(streets.geometry.to_numpy())
    ends = np.concatenate(
        [shapely.get_coordinates(shapely.get_point(lines, 0)), shapely.get_coordinates(shapely.get_point(lines, -1))]
    )
    return _by_decimetre(ends, lambda pieces: (pieces >= 3) | (pieces == 1))


def _corners(areas: gpd.GeoDataFrame) -> Floats:
    """Corners of the area outlines."""
    thin = shapely.simplify(areas.geometry.to_numpy(), CORNER_M)
    return _by_decimetre(shapely.get_coordinates(thin), lambda times: times > 0)


def _by_decimetre(points: Floats, wanted: Callable[[Indices], NDArray[np.bool_]]) -> Floats:
    """One point per 0.1 m cell whose number of points is ``wanted``."""
    _, first, number = np.unique(np.round(points, 1), axis=0, return_index=True, return_counts=True)
    return points[first[wanted(number)]]


def _assumed(points: Floats, epsg: int) -> gpd.GeoDataFrame:
    """Mounts nobody listed, named by their 0.1 m rounded coordinate."""
    n = len(points)
    frame = pd.DataFrame(
        {
            "mount_id": pd.Series([f"m{e + 0.0:.1f}_{o + 0.0:.1f}" for e, o in np.round(points, 1)], dtype="str"),
            "kind": pd.Series(["assumed"] * n, dtype="str"),
            "host": pd.Series([""] * n, dtype="str"),
            "height_m": np.full(n, np.nan),
            "powered": pd.array([pd.NA] * n, dtype="boolean"),
            "state": pd.Series(["unknown"] * n, dtype="str"),
            **{name: pd.Series([""] * n, dtype="str") for name in ("pole_number", "address", "match_level")},
        }
    )
    return gpd.GeoDataFrame(frame, geometry=shapely.points(points), crs=epsg)


def _listed(inputs: frames.Inputs) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """The file's mounts without the refused ones, or assumed mounts."""
    epsg = inputs.town.epsg
    if len(inputs.mounts):
        refused = inputs.mounts["state"] == "refused"
        names = inputs.mounts.loc[refused, "mount_id"]
        notes = [Note("mounts_refused", {"number": len(names), "ids": ", ".join(names.iloc[:5])})] if len(names) else []
        return inputs.mounts.loc[~refused].reset_index(drop=True), notes
    if len(inputs.streets):
        found = _assumed(_junctions(inputs.streets), epsg)
        return found, [Note("mounts_assumed_junctions", {"number": len(found)})]
    found = _assumed(_corners(inputs.areas), epsg)
    return found, [Note("mounts_assumed_corners", {"number": len(found)})]


def usable(inputs: frames.Inputs, scene: Scene) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """The mounts at which a camera may be installed.

    Left out: refused ones, and those in a ``no_install`` zone (its border counts), inside a building or outside
    every area, each with their number in a Note.

    Returns
    -------
    Table ``mounts`` (positions as given) and the notes ``mounts_refused``, ``mounts_assumed_junctions``,
    ``mounts_assumed_corners``, ``mounts_left_out``, ``mount_height_assumed``.
    """
    found, notes = _listed(inputs)
    points = coordinates(found)
    _, inside = stand(points, scene)
    _, away = area_of(points, inputs.areas)
    outside = away > SAME_PLACE_M
    zoned = np.zeros(len(found), dtype=bool)
    shut = inputs.zones.loc[inputs.zones["rule"] == "no_install"] if len(inputs.zones) else inputs.zones
    if len(shut):
        zoned[shapely.STRtree(shut.geometry.to_numpy()).query(found.geometry.to_numpy(), predicate="intersects")[0]] = (
            True
        )
    if (zoned | inside | outside).any():
        counts = {"zone": int(zoned.sum()), "wall": int(inside.sum()), "outside": int(outside.sum())}
        notes.append(Note("mounts_left_out", counts))
    kept = found.loc[~(zoned | inside | outside)].reset_index(drop=True)
    unknown = int(kept["height_m"].isna().sum())
    if unknown:
        height = assumptions.number("mount_height_m")
        notes.append(Note("mount_height_assumed", {"number": unknown, "height_m": height}))
    return frames.check("mounts", kept, inputs.town.epsg), notes


def heights(mounts: gpd.GeoDataFrame) -> Floats:
    """Mount heights in m, the assumed one where the file is silent."""
    return np.asarray(mounts["height_m"].fillna(assumptions.number("mount_height_m")), dtype=np.float64)
