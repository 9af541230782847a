"""Better plans from few columns: those worth most at prices, and those of several good plans; branch and bound finds the best of them.

What good plans have in common needs no search, and where they differ a small program (``program.program_of``: variables, rules and
objective of ``planner.siting.dual``) finds the best of all mixtures. Sources: kernel search, Angelelli, Mansini and Speranza 2010; tour
merging, Cook and Seymour 2003, here for covers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from planner.siting import search
from planner.siting.closer import Proof, rounded, start_vector, with_plan
from planner.siting.model import CoverModel
from planner.siting.net import Ints
from planner.siting.part import Part, part_of
from planner.siting.program import Core, core_of, program_of, solve
from planner.siting.search import Plan
from planner.work import Work

JOIN_ENTRIES, JOIN_NODES = 1_500, 20  # of the program that joins plans: some tenths of a second at most
# of the program of the columns worth most: with half as many the plan was poorer in four cases of seven, with four times it took seconds
KERNEL_ENTRIES = 3_000
KERNEL_COLUMNS, KERNEL_STEP = 6, 0.1  # at most so many times the plan's; near enough to the most that fit


def by_kernel(model: CoverModel, proof: Proof, seed: int, work: Work) -> Proof:
    """A better plan from the prices: filled by worth, then the best of its columns, the known plan's and those worth most.

    So few columns that branch and bound is over in some tenths of a second.
    """
    proof = with_plan(proof, search.by_worth(model, proof.multipliers, seed))
    used = proof.plan.current[proof.plan.current >= 0]
    liked = search.in_order_of_worth(model, proof.multipliers)[: KERNEL_COLUMNS * used.size]
    part = part_of(model, np.union1d(liked, used))
    core = _kernel(part.model, np.searchsorted(part.columns, used), np.searchsorted(part.columns, liked))
    return with_plan(proof, best_of(part, core, proof.plan, seed, work))


def best_of(part: Part, core: Core, plan: Plan, seed: int, work: Work) -> Plan | None:
    """The best plan of a small core of a part, by branch and bound from a plan of the whole model."""
    inner = Plan(part.plan_in(plan.current), plan.gain, plan.price[part.columns])
    bare = not search.floors_of(core.model).size
    answer = solve(program_of(core), work, nodes=JOIN_NODES, start=start_vector(core, inner), bare=bare)
    found = rounded(core, answer.x, inner, seed, core.columns) if answer.x.size else None
    return found and replace(plan, current=part.plan_out(found.current), gain=found.gain)


def of_support(model: CoverModel, columns: Ints, plan: Plan, seed: int, work: Work) -> Plan | None:
    """The best plan of columns that a linear program uses and those of a known plan (None: too many for a small program).

    Relaxation enforced neighbourhood search, Berthold 2014.
    """
    part = part_of(model, np.union1d(columns, plan.current[plan.current >= 0]))
    core = core_of(part.model, search.every(part.model))
    if core.layers.pattern_layer.size > KERNEL_ENTRIES:
        return None
    return best_of(part, core, plan, seed, work)


def _kernel(model: CoverModel, must: Ints, liked: Ints) -> Core:
    """The columns of a plan and as many of those worth most (the first) as make a small program."""
    core, fits, most = core_of(model, must), must.size, liked.size + 1
    while most - fits > max(1, KERNEL_STEP * must.size):
        number = (fits + most) // 2
        tried = core_of(model, np.union1d(liked[:number], must))
        if tried.layers.pattern_layer.size > KERNEL_ENTRIES:
            most = number
        else:
            core, fits = tried, number
    return core


def joined(model: CoverModel, plans: Sequence[Plan], seed: int, work: Work, others: Sequence[Ints] = ()) -> Plan | None:
    """The best plan of the columns of several good ones (the best first), then of other columns, as far as they make a small program."""
    sets = [*(plan.current[plan.current >= 0] for plan in plans), *others]
    part = part_of(model, np.unique(np.concatenate(sets)))
    keep = part.model.net.group_keep
    core = core_of(part.model, keep[keep >= 0])
    for number, columns in enumerate(sets):
        more = np.union1d(core.columns, np.searchsorted(part.columns, columns))
        if more.size > core.columns.size:
            tried = core_of(part.model, more)
            if number and tried.layers.pattern_layer.size > JOIN_ENTRIES:
                break
            core = tried
    if core.columns.size == (plans[0].current >= 0).sum():
        return None
    return best_of(part, core, plans[0], seed, work)
