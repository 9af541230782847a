"""Plans from shares of ways: they keep all rules, and are better than the known one where they are taken."""

from __future__ import annotations

import math

import numpy as np
from every_rule import FIRST_SEED, models
from test_reaching import keeps_all

from planner.siting import bounds, closer, dual, search
from planner.siting.closer import Proof
from planner.siting.descending import Terms, descend
from planner.siting.diving import dive
from planner.siting.model import CoverModel
from planner.siting.net import floor_worth
from planner.siting.program import program_of
from planner.siting.region import regions_of
from planner.work import Work


def dived(model: CoverModel, plan: search.Plan) -> Proof | None:
    """From prices that prove nothing much; None where no region can be listed."""
    prices, every, worth = dual.free(model), search.every(model), floor_worth(model.net)
    proof = Proof(plan, bounds.bound_at(model, prices), prices)
    terms, scale = Terms(np.zeros(model.net.limit.size), 4.0 * worth, 40.0 * worth), float(proof.bound + model.base)
    found = descend(model, every, regions_of(model, every), terms, program_of, plan.current, scale, -math.inf, Work())
    return None if found is None else dive(*found, proof, 0, Work())


def test_a_plan_is_found_that_keeps_all_rules_and_is_no_better_than_the_best() -> None:
    tried = better = 0
    for seed, model in models(range(FIRST_SEED, FIRST_SEED + 70)):
        plan = search.greedy_plan(model, 0, Work())
        found = None if plan is None else dived(model, plan)
        if plan is None or found is None:
            continue
        best = closer.by_tree(model, found, 0.0, 100_000, 0, Work())
        assert plan.gain <= found.plan.gain <= best.plan.gain, seed
        assert keeps_all(model, found.plan.current), seed
        tried += 1
        better += found.plan.gain > plan.gain
    assert (tried > 10, better > 1) == (True, True)
