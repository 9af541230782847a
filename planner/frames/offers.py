"""What ``funding`` gives: actions priced once per programme that may pay, and what keeps them up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.errors import Note
from planner.frames.columns import Table, num, text, whole
from planner.frames.inputs import TABLES as PRICES
from planner.frames.words import (
    ACTION_KINDS,
    COST_CATEGORIES,
    YEARLY_CATEGORIES,
)
from planner.programmes import PAYERS, parts_of

TABLES: Mapping[str, Table] = {
    "offers": Table(
        ("offer_id",),
        (
            text("offer_id"),
            text("action_id"),
            text("kind", *ACTION_KINDS),
            text("group_id"),
            text("district_id"),
            text("programme_id", optional=True),
            whole("cameras", 0, 2),
            *(whole(f"{c}_yen") for c in COST_CATEGORIES),
            *(whole(f"{p}_yen") for p in PAYERS),
            whole("subsidy_yen"),
            whole("second_subsidy_yen"),  # of it, what the second of two programmes pays
            whole("running_yen_per_year", None),
            whole("municipality_running_yen_per_year", None),  # of it, what falls to the municipality
            text("why_not", optional=True),
            text("reused_model_id", optional=True),  # as in actions
            text("needs_removed", optional=True),
        ),
    ),
    "programme_caps": Table(
        ("programme_id",),
        (
            text("programme_id"),
            whole("cap_total_yen", optional=True),
            whole("max_units", optional=True),
            text("units_of", "camera", "site"),
            whole("min_total_yen", optional=True),  # of the subsidies, where there are any
            whole("fixed_municipality_yen"),  # once, if any offer of the programme is chosen
            whole("fixed_running_yen_per_year"),
        ),
    ),
    "upkeep": Table(  # what each action adds to the yearly costs of leaving all as it is; its lease; how long its devices last
        ("action_id",),
        (
            text("action_id"),
            *(whole(f"{c}_yen_per_year", None) for c in YEARLY_CATEGORIES),
            whole("lease_yen_per_year"),
            num("camera_life_years"),
            num("recorder_life_years"),
        ),
    ),
    "running_paid": Table(  # what programmes for running costs pay a year towards an action, and who pays the rest
        ("action_id", "programme_id"),
        (
            text("action_id"),
            text("programme_id"),
            *(whole(f"{p}_yen_per_year") for p in PAYERS),
            whole("subsidy_yen_per_year"),
        ),
    ),
}


@dataclass(frozen=True)
class Offers:
    """Actions priced, once per programme that may pay (and once with own money only); and what keeps them up."""

    table: pd.DataFrame
    caps: pd.DataFrame
    notes: tuple[Note, ...] = ()
    upkeep: pd.DataFrame = field(default_factory=lambda: TABLES["upkeep"].empty(0))
    running_paid: pd.DataFrame = field(default_factory=lambda: TABLES["running_paid"].empty(0))
    tiers: pd.DataFrame = field(default_factory=lambda: PRICES["tiers"].empty(0))  # of inputs, its prices with tax
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # programme id -> its name by language


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
