"""Good plans: greedy under several price mixes, exchange search, heat-bath search. Seeded, one thread."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from planner.siting import kernels
from planner.siting.bounds import quick_worth
from planner.siting.model import CoverModel, Multipliers
from planner.siting.net import Floats, Ints, is_broken, rank
from planner.siting.part import part_of
from planner.siting.pricing import shortlist
from planner.siting.refilling import refill
from planner.work import Work

PASSES = 20  # exchange search ends by itself; this only bounds it
START_PASSES, START_COLUMNS = 2, 6_000  # exchanges before any price is known; in a larger model they wait for prices
PART_COLUMNS = 1_000  # that heat-bath search looks at
LOOKS = 200_000  # columns looked at in one round of search
STEPS_A_COLUMN = 1  # in one round: a model of few columns has few plans
HOT, COLD = 0.03, 0.002  # first and last temperature, in shares of what one change of the plan covers
MORE = 0.5  # chance that a step takes out another change, where columns do not all use the same


@dataclass(frozen=True)
class Plan:
    """One column per group (-1: none), its gain over all-keep in whole units, and the price mix that made it."""

    current: Ints
    gain: int
    price: Floats


def rest(model: CoverModel) -> Ints:
    """All-keep."""
    return np.array(model.net.group_keep, np.int64)


def every(model: CoverModel) -> Ints:
    """All columns."""
    return np.arange(model.columns)


def price_mixes(model: CoverModel) -> list[Floats]:
    """Prices per column: each scarce rule alone, all together, and none (pure gain)."""
    net = model.net
    share = np.zeros((net.limit.size, model.columns))
    column = np.repeat(np.arange(model.columns), np.diff(net.use_start))
    fine = (net.use_amount > 0) & (net.limit[net.use_rule] >= 0)
    share[net.use_rule[fine], column[fine]] = net.use_amount[fine] / np.maximum(1, net.limit[net.use_rule[fine]])
    scarce = [r for r in range(net.limit.size) if share[r].any()]
    own = [r for r in scarce if model.rules[r] in ("municipality_budget", "running_budget")]
    mixes = [share[r] for r in own]
    if len(own) > 1:
        mixes.append(share[own].sum(axis=0))
    if len(scarce) > len(own):
        mixes.append(share[scarce].sum(axis=0))
    return [_floored(mix) for mix in (*mixes, np.ones(model.columns))]


def dual_price(model: CoverModel, multipliers: Multipliers) -> Floats:
    """What each column costs at the prices of a bound: rules and cliques, no layers."""
    prices = Multipliers(np.zeros_like(multipliers.layer), multipliers.rule, multipliers.clique)
    return _floored(np.maximum(0.0, -quick_worth(model, prices)))


def _floored(price: Floats) -> Floats:
    """Prices kept above 0, so that free columns come first and nothing divides by 0."""
    return np.asarray(np.maximum(price, 1e-6 * max(float(price.max(initial=0.0)), 1e-9)), np.float64)


def settle(
    model: CoverModel, start: Ints, price: Floats, passes: int, seed: int, active: Ints | None = None
) -> Plan | None:
    """A start cut back to the limits, filled and improved; None when a floor or minimum stays unmet."""
    state = kernels.opened(model.net, start, every(model) if active is None else active)
    fine = kernels.rework(model.net, state, price, passes, seed)
    return Plan(state.current.copy(), int(state.value[0]) - model.base, price) if fine else None


def better(one: Plan | None, two: Plan | None) -> Plan | None:
    """The plan with more gain (the first on a tie)."""
    if one is None or (two is not None and two.gain > one.gain):
        return two
    return one


def greedy_plan(model: CoverModel, seed: int, work: Work) -> Plan | None:
    """The best of greedy under every price mix, with exchanges where looking at all columns again is cheap."""
    best: Plan | None = None
    passes = START_PASSES if model.columns <= START_COLUMNS else 0
    for price in price_mixes(model):
        if work.stopped and best is not None:
            break
        best = better(best, settle(model, rest(model), price, passes, seed))
    return best


def steps_of(rounds: int, columns: int) -> int:
    """Steps of heat-bath search in so many rounds."""
    return max(1, rounds * min(LOOKS // max(1, columns), STEPS_A_COLUMN * columns))


class Refiller:
    """Heat-bath search at the prices of a bound on the columns that look best at them; keeps the best plan."""

    def __init__(self, model: CoverModel, plan: Plan, prices: Multipliers, seed: int) -> None:
        used = plan.current[plan.current >= 0]
        self._part = part_of(model, np.union1d(shortlist(model, prices, PART_COLUMNS), used))
        self._price = dual_price(model, prices)[self._part.columns]
        self._seed = seed
        self._turn = 0
        self._model = model
        self.plan = replace(plan, price=dual_price(model, prices))

    def run(self, rounds: int) -> Plan:
        """So many rounds in one cooling, from the best plan."""
        self._turn += 1
        seed = (self._seed * 7919 + self._turn) % 2**31
        steps = steps_of(rounds, self._part.columns.size)
        start = self._part.plan_in(self.plan.current)
        current, gain = heat_bath(self._part.model, start, self._price, steps, HOT, COLD, seed)
        if gain > self.plan.gain:
            self.plan = Plan(self._part.plan_out(current), gain, self.plan.price)
        return self.plan


def heat_bath(
    model: CoverModel, start: Ints, price: Floats, steps: int, hot: float, cold: float, seed: int
) -> tuple[Ints, int]:
    """So many steps of ``refilling`` from a plan; temperatures in shares of what one change of it covers. The best plan, its gain."""
    net, current = model.net, start.copy()
    state = kernels.opened(net, current, every(model))
    value = int(state.value[0])
    if is_broken(net, state) or not model.columns:
        return current, -1
    one = max(1.0, (value - model.base) / max(1, int((state.current != net.group_keep).sum())))
    current[:] = state.current
    value = refill(net, state, price, current, value, steps, hot * one, cold * one, seed, 0.0 if _even(model) else MORE)
    return current, value - model.base


def _even(model: CoverModel) -> bool:
    """Whether all columns use the same, so that exchanges one for one are enough."""
    net = model.net
    return bool((net.use_rule == 0).all() and net.use_amount.size == model.columns and np.ptp(net.use_amount) == 0)


def first_of_equals(model: CoverModel, plan: Plan) -> Plan:
    """The plan with ties settled by the order of the tables, so that it does not hang on how it was found."""
    state = kernels.opened(model.net, plan.current, every(model))
    kernels.settle_ties(model.net, state)
    return replace(plan, current=state.current.copy(), gain=int(state.value[0]) - model.base)


def order_of_gain(model: CoverModel, plan: Ints) -> list[tuple[int, int]]:
    """The chosen changes from all-keep, the largest marginal gain first: (column, gain)."""
    net = model.net
    state = kernels.opened(net, rest(model), every(model))
    columns = np.asarray(plan[plan != net.group_keep], np.int64)
    gains = rank(net, state, columns)
    return list(zip(columns.tolist(), gains.tolist(), strict=True))
