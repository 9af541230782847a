"""Good plans: greedy under several price mixes, exchange search, iterated local search. Seeded, one thread."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planner.siting import kernels
from planner.siting.annealing import anneal
from planner.siting.dual import quick_worth
from planner.siting.kernels import Floats, Ints
from planner.siting.model import CoverModel, Multipliers
from planner.siting.part import part_of
from planner.work import Work

PASSES = 20  # exchange search ends by itself; this only bounds it
START_PASSES, START_COLUMNS = 2, 6_000  # exchanges before any price is known; in a larger model they wait for prices
SHORTLIST = 6_000  # columns that exchange search looks at
KICK = 8  # groups undone per round, at most
PART_COLUMNS = 1_500  # that annealing looks at
MOVES, MOVES_PER_COLUMN = 2_000, 4  # of annealing in one round of search
HOT, COLD = 0.1, 0.003  # first and last temperature, in shares of what one change of the plan covers


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


def shortlist(model: CoverModel, multipliers: Multipliers, most: int = SHORTLIST) -> Ints:
    """The columns that look best at the prices of a bound, and all of the standing groups."""
    if model.columns <= most:
        return every(model)
    net = model.net
    worth = quick_worth(model, multipliers)
    worth[net.group_keep[net.column_group] >= 0] = np.inf
    return largest(worth, most)


def largest(values: Floats, most: int) -> Ints:
    """Positions of so many of the largest values, rising; ties go to the first."""
    if values.size <= most:
        return np.arange(values.size)
    least = np.partition(values, values.size - most)[values.size - most]
    above = np.flatnonzero(values > least)
    return np.union1d(above, np.flatnonzero(values == least)[: most - above.size])


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
    fine = kernels.rework(model.net, state, np.empty(0, np.int64), price, passes, seed)
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


class Annealer:
    """Annealing at the prices of a bound on the columns that look best at them; keeps the best plan."""

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
        net, base = self._part.model.net, self._model.base
        current = self._part.plan_in(self.plan.current)
        state = kernels.opened(net, current, every(self._part.model))
        if kernels.is_broken(net, state) or not self._part.columns.size:
            return self.plan
        changed = int((current != net.group_keep).sum())
        one = max(1.0, float(state.value[0] - base) / max(1, changed))
        moves = rounds * min(MOVES, MOVES_PER_COLUMN * self._part.columns.size)
        self._turn += 1
        seed = (self._seed * 7919 + self._turn) % 2**31
        value = anneal(net, state, self._price, current, int(state.value[0]), moves, HOT * one, COLD * one, seed)
        if value - base > self.plan.gain:
            self.plan = Plan(self._part.plan_out(current), value - base, self.plan.price)
        return self.plan


class Shaker:
    """Iterated local search: undo a few changes near each other, refill, exchange; never accept a loss."""

    def __init__(self, model: CoverModel, plan: Plan, price: Floats, seed: int, active: Ints) -> None:
        self._model = model
        self._price = price
        self._random = np.random.default_rng(seed)
        self._state = kernels.opened(model.net, plan.current, active)
        self._standing = np.flatnonzero((model.net.group_keep >= 0) & (np.diff(model.net.group_start) > 1))
        self.plan = plan
        self.rounds = 0

    def run(self, rounds: int, work: Work) -> Plan:
        """So many rounds, fewer when the work is stopped."""
        net = self._model.net
        for _ in range(rounds):
            changed = np.flatnonzero(self.plan.current != net.group_keep)
            if work.stopped or not (changed.size or self._standing.size):
                break
            self.rounds += 1
            out = self._near(changed) if changed.size else np.empty(0, np.int64)
            self._push_standing()
            fine = kernels.rework(
                net, self._state, out.astype(np.int64), self._price, 1, int(self._random.integers(2**31))
            )
            gain = int(self._state.value[0]) - self._model.base
            if fine and gain >= self.plan.gain:
                self.plan = Plan(self._state.current.copy(), gain, self._price)
            else:
                kernels.restore(net, self._state, self.plan.current)
        return self.plan

    def _near(self, changed: NDArray[np.int64]) -> NDArray[np.int64]:
        """Up to KICK changed groups: a walk over shared layers, or at random."""
        number = int(self._random.integers(1, KICK + 1))
        if self._random.random() < 0.25:
            return np.asarray(self._random.choice(changed, min(number, changed.size), replace=False))
        group = int(self._random.choice(changed))
        out = [group]
        for _ in range(4 * number):
            step = self._step(group)
            if step in out or len(out) == number:
                continue
            out.append(step)
            group = step
        return np.array(out)

    def _step(self, group: int) -> int:
        """A changed group one or two shared layers away (the same group when none is met)."""
        net = self._model.net
        pattern = int(net.column_pattern[self.plan.current[group]])
        for _ in range(2):
            layers = net.pattern_layer[net.pattern_start[pattern] : net.pattern_start[pattern + 1]]
            if not layers.size:
                return group
            layer = int(self._random.choice(layers))
            pattern = int(self._random.choice(net.layer_pattern[net.layer_start[layer] : net.layer_start[layer + 1]]))
            near = int(net.pattern_group[pattern])
            if near != group and self.plan.current[near] != net.group_keep[near]:
                return near
        return group

    def _push_standing(self) -> None:
        """Now and then another choice for one standing camera (removal frees running cost)."""
        net = self._model.net
        if self._standing.size and self._random.random() < 0.3:
            group = int(self._random.choice(self._standing))
            column = int(self._random.integers(net.group_start[group], net.group_start[group + 1]))
            if kernels.fits(net, self._state, column):
                kernels.switch(net, self._state, group, column)


def order_of_gain(model: CoverModel, plan: Ints) -> list[tuple[int, int]]:
    """The chosen changes from all-keep, the largest marginal gain first: (column, gain)."""
    net = model.net
    state = kernels.opened(net, rest(model), every(model))
    columns = np.asarray(plan[plan != net.group_keep], np.int64)
    gains = kernels.rank(net, state, columns)
    return list(zip(columns.tolist(), gains.tolist(), strict=True))
