"""The exact closer: reduced-cost fixing, the linear program's prices and rounding, branch and bound on the core.

A column may leave the core when no plan better than the incumbent can use it: with prices of a dual bound L and
``short`` its distance to the best of its group, every plan that uses it gains at most ``L - short``. So the optimum is
the larger of the incumbent and the core's optimum, and ``min(dual bound, max(core bound, incumbent))`` is a bound for
the whole model. The bound of the linear program is never taken from the solver: its prices are put into ``bound_at``
over all columns. The bound of branch and bound is HiGHS's (tolerances 1e-9); it is rounded outward. Where cuts of three layers lower the
linear program (``tightening``), the tree is our own (``branching``).

Variables, rules and objective are those of ``planner.siting.dual``, on the columns of a core (``program.program_of``: x ``whole``
in {0, 1}, y in [0, 1]; rows layers, groups, rules, cliques); with floors that have a price also the rows of
``planner.siting.cuts``. Source: Lagrangian reduced-cost fixing, Geoffrion 1974; column generation, Gilmore and Gomory 1961.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from planner.frames import ProvenBy
from planner.siting import search
from planner.siting.bounds import SAFETY, bound_at, check_bound, column_worth, group_best
from planner.siting.cuts import Known, with_floor_cuts, with_rounded_rules
from planner.siting.model import CoverModel, Multipliers
from planner.siting.net import Floats, Ints
from planner.siting.pricing import missing, shortlist, spread
from planner.siting.program import MIP_GAP, Answer, Core, core_of, floor_scale, program_of, solve, weight_scale
from planner.siting.search import Plan
from planner.siting.triples import Tight, left_of
from planner.work import Work

TREE_ROUNDING = 1e-8  # of a bound that rests on HiGHS: ten times its tolerances
MOST_ENTRIES = 1_500_000  # of a program's matrix: above it the linear program outlasts any wait
FIRST_COLUMNS, GENERATIONS = 1_000, 15
SOON = 2e-3  # of the bound: the tree over cuts closes city cases of 0.1 % in seconds, of 0.3 % not in minutes
# entries of the first columns, of all: above both the dual is sooner than the linear program
CHEAP, CHEAP_WHOLE = 50_000, 100_000
# rounds of search that half the linear program of CHEAP_WHOLE entries costs; power of entries
LP_ROUNDS, LP_GROWTH = 300, 1.7
NEAR = 1e-4  # of the bound: so near to the linear program's own value column generation ends
ROUNDED_TURNS = 5  # in which rules are rounded anew
ROUNDED = 0.1  # of what lies between bound and plan: rounded rules that close less are left out, and cuts of three layers tried instead
MOST_FOR_TREE = 400_000  # above it the root alone would outlast any wait
TREE_COLUMNS, WHOLE_ENTRIES = 1_500, 60_000  # a core within either is solved whole
# where so many nodes are allowed, larger cores are solved whole as well: with cuts, without
LONG_NODES, CUT_ENTRIES, LONG_ENTRIES = 10_000, 200_000, 100_000


@dataclass(frozen=True)
class Proof:
    """The best plan, the bound on the gain, the prices that prove it, or else what went below them (``frames.ProvenBy``).

    ``cut``: the model with its cuts (``cuts``), and prices for it. ``tight``: a core with cuts of three layers (``triples``).
    """

    plan: Plan
    bound: int
    multipliers: Multipliers
    proven_by: ProvenBy = "prices"
    nodes: int = 0
    core_columns: int = 0
    cut: tuple[CoverModel, Multipliers] | None = None
    tight: Tight | None = None
    lost: bool = False  # the tree's process was ended from outside


# prices, the bound that they prove, and the last core with its fractional columns
Linear = tuple[Multipliers, int, Core | None, Floats]


def fixed_core(model: CoverModel, multipliers: Multipliers, plan: Plan) -> Ints:
    """The columns that a plan better than the incumbent may use, and the incumbent's own."""
    worth, size = column_worth(model, multipliers)
    best = group_best(model, worth)[model.net.column_group]
    bound = bound_at(model, multipliers)
    slack = SAFETY * float(size.max(initial=0.0)) + 1e-6
    # a better plan gains at least one unit more; the bound was rounded down by less than one
    keep = bound - (best - worth) + slack >= plan.gain
    keep[model.net.group_keep[model.net.group_keep >= 0]] = True
    keep[plan.current[plan.current >= 0]] = True
    return np.flatnonzero(keep)


def open_columns(model: CoverModel, proof: Proof) -> Ints:
    """The columns that a plan better than the incumbent may use at the sharpest prices there are, and the incumbent's own."""
    if proof.tight is None:
        return fixed_core(*(proof.cut or (model, proof.multipliers)), proof.plan)
    return np.union1d(left_of(model, proof.tight, proof.plan.gain), proof.plan.current[proof.plan.current >= 0])


