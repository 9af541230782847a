"""What each table is: columns, units, geometry; and the check at each door.

Tables are (geo)data frames with a key and typed columns whose last word is the unit. All geometry stands in
one metric CRS per study; degrees are refused. What is not a table (``sees``, ``quality``) is a sparse matrix
whose two index orders are those of the tables beside it. Nobody writes into a table it was given.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa
import pyproj
from numpy.typing import NDArray
from scipy import sparse

from planner.errors import InputError, Note
from planner.programmes import PAYERS as PAYERS  # noqa: PLC0414 - columns of ``offers`` bear these names
from planner.programmes import Programme, parts_of

Kind = Literal["text", "number", "whole", "flag", "date"]
PLACE_KINDS = ("road", "parking", "detached_house", "low_flats", "high_flats", "other", "unknown")
PRECISIONS = ("point", "area", "city")
MATCH_LEVELS = ("point", "street_block", "area", "town", "city", "none")  # how closely an address or name was found
DATE_PRECISIONS = ("day", "month", "year")  # a month or a year stands as its first day
BETWEEN_IDS = "\n"
MEASURES = ("place", "front", "owner_only")
TIERS = ("A", "B", "C")  # blocks that the records cannot tell apart share a letter
PRIORS = ("points", "totals", "shipped", "length")  # what told the risk model where inside a block
SURFACES = ("planar", "network")  # how exact points are spread: in the plane, along the streets
SPLITS = ("time", "space")
UNITS = ("area", "cell")
METHODS = ("ours", "count", "uniform", "kde_200")
MOUNT_KINDS = ("utility_pole", "street_light", "signal_pole", "wall", "own_pole", "assumed")
USES = ("own", "agreed", "on_request", "unknown")
ZONE_RULES = ("no_install", "min_days", "max_days")
STEPS = (  # in the order of an installation; the last three end or change it (P15)
    *("candidate", "site_checked", "host_consent", "neighbours_told", "police_opinion", "permit", "grant_decision"),
    *("contract", "installed", "inspected", "operating", "renewed", "moved", "removed"),
)
OUTCOMES = ("supplied", "overwritten", "broken", "out_of_view", "unknown")  # of a request for footage (P29)
TARGET_KINDS = ("school_route", "entrance", "park", "station_front")
ACTION_KINDS = ("keep", "install", "extend", "renew", "repair", "remove", "install_reused")
COST_CATEGORIES = ("camera", "recorder", "installation", "pole", "cable", "signage", "repair", "removal")
YEARLY_CATEGORIES = ("electricity", "maintenance", "pole_attachment_fee", "running")  # the last: a device's own figure
MICRO = 1_000_000  # row weights are whole numbers of 1e-6 offences a year, so that proofs hold


@dataclass(frozen=True)
class Column:
    """One column: what kind of value, in which unit, within which bounds."""

    name: str
    kind: Kind
    unit: str = "-"
    optional: bool = False  # may be unknown (NaN, NaT, <NA> or, for text, "")
    low: float | None = None
    high: float | None = None
    words: tuple[str, ...] = ()

    def schema(self) -> pa.Column:
        """The same as a pandera column."""
        checks: list[pa.Check] = []
        if self.low is not None:
            checks.append(pa.Check.ge(self.low))
        if self.high is not None:
            checks.append(pa.Check.le(self.high))
        if self.words:
            checks.append(pa.Check.isin([*self.words, *([""] if self.optional else [])]))
        kinds: dict[str, Any] = {
            "text": str,
            "number": float,
            "whole": "Int64" if self.optional else "int64",
            "flag": "boolean" if self.optional else bool,
            "date": "datetime64[ns]",
        }
        if self.kind == "text" and not self.optional:
            checks.append(pa.Check.str_length(min_value=1))
        return pa.Column(kinds[self.kind], checks, nullable=self.optional and self.kind != "text")

    def empty(self) -> pd.Series[Any]:
        """A column of this kind without rows."""
        kinds = {
            "text": "str",
            "number": "float64",
            "whole": "Int64" if self.optional else "int64",
            "flag": "boolean" if self.optional else "bool",
            "date": "datetime64[ns]",
        }
        return pd.Series([], dtype=kinds[self.kind])


@dataclass(frozen=True)
class Table:
    """A named table: its key, its columns and its geometry types (none: a plain data frame)."""

    key: tuple[str, ...]
    columns: tuple[Column, ...]
    shapes: tuple[str, ...] = ()
    shape_optional: bool = False


def _text(name: str, *words: str, optional: bool = False) -> Column:
    return Column(name, "text", words=words, optional=optional)


def _unit(name: str) -> str:
    """The unit that a column's last words name."""
    for suffix, unit in (
        ("_yen_per_year", "yen/year"),
        ("_per_year", "offences/year"),
        ("_yen", "yen"),
        ("_m", "m"),
        ("_s", "s"),
        ("_deg", "degrees"),
        ("_days", "days"),
        ("_years", "years"),
        ("_px", "pixels"),
        ("_mbps", "Mbit/s"),
        ("_share", "share"),
    ):
        if name.endswith(suffix):
            return unit
    return "-"


