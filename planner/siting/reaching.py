"""A first plan where greedy meets not all floors: search on what the floors ask for, and a proof where they ask too much together.

Symbols as in ``planner.siting.dual``. With a weight v_d for each floor d (b_d < 0 its limit, n_l what layer l adds to it)

    maximise   sum_d v_d sum_{d(l) = d} n_l y_l                                        (``eased``: no offence counts)
    subject to every rule that is no floor, groups and cliques as they are

is a covering model without floors. With ``v_d = 1 / -b_d``, so that all floors are worth the same, a plan that keeps them is worth
at least their number: where a dual bound of the eased model is below it, there is none. Else search with soft floors
(``planner.siting.refilling``) begins at a good plan of the eased model, each floor worth as much as all that money could cover. Where it
finds none, the ways of the floors' regions may prove that there is none (``planner.siting.shortage``), and search begins once more at the plan
that their shares lead to (``planner.siting.diving``). What comes nearest to the floors is kept, to be told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from planner.siting import kernels, search, shortage
from planner.siting.bounds import bound_at
from planner.siting.diving import whole
from planner.siting.model import CoverModel, Multipliers
from planner.siting.net import Floats, Ints
from planner.siting.part import part_of
from planner.siting.pricing import found_prices, shortlist
from planner.siting.rules import SPACING
from planner.siting.search import Plan
from planner.work import Work

TURNS = 6  # coolings, each twice as long as the one before
FEW_TURNS = 3  # of them from the plan that ways lead to (six came no nearer), and where it is proven already that floors ask for too much
BOUND_ROUNDS, ROUNDS, COLUMNS = 150, 10, 2_000  # of the dual, of the first cooling; columns that search looks at
PRICED = 1e-4  # of the reach: a rule whose price adds less does not limit it
ONE = 1e9  # whole units that a floor just met is worth: rounding then moves no plan before another


@dataclass(frozen=True)
class Reached:
    """A plan that keeps all rules, or else, where it is proven that there is none, the rules that limit what the floors can have."""

    plan: Plan | None = None
    fighting: tuple[str, ...] = ()
    price: Floats | None = None  # per rule, where proven: what a unit of it is worth to floors (``shortage``)
    # per group, where no plan was found: what keeps all other rules and lacks least of the floors, of what search came by
    near: Ints | None = None


def reach(model: CoverModel, seed: int, work: Work, turns: int = TURNS, *, prove: bool = True) -> Reached:
    """A plan that keeps all rules, by search on what the floors ask for.

    Parameters
    ----------
    model
        The covering model; without floors nothing is tried.
    seed
        The same seed finds the same plan.
    work
        Progress (stages ``siting_search``, ``siting_bound``) and stopping.
    turns
        Coolings at most.
    prove
        Whether, where they find no plan, it is to be told why and how near one comes: a proof from the ways of regions (a second or
        more), and the nearest plan.

    Returns
    -------
    Reached
        Neither ``plan`` nor ``fighting`` where neither a plan nor a proof was found.
    """
    if not search.floors_of(model).size:
        return Reached()
    loose, prices, limiting = _at_most(model, work)
    rule = np.maximum(prices.rule, 0.0) * (shortage.WHOLE / ONE)
    if limiting and not prove:
        return Reached(None, limiting, rule)
    eased_plan, columns = _eased_plan(loose, prices, seed, work), shortlist(loose, prices, COLUMNS)
    plan, near = _softly(model, eased_plan.current, columns, seed, work, min(turns, FEW_TURNS) if limiting else turns)
    if limiting:
        return Reached(None, limiting, rule, near)
    found = shortage.looked_into(model, rule, work) if prove and plan is None else None
    if found is None:
        return Reached(plan, near=near)
    master, bound = found
    nearer = whole(master, bound, -np.inf, work)
    if nearer is not None:
        plan, nearer = _softly(model, _plan_of(model, nearer), columns, seed, work, FEW_TURNS)
        near = min(
            (one for one in (near, nearer) if one is not None), key=lambda one: lack_of(model, one), default=None
        )
    if not shortage.proven(found):
        return Reached(plan, near=near)
    # sets of columns in a region keep their cliques, whatever these cost
    paid = bound.prices.ways
    toll = np.maximum(paid.clique, shortage.WHOLE)
    return Reached(None, limiting_rules(model, paid.rule, toll, shortage.WHOLE), paid.rule, near)


def too_much(model: CoverModel, rule: Floats, work: Work) -> bool:
    """Whether prices prove that the floors ask for too much together: those of the dual, or those of ways, to begin with ``rule``."""
    if not (model.net.limit[search.floors_of(model)] < 0).any():
        return False
    return bool(_at_most(model, work)[2]) or shortage.proven(shortage.looked_into(model, rule, work))


def _at_most(model: CoverModel, work: Work) -> tuple[CoverModel, Multipliers, tuple[str, ...]]:
    """The eased model, prices of its dual, and the rules that limit it where these prove that floors ask for too much."""
    floors = search.floors_of(model)
    need = -model.net.limit[floors]
    loose = eased(model, np.where(need > 0, ONE / np.maximum(1, need), 0.0))
    prices, _ = found_prices(loose, 0, BOUND_ROUNDS, work)
    most = bound_at(loose, prices)
    if most >= ONE * (need > 0).sum() - 0.5 * model.net.weight.size:
        return loose, prices, ()
    limiting = limiting_rules(loose, prices.rule, prices.clique, most)
    return loose, prices, (*limiting, *(model.rules[floor] for floor in floors[need > 0]))


def limiting_rules(model: CoverModel, rule: Floats, clique: Floats, reach: float) -> tuple[str, ...]:
    """The rules with a price (per rule, per clique): those that limit what is covered, of which ``reach`` is all, at most."""
    amount = np.abs(model.net.limit)
    np.maximum.at(amount, model.net.use_rule, model.net.use_amount)  # a limit of 0 may be what it all hangs on
    worth = rule * amount
    names = [name for name, part in zip(model.rules, worth, strict=True) if part > PRICED * max(1.0, reach)]
    names = list(dict.fromkeys(names))  # two wishes about one site are one rule
    return (*names, SPACING) if clique.sum() > PRICED * max(1.0, reach) else tuple(names)


def eased(model: CoverModel, weight: Floats) -> CoverModel:
    """The model in which a layer is worth what it adds to its floor, by the weight of each floor, and floors are no rules."""
    net, floors = model.net, search.floors_of(model)
    by_rule = np.zeros(net.limit.size)
    by_rule[floors] = weight
    worth = np.where(net.floor >= 0, by_rule[net.floor] * net.need, 0.0)
    nobody, nothing = np.full_like(net.floor, -1), np.zeros_like(net.need)
    loose = _unfloored(model).net._replace(weight=np.rint(worth).astype(np.int64), floor=nobody, need=nothing)
    return replace(model, net=loose, base=0)


def _unfloored(model: CoverModel) -> CoverModel:
    """The model whose floors ask for nothing."""
    limit = model.net.limit.copy()
    limit[search.floors_of(model)] = 0
    return replace(model, net=model.net._replace(limit=limit))


def _eased_plan(loose: CoverModel, prices: Multipliers, seed: int, work: Work) -> Plan:
    """A good plan of the eased model, which has no floors that greedy could miss."""
    price, active = search.dual_price(loose, prices), shortlist(loose, prices)
    start = Plan(search.rest(loose), 0, price)
    plan = search.better(search.greedy_plan(loose, seed, work), start) or start
    return search.better(plan, search.settle(loose, search.rest(loose), price, search.PASSES, seed, active)) or plan


def _softly(
    model: CoverModel, start: Ints, columns: Ints, seed: int, work: Work, turns: int
) -> tuple[Plan | None, Ints | None]:
    """The first plan that keeps all rules in coolings with soft floors, on the columns that are best for the floors; else what is nearest."""
    free = search.greedy_plan(_unfloored(model), seed, work)
    floors, price = search.floors_of(model), np.zeros(model.net.limit.size)
    price[floors] = max(1.0, free.gain if free is not None else 0.0) / np.maximum(1.0, -model.net.limit[floors])
    part, heats = part_of(model, np.union1d(columns, start[start >= 0])), search.heats_of(model)
    mix, small = search.price_mixes(model)[0], part.plan_in(start)
    near: Ints | None = None
    least = np.inf
    for turn in range(turns + 1):
        current = part.plan_out(small)
        found = search.settle(model, current, mix, search.START_PASSES, seed)
        if found is not None:
            return found, None
        if (lack := lack_of(model, current)) < least:
            near, least = current, lack
        if work.stopped or turn == turns:
            break
        work.step("siting_search", turn, turns)
        small, _ = search.heat_bath(
            part.model,
            small,
            mix[part.columns],
            search.steps_of(ROUNDS * 2**turn, part.model),
            *heats,
            seed + turn,
            work,
            price,
            soft=True,
            served=search.SERVED,
        )
    return None, near


def _plan_of(model: CoverModel, columns: Ints) -> Ints:
    """A plan of some columns, cut back where they overrun a rule."""
    current = search.rest(model)
    current[model.net.column_group[columns]] = columns
    return kernels.opened(model.net, current, search.every(model)).current


def lack_of(model: CoverModel, current: Ints) -> float:
    """What a plan lacks of the floors together, each whole one 1 (infinite: it breaks another rule)."""
    net, floors = model.net, search.floors_of(model)
    use = kernels.opened(net, current, search.every(model)).use
    over = use > net.limit
    over[floors] = False
    need = np.maximum(1, -net.limit[floors])
    return np.inf if over.any() else float((np.maximum(0, use[floors] - net.limit[floors]) / need).sum())