def lp_prices(core: Core, answer: Answer) -> Multipliers:
    """Prices of the core's linear program, for the whole model."""
    model, net = core.model, core.model.net
    unit, m, groups = weight_scale(core), core.layers.weight.size, net.group_keep.size
    price = np.abs(answer.price) * unit
    rule = price[m + groups : m + groups + net.limit.size] / model.rule_unit
    floors = np.unique(net.floor[net.floor >= 0])
    rule[floors] = price[m + groups + floors] / floor_scale(core)[floors]
    layer = spread(model, core.layers.merged_of, rule, price[:m])
    first = m + groups + net.limit.size
    return Multipliers(layer, rule, price[first : first + net.cliques])


def rounded(core: Core, x: Floats, plan: Plan, seed: int, active: Ints) -> Plan | None:
    """A plan from fractional columns: the largest of each group above a half, then filled and improved."""
    return improved(core.model, core.columns[x[: core.columns.size] > 0.5], plan, seed, active)


def improved(model: CoverModel, columns: Ints, plan: Plan, seed: int, active: Ints) -> Plan | None:
    """A plan from columns, at most one of each group, filled and improved at the prices of a known plan."""
    start = search.rest(model)
    start[model.net.column_group[columns]] = columns
    return search.settle(model, start, plan.price, search.PASSES, seed, active)


def start_vector(core: Core, plan: Plan) -> Floats:
    """The incumbent as a start for branch and bound."""
    chosen = np.isin(core.columns, plan.current[plan.current >= 0])
    layers = core.layers
    covered = np.zeros(layers.weight.size)
    for i in np.flatnonzero(chosen):
        covered[layers.pattern_layer[layers.pattern_start[i] : layers.pattern_start[i + 1]]] = 1.0
    return np.concatenate([chosen.astype(np.float64), covered])


def with_plan(proof: Proof, plan: Plan | None) -> Proof:
    """The proof with a better plan, if it is one; HiGHS's own bound gives way to it within HiGHS's rounding."""
    best = search.better(proof.plan, plan) or proof.plan
    check_bound(proof.bound, best.gain, 0.0 if proof.proven_by == "prices" else TREE_ROUNDING)
    return replace(proof, plan=best, bound=max(proof.bound, best.gain))


def tell(model: CoverModel, proof: Proof, work: Work) -> None:
    """What is known so far, offences a year."""
    work.prove(proof.plan.gain * model.unit, proof.bound * model.unit)


def linear_prices(model: CoverModel, start: Multipliers, plan: Plan, work: Work) -> Linear:
    """Prices of the linear program, by column generation from the columns that look best at the start's prices.

    Returns the prices that prove the least bound over all columns, that bound, and the last core with its fractional
    columns (None when the program would be too large or HiGHS gave up).
    """
    best, bound = start, bound_at(model, start)
    must = np.concatenate([plan.current, model.net.group_keep])
    likely, fixed = shortlist(model, start, FIRST_COLUMNS), fixed_core(model, start, plan)
    columns = np.union1d(fixed if fixed.size < likely.size else likely, must[must >= 0])
    last: Core | None = None
    x: Floats = np.zeros(0)
    for _ in range(GENERATIONS):
        core = core_of(model, columns)
        program = program_of(core)
        if program.matrix.nnz > MOST_ENTRIES or not columns.size or work.stopped:
            break
        answer = solve(program, work, relaxed=True)
        if not (answer.price.size and answer.x.size):
            break
        last, x = core, answer.x
        prices = lp_prices(core, answer)
        proven = bound_at(model, prices)
        if proven < bound:
            best, bound = prices, proven
        new = missing(model, prices, columns)
        if not new.size or proven - (answer.objective * weight_scale(core) - model.base) < NEAR * abs(proven):
            break
        columns = np.union1d(columns, new)
    return best, bound, last, x


def cheap(model: CoverModel) -> bool:
    """Whether the linear program of the first columns is small enough to be solved before anything else."""
    entries = model.net.pattern_layer.size
    return entries <= CHEAP_WHOLE or entries * FIRST_COLUMNS <= CHEAP * model.columns


def rounds_of_linear_program(model: CoverModel) -> int:
    """About as many rounds of search as half the linear program costs time, as measured on city cases."""
    return int(LP_ROUNDS * (model.net.pattern_layer.size / CHEAP_WHOLE) ** LP_GROWTH)


def all_is_open(model: CoverModel, proof: Proof) -> bool:
    """Whether the dual has found no prices at which a plan cannot cover all; those of the linear program hardly say more."""
    return proof.bound >= int(model.net.weight.sum()) - model.base