def _num(name: str, low: float | None = 0, high: float | None = None, *, optional: bool = False) -> Column:
    return Column(name, "number", _unit(name), optional, low, high)


def _whole(name: str, low: float | None = 0, high: float | None = None, *, optional: bool = False) -> Column:
    return Column(name, "whole", _unit(name), optional, low, high)


_ADDRESS = (_text("address", optional=True), _text("match_level", *MATCH_LEVELS, optional=True))
_PRICED = (  # on what a price rests (P17), how long the thing lasts, what leasing it costs instead
    Column("tax_included", "flag", optional=True),
    _num("tax_share", 0, 1, optional=True),
    Column("quoted_on", "date", "date", optional=True),
    _whole("quotations", optional=True),
    _num("service_life_years", 1, 50, optional=True),
    _whole("lease_yen_per_year", optional=True),
)
_POLYGON = ("Polygon", "MultiPolygon")
_ANY_SHAPE = ("Point", "LineString", "MultiLineString", *_POLYGON)

TABLES: Mapping[str, Table] = {
    # ---- from ingest ----
    "areas": Table(
        ("area_id",),
        (_text("area_id"), _text("name"), _text("district_id"), _num("households", optional=True)),
        _POLYGON,
    ),
    "neighbours": Table(  # areas of other municipalities near the border
        ("area_id",),
        (_text("area_id"), _text("name"), _text("district_id"), _num("households", optional=True)),
        _POLYGON,
    ),
    "incidents": Table(
        ("incident_id",),
        (
            _text("incident_id"),
            _text("offence"),
            Column("occurred_on", "date", "date", optional=True),
            _text("date_precision", *DATE_PRECISIONS, optional=True),
            _whole("hour", 0, 23, optional=True),
            _text("place_kind", *PLACE_KINDS),
            _text("area_id", optional=True),
            _text("precision", *PRECISIONS),
            _text("match_level", *MATCH_LEVELS, optional=True),
            _text(
                "candidates", optional=True
            ),  # the area_ids of a town named without its 丁目, BETWEEN_IDS between them
        ),
        ("Point",),
        shape_optional=True,
    ),
    "addresses": Table(
        ("address_id",),
        (_text("address_id"), _text("name"), _text("level", "street_block", "town"), _text("code")),
        ("Point",),
    ),
    "counts": Table(
        ("area_id", "offence", "period"),
        (_text("area_id", optional=True), _text("offence"), _text("period"), _num("years", 0.01), _whole("number")),
    ),
    "streets": Table(
        ("street_id",),
        (
            _text("street_id"),
            _text("kind", optional=True),
            _num("width_m", optional=True),
            Column("lit", "flag", optional=True),
            Column("one_way", "flag", optional=True),
        ),
        ("LineString", "MultiLineString"),
    ),
    "walls": Table(
        ("wall_id",), (_text("wall_id"), _num("height_m", optional=True), _text("use", optional=True)), _POLYGON
    ),
    "places": Table(
        ("place_id",),
        (_text("place_id"), _text("kind"), _text("owner", optional=True), *_ADDRESS),
        _ANY_SHAPE,
    ),
    "zones": Table(
        ("zone_id",),
        (
            _text("zone_id"),
            _text("rule", *ZONE_RULES),
            _text("origin", optional=True),
            _num("limit_days", 1, 365, optional=True),
        ),
        _POLYGON,
    ),
    "mounts": Table(
        ("mount_id",),
        (
            _text("mount_id"),
            _text("kind", *MOUNT_KINDS),
            _text("host", optional=True),
            _num("height_m", 0.5, 50, optional=True),
            Column("powered", "flag", optional=True),
            _text("state", "agreed", "asked", "unknown", "refused"),
            _text("pole_number", optional=True),
            *_ADDRESS,
        ),
        ("Point",),
    ),
    "standing": Table(
        ("camera_id",),
        (
            _text("camera_id"),
            _text("mount_id", optional=True),
            _text("model_id", optional=True),
            _num("bearing_deg", 0, 360, optional=True),
            _num("angle_deg", 1, 360, optional=True),
            _num("height_m", 0.5, 50, optional=True),
            _num("retention_days", 0, 3650, optional=True),
            _text("owner", optional=True),
            _text("use", *USES),
            Column("working", "flag", optional=True),
            Column("installed_on", "date", "date", optional=True),
            Column("locked_until", "date", "date", optional=True),
            *_ADDRESS,
            Column("acquired_on", "date", "date", optional=True),
            _text("funds", optional=True),
            _whole("renewal_fiscal_year", 1989, 2100, optional=True),
            _text("asset_number", optional=True),
            Column("inspected_on", "date", "date", optional=True),
            _num("clock_error_s", None, optional=True),
        ),
        ("Point",),
    ),
    "requests": Table(
        ("request_id",),
        (
            _text("request_id"),
            Column("received_on", "date", "date", optional=True),
            _text("requester", optional=True),
            _text("wish", optional=True),
            *_ADDRESS,
        ),
        ("Point",),
    ),
    "police_list": Table(  # 警察限り: never leaves the inputs (P27)
        ("place_id",), (_text("place_id"), _text("reason", optional=True), *_ADDRESS), ("Point",)
    ),
    "steps": Table(  # how far each place is; an id of a mount, of a camera or of a site (P15)
        ("step_id",),
        (
            _text("step_id"),
            _text("place_id"),
            _text("step", *STEPS),
            Column("done_on", "date", "date", optional=True),
            _text("document_number", optional=True),
        ),
    ),
    "footage_log": Table(  # requests for footage: dates only, never what was asked for (P29)
        ("log_id",),
        (
            _text("log_id"),
            Column("recognised_on", "date", "date", optional=True),
            Column("received_on", "date", "date"),
            Column("secured_on", "date", "date", optional=True),
            _text("outcome", *OUTCOMES, optional=True),
        ),
    ),
    "districts": Table(("district_id",), (_text("district_id"), _text("name")), _POLYGON),
    "targets": Table(("target_id",), (_text("target_id"), _text("name"), _text("kind", *TARGET_KINDS)), _ANY_SHAPE),
    "models": Table(
        ("model_id",),
        (
            _text("model_id"),
            _text("name"),
            _whole("width_px", 100, 20000),
            _num("angle_deg", 1, 360),
            _num("infrared_m"),
            _num("bitrate_mbps", 0.01, 1000, optional=True),
            *(_whole(f"{c}_yen") for c in ("camera", "installation", "cable", "signage")),
            _whole("running_yen_per_year"),
            _text("source"),
            *_PRICED,
        ),
    ),
    "tiers": Table(
        ("tier_id",),
        (
            _text("tier_id"),
            _whole("retention_days", 1, 365),
            _whole("recorder_yen"),
            _whole("running_yen_per_year"),
            _text("source"),
            *_PRICED,
        ),
    ),
    # ---- from risk ----
    "spots": Table(
        ("spot_id",),
        (
            _text("spot_id"),
            _text("area_id"),
            _text("district_id"),
            _text("street_id", optional=True),
            _text("place_id", optional=True),
            _text("measure", *MEASURES),
        ),
        ("Point",),
    ),
    "area_demand": Table(
        ("area_id", "offence_group"),
        (
            _text("area_id"),
            _text("offence_group"),
            _num("recorded"),
            _num("expected_per_year"),
            _num("low_per_year"),
            _num("high_per_year"),
            _num("uniform_per_year"),
            _text("precision", *PRECISIONS),
        ),
    ),
    "profile_hours": Table(
        ("offence_group", "hour"), (_text("offence_group"), _whole("hour", -1, 23), _whole("number"))
    ),
    "profile_weekdays": Table(
        ("offence_group", "weekday"), (_text("offence_group"), _whole("weekday", -1, 6), _whole("number"))
    ),
    "profile_places": Table(
        ("offence_group", "place_kind"), (_text("offence_group"), _text("place_kind", *PLACE_KINDS), _whole("number"))
    ),
    "profile_years": Table(
        ("offence_group", "calendar_year", "fiscal_year"),
        (_text("offence_group"), _whole("calendar_year", -1), _whole("fiscal_year", -1), _whole("number")),
    ),
    "profile_changes": Table(
        ("level", "id"),
        (
            _text("level", "offence", "area"),
            _text("id"),
            _whole("last_year_number"),
            _num("before_per_year"),
            _num("ratio", optional=True),
            _num("low_ratio"),
            _num("high_ratio"),
            _num("chance_share", 0, 1),
            _num("false_discovery_share", 0, 1),
        ),
    ),
    "near_repeats": Table(
        ("offence_group",),
        (
            _text("offence_group"),
            _text("precision", "point", "area"),
            _whole("number"),
            _whole("pairs"),
            _num("expected_pairs"),
            _num("chance_share", 0, 1),
        ),
    ),
    "reporting_rates": Table(
        ("district_id", "rate"),
        (_text("district_id"), _num("rate", 0.01), _whole("top_blocks"), _whole("changed_blocks")),
    ),
    "area_ranks": Table(
        ("area_id",),
        (
            _text("area_id"),
            _num("expected_per_year"),
            _num("low_per_year"),
            _num("high_per_year"),
            _whole("rank", 1),
            _whole("low_rank", 1),
            _whole("high_rank", 1),
            _num("top_share", 0, 1),
            _text("tier", *TIERS),
        ),
    ),
    "basis": Table(
        ("offence_group",),
        (
            _text("offence_group"),
            _text("prior", *PRIORS),
            _whole("records"),
            _num("years"),
            _num("recorded_per_year"),
            _num("level_per_year"),
            _num("without_area_share", 0, 1),
            _num("town_share", 0, 1),
            _num("without_kind_share", 0, 1),
            _num("point_share", 0, 1),
            _num("pooled_records", optional=True),
            _num("dispersion"),
            _num("decay", 0, 1),
            _text("surface", *SURFACES, optional=True),
            _num("bandwidth_m", optional=True),
        ),
    ),
    "validation_scores": Table(
        ("offence_group", "split", "unit", "method"),
        (
            _text("offence_group", optional=True),
            _text("split", *SPLITS),
            _text("unit", *UNITS),
            _text("method", *METHODS),
            _whole("units"),
            _whole("test_records"),
            *(_num(f"hit_{a}_share", 0, 1, optional=True) for a in (1, 2, 5, 10)),
            *(_num(f"pai_{a}", optional=True) for a in (1, 2, 5, 10)),
            *(_num(f"pei_{a}", optional=True) for a in (1, 2, 5, 10)),
            _num("slope", None, optional=True),
            _num("deviance", optional=True),
            _num("covered_share", 0, 1, optional=True),
            _num("covered_top_share", 0, 1, optional=True),
        ),
    ),
    "validation_deciles": Table(
        ("offence_group", "split", "unit", "decile"),
        (
            _text("offence_group", optional=True),
            _text("split", *SPLITS),
            _text("unit", *UNITS),
            _whole("decile", 1, 10),
            _num("predicted"),
            _num("observed"),
        ),
    ),
    "validation_districts": Table(
        ("offence_group", "district_id"),
        (
            _text("offence_group", optional=True),
            _text("district_id"),
            _whole("areas", 1),
            _num("predicted"),
            _num("observed"),
            _num("slope", None, optional=True),
            _num("hit_10_share", 0, 1, optional=True),
        ),
    ),
    # ---- from coverage ----
    "views": Table(
        ("view_id",),
        (
            _text("view_id"),
            _text("mount_id", optional=True),
            _text("camera_id", optional=True),
            _text("model_id", optional=True),
            _num("bearing_deg", 0, 360),
            _num("angle_deg", 0, 360),
            _num("near_m"),
            _num("far_m"),
            _num("night_far_m"),
            _num("height_m"),
            _num("density_1m_px", 0),
        ),
        ("Point",),
    ),
    "actions": Table(
        ("action_id",),
        (
            _text("action_id"),
            _text("kind", *ACTION_KINDS),
            _text("group_id"),
            _text("mount_id", optional=True),
            _text("camera_id", optional=True),
            _text("model_id", optional=True),
            _text("tier_id", optional=True),
            _num("retention_days", optional=True),
            _num("count_share", 0, 1),
            _text("area_id"),
            _text("district_id"),
            _whole("cameras", 0, 2),
            _num("min_days", optional=True),
            _num("max_days", optional=True),
            _text("limit_origin", optional=True),
            _text("host", optional=True),  # of the mount, and how far the asking has come
            _text("mount_state", optional=True),
            _text("reused_model_id", optional=True),  # the model that is used again, or that a removal sets free
            _text("needs_removed", optional=True),  # the standing camera that must be removed first
        ),
        ("Point",),
    ),
    "today": Table(
        ("camera_id",),
        (
            _text("camera_id"),
            _num("low_per_year"),
            _num("assumed_per_year"),
            _num("high_per_year"),
            _num("alone_per_year"),
            Column("removable", "flag"),
            _text("unknown", optional=True),
        ),
    ),
    "today_offences": Table(
        ("offence_group",),
        (_text("offence_group"), _num("low_per_year"), _num("assumed_per_year"), _num("high_per_year")),
    ),
    "view_zones": Table(
        ("view_id", "task", "near_m", "light"),  # a class may hold at two distances
        (
            _text("view_id"),
            _text("task"),
            _num("pixels_per_m"),
            _num("near_m"),
            _num("far_m"),
            _text("light", "day", "night"),
            Column("area_m2", "number", "m2", low=0),
        ),
        ("MultiPolygon",),
    ),
    "sightings": Table(  # which camera saw a place or the ways past it; made on request, never kept (P28)
        ("camera_id",),
        (
            _text("camera_id"),
            _text("part", "place", "way"),
            Column("certain", "flag"),
            _num("distance_m"),
            Column("by_day", "flag"),
            Column("by_night", "flag"),
            Column("working", "flag", optional=True),
            _text("unknown", optional=True),
            _text("owner", optional=True),
            _text("use", *USES),
            _text("host", optional=True),
            _text("address", optional=True),
            _num("retention_days", optional=True),
            _num("clock_error_s", None, optional=True),
            Column("kept_until_low", "date", "date"),
            Column("kept_until_high", "date", "date"),
            Column("overwritten", "flag"),
        ),
        ("Point",),
    ),
    "ways": Table(
        ("street_id", "seen"), (_text("street_id"), Column("seen", "flag"), _num("length_m")), ("MultiLineString",)
    ),
    "target_spots": Table(  # points of the policy targets; a step is 5 m of a line, 25 m2 of an area, or a point
        ("spot_id",),
        (
            _text("spot_id"),
            _text("target_id"),
            _text("kind", *TARGET_KINDS),
            _text("area_id"),
            _text("district_id"),
            _text("street_id", optional=True),
            _num("steps"),
        ),
        ("Point",),
    ),
    "cliques": Table(("clique_id", "group_id"), (_text("clique_id"), _text("group_id"))),
    "rows": Table(
        ("row_id",),
        (
            _whole("row_id"),
            _text("spot_id"),
            _text("offence_group", optional=True),  # none: the row of a target
            _text("area_id"),
            _text("district_id"),
            _text("measure"),  # place, front, or target: and the kind or id that a floor names
            _whole("weight_micro"),  # 1e-6 offences a year times harm; of a target 1e-6 steps
        ),
    ),
    # ---- from funding ----
    "offers": Table(
        ("offer_id",),
        (
            _text("offer_id"),
            _text("action_id"),
            _text("kind", *ACTION_KINDS),
            _text("group_id"),
            _text("district_id"),
            _text("programme_id", optional=True),
            _whole("cameras", 0, 2),
            *(_whole(f"{c}_yen") for c in COST_CATEGORIES),
            *(_whole(f"{p}_yen") for p in PAYERS),
            _whole("subsidy_yen"),
            _whole("second_subsidy_yen"),  # of it, what the second of two programmes pays
            _whole("running_yen_per_year", None),
            _whole("municipality_running_yen_per_year", None),  # of it, what falls to the municipality
            _text("why_not", optional=True),
            _text("reused_model_id", optional=True),  # as in actions
            _text("needs_removed", optional=True),
        ),
    ),
    "programme_caps": Table(
        ("programme_id",),
        (
            _text("programme_id"),
            _whole("cap_total_yen", optional=True),
            _whole("max_units", optional=True),
            _text("units_of", "camera", "site"),
            _whole("min_total_yen", optional=True),  # of the subsidies, where there are any
            _whole("fixed_municipality_yen"),  # once, if any offer of the programme is chosen
            _whole("fixed_running_yen_per_year"),
        ),
    ),
    "upkeep": Table(  # what each action adds to the yearly costs of leaving all as it is; its lease; how long its devices last
        ("action_id",),
        (
            _text("action_id"),
            *(_whole(f"{c}_yen_per_year", None) for c in YEARLY_CATEGORIES),
            _whole("lease_yen_per_year"),
            _num("camera_life_years"),
            _num("recorder_life_years"),
        ),
    ),
    "running_paid": Table(  # what programmes for running costs pay a year towards an action, and who pays the rest
        ("action_id", "programme_id"),
        (
            _text("action_id"),
            _text("programme_id"),
            *(_whole(f"{p}_yen_per_year") for p in PAYERS),
            _whole("subsidy_yen_per_year"),
        ),
    ),
    # ---- from siting ----
    "chosen": Table(
        ("offer_id",),
        (_text("offer_id"), _whole("rank", 1), _num("gain_per_year", None), _num("cumulative_gain_per_year", None)),
    ),
    "frontier": Table(
        ("municipality_yen",),
        (
            _whole("municipality_yen"),
            _num("value_per_year", None),
            _num("bound_per_year", None),
            _num("gap", None),
            _text("status", "optimal", "within_gap", "stopped", "infeasible"),
            _num(
                "marginal_per_million_yen", None
            ),  # more covered than at the budget before, per million yen between them
            Column("knee", "flag"),
        ),
    ),
    "exchanges": Table(  # what each chosen offer could be exchanged for
        ("offer_id",),
        (
            _text("offer_id"),
            _text("instead_offer_id", optional=True),  # "": nothing comes in its place
            _num("change_per_year", None, optional=True),  # unknown: no single exchange keeps the rules
            _num("bound_without_per_year", None),
        ),
    ),
    "left_out": Table(  # places (groups) at which the plan changes nothing, and what a change there would do
        ("group_id",),
        (
            _text("group_id"),
            _text("offer_id"),
            _num("gain_per_year", None),  # added to the plan as it is, whatever the rules say
            _text("blocked_by", optional=True),  # rules that adding it would break
            _text("near_offer_id", optional=True),  # a chosen site that is too near
            _text("out_offer_id", optional=True),  # who would have to go
            _num("change_per_year", None, optional=True),
            _num("bound_with_per_year", None),
        ),
    ),
}


