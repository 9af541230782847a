"""What ``coverage`` gives: views, what they see, actions, and the rows of the covering model."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from planner.errors import Note
from planner.frames.columns import Column, Table, no_shapes, num, text, whole
from planner.frames.words import (
    ACTION_KINDS,
    TARGET_KINDS,
    USES,
)

TABLES: Mapping[str, Table] = {
    "views": Table(
        ("view_id",),
        (
            text("view_id"),
            text("mount_id", optional=True),
            text("camera_id", optional=True),
            text("model_id", optional=True),
            num("bearing_deg", 0, 360),
            num("angle_deg", 0, 360),
            num("near_m"),
            num("far_m"),
            num("night_far_m"),
            num("height_m"),
            num("density_1m_px", 0),
        ),
        ("Point",),
    ),
    "actions": Table(
        ("action_id",),
        (
            text("action_id"),
            text("kind", *ACTION_KINDS),
            text("group_id"),
            text("mount_id", optional=True),
            text("camera_id", optional=True),
            text("model_id", optional=True),
            text("tier_id", optional=True),
            num("retention_days", optional=True),
            num("count_share", 0, 1),
            text("area_id"),
            text("district_id"),
            whole("cameras", 0, 2),
            num("min_days", optional=True),
            num("max_days", optional=True),
            text("limit_origin", optional=True),
            text("host", optional=True),  # of the mount, and how far the asking has come
            text("mount_state", optional=True),
            text("reused_model_id", optional=True),  # the model that is used again, or that a removal sets free
            text("needs_removed", optional=True),  # the standing camera that must be removed first
        ),
        ("Point",),
    ),
    "today": Table(
        ("camera_id",),
        (
            text("camera_id"),
            num("low_per_year"),
            num("assumed_per_year"),
            num("high_per_year"),
            num("alone_per_year"),
            Column("removable", "flag"),
            text("unknown", optional=True),
        ),
    ),
    "today_offences": Table(
        ("offence_group",),
        (text("offence_group"), num("low_per_year"), num("assumed_per_year"), num("high_per_year")),
    ),
    "repairs": Table(("camera_id",), (text("camera_id"), num("gain_per_year"))),
    "view_zones": Table(
        ("view_id", "task", "near_m", "light"),  # a class may hold at two distances
        (
            text("view_id"),
            text("task"),
            num("pixels_per_m"),
            num("near_m"),
            num("far_m"),
            text("light", "day", "night"),
            Column("area_m2", "number", "m2", low=0),
        ),
        ("MultiPolygon",),
    ),
    "sightings": Table(  # which camera saw a place or the ways past it; made on request, never kept (P28)
        ("camera_id",),
        (
            text("camera_id"),
            text("part", "place", "way"),
            Column("certain", "flag"),
            num("distance_m"),
            Column("by_day", "flag"),
            Column("by_night", "flag"),
            Column("working", "flag", optional=True),
            text("unknown", optional=True),
            text("owner", optional=True),
            text("contact", optional=True),
            text("use", *USES),
            text("host", optional=True),
            text("address", optional=True),
            num("retention_days", optional=True),
            num("clock_error_s", None, optional=True),
            Column("kept_until_low", "date", "date"),
            Column("kept_until_high", "date", "date"),
            Column("overwritten", "flag"),
        ),
        ("Point",),
    ),
    "ways": Table(
        ("street_id", "seen"), (text("street_id"), Column("seen", "flag"), num("length_m")), ("MultiLineString",)
    ),
    "target_spots": Table(  # points of the policy targets; a step is 5 m of a line, 25 m2 of an area, or a point
        ("spot_id",),
        (
            text("spot_id"),
            text("target_id"),
            text("kind", *TARGET_KINDS),
            text("area_id"),
            text("district_id"),
            text("street_id", optional=True),
            num("steps"),
        ),
        ("Point",),
    ),
    "cliques": Table(("clique_id", "group_id"), (text("clique_id"), text("group_id"))),
    "rows": Table(
        ("row_id",),
        (
            whole("row_id"),
            text("spot_id"),
            text("offence_group", optional=True),  # none: the row of a target
            text("area_id"),
            text("district_id"),
            text("measure"),  # place, front, or target: and the kind or id that a floor names
            whole("weight_micro"),  # 1e-6 offences a year times harm; of a target 1e-6 steps
        ),
    ),
}


@dataclass(frozen=True)
class Extreme:
    """Standing cameras with every unknown at one end: views and what they see, as in ``Survey``.

    Per view: ``camera``, position in table ``standing`` (several views of one camera: it has only one of them);
    ``days`` of retention; ``share`` that it counts.
    """

    views: gpd.GeoDataFrame
    sees: sparse.csr_matrix
    camera: NDArray[np.int64]
    days: NDArray[np.float64]
    share: NDArray[np.float64]


@dataclass(frozen=True)
class Pose:
    """One view by itself: place, height, lens, and how much it counts.

    ``density_1m_px``: pixels per metre at 1 m; ``night_far_m``: horizontal infrared reach; ``camera_id``: the standing
    camera whose view it is or was, or "".
    """

    east_m: float
    north_m: float
    height_m: float
    bearing_deg: float
    angle_deg: float
    density_1m_px: float
    night_far_m: float
    days: float
    count_share: float
    camera_id: str = ""
    model_id: str = ""
    epsg: int = 0


@dataclass(frozen=True)
class Imagined:
    """One view looked at closely (``coverage.imagine``).

    ``near_m``, ``far_m``: of the chosen task, with ``pixels_per_m`` at its far end; ``inside``: the camera would stand in a
    building; ``plate_near_m``, ``plate_far_m``: where number plates are read (far below near: nowhere); ``zones`` (table view_zones): by class, by day and night;
    ``blockers``: wall_id, name, use, address and host of a building, kind and owner of the place it stands on, and of its nearest visible
    point distance_m, bearing_deg, pixels_per_m and task (the class it has there, "" for none);
    ``offences``: per group by_day, in_view, counted and added, offences a year at places.
    """

    view: Pose
    near_m: float
    far_m: float
    pixels_per_m: float
    inside: bool
    plate_near_m: float
    plate_far_m: float
    zones: gpd.GeoDataFrame
    blockers: pd.DataFrame
    offences: pd.DataFrame


@dataclass(frozen=True)
class Sightings:
    """Which standing cameras see a place or the ways past it (``coverage.saw``), and those ways; ``place``: east_m, north_m."""

    cameras: gpd.GeoDataFrame
    ways: gpd.GeoDataFrame
    place: tuple[float, float]
    at: dt.datetime
    epsg: int


@dataclass(frozen=True)
class Today:
    """What standing cameras see today, place offences a year within view.

    ``cameras`` (table today): each alone, with every unknown at its worst, as assumed, at its best; ``alone_per_year`` is what
    would be lost without it, and ``removable`` whether it is ours to remove. ``offences`` (table today_offences): all
    together by offence group. ``repairs`` (table repairs): broken cameras that may be repaired and what each would add, most first.
    """

    cameras: pd.DataFrame
    offences: pd.DataFrame
    repairs: pd.DataFrame


@dataclass(frozen=True)
class Survey:
    """What can be done and what each view sees.

    ``sees``: CSR, views x spots, value = horizontal distance in m (never 0). ``action_views``: CSR 0/1, actions x
    views. ``lit``: per spot, whether it counts as lit at night. ``worst``, ``best``: standing cameras with what is
    unknown of them at either end; ``unknown``: per standing camera what that is. ``targets`` (table
    target_spots), ``target_sees`` (views x target spots) and ``target_lit``: the same for policy targets. ``public_share``: per action
    the share of its picture that is public ground (nan: not known), measured where a programme asks for it, else None.
    """

    mounts: gpd.GeoDataFrame
    views: gpd.GeoDataFrame
    sees: sparse.csr_matrix
    actions: gpd.GeoDataFrame
    action_views: sparse.csr_matrix
    lit: NDArray[np.bool_]
    cliques: pd.DataFrame
    notes: tuple[Note, ...] = ()
    worst: Extreme | None = None
    best: Extreme | None = None
    unknown: tuple[str, ...] = ()
    targets: gpd.GeoDataFrame = field(default_factory=no_shapes)
    target_sees: sparse.csr_matrix = field(default_factory=lambda: sparse.csr_matrix((0, 0)))
    target_lit: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=bool))
    public_share: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Rows:
    """Demand rows of the covering model: table ``rows`` and the quality with which each action serves each.

    ``quality``: CSR float64, actions x rows, on the ladder 1/steps, 2/steps, ..., 1; ``action_ids`` names its rows.
    """

    table: pd.DataFrame
    quality: sparse.csr_matrix
    action_ids: tuple[str, ...]
    steps: int