def closable(model: CoverModel, proof: Proof, nodes: int) -> bool:
    """Whether so many nodes of branch and bound may close what is left: cuts have brought it near, or the core is solved whole."""
    if proof.tight is not None and proof.bound - proof.plan.gain <= SOON * proof.bound:
        return True
    nodes = 0 if proof.tight is not None else nodes
    return _is_whole(model, open_columns(model, proof), _most_entries(proof, nodes))


def soon(model: CoverModel, proof: Proof) -> bool:
    """Whether the tree is the shortest way to close what is left: a core that it solves whole, and no floors to cut for."""
    few = model.net.pattern_layer.size <= CHEAP_WHOLE
    return few and not search.floors_of(model).size and closable(model, proof, 0)


def _most_entries(proof: Proof, nodes: int) -> int:
    """Entries of the largest core that is solved whole.

    The linear program is far from any plan where it needs cuts: there only the tree on the whole core bounds well.
    """
    if nodes < LONG_NODES:
        return WHOLE_ENTRIES
    return CUT_ENTRIES if proof.cut else LONG_ENTRIES


def by_linear_program(model: CoverModel, proof: Proof, seed: int, work: Work, *, cuts: bool = False) -> Proof:
    """A lower bound and a rounded plan from the linear program: by its prices, or where ``cuts`` help by those of the model with cuts."""
    if cuts:
        cut, found = linear_cuts(model, proof.multipliers, proof.bound, proof.plan, work)
    else:
        cut, found = model, linear_prices(model, proof.multipliers, proof.plan, work)
    prices, bound, core, x = found
    if cut is model:
        if bound < proof.bound:
            check_bound(bound, proof.plan.gain)
            proof = Proof(proof.plan, bound, prices, core_columns=core.columns.size if core else 0)
        plan, liked = replace(proof.plan, price=search.dual_price(model, prices)), prices
    else:
        proof = replace(proof, cut=(cut, prices))
        if bound < proof.bound:
            check_bound(bound, proof.plan.gain, TREE_ROUNDING)
            proof = replace(proof, bound=max(bound, proof.plan.gain), proven_by="cuts")
        plan, liked = proof.plan, proof.multipliers
    if core is not None:
        proof = with_plan(proof, rounded(replace(core, model=model), x, plan, seed, shortlist(model, liked)))
    return proof


def linear_cuts(
    model: CoverModel,
    start: Multipliers,
    bound: int,
    plan: Plan,
    work: Work,
    known: Known | None = None,
    found: Linear | None = None,
) -> tuple[CoverModel, Linear]:
    """The model with the cuts that help, and what ``linear_prices`` finds of it (the model itself: there are none).

    Cuts of the floors that have a price at the start; where there are none rules rounded, round after round, if they close enough of what
    lies between bound and plan (beside cuts of floors they took three times as long and gained nothing). ``known``: cuts of floors at other
    budgets; the cuts are then to hold at these too, so that own money is not rounded. ``found``: what ``linear_prices`` found of the model itself.
    """
    cut = with_floor_cuts(model, start, bound, work, known)
    if cut is not model:
        return cut, linear_prices(cut, _longer(start, cut), plan, work)
    found = found or linear_prices(model, start, plan, work)
    rules = np.arange(0 if known is None else 1, model.net.limit.size)
    tighter, first = model, found
    for _ in range(ROUNDED_TURNS):
        prices, _, core, x = found
        if core is None or work.stopped:
            break
        more = with_rounded_rules(tighter, core.columns, x[: core.columns.size], rules)
        if more is tighter:
            break
        tighter, found = more, linear_prices(more, _longer(prices, more), plan, work)
    if first[1] - found[1] < ROUNDED * (first[1] - plan.gain):
        return model, first
    return tighter, found


def _longer(prices: Multipliers, cut: CoverModel) -> Multipliers:
    """The prices for a model with more rules, which have none yet."""
    return replace(prices, rule=np.concatenate([prices.rule, np.zeros(cut.net.limit.size - prices.rule.size)]))


def whole_bound(bound: float, unit: float, model: CoverModel) -> int:
    """HiGHS's bound in whole units over all-keep, rounded outward."""
    if not math.isfinite(bound):
        return int(np.iinfo(np.int64).max)
    return math.floor(bound * unit * (1 + SAFETY) + 1e-6) - model.base


