"""The plan in fiscal years as a part of its document: what each year builds, and who pays it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from planner.frames import COST_CATEGORIES, PAYERS, Phase
from planner.plan.money import Payers
from planner.programmes import fiscal_year_today
from planner.settings import Settings


class PhasePart(BaseModel):
    """One fiscal year. ``value`` and ``bound`` are of all years so far; the bound holds for plans that keep the years before.

    ``running_yen_per_year``: what all that is built so far adds to yearly costs, from the year after on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    fiscal_year: int
    own_yen: int  # limit of the municipality's own capital of this year
    site_ids: list[str]
    total_yen: int
    payers: Payers
    running_yen_per_year: int
    value: float
    bound: float
    gap: float
    status: str


def year_of(phases: Sequence[Phase]) -> dict[str, int]:
    """Per offer the year in which it is built, counted from the plan's fiscal year."""
    return {offer: phase.year for phase in phases for offer in phase.offer_ids}


def first_year(settings: Settings) -> int:
    """The plan's fiscal year."""
    return settings.funding.fiscal_year or fiscal_year_today()


def _paid(here: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What is bought in one year and who pays it."""
    return {
        "total_yen": sum(int(o[f"{c}_yen"]) for o in here for c in COST_CATEGORIES),
        "payers": Payers(**{f"{p}_yen": sum(int(o[f"{p}_yen"]) for o in here) for p in PAYERS}),
    }


def phase_parts(phases: Sequence[Phase], settings: Settings, chosen: Sequence[Mapping[str, Any]]) -> list[PhasePart]:
    """The years of a plan.

    Parameters
    ----------
    phases
        As chosen.
    settings
        ``funding.fiscal_year``: the first year.
    chosen
        Rows of ``offers`` of the whole plan.
    """
    built, running, parts = year_of(phases), 0, []
    for phase in phases:
        here = [o for o in chosen if built.get(o["offer_id"]) == phase.year]
        running += sum(int(o["running_yen_per_year"]) for o in here)
        parts.append(
            PhasePart(
                fiscal_year=first_year(settings) + phase.year,
                own_yen=phase.own_yen,
                site_ids=[o["action_id"] for o in here],
                **_paid(here),
                running_yen_per_year=running,
                value=phase.value,
                bound=phase.bound,
                gap=phase.gap,
                status=phase.status,
            )
        )
    return parts


def paid_anew(
    phases: Sequence[PhasePart], settings: Settings, chosen: Sequence[Mapping[str, Any]]
) -> tuple[list[PhasePart], dict[str, int]]:
    """The years of a plan whose sites are paid by other offers, and per offer the year in which it is built (as `year_of`).

    Parameters
    ----------
    phases
        As they were: their sites stay, and with them what they cover.
    settings
        ``funding.fiscal_year``: the first year.
    chosen
        Rows of ``offers``, one per site.
    """
    offers, running, parts = {o["action_id"]: o for o in chosen}, 0, []
    built: dict[str, int] = {}
    for phase in phases:
        here, year = [offers[i] for i in phase.site_ids], phase.fiscal_year - phases[0].fiscal_year
        built |= dict.fromkeys((o["offer_id"] for o in here), year)
        running += sum(int(o["running_yen_per_year"]) for o in here)
        told = {"fiscal_year": first_year(settings) + year, "running_yen_per_year": running, **_paid(here)}
        parts.append(phase.model_copy(update=told))
    return parts, built
