"""What ``risk`` gives: expected offences per spot and block, how sure they are, how well they foretold the last year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.errors import Note
from planner.frames.columns import Table, num, text, whole
from planner.frames.words import (
    MEASURES,
    METHODS,
    PLACE_KINDS,
    PRECISIONS,
    PRIORS,
    SPLITS,
    SURFACES,
    TIERS,
    UNITS,
)

TABLES: Mapping[str, Table] = {
    "spots": Table(
        ("spot_id",),
        (
            text("spot_id"),
            text("area_id"),
            text("district_id"),
            text("street_id", optional=True),
            text("place_id", optional=True),
            text("measure", *MEASURES),
        ),
        ("Point",),
    ),
    "area_demand": Table(
        ("area_id", "offence_group"),
        (
            text("area_id"),
            text("offence_group"),
            num("recorded"),
            num("expected_per_year"),
            num("low_per_year"),
            num("high_per_year"),
            num("uniform_per_year"),
            text("precision", *PRECISIONS),
        ),
    ),
    "profile_hours": Table(("offence_group", "hour"), (text("offence_group"), whole("hour", -1, 23), whole("number"))),
    "profile_weekdays": Table(
        ("offence_group", "weekday"), (text("offence_group"), whole("weekday", -1, 6), whole("number"))
    ),
    "profile_places": Table(
        ("offence_group", "place_kind"), (text("offence_group"), text("place_kind", *PLACE_KINDS), whole("number"))
    ),
    "profile_years": Table(
        ("offence_group", "calendar_year", "fiscal_year"),
        (text("offence_group"), whole("calendar_year", -1), whole("fiscal_year", -1), whole("number")),
    ),
    "profile_changes": Table(
        ("level", "id"),
        (
            text("level", "offence", "area"),
            text("id"),
            whole("last_year_number"),
            num("before_per_year"),
            num("ratio", optional=True),
            num("low_ratio"),
            num("high_ratio"),
            num("chance_share", 0, 1),
            num("false_discovery_share", 0, 1),
        ),
    ),
    "near_repeats": Table(
        ("offence_group",),
        (
            text("offence_group"),
            text("precision", "point", "area"),
            whole("number"),
            whole("pairs"),
            num("expected_pairs"),
            num("chance_share", 0, 1),
        ),
    ),
    "reporting_rates": Table(
        ("district_id", "rate"),
        (text("district_id"), num("rate", 0.01), whole("top_blocks"), whole("changed_blocks")),
    ),
    "area_ranks": Table(
        ("area_id",),
        (
            text("area_id"),
            num("expected_per_year"),
            num("low_per_year"),
            num("high_per_year"),
            whole("rank", 1),
            whole("low_rank", 1),
            whole("high_rank", 1),
            num("top_share", 0, 1),
            text("tier", *TIERS),
        ),
    ),
    "basis": Table(
        ("offence_group",),
        (
            text("offence_group"),
            text("prior", *PRIORS),
            whole("records"),
            num("years"),
            num("recorded_per_year"),
            num("level_per_year"),
            num("without_area_share", 0, 1),
            num("town_share", 0, 1),
            num("without_kind_share", 0, 1),
            num("point_share", 0, 1),
            num("pooled_records", optional=True),
            num("dispersion"),
            num("decay", 0, 1),
            text("surface", *SURFACES, optional=True),
            num("bandwidth_m", optional=True),
        ),
    ),
    "validation_scores": Table(
        ("offence_group", "split", "unit", "method"),
        (
            text("offence_group", optional=True),
            text("split", *SPLITS),
            text("unit", *UNITS),
            text("method", *METHODS),
            whole("units"),
            whole("test_records"),
            *(num(f"hit_{a}_share", 0, 1, optional=True) for a in (1, 2, 5, 10)),
            *(num(f"pai_{a}", optional=True) for a in (1, 2, 5, 10)),
            *(num(f"pei_{a}", optional=True) for a in (1, 2, 5, 10)),
            num("slope", None, optional=True),
            num("deviance", optional=True),
            num("covered_share", 0, 1, optional=True),
            num("covered_top_share", 0, 1, optional=True),
        ),
    ),
    "validation_deciles": Table(
        ("offence_group", "split", "unit", "decile"),
        (
            text("offence_group", optional=True),
            text("split", *SPLITS),
            text("unit", *UNITS),
            whole("decile", 1, 10),
            num("predicted"),
            num("observed"),
        ),
    ),
    "validation_districts": Table(
        ("offence_group", "district_id"),
        (
            text("offence_group", optional=True),
            text("district_id"),
            whole("areas", 1),
            num("predicted"),
            num("observed"),
            num("slope", None, optional=True),
            num("hit_10_share", 0, 1, optional=True),
        ),
    ),
}


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
    ``dispersion`` (spots, groups): relative variance of a spot's place around its area; ``unit`` (spots,): position of that
    place, 0 and up: spots of one street piece (its streets and its fronts apart), park or owner's place share one. A Demand made by hand may
    leave the last eight empty: then nothing is claimed about sureness.
    """

    spots: gpd.GeoDataFrame
    groups: tuple[str, ...]
    expected: NDArray[np.float64]
    areas: pd.DataFrame
    notes: tuple[Note, ...] = ()
    low: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    high: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    top_share: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    ranks: pd.DataFrame = field(default_factory=lambda: TABLES["area_ranks"].empty(0))
    basis: pd.DataFrame = field(default_factory=lambda: TABLES["basis"].empty(0))
    drawn: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0, 0)))
    dispersion: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    unit: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))


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
