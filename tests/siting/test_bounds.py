"""Bounds are rounded outward wherever they are rounded: by hand, at prices that leave fractions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import towns
from every_rule import FIRST_SEED, models

from planner import siting
from planner.errors import PlannerError
from planner.siting import bounds, closer, dual, program, search, sweeping
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
    shown = replace(choice, multipliers=prices_of(model, 8.7), proven_by="prices", bound=10 * model.unit)
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


@pytest.mark.parametrize("proven_by", ["prices", "cuts"])
def test_a_bound_below_what_its_prices_prove_is_refused(proven_by: str) -> None:
    """Prices of the model prove 10.3, so 10, and with a unit of money more some units more: only the prices told of are put in again."""
    model = two_places(1, 10, 9)
    choice = siting.choose(model, model.given.settings)
    cut = replace(model, net=model.net._replace(limit=model.net.limit + 1))
    proven = {
        "prices": bounds.bound_at(model, prices_of(model, 8.7)),
        "cuts": bounds.bound_at(cut, prices_of(model, 8.7)),
    }
    assert proven["prices"] == 10 < proven["cuts"]
    proof = {"multipliers": prices_of(model, 8.7), "cut": (cut, prices_of(model, 8.7))}
    for units in (proven[proven_by], proven[proven_by] + 2):
        shown = replace(choice, proven_by=proven_by, bound=units * model.unit, gap=1 - 10 / units, **proof)
        siting.verify(model, shown)
    loose = {"multipliers": prices_of(model, 2.0), "cut": (model, prices_of(model, 2.0))}
    with pytest.raises(PlannerError, match="bound"):
        siting.verify(model, replace(choice, proven_by=proven_by, bound=10 * model.unit, gap=0.0, **loose))
    siting.verify(model, replace(choice, proven_by="tree", bound=10 * model.unit, gap=0.0, **loose))


def test_bounds_of_the_frontier_are_those_that_their_prices_prove(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them is put in again over all columns, one by one, by the code that shares nothing with the sweep over budgets."""
    seen = 0

    def held(model: CoverModel, prices: Multipliers, budgets: list[int]) -> list[int]:
        nonlocal seen
        told = line_bounds(model, prices, budgets)
        for budget, bound in zip(budgets, told, strict=True):
            there = replace(model, net=model.net._replace(limit=np.append(budget, model.net.limit[1:])))
            again = bounds.bound_at(there, bounds.refitted(there, prices))
            assert bound == pytest.approx(again, rel=1e-6)  # own money at a price a bisection finds
            seen += 1
        return told

    line_bounds = bounds.line_bounds
    monkeypatch.setattr(sweeping, "line_bounds", held)
    settings = towns.settings_of(3_000_000, siting={"frontier_steps": 6, "search_rounds": 5, "mip_nodes": 0})
    model = siting.build(*towns.city(60, seed=3), settings)
    siting.frontier(model, settings, siting.choose(model, settings))
    assert seen >= 6 * 6


def test_bounds_of_other_budgets_leave_out_no_column_that_counts() -> None:
    """With standing cameras, what saves own capital among them: as over all columns at the same price."""
    stands = 0
    for seed, model in models(range(FIRST_SEED, FIRST_SEED + 60)):
        track = dual.begin(model)
        dual.descend(model.net, track, dual.money_lines(model), 30, 0.0, 0.3, 10)
        prices = dual.found(track)
        for budget in (0, 70_000, 400_000):
            there = replace(model, net=model.net._replace(limit=np.append(budget, model.net.limit[1:])))
            again = bounds.bound_at(there, bounds.refitted(there, prices))
            assert bounds.line_bounds(model, prices, [budget])[0] == pytest.approx(again, rel=1e-6, abs=2), seed
        stands += bool((model.net.group_keep >= 0).any())
    assert stands > 20
