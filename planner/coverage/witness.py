"""Which camera saw it, until when: standing cameras that see a place or the ways past it, and how long they keep it (P28)."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner import assumptions, frames
from planner.coverage import mounts, sight, standing, ways
from planner.coverage.grade import task_met
from planner.coverage.scene import Scene, build
from planner.coverage.views import as_they_stand
from planner.settings import CoverageSettings
from planner.work import Work

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def saw(
    inputs: frames.Inputs,
    wish: CoverageSettings,
    place: tuple[float, float],
    at: dt.datetime,
    now: dt.datetime,
    scene: Scene | None = None,
) -> frames.Sightings:
    """Standing cameras that see a place, or a street that leads away from it, by the task of the plan.

    Parameters
    ----------
    inputs
        ``standing``, ``mounts``, ``models``, ``streets``, ``walls`` are read.
    wish
        ``task`` and ``standard``: how much must be seen.
    place
        east_m, north_m in the study's CRS.
    at, now
        When it happened, and when this is asked (local time).
    scene
        The walls, where they stand already.

    Returns
    -------
    Table ``sightings``, one row per camera, and table ``ways``. ``part``: ``place`` where it sees the place itself, else ``way``;
    ``distance_m`` to the place, or along the streets to the nearest piece in view. ``certain``: whatever is unknown of the
    camera; otherwise it sees this only if that turns out well. ``kept_until = at + retention_days``, with the assumption
    ``standing_days`` from ``kept_until_low`` to ``_high`` where the days are unknown. A camera installed after ``at`` is left out.

    Notes
    -----
    Nothing is kept: neither place nor time leaves the returned value.
    """
    scene = build(inputs.walls) if scene is None else scene
    pieces = ways.leading_away(inputs.streets, place, assumptions.number("ways_out_m"))
    spots = _spots(inputs, place, pieces)
    lit = sight.lit(inputs, spots)
    worst = standing.read(inputs, wish, "worst")
    best, of_best = standing.at_best(inputs, wish)
    sure = _seen(worst, np.arange(len(inputs.standing)), spots, lit, scene, wish, len(inputs.standing))
    maybe = _seen(best, of_best, spots, lit, scene, wish, len(inputs.standing))
    there = ~(inputs.standing["installed_on"] > pd.Timestamp(at)).to_numpy(dtype=bool)
    table = _table(inputs, place, pieces, (sure, maybe), worst.unknown, there)
    table = _until(table, at, now)
    order = table.sort_values(["part", "certain", "distance_m", "camera_id"], ascending=[True, False, True, True])
    seen = (maybe[0] | maybe[1])[there].any(axis=0)
    return frames.Sightings(
        frames.check("sightings", order.reset_index(drop=True), inputs.town.epsg),
        frames.check("ways", _ways(inputs, pieces, seen[1:]), inputs.town.epsg),
        place,
        at,
        inputs.town.epsg,
    )


def _spots(inputs: frames.Inputs, place: tuple[float, float], pieces: ways.Pieces) -> gpd.GeoDataFrame:
    """The place, then the middles of the pieces; the place is lit as the street that passes it."""
    streets = inputs.streets["street_id"].to_numpy(dtype=object)
    names = ["", *streets[pieces.street]]
    middle = pieces.middle
    if len(middle):
        gap = np.hypot(*(middle - np.asarray(place)).T)
        if gap.min() <= assumptions.number("street_light_reach_m"):
            names[0] = names[1 + int(np.argmin(gap))]
    points = shapely.points(np.vstack([np.asarray(place)[None], middle]))
    told = {"street_id": pd.Series(names, dtype="str"), "measure": pd.Series(["place"] * len(names), dtype="str")}
    return gpd.GeoDataFrame(pd.DataFrame(told), geometry=points, crs=inputs.town.epsg)


def _seen(
    cameras: standing.Standing,
    camera: NDArray[np.int64],
    spots: gpd.GeoDataFrame,
    lit: Flags,
    scene: Scene,
    wish: CoverageSettings,
    number: int,
) -> tuple[Flags, Flags]:
    """Cameras x spots, by day and by night; of several views of one camera any counts."""
    poses, _ = as_they_stand(cameras, wish, spots.crs.to_epsg())
    sees = sight.sees(poses, spots, scene, Work())
    found = []
    for night in (False, True):
        met = task_met(poses.table, sees, lit, wish.model_copy(update={"night_required": night})).toarray() > 0
        of_camera = np.zeros((number, len(spots)), dtype=bool)
        np.logical_or.at(of_camera, camera, met)
        found.append(of_camera)
    return found[0], found[1]


def _table(
    inputs: frames.Inputs,
    place: tuple[float, float],
    pieces: ways.Pieces,
    seen: tuple[tuple[Flags, Flags], tuple[Flags, Flags]],
    unknown: NDArray[np.object_],
    there: Flags,
) -> gpd.GeoDataFrame:
    """What is told of each camera that sees anything, all but the days."""
    (sure_day, sure_night), (day, night) = seen
    either = day | night
    at = np.flatnonzero(either.any(axis=1) & there)
    here = either[at, 0]
    part = np.where(here, "place", "way")
    which = np.where(here[:, None], np.arange(either.shape[1])[None] == 0, either[at])
    sure = (sure_day | sure_night)[at]
    certain = np.where(here, sure[:, 0], sure.any(axis=1))
    cameras = inputs.standing.iloc[at].reset_index(drop=True)
    gap = np.hypot(*(np.column_stack([cameras.geometry.x, cameras.geometry.y]) - np.asarray(place)).T)
    along = np.concatenate([[np.inf], pieces.away_m])
    hosts = dict(zip(inputs.mounts["mount_id"], inputs.mounts["host"], strict=True))
    frame = pd.DataFrame(
        {
            "camera_id": cameras["camera_id"],
            "part": pd.Series(part, dtype="str"),
            "certain": certain,
            "distance_m": np.where(here, gap, np.where(which, along, np.inf).min(axis=1)),
            "by_day": (which & day[at]).any(axis=1),
            "by_night": (which & night[at]).any(axis=1),
            "working": cameras["working"],
            "unknown": pd.Series(unknown[at], dtype="str"),
            "owner": cameras["owner"],
            "contact": cameras["contact"],
            "use": cameras["use"],
            "host": pd.Series([hosts.get(m, "") for m in cameras["mount_id"]], dtype="str"),
            "address": cameras["address"].where(cameras["address"] != "", _area_names(inputs, cameras)),
            "retention_days": cameras["retention_days"],
            "clock_error_s": cameras["clock_error_s"],
        }
    )
    return gpd.GeoDataFrame(frame, geometry=cameras.geometry.to_numpy(), crs=inputs.town.epsg)


def _area_names(inputs: frames.Inputs, cameras: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """The area in which each camera hangs: where an address is missing, this says where to look."""
    at, _ = mounts.area_of(mounts.coordinates(cameras), inputs.areas)
    return np.asarray(inputs.areas["name"].to_numpy(dtype=object)[at])


def _until(table: gpd.GeoDataFrame, at: dt.datetime, now: dt.datetime) -> gpd.GeoDataFrame:
    """When the footage is written over: earliest and latest where the days are unknown."""
    known = assumptions.all_assumptions()["standing_days"]
    ends = {"kept_until_low": known.low, "kept_until_high": known.high}
    for name, days in ends.items():
        kept = pd.Timestamp(at) + pd.to_timedelta(table["retention_days"].fillna(days), unit="D")
        table[name] = kept.astype("datetime64[ns]")
    table["overwritten"] = (table["kept_until_high"] < pd.Timestamp(now)).astype(bool)
    return table


def _ways(inputs: frames.Inputs, pieces: ways.Pieces, seen: Flags) -> gpd.GeoDataFrame:
    """The pieces put together by street, those in view of any camera apart from those that nobody sees."""
    lines = shapely.linestrings(pieces.ends) if len(pieces.ends) else np.empty(0, dtype=object)
    names = inputs.streets["street_id"].to_numpy(dtype=object)[pieces.street]
    rows = []
    for street in np.unique(names.astype(str)):
        for flag in (False, True):
            at = np.flatnonzero((names == street) & (seen == flag))
            if len(at):
                rows.append((street, flag, shapely.MultiLineString(list(lines[at]))))
    frame = pd.DataFrame(
        {
            "street_id": pd.Series([r[0] for r in rows], dtype="str"),
            "seen": pd.Series([r[1] for r in rows], dtype=bool),
            "length_m": pd.Series([shapely.length(r[2]) for r in rows], dtype="float64"),
        }
    )
    return gpd.GeoDataFrame(frame, geometry=[r[2] for r in rows], crs=inputs.town.epsg)