class Heard:
    """What branch and bound has told so far: the best plan and the lowest bound, both told on at once."""

    def __init__(
        self,
        model: CoverModel,
        proof: Proof,
        seed: int,
        work: Work,
        unit: float,
        columns_of: Callable[[Floats], Ints],
        least: float = -math.inf,
    ) -> None:
        self.model, self.start, self.seed, self.work = model, proof.plan, seed, work
        self.unit, self.columns_of, self.least = unit, columns_of, least
        self.active = shortlist(model, proof.multipliers)
        self.best, self.lowest = proof.plan, proof.bound

    def bound(self, bound: float) -> None:
        """A bound of the program; one of the model is no lower than ``least``, what plans reach that the program does not have."""
        reached = max(self.best.gain, self.least, whole_bound(bound, self.unit, self.model))
        if reached < self.lowest:
            self.lowest = int(reached)
            self._tell()

    def better(self, x: Floats) -> None:
        """A better solution: as a plan, improved."""
        plan = improved(self.model, self.columns_of(x), self.start, self.seed, self.active)
        if plan is not None and plan.gain > self.best.gain:
            self.best = plan
            self._tell()

    def _tell(self) -> None:
        unit = self.model.unit
        self.work.prove(self.best.gain * unit, max(self.lowest, self.best.gain) * unit)


def _is_whole(model: CoverModel, columns: Ints, most: int) -> bool:
    """Whether a fixed core is small enough to be solved whole."""
    if model.small or columns.size <= TREE_COLUMNS:
        return True
    return bool(core_of(model, columns).layers.pattern_layer.size <= most)


def by_tree(
    model: CoverModel, proof: Proof, gap: float, nodes: int, seed: int, work: Work, *, bare: bool = False
) -> Proof:
    """Branch and bound from the incumbent: on the whole core, which bounds, or on its best columns, which only finds (``bare``: ``program.solve``)."""
    if nodes == 0:
        return proof
    columns = open_columns(model, proof)
    whole = _is_whole(model, columns, _most_entries(proof, nodes))
    if not whole:
        must = np.concatenate([proof.plan.current, model.net.group_keep])
        columns = np.union1d(shortlist(model, proof.multipliers, TREE_COLUMNS), must[must >= 0])
    core = core_of(proof.cut[0] if proof.cut else model, columns)
    program = program_of(core)
    if not columns.size or program.matrix.nnz > MOST_FOR_TREE:
        return proof
    unit, first = weight_scale(core), core.columns.size
    least = -math.inf if whole else math.inf
    heard = Heard(model, proof, seed, work, unit, lambda x: core.columns[x[:first] > 0.5], least)
    start = start_vector(core, proof.plan)
    bare = bare or not search.floors_of(model).size
    answer = solve(program, work, gap=gap, nodes=nodes, start=start, bare=bare, told=heard.bound, found=heard.better)
    if answer.x.size:
        heard.better(answer.x)
    found = replace(with_plan(proof, heard.best), nodes=proof.nodes + answer.nodes, core_columns=columns.size)
    found = replace(found, lost=answer.status == "lost")
    return _proven(found, core, answer) if whole else found


def _proven(found: Proof, core: Core, answer: Answer) -> Proof:
    """The proof with the bound that branch and bound on a whole core ended with."""
    gain, bound, unit, model = found.plan.gain, found.bound, weight_scale(core), core.model
    # the core holds the incumbent, so "infeasible" is the solver's rounding: it proves nothing and the bound stays
    if answer.status != "infeasible" and math.isfinite(answer.bound):
        bound = whole_bound(answer.bound, unit, model)
        # a better plan is one of the core, and covers at least a step of its weights more
        if answer.bound * unit - model.base + MIP_GAP * unit < gain + step_of(core):
            bound = gain
    if bound < gain + step_of(core):
        bound = gain
    if max(bound, gain) < found.bound:
        found = replace(found, bound=max(bound, gain), proven_by="tree")
    return found


def step_of(core: Core) -> int:
    """What two plans of the core that cover unequally differ by at least: the greatest common divisor of its weights."""
    return max(1, int(np.gcd.reduce(core.layers.weight))) if core.layers.weight.size else 1


def feasible_plan(model: CoverModel, nodes: int, work: Work) -> Plan | None:
    """Any plan that keeps all rules, by branch and bound over all columns; None when there is provably none or none was found."""
    core = core_of(model, search.every(model))
    answer = solve(program_of(core), work, gap=1.0, nodes=nodes)
    if not answer.x.size:
        return None
    price = search.price_mixes(model)[0]
    empty = Plan(search.rest(model), 0, price)
    return rounded(core, answer.x, empty, 0, search.every(model))


def least_budget(model: CoverModel, nodes: int, work: Work) -> int:
    """Own capital below which provably no plan keeps the other rules (0: not proven)."""
    core = core_of(model, search.every(model))
    program = program_of(core)
    if program.matrix.nnz > MOST_ENTRIES:
        return 0
    row = core.layers.weight.size + model.net.group_keep.size
    high = program.high.copy()
    high[row] = np.inf
    cost = np.asarray(program.matrix.tocsr()[[row]].todense()).ravel()
    answer = solve(replace(program, gain=-cost, high=high), work, nodes=nodes)
    if not math.isfinite(answer.bound):
        return 0
    return max(0, math.ceil(-answer.bound * int(model.rule_unit[0]) * (1 - SAFETY) - 1e-6))
