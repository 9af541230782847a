"""What ``siting`` gives: the chosen offers with their bound, exchanges, and a plan for each budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from planner.errors import Note
from planner.frames.columns import Column, Table, num, text, whole

# of a budget: provably no plan keeps the rules; none was found, nor is it proven that there is none
UNPLANNED = ("infeasible", "none_found")

TABLES: Mapping[str, Table] = {
    "chosen": Table(
        ("offer_id",),
        (text("offer_id"), whole("rank", 1), num("gain_per_year", None), num("cumulative_gain_per_year", None)),
    ),
    "frontier": Table(
        ("municipality_yen",),
        (
            whole("municipality_yen"),
            num("value_per_year", None),
            num("bound_per_year", None),
            num("gap", None),
            text("status", "optimal", "within_gap", "stopped", *UNPLANNED),
            num(
                "marginal_per_million_yen", None
            ),  # more covered than at the budget before, per million yen between them
            Column("knee", "flag"),
        ),
    ),
    "exchanges": Table(  # what each chosen offer could be exchanged for
        ("offer_id",),
        (
            text("offer_id"),
            text("instead_offer_id", optional=True),  # "": nothing comes in its place
            num("change_per_year", None, optional=True),  # unknown: no single exchange keeps the rules
            num("bound_without_per_year", None),
        ),
    ),
    "left_out": Table(  # places (groups) at which the plan changes nothing, and what a change there would do
        ("group_id",),
        (
            text("group_id"),
            text("offer_id"),
            num("gain_per_year", None),  # added to the plan as it is, whatever the rules say
            text("blocked_by", optional=True),  # rules that adding it would break
            text("near_offer_id", optional=True),  # a chosen site that is too near
            text("out_offer_id", optional=True),  # who would have to go
            num("change_per_year", None, optional=True),
            num("bound_with_per_year", None),
            whole(
                "replaced"
            ),  # other offers of the place that cover no more and use no less of any rule: this one stands for them
        ),
    ),
}


Status = Literal["optimal", "within_gap", "stopped", "infeasible"]
# how a question beside the plan ended; ``none_found``: no plan was found in the time, nor a proof that there is none
SideStatus = Literal["optimal", "within_gap", "stopped", "infeasible", "none_found"]
# what a bound rests on: prices of the rules, which anyone can put into it again; prices with cuts, which whole columns keep by
# counting (of three layers) or by branch and bound (of floors); branch and bound itself
PROVEN_BY = ("prices", "cuts", "tree")
ProvenBy = Literal["prices", "cuts", "tree"]


def gap(value: float, bound: float) -> float:
    """How far a value may lie below the best: ``(bound - value) / max(bound, 1e-9)``."""
    return (bound - value) / max(bound, 1e-9)


@dataclass(frozen=True)
class Choice:
    """The chosen offers (one per standing camera, keep included, and one per used mount) and how good they are.

    ``value``, ``bound``: expected offences a year within view, gained over all-keep; ``gap`` is that of `gap`.
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
    # offer -> share of resamples in which its site is chosen again
    again: Mapping[str, float] = field(default_factory=dict)
    proven_by: ProvenBy = "prices"


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
