"""Many budgets at once, fast: bounds from the dual at a few of them, plans by annealing on the columns that these like.

``frontier`` gives each budget the work of a small study; this gives all of them an answer at the pace of a slider. Prices from
one budget bound every budget (only own capital's price is fitted again), and a plan for less money starts the next.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from planner.siting import dual, kernels, search
from planner.siting.annealing import anneal
from planner.siting.kernels import Floats, Ints
from planner.siting.model import CoverModel, Multipliers
from planner.siting.part import Part, part_of

RUNS = (0.0, 0.06, 0.15, 0.35, 0.65, 1.0)  # where along the budgets the dual is solved
FIRST_ROUNDS, MORE_ROUNDS, PACE, PATIENCE = 800, 600, 1.0, 20
COLUMNS = 250  # per run, that plans may use
STEPS, HOT, COLD = 1_000_000, 0.015, 0.003  # moves times layers compared per budget; temperatures as in ``search``


@dataclass(frozen=True)
class Swept:
    """Bounds of rising budgets, and the prices of the runs that gave them: budget number -> prices."""

    budgets: tuple[int, ...]
    bounds: tuple[int, ...]
    runs: dict[int, Multipliers]


def limited(model: CoverModel, budget: int) -> CoverModel:
    """The same model with another own-capital limit."""
    limit = model.net.limit.copy()
    limit[0] = budget
    return replace(model, net=model.net._replace(limit=limit))


def sweep_bounds(model: CoverModel, budgets: list[int]) -> Swept:
    """A bound on the gain for each of the rising budgets; never less for more money."""
    bounds = np.full(len(budgets), np.iinfo(np.int64).max)
    runs: dict[int, Multipliers] = {}
    prices: Multipliers | None = None
    for share in RUNS:
        at = round(share * (len(budgets) - 1))
        there = limited(model, budgets[at])
        track = dual.begin(there, prices)
        rounds = FIRST_ROUNDS if prices is None else MORE_ROUNDS
        mix = search.price_mixes(there)[0] if prices is None else search.dual_price(there, prices)
        plan = search.settle(there, search.rest(there), mix, 0, 0)
        target = float(model.base + (plan.gain if plan else 0))
        dual.descend(there.net, track, dual.money_lines(there), rounds, target, PACE, PATIENCE)
        prices = dual.found(track)
        runs[at] = prices
        bounds = np.minimum(bounds, dual.line_bounds(model, prices, budgets))
    bounds = np.minimum.accumulate(bounds[::-1])[::-1]
    return Swept(tuple(budgets), tuple(int(b) for b in bounds), runs)


@dataclass(frozen=True)
class Sweeper:
    """What all plans of one sweep share: the part of the model they use, and its prices at each run."""

    part: Part
    prices: dict[int, Floats]
    budgets: tuple[int, ...]

    def at(self, number: int, start: Ints, seed: int) -> tuple[Ints, int]:
        """A plan (in the part's columns) for one budget from another budget's plan, and its gain (-1: rules not kept)."""
        small = limited(self.part.model, self.budgets[number])
        net, base = small.net, small.base
        price = self.prices[min(self.prices, key=lambda r: (abs(r - number), r))]
        plan = search.settle(small, start, price, 0, seed)
        if plan is None:
            return start, -1
        current = plan.current
        state = kernels.opened(net, current, search.every(small))
        changed = max(1, int((current != net.group_keep).sum()))
        one = max(1.0, plan.gain / changed)
        moves = STEPS * small.columns // max(1, net.pattern_layer.size)
        value = anneal(net, state, price, current, plan.gain + base, moves, HOT * one, COLD * one, seed)
        return current, value - base


def sweeper(model: CoverModel, swept: Swept) -> Sweeper:
    """Ready to plan: the columns that look best at any of the runs' prices."""
    columns = np.unique(np.concatenate([search.shortlist(model, p, COLUMNS) for p in swept.runs.values()]))
    part = part_of(model, columns)
    prices = {at: search.dual_price(model, p)[part.columns] for at, p in swept.runs.items()}
    return Sweeper(part, prices, swept.budgets)


def sweep_plans(model: CoverModel, swept: Swept, seed: int) -> list[int]:
    """Gain of a plan for each budget, each from the one before; never less for more money (-1: none was found)."""
    ready = sweeper(model, swept)
    current, gains, most = search.rest(ready.part.model), [], -1
    for number in range(len(swept.budgets)):
        plan, gain = ready.at(number, current, seed + number)
        if gain > most:
            current, most = plan, gain
        gains.append(most)
    return gains
