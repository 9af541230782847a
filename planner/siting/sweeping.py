"""Many budgets at once: prices from a few of them bound them all, and plans come by heat-bath search on the columns that these like.

For any prices the bound L of ``planner.siting.dual`` holds at every own-capital limit B, because B enters it as
``mu_0 B`` alone; only mu_0, the price of own capital, is fitted again to each B (``bounds.line_bounds``). So the linear
program, or the dual where that would be too large, is solved at the budgets of ``RUNS`` only. What own money is worth
changes several-fold along the way: a plan is searched at the prices of the nearest run, starting from the plan for a little
less money, from the run's own rounded plan and from nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from planner.siting import closer, joining, reaching, search
from planner.siting.bounds import line_bounds, refitted
from planner.siting.choosing import TREE_GOAL
from planner.siting.closer import Proof
from planner.siting.cuts import Known
from planner.siting.model import CoverModel, Multipliers
from planner.siting.net import Floats, Ints
from planner.siting.part import Part, part_of
from planner.siting.pricing import found_prices, shortlist
from planner.siting.search import Plan
from planner.siting.triples import SOME
from planner.work import Work

RUNS = (1.0, 0.7, 0.45, 0.3, 0.2, 0.12, 0.06, 0.0)  # where along the budgets prices are found again
ROUNDS = 400  # of the dual, where the linear program is dear
TURNS = 3  # of the search for a first plan where floors ask for more than greedy finds
COLUMNS = 600  # per run, that plans may use
# entries of what is left at one budget (1,000 sites on 100,000 points have 30 times as many), and of what is left and so many nodes of
# branch and bound over it together: half a second
CLOSE_ENTRIES, TREE_ENTRIES = 10_000, 200_000
SEARCH_ROUNDS, HOT = 1, 0.02  # of heat-bath search per budget; first temperature as in ``search``


def is_far(plan: Plan | None, bound: int, goal: float) -> bool:
    """Whether a plan is further from a bound than a share of it (or there is none)."""
    return plan is None or bound - plan.gain > goal * bound


@dataclass(frozen=True)
class Run:
    """What one budget leaves for its neighbours: prices, and of its linear program a rounded plan and the columns that it uses.

    ``cut``: the model with cuts of its floors, which hold at any budget, and prices for it.
    """

    prices: Multipliers
    plan: Plan | None = None
    used: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    cut: tuple[CoverModel, Multipliers] | None = None


def at_budget(model: CoverModel, municipality_yen: int) -> CoverModel:
    """The same model with another own-capital limit (all other arrays shared)."""
    limit = model.net.limit.copy()
    limit[0] = max(model.own_limit(municipality_yen), 0)
    return replace(model, net=model.net._replace(limit=limit))


def sweep_bounds(
    model: CoverModel,
    budgets: Sequence[int],
    prices: Multipliers | None,
    plan: Plan | None,
    goal: float,
    work: Work,
) -> tuple[list[int], dict[int, Run]]:
    """A bound on the gain for each of the rising budgets, never less for more money; and the runs: budget number -> run.

    ``prices`` (of a choice at some budget) start the first run; without any the dual begins at the weights. Floors are cut for where the
    rounded plan is further from the bound than ``goal``, a share of it.
    """
    net_budgets = [max(model.own_limit(b), 0) for b in budgets]
    bounds = np.full(len(budgets), np.iinfo(np.int64).max)
    if prices is not None:
        bounds = np.array(line_bounds(model, prices, net_budgets))
    runs: dict[int, Run] = {}
    cuts: Known = {}
    for done, share in enumerate(RUNS):
        at = round(share * (len(budgets) - 1))
        if at in runs or (work.stopped and prices is not None):
            continue
        work.step("siting_frontier", done, 4 * len(RUNS))
        there = at_budget(model, budgets[at])
        runs[at] = _run(there, prices and refitted(there, prices), plan, goal, cuts, work)
        prices = runs[at].prices
        for priced in filter(None, ((model, prices), runs[at].cut)):
            bounds = np.minimum(bounds, line_bounds(*priced, net_budgets))
    bounds = np.minimum.accumulate(bounds[::-1])[::-1]
    return [int(b) for b in bounds], runs


def _run(there: CoverModel, prices: Multipliers | None, plan: Plan | None, goal: float, cuts: Known, work: Work) -> Run:
    """Prices at one budget, from a neighbour's if there are any; where its plan is far from the bound with cuts of floors."""
    if prices is None or not closer.cheap(there):
        greedy = search.settle(there, search.rest(there), _price(there, prices), 0, 0)
        prices, _ = found_prices(there, greedy.gain if greedy else 0, ROUNDS, work, prices)
        if not closer.cheap(there):
            return Run(prices)
    start = plan or Plan(search.rest(there), 0, _price(there, prices))
    better, bound, core, x = linear = closer.linear_prices(there, prices, start, work)
    if core is None:
        return Run(better)
    start, active = replace(start, price=search.dual_price(there, better)), shortlist(there, better)
    found = Run(better, closer.rounded(core, x, start, 0, active), core.columns[x[: core.columns.size] > SOME])
    if found.plan is not None and not is_far(found.plan, bound, goal):
        return found
    cut, (cut_prices, _, core, x) = closer.linear_cuts(there, better, bound, start, work, cuts, linear)
    if cut is there or core is None:
        return found
    rounded = closer.rounded(replace(core, model=there), x, start, 0, active)
    best = search.better(found.plan, rounded)
    return Run(better, best, core.columns[x[: core.columns.size] > SOME], (cut, cut_prices))


