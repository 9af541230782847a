"""Plans beside the plan: cut back, without the grant, after the tender. What each has, what goes, what comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict

from planner.errors import Note
from planner.frames import COST_CATEGORIES, PAYERS, UNPLANNED, Choice, SideStatus, gap
from planner.plan.document import Site
from planner.plan.money import Payers
from planner.plan.recount import Prepared, chosen_offers
from planner.plan.whereabouts import Whereabouts
from planner.settings import Contract

Kind = Literal["cut_nested", "cut_free", "without_grant", "after_tender"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OtherSite(_Frozen):
    """One site of a plan beside the plan."""

    site_id: str
    offer_id: str
    kind: str
    mount_id: str
    camera_id: str
    area_name: str
    address: str
    model_id: str
    retention_days: float | None
    total_yen: int
    municipality_yen: int
    gain_per_year: float


class OtherPlan(_Frozen):
    """A plan beside the plan.

    ``own_yen``: its limit on own capital; ``share``: cut of the plan's own capital (0: none). ``value`` 0 and status
    ``infeasible``: no plan keeps the other rules; with ``none_found`` none was found in the time, nor is it proven that there is
    none. The bound, and with it the gap, is that of every plan at this budget, nested or
    not; ``status`` is of the plan's own question: a nested cut may be the best among the plan's sites and yet short of the bound.
    """

    kind: Kind
    share: float
    own_yen: int
    value: float
    bound: float
    gap: float
    status: SideStatus
    total_yen: int
    payers: Payers
    running_yen_per_year: int
    sites: list[OtherSite]
    gone: list[str]  # site ids of the plan that it lacks
    added: list[str]  # site ids that the plan lacks

    @property
    def planned(self) -> bool:
        """Whether there is a plan (one that changes nothing is one too)."""
        return self.status not in UNPLANNED


class CutSite(_Frozen):
    """One site of the plan and at which cut it goes (None: it stays at every one)."""

    site_id: str
    goes_at: float | None


class Tender(_Frozen):
    """What a tender left: planned and contracted own money of the sites contracted, and what can be spent on the next.

    ``assumed``: number of sites whose own part was not told; it was taken to fall with the price. ``contracts``: each of them.
    """

    sites: int
    planned_yen: int
    contracted_yen: int
    surplus_yen: int
    unspent_yen: int
    free_yen: int
    assumed: int
    contracts: list[Contract] = []


class Cutbacks(_Frozen):
    """All of them.

    ``refused``: programmes that are taken to be refused; ``shortfall_yen``: own money that the plan's sites would need on top
    without them (None: some cannot be had without them); ``reserve``: the sites that more money would buy next, the first first.
    ``audit_sha256``: in a file, the latest hash of the store that keeps the plan.
    """

    plan_id: str
    own_yen: int
    plans: list[OtherPlan]
    cuts: list[CutSite]
    refused: list[str]
    shortfall_yen: int | None
    reserve: list[OtherSite]
    tender: Tender | None = None
    audit_sha256: str = ""


def other_plan(
    kind: Kind,
    prepared: Prepared,
    choice: Choice | None,
    status: SideStatus,
    stands: Sequence[str],
    own_yen: int,
    bound: float,
    share: float = 0.0,
) -> OtherPlan:
    """A choice as a plan beside the plan (None: no plan, and ``status`` says whether there is none).

    Parameters
    ----------
    kind, share, own_yen
        What it answers.
    prepared
        Tables whose offers the choice is of.
    choice, status
        The chosen offers, and how they stand.
    stands
        Site ids of the plan.
    bound
        What no plan at this budget exceeds, offences a year.
    """
    offers = [] if choice is None else chosen_offers(prepared, choice)
    value = 0.0 if choice is None else choice.value
    top = max(bound, value)
    here = [o["action_id"] for o in offers]
    return OtherPlan(
        kind=kind,
        share=share,
        own_yen=own_yen,
        value=value,
        bound=top,
        gap=gap(value, top),
        status=status,
        total_yen=sum(_total(o) for o in offers),
        payers=Payers(**{f"{p}_yen": sum(int(o[f"{p}_yen"]) for o in offers) for p in PAYERS}),
        running_yen_per_year=sum(int(o["running_yen_per_year"]) for o in offers),
        sites=[] if choice is None else other_sites(prepared, choice),
        gone=[i for i in stands if i not in set(here)] if choice is not None else list(stands),
        added=[i for i in here if i not in set(stands)],
    )


def other_sites(prepared: Prepared, choice: Choice) -> list[OtherSite]:
    """The chosen offers of a choice, each with its place."""
    actions = prepared.survey.actions.set_index("action_id")
    names = dict(zip(prepared.inputs.areas["area_id"], prepared.inputs.areas["name"], strict=True))
    where = Whereabouts(prepared.inputs, prepared.survey.mounts)
    gain = dict(zip(choice.chosen["offer_id"], choice.chosen["gain_per_year"], strict=True))
    found = []
    for offer in chosen_offers(prepared, choice):
        action = actions.loc[offer["action_id"]]
        days = action["retention_days"]
        found.append(
            OtherSite(
                site_id=offer["action_id"],
                offer_id=offer["offer_id"],
                kind=offer["kind"],
                mount_id=action["mount_id"],
                camera_id=action["camera_id"],
                area_name=names.get(action["area_id"], ""),
                address=where.of(action),
                model_id=action["model_id"],
                retention_days=None if pd.isna(days) else float(days),
                total_yen=_total(offer),
                municipality_yen=int(offer["municipality_yen"]),
                gain_per_year=float(gain[offer["offer_id"]]),
            )
        )
    return found


def goes_at(stands: Sequence[str], nested: Sequence[OtherPlan]) -> list[CutSite]:
    """At which of the nested cuts, the smallest first, each site of the plan goes; those that go first stand first."""
    found = []
    for site in stands:
        at = next((p.share for p in nested if p.planned and site in p.gone), None)
        found.append(CutSite(site_id=site, goes_at=at))
    return sorted(found, key=lambda cut: cut.goes_at if cut.goes_at is not None else 2.0)


def contracted(contracts: Sequence[Contract], sites: Sequence[Site]) -> list[Note]:
    """A note where sites of a plan are contracted: what they were planned to cost the municipality, and what they do."""
    here = [c for c in contracts if c.site in {s.site_id for s in sites}]
    planned, paid = sum(c.planned_yen for c in here), sum(c.municipality_yen for c in here)
    told = {"sites": len(here), "planned_yen": planned, "contracted_yen": paid, "difference_yen": planned - paid}
    return [Note("contracts_in_plan", told)] if here else []


def _total(offer: Mapping[str, Any]) -> int:
    """Capital of one offer, yen."""
    return sum(int(offer[f"{c}_yen"]) for c in COST_CATEGORIES)
