"""frontier: for each municipal budget a plan of its own, with a bound from the prices of a few budgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from planner import frames
from planner.errors import Note
from planner.settings import Settings
from planner.siting import closer, conflict, dual, search
from planner.siting.choosing import FEASIBILITY_NODES, ProvenChoice, bound_rounds, check_limits, status_of, tables_of
from planner.siting.curve import marked
from planner.siting.kernels import Floats, Ints
from planner.siting.model import CoverModel, Multipliers
from planner.siting.search import Plan
from planner.work import Work

FROM_SHARE, TO_SHARE = 0.1, 1.5
ROUND_YEN = 10_000
RUNS = (0.0, 0.06, 0.15, 0.3, 0.45, 0.8, 1.0)  # where along the budgets the linear program is solved again
PASSES = 2
ROUNDS = 2  # of iterated local search per budget, on the way along the budgets
MORE_ROUNDS = 20  # of it per budget, at the budget's own prices


def budgets_of(own_capital_yen: int, steps: int) -> list[int]:
    """Rising budgets from about 10 % to 150 % of own capital, whole 10,000 yen; own capital itself always among them."""
    if steps == 0:
        return []
    ladder = np.linspace(FROM_SHARE, TO_SHARE, steps) * own_capital_yen
    ladder = np.unique(np.rint(ladder / ROUND_YEN).astype(np.int64) * ROUND_YEN)
    if own_capital_yen not in ladder:  # it takes the place of its nearest neighbour
        ladder[np.abs(ladder - own_capital_yen).argmin()] = own_capital_yen
    return [int(b) for b in np.unique(ladder)]


def at_budget(model: CoverModel, municipality_yen: int) -> CoverModel:
    """The same model with another own-capital limit (all other arrays shared)."""
    limit = model.net.limit.copy()
    limit[0] = max(municipality_yen - model.reserve_yen, 0)
    return replace(model, net=model.net._replace(limit=limit))


def frontier(model: CoverModel, settings: Settings, choice: frames.Choice, work: Work | None = None) -> frames.Frontier:
    """What other municipal budgets would buy, the other limits fixed.

    Parameters
    ----------
    model, settings
        As for ``choose``; ``siting.frontier_steps`` budgets.
    choice
        The answer of ``choose``: it is the point at its own budget, and its prices start the bounds.
    work
        Progress (stage ``siting_frontier``) and stopping; when stopped, the remaining plans are not improved.

    Returns
    -------
    frames.Frontier
        Table ``frontier`` by rising budget. A larger budget never shows less: a plan for less money is a plan for more,
        and a bound for more money is a bound for less. ``infeasible`` (value 0, gap 1): provably no plan keeps the
        other rules for so little; ``stopped`` with value 0 and gap 1: none was found.

    Raises
    ------
    PlannerError
        ``limits_differ``.
    """
    work = work or Work()
    check_limits(model, settings)
    own = settings.budget.own_capital_yen
    budgets = budgets_of(own, settings.siting.frontier_steps)
    if not budgets:
        return frames.Frontier(frames.empty("frontier", 0), ())
    prices = (
        choice.multipliers
        if isinstance(choice, ProvenChoice) and choice.multipliers
        else _first_prices(model, settings, choice, work)
    )
    plans = _plans(model, _plan_of(model, choice, prices), prices, budgets, settings, work)
    bounds, runs = _bounds(model, prices, plans, budgets, choice, settings, work)
    plans = _refined(model, plans, runs, budgets, settings, work)
    least = _least_budget(model, budgets, bounds, work) if plans[0] is None else 0
    table = [
        _point(model, budget, plan, bound, choice, least, settings)
        for budget, plan, bound in zip(budgets, plans, bounds, strict=True)
    ]
    frame = pd.DataFrame(table, columns=["municipality_yen", "value_per_year", "bound_per_year", "gap", "status"])
    return frames.Frontier(frames.check("frontier", marked(frame)), tuple(_offer_ids(model, plan) for plan in plans))


def bounds_of(model: CoverModel, settings: Settings, choice: frames.Choice, budgets: list[int], work: Work) -> Floats:
    """Bounds at other budgets from the dual alone, offences a year."""
    prices = _first_prices(model, settings, choice, work)
    return np.array(dual.line_bounds(model, prices, budgets)) * model.unit


def _first_prices(model: CoverModel, settings: Settings, choice: frames.Choice, work: Work) -> Multipliers:
    """Prices for a choice that carries none."""
    track = dual.begin(model)
    bound_rounds(model, track, round(choice.value / model.unit), settings.siting.dual_rounds, work)
    return dual.found(track)


def _plan_of(model: CoverModel, choice: frames.Choice, prices: Multipliers) -> Plan:
    """The choice as a plan."""
    column = {offer_id: i for i, offer_id in enumerate(model.offer_ids)}
    current = search.rest(model)
    for offer_id in choice.chosen["offer_id"]:
        current[model.net.column_group[column[offer_id]]] = column[offer_id]
    return Plan(current, round(choice.value / model.unit), search.dual_price(model, prices))


def _plans(
    model: CoverModel, own: Plan, prices: Multipliers, budgets: list[int], settings: Settings, work: Work
) -> list[Plan | None]:
    """Down from own capital by trimming, up by filling, then up through all, never less for more."""
    here = budgets.index(settings.budget.own_capital_yen)
    active, seed = search.shortlist(model, prices), settings.siting.seed

    def refit(at: int, start: Ints, price: Floats) -> Plan | None:
        there = at_budget(model, budgets[at])
        plan = search.settle(there, start, price, 0 if work.stopped else PASSES, seed, active)
        return plan and search.Shaker(there, plan, price, seed, active).run(ROUNDS, work)

    plans: list[Plan | None] = [None] * len(budgets)
    plans[here] = own
    for at in range(here - 1, -1, -1):
        larger = plans[at + 1] or own
        plans[at] = refit(at, larger.current, own.price)
        work.step("siting_frontier", here - at, 2 * len(budgets))
    for at in range(len(budgets)):
        below = plans[at - 1] if at else None
        work.step("siting_frontier", len(budgets) + at, 2 * len(budgets))
        if at == here:
            continue
        grown = refit(at, below.current if below else search.rest(model), own.price)
        fine = [p for p in (plans[at], grown, below) if p is not None and (at > here or p.gain <= own.gain)]
        plans[at] = max(fine, key=lambda p: p.gain, default=None)
    return plans


def _bounds(
    model: CoverModel,
    prices: Multipliers,
    plans: list[Plan | None],
    budgets: list[int],
    choice: frames.Choice,
    settings: Settings,
    work: Work,
) -> tuple[list[int], dict[int, Run]]:
    """The least of the bounds that the prices of a few budgets prove; never more for less money. And those runs."""
    bounds = np.array(dual.line_bounds(model, prices, budgets))
    runs: dict[int, Run] = {}
    for share in RUNS:
        at = round(share * (len(budgets) - 1))
        plan = plans[at]
        if budgets[at] == settings.budget.own_capital_yen or work.stopped or plan is None:
            continue
        there = at_budget(model, budgets[at])
        better, _, core, x = closer.linear_prices(there, prices, plan, work)
        bounds = np.minimum(bounds, dual.line_bounds(model, better, budgets))
        active = search.shortlist(model, better)
        start = replace(plan, price=search.dual_price(there, better))
        runs[at] = Run(
            start.price, active, closer.rounded(core, x, start, settings.siting.seed, active) if core else None
        )
    here = budgets.index(settings.budget.own_capital_yen)
    bounds[here] = round(choice.bound / model.unit)
    bounds = np.minimum.accumulate(bounds[::-1])[::-1]
    bounds[here:] = np.maximum(bounds[here:], round(choice.bound / model.unit))  # never less for more money
    return [int(b) for b in bounds], runs


@dataclass(frozen=True)
class Run:
    """What the linear program of one budget leaves: prices for the search, columns worth looking at, a rounded plan."""

    price: Floats
    active: Ints
    plan: Plan | None


def _refined(
    model: CoverModel,
    plans: list[Plan | None],
    runs: dict[int, Run],
    budgets: list[int],
    settings: Settings,
    work: Work,
) -> list[Plan | None]:
    """Every budget searched again at the prices of the nearest run; never less for more, never above own capital's below it.

    What own money is worth changes several-fold over the budgets: at own capital's prices small budgets end 20-30 %
    short.
    """
    here, seed = budgets.index(settings.budget.own_capital_yen), settings.siting.seed
    own, found = plans[here], list(plans)
    for at, budget in enumerate(budgets):
        below = found[at - 1] if at else None
        if at == here:
            continue
        made = [found[at], below]
        if runs and not work.stopped:
            near = runs[min(runs, key=lambda r: (abs(r - at), r))]
            there = at_budget(model, budget)
            starts = [search.rest(model), *(p.current for p in (near.plan, below, found[at]) if p is not None)]
            settled = [search.settle(there, start, near.price, PASSES, seed, near.active) for start in starts]
            best = max((p for p in settled if p is not None), key=lambda p: p.gain, default=None)
            made.append(best and search.Shaker(there, best, near.price, seed, near.active).run(MORE_ROUNDS, work))
        fine = [p for p in made if p is not None and (at > here or own is None or p.gain <= own.gain)]
        found[at] = max(fine, key=lambda p: p.gain, default=None)
        work.step("siting_frontier", len(budgets) + at, 2 * len(budgets))
    return found


def _least_budget(model: CoverModel, budgets: list[int], bounds: list[int], work: Work) -> int:
    """A budget below which provably no plan keeps the other rules (0: not proven).

    In a small model by branch and bound. In a large one a budget is out where the bound on all cover is below what the
    floors ask for together.
    """
    if model.small:
        return closer.least_budget(model, FEASIBILITY_NODES, work)
    need = conflict.needed_cover(model)
    enough = [budget for budget, bound in zip(budgets, bounds, strict=True) if bound + model.base >= need]
    return min(enough, default=budgets[-1] + 1)


def _point(
    model: CoverModel, budget: int, plan: Plan | None, bound: int, choice: frames.Choice, least: int, settings: Settings
) -> tuple[int, float, float, float, str]:
    """One row of the table."""
    if budget == settings.budget.own_capital_yen:
        return budget, choice.value, choice.bound, choice.gap, choice.status
    if plan is None:
        return budget, 0.0, max(0.0, bound * model.unit), 1.0, "infeasible" if budget < least else "stopped"
    value, top = plan.gain * model.unit, max(bound, plan.gain) * model.unit
    gap = (top - value) / max(top, 1e-9)
    return budget, value, top, gap, status_of(gap, settings.siting.gap_goal)


def at_point(model: CoverModel, offer_ids: Sequence[str], bound: float, gap_goal: float) -> frames.Choice:
    """A point of the frontier as a choice, its offers ranked and its value counted on the model.

    Parameters
    ----------
    model
        The model whose frontier it is.
    offer_ids
        The point's offers, what is kept as it is left out.
    bound
        Its bound, offences a year.
    gap_goal
        Gap at which it is called within the gap.

    Returns
    -------
    frames.Choice
        With note ``from_frontier``: the point had a few rounds of search, not the whole work of ``choose``.
    """
    column = {offer_id: i for i, offer_id in enumerate(model.offer_ids)}
    current = search.rest(model)
    for offer_id in offer_ids:
        current[model.net.column_group[column[offer_id]]] = column[offer_id]
    chosen, kept = tables_of(model, current)
    value = float(chosen["gain_per_year"].sum())
    gap = (max(bound, value) - value) / max(bound, 1e-9)
    notes = (Note("from_frontier", {"gap": gap}),)
    return frames.Choice(chosen, kept, status_of(gap, gap_goal), value, max(bound, value), gap, {}, notes)


def _offer_ids(model: CoverModel, plan: Plan | None) -> tuple[str, ...]:
    """The chosen offers of a plan, keep left out."""
    if plan is None:
        return ()
    return tuple(model.offer_ids[c] for c in plan.current[plan.current != model.net.group_keep])