def _price(model: CoverModel, prices: Multipliers | None) -> Floats:
    """What columns cost, before any price is known as a share of scarce money."""
    return search.price_mixes(model)[0] if prices is None else search.dual_price(model, prices)


@dataclass(frozen=True)
class Sweeper:
    """What all plans of one sweep share: the runs, the part of the model that plans use, and of each run prices, plan and used columns in it.

    ``own``: the whole model's plan at the budget number ``here`` (None: there is none; then ``here`` is -1).
    """

    part: Part
    runs: dict[int, Run]
    prices: dict[int, Floats]
    floors: dict[int, Floats]
    plans: dict[int, Ints]
    used: dict[int, Ints]
    budgets: tuple[int, ...]
    own: Plan | None
    here: int

    def at(self, number: int, starts: Sequence[Ints], seed: int, work: Work) -> Plan | None:
        """A plan of the part for one budget, from the best of some starts cut back and filled (None: rules not kept)."""
        small, near = at_budget(self.part.model, self.budgets[number]), self._near(number)
        price = self.prices[near]
        best: Plan | None = None
        for start in (*starts, search.rest(small), *([self.plans[near]] if near in self.plans else [])):
            best = search.better(best, search.settle(small, start, price, 0, seed))
        if best is None:  # floors may ask for another order of filling than these prices give
            for mix in search.price_mixes(small):
                best = search.better(best, search.settle(small, search.rest(small), mix, 0, seed))
        if best is None and number in self.prices:  # at a few budgets: what is found starts the plans for more money
            best = reaching.reach(small, seed, work, TURNS, prove=False).plan
        if best is None:
            return None
        steps = search.steps_of(SEARCH_ROUNDS, small)
        floors = self.floors[near]
        current, gain = search.heat_bath(small, best.current, price, steps, HOT, search.COLD, seed, None, floors)
        return Plan(current, gain, price) if gain > best.gain else best

    def joined(self, number: int, plans: Sequence[Plan], seed: int, work: Work) -> Plan | None:
        """The best plan of one budget out of some plans of the whole model and what the linear programs of the runs on either side use."""
        small, near = at_budget(self.part.model, self.budgets[number]), self._near(number)
        price = self.prices[near]
        inner = [self.part.plan_in(plan.current) for plan in plans]
        start = search.settle(small, inner[0], price, 0, seed) if inner else None
        start = start or Plan(search.rest(small), 0, price)
        below = max((run for run in self.used if run <= number), default=near)
        above = min((run for run in self.used if run >= number), default=near)
        known = [start, *(Plan(current, 0, price) for current in inner)]
        found = joining.joined(small, known, seed, work, [self.used[below], self.used[above]])
        return found and replace(found, current=self.part.plan_out(found.current))

    def closed(self, number: int, plan: Plan, bound: int, goal: float, seed: int, work: Work) -> Proof | None:
        """Branch and bound for one budget from a plan of the whole model (None: too many columns are left)."""
        there, run = at_budget(self.part.whole, self.budgets[number]), self.runs[self._near(number)]
        prices = refitted(there, run.prices)
        proof = Proof(replace(plan, price=search.dual_price(there, prices)), bound, prices)
        if run.cut is not None:
            cut = at_budget(run.cut[0], self.budgets[number])
            proof = replace(proof, proven_by="cuts", cut=(cut, refitted(cut, run.cut[1])))
        patterns = there.net.column_pattern[closer.open_columns(there, proof)]
        entries = int(np.diff(there.net.pattern_start)[patterns].sum())
        if entries > CLOSE_ENTRIES:
            return None
        with work.apart():  # what is proven here is not of the plan
            return closer.by_tree(there, proof, goal, TREE_ENTRIES // max(1, entries), seed, work, bare=True)

    def allows(self, number: int, plan: Plan | None) -> bool:
        """Whether a plan for one budget is none for less money that would be better than the own plan."""
        return plan is None or self.own is None or number > self.here or plan.gain <= self.own.gain

    def _near(self, number: int) -> int:
        """The nearest run."""
        return min(self.prices, key=lambda r: (abs(r - number), r))


def sweeper(model: CoverModel, budgets: Sequence[int], runs: dict[int, Run], own: Plan | None, here: int) -> Sweeper:
    """Ready to plan: the columns that look best at any of the runs' prices, and those of the runs' plans and of one's own."""
    plans = [p.current for p in (own, *(r.plan for r in runs.values())) if p is not None]
    liked = [shortlist(model, r.prices, COLUMNS) for r in runs.values()]
    used = [r.used for r in runs.values()]
    columns = np.unique(np.concatenate([[], *liked, *used, *(p[p >= 0] for p in plans)]).astype(np.int64))
    part = part_of(model, columns)
    prices = {at: search.dual_price(model, r.prices)[part.columns] for at, r in runs.items()}
    inside = {at: part.plan_in(r.plan.current) for at, r in runs.items() if r.plan is not None}
    floors = {at: search.floor_price(model, r.prices) for at, r in runs.items()}
    within = {at: np.searchsorted(part.columns, r.used) for at, r in runs.items()}
    return Sweeper(part, runs, prices, floors, inside, within, tuple(budgets), own, here)


def sweep_plans(ready: Sweeper, seed: int, work: Work) -> list[Plan | None]:
    """A plan for each budget, never less for more money, never above the own plan for less money."""
    budgets, own, here = ready.budgets, ready.own, ready.here
    if not ready.prices:
        return [own if own is not None and at >= here else None for at in range(len(budgets))]
    plans: list[Plan | None] = []
    for number in range(len(budgets)):
        below = plans[-1] if plans else None
        if number == here and own is not None:
            plans.append(own)
            continue
        work.step("siting_frontier", len(budgets) + number, 4 * len(budgets))
        starts = [ready.part.plan_in(p.current) for p in (below, own) if p is not None]
        found = None if work.stopped and below else ready.at(number, starts, seed + number, work)
        if found is not None:
            found = replace(found, current=ready.part.plan_out(found.current))
        plans.append(search.better(below, found if ready.allows(number, found) else None))
    return plans


def close_plans(
    ready: Sweeper, plans: Sequence[Plan | None], bounds: Sequence[int], goal: float, seed: int, work: Work
) -> tuple[list[Plan | None], list[int]]:
    """The plans and bounds still further than ``goal`` from each other brought together by branch and bound, where few columns are left.

    Down the budgets, since a bound for more money is one for less. Never less for more money.
    """
    better, lower, last = list(plans), list(bounds), len(plans) - 1
    for number in range(last, -1, -1):
        lower[number] = min(lower[number], lower[min(number + 1, last)])
        plan = better[number]
        if plan is None or number == ready.here or work.stopped or not is_far(plan, lower[number], goal):
            continue
        work.step("siting_frontier", 2 * len(plans) + last - number, 4 * len(plans))
        proof = ready.closed(number, plan, lower[number], goal * TREE_GOAL, seed + number, work)
        if proof is not None:
            better[number] = search.better(plan, proof.plan if ready.allows(number, proof.plan) else None)
            lower[number] = min(lower[number], proof.bound)
    return _rising(better), lower


def join_plans(
    ready: Sweeper, plans: Sequence[Plan | None], bounds: Sequence[int], goal: float, seed: int, work: Work
) -> list[Plan | None]:
    """The plans of ``sweep_plans``, those still further than ``goal`` from their bounds bettered from what is beside them.

    Up the budgets and down again; never less for more money.
    """
    better, last = list(plans), len(plans) - 1
    known: dict[int, list[Plan | None]] = {}  # what was beside a plan when it was last looked at
    up_and_down = (*range(last + 1), *range(last, -1, -1)) if ready.prices else ()
    for turn, number in enumerate(up_and_down):
        around = [better[i] for i in (number, number - 1, number + 1) if 0 <= i <= last]
        same = number in known and all(a is b for a, b in zip(around, known[number], strict=True))
        if same or not is_far(better[number], bounds[number], goal) or number == ready.here or work.stopped:
            continue
        work.step("siting_frontier", 3 * len(plans) + turn // 2, 4 * len(plans))
        known[number] = around
        found = ready.joined(number, [plan for plan in around if plan is not None], seed + number, work)
        better[number] = search.better(better[number], found if ready.allows(number, found) else None)
    return _rising(better)


def _rising(plans: Sequence[Plan | None]) -> list[Plan | None]:
    """The plans of rising budgets, where a better one for less money is one for more."""
    return list(itertools.accumulate(plans, lambda below, plan: search.better(plan, below)))
