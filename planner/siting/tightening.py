"""The linear program of the reduced core with cuts of three layers, round after round from where it stood.

The program is ``program.program_of``, the cuts are those of ``triples``; each round adds the ones that its solution breaks most. What is
proven is proven by the prices of the last round, put into ``triples.bound_of``. Source: cutting planes, Dantzig, Fulkerson and Johnson 1954.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from planner.siting import joining
from planner.siting.closer import Proof, fixed_core, lp_prices, rounded, with_plan
from planner.siting.exchanging import is_plain
from planner.siting.model import CoverModel
from planner.siting.net import Ints
from planner.siting.pricing import shortlist
from planner.siting.program import Answer, Core, Warm, core_of, program_of, weight_scale
from planner.siting.triples import SOME, Tight, bound_of, broken, rows_of
from planner.work import Work

# covered layers of all columns together: above it a round takes several seconds (4 s at 300,000, 10 s at 220,000 of 1,000 columns) and
# search does more with the time; the same before layers are merged, to know it without merging
MOST_ENTRIES, MOST_RAW = 200_000, 2_000_000
ROUNDS = 15
PROGRESS = 0.01  # of the gap: a round that closes less is the last


def by_triples(model: CoverModel, proof: Proof, seed: int, work: Work) -> Proof:
    """A lower bound and a rounded plan from the linear program of the core with cuts of three layers.

    Unchanged where the core is too large, or no cut lowers the bound.
    """
    columns, net = fixed_core(model, proof.multipliers, proof.plan), model.net
    if not columns.size or work.stopped or np.diff(net.pattern_start)[net.column_pattern[columns]].sum() > MOST_RAW:
        return proof
    core = core_of(model, columns)
    if core.layers.pattern_layer.size > MOST_ENTRIES:
        return proof
    program = program_of(core)
    warm, cuts = Warm(program, work, ruled=not is_plain(net)), np.zeros((0, 3), np.int64)
    answer = warm.solve()
    for _ in range(ROUNDS):
        new = broken(core, answer.x) if answer.price.size else cuts[:0]
        if not new.size or work.stopped:
            break
        work.step("siting_close")
        warm.add(rows_of(core, new), -1.0)
        later = warm.solve()
        if not later.price.size:
            break
        fell, answer, cuts = answer.objective - later.objective, later, np.concatenate([cuts, new])
        if fell * weight_scale(core) < PROGRESS * (proof.bound - proof.plan.gain):
            break
    if not cuts.size:
        return proof
    tight = _tight(core, cuts, answer, program.matrix.shape[0])
    bound = max(bound_of(model, tight), proof.plan.gain)
    if bound < proof.bound:
        proof = replace(proof, bound=bound, proven_by="cuts", tight=tight)
    proof = with_plan(proof, rounded(core, answer.x, proof.plan, seed, shortlist(model, proof.multipliers)))
    used = core.columns[answer.x[: core.columns.size] > SOME]
    return with_plan(proof, joining.of_support(model, used, proof.plan, seed, work))


def _tight(core: Core, cuts: Ints, answer: Answer, rows: int) -> Tight:
    """The core with its cuts at the prices of a solution, without cuts that have none."""
    prices, cut = lp_prices(core, answer), np.abs(answer.price[rows:]) * weight_scale(core)
    own = np.abs(answer.price[: core.layers.weight.size]) * weight_scale(core)
    priced = cut > 0
    return Tight(core.columns, cuts[priced], own, prices.rule, prices.clique, cut[priced])
