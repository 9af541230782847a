"""Bounds are rounded outward wherever they are rounded: by hand, at prices that leave fractions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import towns

from planner import siting
from planner.siting import bounds, closer, program, search
from planner.siting.model import CoverModel, Multipliers
from planner.siting.program import Answer

EXACT = {"gap_goal": 0.0, "frontier_steps": 0, "search_rounds": 5}


def two_places(own_yen: int, *weights: int, **money: int) -> CoverModel:
    """As many mounts as weights, each seeing a spot of its own at the lowest step, for 1 yen (or ``money``)."""
    rows = [
        towns.offer(f"m{i}", f"a{i}", "install", f"m:{i}", **({"municipality_yen": 1} | money))
        for i in range(len(weights))
    ]
    seen = towns.rows_of(np.array(weights), {f"a{i}": {i: 1} for i in range(len(weights))})
    settings = towns.settings_of(own_yen, siting=EXACT, budget={"running_yen_per_year": 10**10})
    return siting.build(seen, towns.offers_of(rows), towns.cliques_of(), settings)


def prices_of(model: CoverModel, own: float, running: float = 0.0) -> Multipliers:
    """Every layer at its weight, own capital and running cost at these prices, all else free."""
    rule = np.array([{"municipality_budget": own, "running_budget": running}.get(name, 0.0) for name in model.rules])
    return Multipliers(model.net.weight.astype(np.float64), rule, np.zeros(model.net.cliques))


@pytest.mark.parametrize(("above", "proven"), [(7.0, 7), (0.5, 0), (2.0, 2)])
def test_the_tree_closes_only_what_is_less_than_one_step_of_the_weights(above: float, proven: int) -> None:
    """Ten thousand million units, of which a plan may differ by one: seven are not rounding."""
    model = two_places(1, 10_000_000_007, 10_000_000_000)
    core = program.core_of(model, search.every(model))
    plan = search.Plan(np.array([-1, int(np.argmin(model.net.weight))]), 10_000_000_000, np.zeros(2))
    free = Multipliers(np.zeros(2), np.zeros(model.net.limit.size), np.zeros(0))
    answer = Answer("stopped", np.zeros(0), 0.0, (plan.gain + above) / program.weight_scale(core), 1, np.zeros(0))
    found = closer._proven(closer.Proof(plan, 20_000_000_007, free), core, answer)
    assert found.bound >= plan.gain + proven
    assert (found.bound == plan.gain) == (above < 1)


def test_weights_with_a_common_step_close_within_it() -> None:
    """All weights are multiples of 3, so that no plan gains one or two units more."""
    model = two_places(1, 3_000_000_021, 3_000_000_000)
    core = program.core_of(model, search.every(model))
    plan = search.Plan(np.array([-1, int(np.argmin(model.net.weight))]), 3_000_000_000, np.zeros(2))
    free = Multipliers(np.zeros(2), np.zeros(model.net.limit.size), np.zeros(0))
    proof = closer.Proof(plan, 6_000_000_021, free)

    def at(above: float) -> Answer:
        return Answer("stopped", np.zeros(0), 0.0, (plan.gain + above) / program.weight_scale(core), 1, np.zeros(0))

    assert closer._proven(proof, core, at(2.5)).bound == plan.gain
    assert closer._proven(proof, core, at(3.0)).bound >= plan.gain + 3


def test_what_a_place_can_bring_is_not_cut_twice() -> None:
    """10 against 9 for the one yen there is. At price 8.7 the bound is 10.3, without the first 10.3 - 1.3 = 9."""
    model = two_places(1, 10, 9)
    choice = siting.choose(model, model.given.settings)
    assert round(choice.value / model.unit) == 10
    shown = replace(choice, multipliers=prices_of(model, 8.7), from_tree=False, bound=10 * model.unit)
    advice = siting.advise(model, shown)
    assert advice.exchanges["bound_without_per_year"].iloc[0] / model.unit >= 9 - 1e-6
    assert advice.left_out["bound_with_per_year"].iloc[0] / model.unit >= 9 - 1e-6


def test_what_saves_own_money_adds_to_the_rounding() -> None:
    """Terms of 10^12 and more that cancel: the bound of a line is rounded by as much as that of its one point."""
    model = two_places(10**10, 10, 9, municipality_yen=-(10**10), running_yen_per_year=8 * 10**9)
    assert "running_budget" in model.rules
    fitted = bounds.refitted(model, prices_of(model, 1_000.0, 1_000.0))
    own = int(model.net.limit[0])
    assert bounds.line_bounds(model, fitted, [own])[0] >= bounds.bound_at(model, bounds.refitted(model, fitted))
