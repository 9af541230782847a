"""frontier: for each municipal budget a plan of its own, with a bound from the prices of a few budgets.

The model is that of ``planner.siting.dual`` with one limit varied: B in ``budgets`` stands for b_0, the own capital
(``net.limit[0]`` is B less ``reserve_yen``), all else as it is. With z(B) the optimum, every point gives
``value_per_year`` <= z(B) <= ``bound_per_year``. z rises with B, so a plan for less money is one for more and a bound for more money
is one for less; z need not be concave, its Lagrangian bound min over prices of L + mu_0 (B - b_0) is. Method and source:
``planner.siting.sweeping``; parametric Lagrangian bounds, Geoffrion 1974.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner import frames
from planner.errors import Note
from planner.settings import Settings
from planner.siting import closer, conflict, search
from planner.siting.bounds import line_bounds
from planner.siting.choosing import FEASIBILITY_NODES, ProvenChoice, check_limits, status_of, tables_of
from planner.siting.curve import marked
from planner.siting.model import CoverModel, Multipliers
from planner.siting.net import Ints
from planner.siting.part import Part
from planner.siting.pricing import found_prices
from planner.siting.search import Plan
from planner.siting.sweeping import close_plans, join_plans, sweep_bounds, sweep_plans, sweeper
from planner.siting.using import outside
from planner.work import Work

FROM_SHARE, TO_SHARE = 0.1, 1.5
ROUND_YEN = 10_000


def budgets_of(own_capital_yen: int, steps: int) -> list[int]:
    """Rising budgets from about 10 % to 150 % of own capital, whole 10,000 yen; own capital itself always among them."""
    if steps == 0:
        return []
    ladder = np.linspace(FROM_SHARE, TO_SHARE, steps) * own_capital_yen
    ladder = np.unique(np.rint(ladder / ROUND_YEN).astype(np.int64) * ROUND_YEN)
    if own_capital_yen not in ladder:  # it takes the place of its nearest neighbour
        ladder[np.abs(ladder - own_capital_yen).argmin()] = own_capital_yen
    return [int(b) for b in np.unique(ladder)]


def frontier(
    model: CoverModel, settings: Settings, choice: frames.Choice, work: Work | None = None, part: Part | None = None
) -> frames.Frontier:
    """What other municipal budgets would buy, the other limits fixed.

    Parameters
    ----------
    model, settings
        As for ``choose``; ``siting.frontier_steps`` budgets.
    choice
        The answer of ``choose``: it is the point at its own budget, and its prices start the bounds.
    work
        Progress (stage ``siting_frontier``) and stopping; when stopped, the remaining plans are not improved.
    part
        What the model is of a larger one whose bounds are asked for; plans stay those of the model (None: it is alone).

    Returns
    -------
    frames.Frontier
        Table ``frontier`` by rising budget. A larger budget never shows less: a plan for less money is a plan for more,
        and a bound for more money is a bound for less. ``infeasible`` (value 0, gap 1): provably no plan keeps the
        other rules for so little; ``none_found`` (the same figures): none was found, nor is it proven that there is none.

    Raises
    ------
    PlannerError
        ``limits_differ``.
    """
    work = work or Work()
    check_limits(model, settings)
    own, wish = settings.budget.own_capital_yen, settings.siting
    budgets = budgets_of(own, wish.frontier_steps)
    if not budgets:
        return frames.Frontier(frames.empty("frontier", 0), ())
    prices = choice.multipliers if isinstance(choice, ProvenChoice) else None
    if prices is None:
        prices, _ = found_prices(model, round(choice.value / model.unit), wish.dual_rounds, work)
    here = budgets.index(own)
    own_plan = _plan_of(model, choice, prices)
    bounds, runs = sweep_bounds(model, budgets, prices, own_plan, wish.gap_goal, work)
    if part is not None:
        bounds = np.maximum(bounds, _outer_bounds(part, budgets, [prices, *(r.prices for r in runs.values())])).tolist()
    ready = sweeper(model, budgets, runs, own_plan, here)
    plans = sweep_plans(ready, wish.seed, work)
    if part is None:  # branch and bound over a part bounds no other part
        plans, bounds = close_plans(ready, plans, bounds, wish.gap_goal, wish.seed, work)
    plans = join_plans(ready, plans, bounds, wish.gap_goal, wish.seed, work)
    if part is None:
        bounds = [int(b) for b in through(np.array(bounds), here, round(choice.bound / model.unit))]
    least = _least_budget(model, budgets, bounds, work) if plans[0] is None else 0
    table = [
        _point(model, budget, plan, bound, choice, least, settings)
        for budget, plan, bound in zip(budgets, plans, bounds, strict=True)
    ]
    frame = pd.DataFrame(table, columns=["municipality_yen", "value_per_year", "bound_per_year", "gap", "status"])
    return frames.Frontier(frames.check("frontier", marked(frame)), tuple(_offer_ids(model, plan) for plan in plans))


def _outer_bounds(part: Part, budgets: list[int], prices: list[Multipliers]) -> list[int]:
    """Bounds of the whole model that prices of its part prove, never less for more money."""
    limits = [max(part.whole.own_limit(b), 0) for b in budgets]
    bounds = np.min([line_bounds(part.whole, outside(part, p), limits) for p in prices], axis=0)
    return [int(b) for b in np.minimum.accumulate(bounds[::-1])[::-1]]


def _plan_of(model: CoverModel, choice: frames.Choice, prices: Multipliers) -> Plan:
    """The choice as a plan."""
    return Plan(
        _current_of(model, choice.chosen["offer_id"]),
        round(choice.value / model.unit),
        search.dual_price(model, prices),
    )


def _current_of(model: CoverModel, offer_ids: Iterable[str]) -> Ints:
    """The column of each group where these offers are chosen."""
    current = search.rest(model)
    for offer_id in offer_ids:
        column = model.column_of[offer_id]
        current[model.net.column_group[column]] = column
    return current


def through(bounds: NDArray[Any], here: int, known: float) -> NDArray[Any]:
    """Bounds of rising budgets, never less for more money, that of the choice's own budget as the choice has it."""
    bounds = bounds.copy()
    bounds[here] = known
    bounds = np.minimum.accumulate(bounds[::-1])[::-1]
    bounds[here:] = np.maximum(bounds[here:], known)
    return bounds


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
        return budget, 0.0, max(0.0, bound * model.unit), 1.0, "infeasible" if budget < least else "none_found"
    value, top = plan.gain * model.unit, max(bound, plan.gain) * model.unit
    gap = frames.gap(value, top)
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
    chosen, kept = tables_of(model, _current_of(model, offer_ids))
    value = float(chosen["gain_per_year"].sum())
    gap = frames.gap(value, max(bound, value))
    notes = (Note("from_frontier", {"gap": gap}),)
    return frames.Choice(chosen, kept, status_of(gap, gap_goal), value, max(bound, value), gap, {}, notes)


def _offer_ids(model: CoverModel, plan: Plan | None) -> tuple[str, ...]:
    """The chosen offers of a plan, keep left out."""
    if plan is None:
        return ()
    return tuple(model.offer_ids[c] for c in plan.current[plan.current != model.net.group_keep])
