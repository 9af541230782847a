"""Years: the money comes a year at a time, and every year builds what is best given the years before.

Model of year t with limit B_t = min(B - F_t, S_t + b), b the own money of a year, B that of the plan, S_t and F_t what the years
before paid for sites and beside them: maximise the covered weight over all plans that hold what stands
(``nested.choose_after``). Each year is an application of its own: it pays the charge of a programme (``using``) where that pays
for a site of the year, and keeps back the reserve. Own money left over in a year lapses. What must be
reached (pins, floors, least numbers) is asked of the last year; the years before heed it where they can, and where they
cannot they build only what the plan for all the money has, so that the last year can still reach it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pandas as pd

from planner import frames
from planner.errors import InfeasibleError, Note, PlannerError
from planner.settings import Settings
from planner.siting.choosing import ProvenChoice, status_of
from planner.siting.model import CoverModel
from planner.siting.nested import choose_after
from planner.siting.net import Ints
from planner.siting.rules import Charge
from planner.work import Work


def phases(model: CoverModel, settings: Settings, whole: ProvenChoice, work: Work | None = None) -> ProvenChoice:
    """The plan in years, ``phases`` saying what each of them adds.

    Parameters
    ----------
    model, settings
        As for ``choose``; ``schedule.yearly_own_yen`` and ``schedule.plan_years``, ``budget.own_capital_yen`` for all years.
    whole
        The answer of ``choose``: what all the money at once would buy, and the bound.
    work
        Progress (stage ``siting_phases``) and stopping.

    Returns
    -------
    ProvenChoice
        The plan of the last year, its bound that of all the money at once, with what proves it: no sequence of years covers
        more. A year's own bound is over every plan that holds the years before.

    Raises
    ------
    InfeasibleError
        ``years_miss_minimum``: the last year cannot reach what must be reached.
    PlannerError
        ``years_plan_not_found``: no plan of a year was found in the time, nor a proof that there is none.
    """
    work = work or Work()
    price = model.given.offers.table.set_index("offer_id")["municipality_yen"]
    yearly, years = settings.schedule.yearly_own_yen or 0, settings.schedule.plan_years
    standing: tuple[str, ...] = ()
    beside_yen = 0  # charges and reserves of the years before
    found: list[frames.Phase] = []
    last: ProvenChoice | None = None
    for year in range(years):
        work.step("siting_phases", year, years)
        limit = min(settings.budget.own_capital_yen - beside_yen, _spent(price, standing) + yearly)
        made = _year(_paid(model, standing), settings, standing, limit, work, whole, last_year=year == years - 1)
        ids = tuple(made.chosen["offer_id"])
        new = tuple(i for i in ids if i not in set(standing))
        found.append(frames.Phase(year, yearly, new, made.value, made.bound, made.gap, made.status))
        beside_yen += model.reserve_yen + sum(c.own_yen for c in _charged(model, new))
        standing, last = ids, made
    if last is None:
        raise InfeasibleError("years_miss_minimum", "no years", years=years, yearly_yen=yearly)
    bound = max(whole.bound, last.value)
    gap = frames.gap(last.value, bound)
    status = "stopped" if whole.status == "stopped" else status_of(gap, settings.siting.gap_goal)
    note = Note("plan_in_years", {"years": years, "whole": whole.value, "value": last.value})
    return replace(
        whole, chosen=last.chosen, kept=last.kept, value=last.value, bound=bound, gap=gap, status=status,
        notes=(*whole.notes, note), phases=tuple(found), robust=None,
    )  # fmt: skip


def _spent(price: pd.Series, offer_ids: Collection[str]) -> int:
    """Own capital of these offers, yen."""
    return int(price.loc[list(offer_ids)].sum())


def _columns(model: CoverModel, offer_ids: Collection[str]) -> Ints:
    """The columns of these offers."""
    return np.array([model.column_of[i] for i in offer_ids], np.int64)


def _charged(model: CoverModel, offer_ids: Collection[str]) -> list[Charge]:
    """The charges of the programmes that pay for any of these offers."""
    used = int(np.bitwise_or.reduce(model.uses[_columns(model, offer_ids)], initial=0)) if model.charges else 0
    return [charge for i, charge in enumerate(model.charges) if used >> i & 1]


def _paid(model: CoverModel, standing: Collection[str]) -> CoverModel:
    """The model of a year in which what stands has been applied for: no charge is due for it, running charges go on."""
    known = _charged(model, standing)
    if not known:
        return model
    uses, limit = model.uses.copy(), model.net.limit.copy()
    uses[_columns(model, standing)] = 0
    running = [at for at, name in enumerate(model.rules) if name == "running_budget"]
    limit[running] -= sum(charge.running_yen_per_year for charge in known)
    left = tuple(replace(c, running_yen_per_year=0) if c in known else c for c in model.charges)
    return replace(model, net=model.net._replace(limit=limit), uses=uses, charges=left)


def _year(
    model: CoverModel,
    settings: Settings,
    standing: tuple[str, ...],
    limit_yen: int,
    work: Work,
    whole: frames.Choice,
    *,
    last_year: bool,
) -> ProvenChoice:
    """The best plan of one year."""
    made, status = choose_after(model, settings, standing, limit_yen, work)
    if made is None and not last_year:
        planned = set(whole.chosen["offer_id"])
        made, status = choose_after(model, settings, standing, limit_yen, work, minimums=False, out_of=planned)
    if made is not None:
        return made
    schedule = settings.schedule
    told = {"years": schedule.plan_years, "yearly_yen": schedule.yearly_own_yen, "limit_yen": limit_yen}
    if status == "infeasible":
        missed = f"with {limit_yen} yen the last year reaches not all that must be reached"
        raise InfeasibleError("years_miss_minimum", missed, **told)
    raise PlannerError("years_plan_not_found", f"no plan of a year was found with {limit_yen} yen", **told)
