"""What ``ingest`` gives: the tables of a town and an honest list of what was dropped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from planner.errors import Note
from planner.frames.columns import Column, Table, no_shapes, num, text, whole
from planner.frames.words import (
    DATE_PRECISIONS,
    MATCH_LEVELS,
    MOUNT_KINDS,
    OUTCOMES,
    PLACE_KINDS,
    PRECISIONS,
    STEPS,
    TARGET_KINDS,
    USES,
    ZONE_RULES,
)
from planner.programmes import Programme

_ADDRESS = (text("address", optional=True), text("match_level", *MATCH_LEVELS, optional=True))
_PRICED = (  # on what a price rests (P17), how long the thing lasts, what leasing it costs instead
    Column("tax_included", "flag", optional=True),
    num("tax_share", 0, 1, optional=True),
    Column("quoted_on", "date", "date", optional=True),
    whole("quotations", optional=True),
    num("service_life_years", 1, 50, optional=True),
    whole("lease_yen_per_year", optional=True),
)
_AREA = (
    text("area_id"),
    text("name"),
    text("district_id"),
    text("police_station", optional=True),
    num("households", optional=True),
)
_POLYGON = ("Polygon", "MultiPolygon")
_ANY_SHAPE = ("Point", "LineString", "MultiLineString", *_POLYGON)

TABLES: Mapping[str, Table] = {
    "areas": Table(("area_id",), _AREA, _POLYGON),
    "neighbours": Table(("area_id",), _AREA, _POLYGON),  # areas of other municipalities near the border
    "incidents": Table(
        ("incident_id",),
        (
            text("incident_id"),
            text("offence"),
            Column("occurred_on", "date", "date", optional=True),
            text("date_precision", *DATE_PRECISIONS, optional=True),
            whole("hour", 0, 23, optional=True),
            text("place_kind", *PLACE_KINDS),
            text("area_id", optional=True),
            text("precision", *PRECISIONS),
            text("match_level", *MATCH_LEVELS, optional=True),
            text(
                "candidates", optional=True
            ),  # the area_ids of a town named without its 丁目, BETWEEN_IDS between them
        ),
        ("Point",),
        shape_optional=True,
    ),
    "addresses": Table(
        ("address_id",),
        (text("address_id"), text("name"), text("level", "street_block", "town"), text("code")),
        ("Point",),
    ),
    "counts": Table(
        ("area_id", "offence", "period"),
        (text("area_id", optional=True), text("offence"), text("period"), num("years", 0.01), whole("number")),
    ),
    "streets": Table(
        ("street_id",),
        (
            text("street_id"),
            text("kind", optional=True),
            num("width_m", optional=True),
            Column("lit", "flag", optional=True),
            Column("one_way", "flag", optional=True),
        ),
        ("LineString", "MultiLineString"),
    ),
    "walls": Table(
        ("wall_id",),
        (
            text("wall_id"),
            num("height_m", optional=True),
            text("use", optional=True),
            text("name", optional=True),
        ),
        _POLYGON,
    ),
    "places": Table(
        ("place_id",),
        (text("place_id"), text("kind"), text("owner", optional=True), text("name", optional=True), *_ADDRESS),
        _ANY_SHAPE,
    ),
    "zones": Table(
        ("zone_id",),
        (
            text("zone_id"),
            text("rule", *ZONE_RULES),
            text("origin", optional=True),
            num("limit_days", 1, 365, optional=True),
        ),
        _POLYGON,
    ),
    "mounts": Table(
        ("mount_id",),
        (
            text("mount_id"),
            text("kind", *MOUNT_KINDS),
            text("host", optional=True),
            num("height_m", 0.5, 50, optional=True),
            Column("powered", "flag", optional=True),
            text("state", "agreed", "asked", "unknown", "refused"),
            text("pole_number", optional=True),
            *_ADDRESS,
        ),
        ("Point",),
    ),
    "standing": Table(
        ("camera_id",),
        (
            text("camera_id"),
            text("mount_id", optional=True),
            text("model_id", optional=True),
            num("bearing_deg", 0, 360, optional=True),
            num("angle_deg", 1, 360, optional=True),
            num("height_m", 0.5, 50, optional=True),
            num("retention_days", 0, 3650, optional=True),
            text("owner", optional=True),
            text("use", *USES),
            Column("working", "flag", optional=True),
            Column("installed_on", "date", "date", optional=True),
            Column("locked_until", "date", "date", optional=True),
            *_ADDRESS,
            Column("acquired_on", "date", "date", optional=True),
            text("funds", optional=True),
            whole("renewal_fiscal_year", 1989, 2100, optional=True),
            text("asset_number", optional=True),
            Column("inspected_on", "date", "date", optional=True),
            num("clock_error_s", None, optional=True),
            text(
                "contact", optional=True
            ),  # office and telephone of whoever is asked for footage, never a person (P28)
        ),
        ("Point",),
    ),
    "requests": Table(
        ("request_id",),
        (
            text("request_id"),
            Column("received_on", "date", "date", optional=True),
            text("requester", optional=True),
            text("wish", optional=True),
            *_ADDRESS,
        ),
        ("Point",),
    ),
    "police_list": Table(  # 警察限り: never leaves the inputs (P27)
        ("place_id",), (text("place_id"), text("reason", optional=True), *_ADDRESS), ("Point",)
    ),
    "steps": Table(  # how far each place is; an id of a mount, of a camera or of a site (P15)
        ("step_id",),
        (
            text("step_id"),
            text("place_id"),
            text("step", *STEPS),
            Column("done_on", "date", "date", optional=True),
            text("document_number", optional=True),
        ),
    ),
    "footage_log": Table(  # requests for footage: dates only, never what was asked for (P29)
        ("log_id",),
        (
            text("log_id"),
            Column("recognised_on", "date", "date", optional=True),
            Column("received_on", "date", "date"),
            Column("secured_on", "date", "date", optional=True),
            text("outcome", *OUTCOMES, optional=True),
        ),
    ),
    "districts": Table(("district_id",), (text("district_id"), text("name")), _POLYGON),
    "targets": Table(("target_id",), (text("target_id"), text("name"), text("kind", *TARGET_KINDS)), _ANY_SHAPE),
    "models": Table(
        ("model_id",),
        (
            text("model_id"),
            text("name"),
            whole("width_px", 100, 20000),
            num("angle_deg", 1, 360),
            num("infrared_m"),
            num("bitrate_mbps", 0.01, 1000, optional=True),
            *(whole(f"{c}_yen") for c in ("camera", "installation", "cable", "signage")),
            whole("running_yen_per_year"),
            text("source"),
            *_PRICED,
        ),
    ),
    "tiers": Table(
        ("tier_id",),
        (
            text("tier_id"),
            whole("retention_days", 1, 365),
            whole("recorder_yen"),
            whole("running_yen_per_year"),
            text("source"),
            *_PRICED,
        ),
    ),
}


@dataclass(frozen=True)
class Town:
    """Which municipality, in which metric CRS."""

    name: str
    code: str
    epsg: int
    applicant: str = "municipality"


@dataclass(frozen=True)
class Tally:
    """Where the rows of one file went; the four add up to ``rows``."""

    role: str
    file: str
    sha256: str
    rows: int
    accepted: int
    set_aside: int
    duplicate: int
    outside: int
    encoding: str = "-"
    note: str = ""


@dataclass(frozen=True)
class Account:
    """Where every row went and what was changed on the way; it stands even where the reading was refused.

    ``set_aside``: role, file, line, reason, text. ``corrections``: role, file, column, code, before, after, number of
    cells, line of the first: the files themselves are never changed, so that each can be undone. ``areas``: the table
    as far as a refused reading got, to show questions on; None where there is none.
    """

    tallies: tuple[Tally, ...]
    set_aside: pd.DataFrame
    corrections: pd.DataFrame
    notes: tuple[Note, ...]
    areas: gpd.GeoDataFrame | None = None


@dataclass(frozen=True)
class Inputs:
    """Everything ingest read: checked tables, and an honest list of what was dropped."""

    town: Town
    areas: gpd.GeoDataFrame
    incidents: gpd.GeoDataFrame
    counts: pd.DataFrame
    streets: gpd.GeoDataFrame
    walls: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    zones: gpd.GeoDataFrame
    mounts: gpd.GeoDataFrame
    standing: gpd.GeoDataFrame
    requests: gpd.GeoDataFrame  # kept, never scored (P37)
    targets: gpd.GeoDataFrame  # least shares within view may be asked for; never part of the value (P3)
    models: pd.DataFrame
    tiers: pd.DataFrame
    programmes: tuple[Programme, ...]
    years: float  # length of the period that the incident records span, years
    wishes: Mapping[str, Mapping[str, Any]]  # [budget] [retention] [rules] as they stand in town.toml
    tallies: tuple[Tally, ...] = ()
    set_aside: pd.DataFrame = field(default_factory=pd.DataFrame)  # as Account
    corrections: pd.DataFrame = field(default_factory=pd.DataFrame)  # as Account
    notes: tuple[Note, ...] = ()
    addresses: gpd.GeoDataFrame = field(default_factory=no_shapes)  # reference points of towns and blocks
    neighbours: gpd.GeoDataFrame = field(default_factory=no_shapes)  # areas beyond the border (P33)
    neighbour_incidents: gpd.GeoDataFrame = field(default_factory=no_shapes)  # as incidents, beyond the border
    districts: gpd.GeoDataFrame = field(default_factory=no_shapes)  # school districts
    police_list: gpd.GeoDataFrame = field(default_factory=no_shapes)  # 警察限り, in memory only (P27)

    steps: pd.DataFrame = field(default_factory=lambda: TABLES["steps"].empty(0))  # how far each place is (P15)
    footage_log: pd.DataFrame = field(default_factory=lambda: TABLES["footage_log"].empty(0))  # dates of requests (P29)

    def __getstate__(self) -> dict[str, Any]:
        """What may be kept on disk or sent to another process: all but the rows of the police's own list."""
        return self.__dict__ | {"police_list": self.police_list.iloc[:0]}