@cache
def schema(name: str) -> pa.DataFrameSchema:
    """The pandera schema of one table (extra columns are refused)."""
    table = TABLES[name]
    columns = {c.name: c.schema() for c in table.columns}
    if table.shapes:
        columns["geometry"] = pa.Column("geometry", nullable=table.shape_optional)
    return pa.DataFrameSchema(columns, strict=True, unique=list(table.key), name=name)


def empty(name: str, epsg: int) -> Any:
    """A table without rows (a GeoDataFrame where the table has geometry)."""
    table = TABLES[name]
    frame = pd.DataFrame({c.name: c.empty() for c in table.columns})
    if not table.shapes:
        return frame
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([], crs=epsg), crs=epsg)


def check(name: str, frame: Any, epsg: int | None = None) -> Any:
    """Hold a table against its description and return it as it came.

    Parameters
    ----------
    name
        A key of ``TABLES``.
    frame
        The (geo)data frame.
    epsg
        The study's metric CRS; needed for tables with geometry.

    Raises
    ------
    InputError
        ``table_refused`` with the first five faults and their number; ``crs_not_metric``; ``crs_differs``.
    """
    table = TABLES[name]
    if table.shapes:
        crs = getattr(frame, "crs", None)
        if crs is None or not pyproj.CRS(crs).is_projected:
            raise InputError("crs_not_metric", f"{name} has no metric CRS: {crs}", table=name, crs=str(crs))
        if epsg is not None and pyproj.CRS(crs).to_epsg() != epsg:
            raise InputError("crs_differs", f"{name}: {crs} is not {epsg}", table=name, crs=str(crs), epsg=epsg)
        shapes = set(frame.geometry.geom_type.dropna()) - set(table.shapes)
        if shapes:
            raise InputError(
                "table_refused", f"{name}: {shapes}", table=name, number=1, faults=", ".join(sorted(shapes))
            )
    try:
        schema(name).validate(pd.DataFrame(frame), lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
        first = [f"{r.column}[{r.index}]={r.failure_case!r}: {r.check}" for r in cases.head(5).itertuples()]
        raise InputError(
            "table_refused", f"{name}: {first}", table=name, number=len(cases), faults="; ".join(first)
        ) from error
    return frame


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


def _no_shapes() -> gpd.GeoDataFrame:
    """Nothing, with a geometry column."""
    return gpd.GeoDataFrame(geometry=[])


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
    addresses: gpd.GeoDataFrame = field(default_factory=_no_shapes)  # reference points of towns and blocks
    neighbours: gpd.GeoDataFrame = field(default_factory=_no_shapes)  # areas beyond the border (P33)
    neighbour_incidents: gpd.GeoDataFrame = field(default_factory=_no_shapes)  # as incidents, beyond the border
    districts: gpd.GeoDataFrame = field(default_factory=_no_shapes)  # school districts
    police_list: gpd.GeoDataFrame = field(default_factory=_no_shapes)  # 警察限り, in memory only (P27)

    steps: pd.DataFrame = field(default_factory=lambda: empty("steps", 0))  # how far each place is (P15)
    footage_log: pd.DataFrame = field(default_factory=lambda: empty("footage_log", 0))  # dates of requests (P29)

    def __getstate__(self) -> dict[str, Any]:
        """What may be kept on disk or sent to another process: all but the rows of the police's own list."""
        return self.__dict__ | {"police_list": self.police_list.iloc[:0]}


@dataclass(frozen=True)
class Demand:
    """Expected recorded offences per spot and offence group, and how sure that is.

    ``expected[i, c]`` offences a year at ``spots.iloc[i]`` for ``groups[c]``, shape (spots, groups); ``low`` and ``high``,
    of the same shape, its interval (what is inferred inside a block counts as uncertain). ``top_share`` (spots,):
    share of the resamples in which the spot is among the densest 5 % of the spots that can be filmed (all groups
    together, ``owner_only`` 0). ``areas`` (table area_demand) holds what was recorded, the shrunk estimate, its
    interval and uniform spreading; ``ranks`` (table area_ranks) the blocks by all groups together: place, its interval,
    share of the resamples in which the block is among the first tenth, and tier: blocks that the records cannot
    separate share a letter; ``basis`` (table basis) per group what the estimate rests on. Level: the mean year of the records
    (what a planner can count again; it does not jump with a single year), so every sum over spots or areas is
    ``basis.recorded_per_year``; ``basis.level_per_year`` is the forecast of the next year, made apart from the places.
    ``drawn`` (resamples, areas, groups): resampled over expected value of each area, areas in the order of ``areas``;
    ``dispersion`` (spots, groups): relative variance of a spot's place around its area. A Demand made by hand may leave the
    last seven empty: then nothing is claimed about sureness.
    """

    spots: gpd.GeoDataFrame
    groups: tuple[str, ...]
    expected: NDArray[np.float64]
    areas: pd.DataFrame
    notes: tuple[Note, ...] = ()
    low: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    high: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    top_share: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    ranks: pd.DataFrame = field(default_factory=lambda: empty("area_ranks", 0))
    basis: pd.DataFrame = field(default_factory=lambda: empty("basis", 0))
    drawn: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0, 0)))
    dispersion: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))


