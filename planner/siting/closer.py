"""The exact closer: reduced-cost fixing, the linear program's prices and rounding, branch and bound on the core.

A column may leave the core when no plan better than the incumbent can use it: with prices of a dual bound L and
``short`` its distance to the best of its group, every plan that uses it gains at most ``L - short``. So the optimum is
the larger of the incumbent and the core's optimum, and ``min(dual bound, max(core bound, incumbent))`` is a bound for
the whole model. The bound of the linear program is never taken from the solver: its prices are put into ``bound_at``
over all columns. The bound of branch and bound is HiGHS's (tolerances 1e-9); it is rounded outward.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from planner.siting import search
from planner.siting.dual import SAFETY, bound_at, column_worth, group_best
from planner.siting.kernels import Floats, Ints
from planner.siting.model import CoverModel, Multipliers
from planner.siting.program import Answer, Core, core_of, program_of, rule_scale, solve, weight_scale
from planner.siting.search import Plan
from planner.work import Work

MOST_ENTRIES = 3_000_000  # of the core's matrix: above it the program would not fit in memory beside the town
MOST_FOR_TREE = 400_000  # above it the root alone would outlast any wait


@dataclass(frozen=True)
class Proof:
    """The best plan, the bound on the gain, the prices that prove it, and whether the tree went below them."""

    plan: Plan
    bound: int
    multipliers: Multipliers
    tree: bool = False
    nodes: int = 0
    core_columns: int = 0


def fixed_core(model: CoverModel, multipliers: Multipliers, plan: Plan) -> Ints:
    """The columns that a plan better than the incumbent may use, and the incumbent's own."""
    worth, size = column_worth(model, multipliers)
    best = group_best(model, worth)[model.net.column_group]
    bound = bound_at(model, multipliers)
    slack = SAFETY * float(size.max(initial=0.0)) + 1e-6
    keep = bound - (best - worth) + slack >= plan.gain + 1
    keep[model.net.group_keep[model.net.group_keep >= 0]] = True
    keep[plan.current[plan.current >= 0]] = True
    return np.flatnonzero(keep)


def lp_prices(core: Core, answer: Answer, before: Multipliers) -> Multipliers:
    """Prices of the linear program for the whole model; layers outside the core keep the price they had."""
    model, net = core.model, core.model.net
    unit, m, groups = weight_scale(core), core.layers.weight.size, net.group_keep.size
    price = np.abs(answer.price) * unit
    rule = price[m + groups : m + groups + net.limit.size] / rule_scale(model)
    floors = np.unique(net.floor[net.floor >= 0])
    rule[floors] = price[m + groups + floors] / unit
    # outside the core a layer keeps its share of its weight, which a floor's price raises
    at = np.maximum(net.floor, 0)
    layer = before.layer * np.where(net.floor >= 0, (1.0 + rule[at]) / (1.0 + before.rule[at]), 1.0)
    inside = core.layers.merged_of >= 0
    to = core.layers.merged_of[inside]
    layer[inside] = price[:m][to] * net.weight[inside] / core.layers.weight[to]
    return Multipliers(layer, rule, price[m + groups + net.limit.size :])


def rounded(core: Core, x: Floats, plan: Plan, seed: int, active: Ints) -> Plan | None:
    """A plan from fractional columns: the largest of each group above a half, then filled and improved."""
    start = search.rest(core.model)
    chosen = np.flatnonzero(x[: core.columns.size] > 0.5)
    start[core.model.net.column_group[core.columns[chosen]]] = core.columns[chosen]
    return search.settle(core.model, start, plan.price, search.PASSES, seed, active)


def start_vector(core: Core, plan: Plan) -> Floats:
    """The incumbent as a start for branch and bound."""
    chosen = np.isin(core.columns, plan.current[plan.current >= 0])
    layers = core.layers
    covered = np.zeros(layers.weight.size)
    for i in np.flatnonzero(chosen):
        covered[layers.pattern_layer[layers.pattern_start[i] : layers.pattern_start[i + 1]]] = 1.0
    return np.concatenate([chosen.astype(np.float64), covered])


def with_plan(proof: Proof, plan: Plan | None) -> Proof:
    """The proof with a better plan, if it is one."""
    best = search.better(proof.plan, plan)
    return Proof(best or proof.plan, proof.bound, proof.multipliers, proof.tree, proof.nodes, proof.core_columns)


def by_linear_program(model: CoverModel, proof: Proof, seed: int, work: Work) -> Proof:
    """Better prices and a rounded plan from the linear program of the core."""
    core = core_of(model, fixed_core(model, proof.multipliers, proof.plan))
    program = program_of(core)
    if program.matrix.nnz > MOST_ENTRIES or not core.columns.size:
        return proof
    answer = solve(program, work, relaxed=True)
    if answer.price.size:
        prices = lp_prices(core, answer, proof.multipliers)
        bound = bound_at(model, prices)
        if bound < proof.bound:
            proof = Proof(proof.plan, bound, prices, proof.tree, proof.nodes, core.columns.size)
    if answer.x.size:
        proof = with_plan(proof, rounded(core, answer.x, proof.plan, seed, search.shortlist(model, proof.multipliers)))
    return proof


def by_tree(model: CoverModel, proof: Proof, gap: float, nodes: int, seed: int, work: Work) -> Proof:
    """Branch and bound on the core, from the incumbent."""
    columns = fixed_core(model, proof.multipliers, proof.plan)
    core = core_of(model, columns)
    program = program_of(core)
    if program.matrix.nnz > MOST_FOR_TREE or nodes == 0:
        return proof
    answer = solve(program, work, gap=gap, nodes=nodes, start=start_vector(core, proof.plan))
    plan = rounded(core, answer.x, proof.plan, seed, search.every(model)) if answer.x.size else None
    better = with_plan(proof, plan)
    unit = weight_scale(core)
    bound = proof.plan.gain
    if answer.status != "infeasible" and math.isfinite(answer.bound):
        # what is covered outside the core's layers: nothing, every layer of a core column is in the core
        bound = max(bound, math.floor(answer.bound * unit * (1 + SAFETY) + 1e-6) - model.base)
    elif answer.status != "infeasible":
        bound = proof.bound
    bound = max(bound, better.plan.gain)
    # whole weights: a bound within rounding of the plan is the plan's own value
    if bound - better.plan.gain <= 2 * SAFETY * abs(bound + model.base) + 1e-3 * unit:
        bound = better.plan.gain
    tighter = bound < proof.bound
    return Proof(
        better.plan,
        min(bound, proof.bound),
        proof.multipliers,
        tighter or proof.tree,
        proof.nodes + answer.nodes,
        columns.size,
    )


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
    return max(0, math.ceil(-answer.bound * int(rule_scale(model)[0]) * (1 - SAFETY) - 1e-6))
