"""Takes a stored plan back to its question, so that the answer can be checked."""

from __future__ import annotations

from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict

from planner.errors import PlannerError
from planner.frames import Choice, Inputs
from planner.plan.assemble import code_version, table_hashes
from planner.plan.document import Plan
from planner.plan.recount import Prepared


class Verdict(BaseModel):
    """What a stored plan is worth when it is counted again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plan_id: str
    recounted: bool
    same_code: bool
    stored_value: float
    stored_bound: float
    value_again: float
    bound_again: float


def settings_of(document: Plan) -> dict[str, dict[str, Any]]:
    """The settings of a plan as wishes."""
    wishes: dict[str, dict[str, Any]] = {}
    for part in document.settings:
        section, key = part.key.split(".", 1)
        wishes.setdefault(section, {})[key] = part.value
    return wishes


def check_same_tables(document: Plan, inputs: Inputs) -> None:
    """Raise ``plan_other_data`` naming the tables that are not those the plan was made from."""
    hashes = table_hashes(inputs)
    other = sorted(
        k for k in hashes.keys() | document.table_hashes.keys() if hashes.get(k) != document.table_hashes.get(k)
    )
    if other:
        raise PlannerError(
            "plan_other_data", f"tables differ: {other}", tables=", ".join(other), plan_id=document.plan_id[:12]
        )


def choice_of(document: Plan, prepared: Prepared) -> Choice:
    """The chosen offers of a stored plan.

    Raises
    ------
    PlannerError
        ``plan_unknown_offers``: an offer of the plan does not exist for these tables and settings.
    """
    chosen = pd.DataFrame(
        {
            "offer_id": [s.offer_id for s in document.sites],
            "rank": [s.rank for s in document.sites],
            "gain_per_year": [s.gain_per_year for s in document.sites],
            "cumulative_gain_per_year": [s.cumulative_gain_per_year for s in document.sites],
        }
    )
    table = prepared.offers.table
    unknown = sorted(set(chosen["offer_id"]) - set(table["offer_id"]))
    if unknown:
        raise PlannerError(
            "plan_unknown_offers", f"unknown offers: {unknown[:5]}", number=len(unknown), offers=", ".join(unknown[:5])
        )
    changed = set(table.loc[table["offer_id"].isin(chosen["offer_id"]), "group_id"])
    kept = table.loc[(table["kind"] == "keep") & ~table["group_id"].isin(changed), "offer_id"]
    return Choice(chosen, tuple(kept), document.status, document.value, document.bound, document.gap, {})


def judge(document: Plan, fresh: Choice) -> Verdict:
    """Hold the stored value and bound against a bound proven anew.

    Raises
    ------
    PlannerError
        ``bound_differs``: the stored bound is below a value that was reached, or the stored value above a bound.
    """
    slack = 1e-9 * max(1.0, fresh.bound)
    if document.bound < fresh.value - slack or document.value > fresh.bound + slack:
        raise PlannerError(
            "bound_differs",
            f"stored {document.value}..{document.bound}, again {fresh.value}..{fresh.bound}",
            value=document.value,
            bound=document.bound,
            value_again=fresh.value,
            bound_again=fresh.bound,
        )
    return Verdict(
        plan_id=document.plan_id,
        recounted=True,
        same_code=document.code_version == code_version(),
        stored_value=document.value,
        stored_bound=document.bound,
        value_again=fresh.value,
        bound_again=fresh.bound,
    )