@dataclass(frozen=True)
class Validation:
    """How well the risk model would have done: fitted on the years before ``tested_from``, held against the last year.

    ``scores`` (table validation_scores): one row per offence group ("" all together), split, unit and method. Split
    ``time`` holds out the last year; ``space`` holds out halves of the town as well (places judged where no exact
    point was seen), only where exact points exist. Unit ``area`` is the block, ``cell`` a 100 m square (only with exact
    points). Methods: ``ours``, ``count`` (the same years' records per unit), ``uniform`` (by area) and ``kde_200``
    (Gaussian, 200 m; records without a point stand at their block's centre). All methods are set to the test year's
    level, so that they differ by place alone; ``level_predicted`` and ``level_observed`` judge the level.
    ``deciles`` (table validation_deciles) and ``districts`` (table validation_districts) are of ``ours`` in split ``time``;
    ``hit_10_share`` of a district: share of its test records in its own best tenth.
    """

    tested_from: dt.date
    tested_until: dt.date
    history_years: float
    level_predicted: float
    level_observed: float
    scores: pd.DataFrame
    deciles: pd.DataFrame
    districts: pd.DataFrame
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Profile:
    """What the records say: counts by the start's hour and weekday, by place and year; changes; near repeats."""

    profile_hours: pd.DataFrame
    profile_weekdays: pd.DataFrame
    profile_places: pd.DataFrame
    profile_years: pd.DataFrame
    profile_changes: pd.DataFrame
    near_repeats: pd.DataFrame
    notes: tuple[Note, ...] = ()


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
    building; ``plate_near_m``, ``plate_far_m``: where number plates are read (far below near: nowhere); ``zones`` (table view_zones): by class, by day and night; ``blockers``: wall_id, use, distance_m, bearing_deg;
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
    together by offence group.
    """

    cameras: pd.DataFrame
    offences: pd.DataFrame


@dataclass(frozen=True)
class Survey:
    """What can be done and what each view sees.

    ``sees``: CSR, views x spots, value = horizontal distance in m (never 0). ``action_views``: CSR 0/1, actions x
    views. ``lit``: per spot, whether it counts as lit at night. ``worst``, ``best``: standing cameras with what is
    unknown of them at either end; ``unknown``: per standing camera what that is. ``public_share``: per action the share of
    its picture on the ground that is public (nan: no picture); None where nobody asked. ``targets`` (table target_spots),
    ``target_sees`` (views x target spots) and ``target_lit``: the same for policy targets.
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
    public_share: NDArray[np.float64] | None = None
    targets: gpd.GeoDataFrame = field(default_factory=_no_shapes)
    target_sees: sparse.csr_matrix = field(default_factory=lambda: sparse.csr_matrix((0, 0)))
    target_lit: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=bool))


@dataclass(frozen=True)
class Offers:
    """Actions priced, once per programme that may pay (and once with own money only); and what keeps them up."""

    table: pd.DataFrame
    caps: pd.DataFrame
    notes: tuple[Note, ...] = ()
    upkeep: pd.DataFrame = field(default_factory=lambda: empty("upkeep", 0))
    running_paid: pd.DataFrame = field(default_factory=lambda: empty("running_paid", 0))


def running_column(offers: pd.DataFrame) -> str:
    """The column of yearly costs that the municipality's limit counts; a table made by hand may have only those in all."""
    own = "municipality_running_yen_per_year"
    return own if own in offers else "running_yen_per_year"


def paid_by(offers: pd.DataFrame, programme_id: str) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which offers one programme pays for, alone or as one of two, and what it pays of each, yen; rows of table ``offers``."""
    codes, ids = pd.factorize(offers["programme_id"])
    parts = [parts_of(i) for i in ids]
    first = np.array([p[:1] == [programme_id] for p in parts], dtype=bool)[codes]
    second = np.array([p[1:] == [programme_id] for p in parts], dtype=bool)[codes]
    none = np.zeros(len(offers), np.int64)
    theirs = offers["second_subsidy_yen"].to_numpy(np.int64) if "second_subsidy_yen" in offers else none
    whole = offers["subsidy_yen"].to_numpy(np.int64)
    return first | second, np.where(first, whole - theirs, 0) + np.where(second, theirs, 0)


@dataclass(frozen=True)
class Rows:
    """Demand rows of the covering model: table ``rows`` and the quality with which each action serves each.

    ``quality``: CSR float64, actions x rows, on the ladder 1/steps, 2/steps, ..., 1; ``action_ids`` names its rows.
    """

    table: pd.DataFrame
    quality: sparse.csr_matrix
    action_ids: tuple[str, ...]
    steps: int


Status = Literal["optimal", "within_gap", "stopped", "infeasible"]


@dataclass(frozen=True)
class Choice:
    """The chosen offers (one per standing camera, keep included, and one per used mount) and how good they are.

    ``value``, ``bound``: expected offences a year within view, gained over all-keep; ``gap = (bound - value) / max(bound, 1e-9)``.
    """

    chosen: pd.DataFrame
    kept: tuple[str, ...]  # offer ids of standing cameras left as they are
    status: Status
    value: float
    bound: float
    gap: float
    work: Mapping[str, int]
    notes: tuple[Note, ...] = ()
    phases: tuple[Phase, ...] = ()  # where the money comes a year at a time
    robust: Robust | None = None  # where the worst of the resamples was made best
    again: Mapping[str, float] = field(
        default_factory=dict
    )  # offer -> share of resamples in which its site is chosen again


@dataclass(frozen=True)
class Robust:
    """The worst of ``number`` resamples of the demand, offences a year.

    Of the plan, a bound on that of every plan, and of the plan that is best for expected demand.
    """

    number: int
    worst: float
    bound: float
    gap: float
    expected_worst: float


@dataclass(frozen=True)
class Phase:
    """What one fiscal year of a plan adds, best given the years before.

    ``year`` counts from the plan's fiscal year (0); ``own_yen`` is the municipality's own money of that year. ``value`` and
    ``bound`` (offences a year) are of all years so far: the bound holds for every plan that keeps the years before.
    """

    year: int
    own_yen: int
    offer_ids: tuple[str, ...]
    value: float
    bound: float
    gap: float
    status: Status


@dataclass(frozen=True)
class Advice:
    """What a choice could be exchanged for: best single exchanges, and bounds of plans with or without a place.

    ``exchanges`` (table exchanges): per chosen offer, its place given up. ``left_out`` (table left_out): per place at which
    nothing is changed, the most promising offer there taken in. Changes of the value in offences a year.
    """

    exchanges: pd.DataFrame
    left_out: pd.DataFrame


@dataclass(frozen=True)
class Frontier:
    """For each municipal budget a plan of its own; ``offer_ids`` runs beside ``table``."""

    table: pd.DataFrame
    offer_ids: tuple[tuple[str, ...], ...]
