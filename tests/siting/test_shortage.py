"""Floors that cannot be met together: what regions prove is right, and more than the dual says."""

from __future__ import annotations

import numpy as np
import pytest
from test_reaching import harder, keeps_all, two_floors
from test_small import enumerate_best

from benchmarks import instances, plain
from planner import siting
from planner.settings import Settings
from planner.siting import choosing, conflict, reaching, search, shortage
from planner.siting.model import CoverModel
from planner.siting.program import core_of, program_of, solve
from planner.siting.rules import SPACING
from planner.work import Work


def without_prices(model: CoverModel) -> np.ndarray:
    return np.zeros(model.net.limit.size)


def proven(model: CoverModel, work: Work | None = None) -> bool:
    return shortage.proven(shortage.looked_into(model, without_prices(model), work or Work()))


def test_what_is_proven_is_true_on_random_problems() -> None:
    said = wrong = more = open_ = 0
    for seed in range(60):
        rows, offers, cliques, settings = harder(seed, (0.3, 0.45)[seed % 2])
        model = siting.build(rows, offers, cliques, settings)
        if not search.floors_of(model).size:
            continue
        found = proven(model)
        best = enumerate_best(rows, offers, cliques, settings)
        said += found
        wrong += found and best is not None
        open_ += not found and best is None
        more += found and not _dual_says(model)
    assert wrong == 0
    assert (said > 10, more > 0, open_ < said) == (True, True, True)


def _dual_says(model: CoverModel) -> bool:
    """Whether the dual, in which cover above what a floor asks for counts as well, says so too."""
    return bool(reaching.reach(model, 0, Work(), 0, prove=False).fighting)


@pytest.mark.parametrize("seed", [3, 15])
def test_a_town_whose_floors_ask_too_much_is_refused_by_name(seed: int) -> None:
    """HiGHS over all columns takes 15 to 35 s for the first, and comes to no end in a minute for the second."""
    model = plain.build_plain(instances.product(300, 10_000, seed), Settings())
    assert conflict.out_of_reach(model, choosing.FLOOR_ROUNDS, Work()) is None
    reached = reaching.reach(model, 0, Work())
    assert reached.plan is None
    assert {"municipality_budget", SPACING} <= set(reached.fighting)
    assert set(reached.fighting) <= {*model.rules, SPACING}
    assert reached.near is not None
    assert reaching.lack_of(model, reached.near) < 1.0  # 3.0 and 3.7 where each cooling began anew, of nine floors
    assert reached.price is not None
    few = [name for name in reached.fighting if name != SPACING]  # cameras too near each other are not why
    price = np.where(np.isin(model.rules, few), reached.price, 0.0)
    assert reaching.too_much(conflict.keeping(model, few), price, Work())


def test_rules_that_are_named_fight_and_none_of_them_could_be_left_out() -> None:
    refused = fewer = 0
    for seed in range(60):
        rows, offers, cliques, settings = harder(seed, (0.3, 0.45)[seed % 2])
        model = siting.build(rows, offers, cliques, settings)
        reached = reaching.reach(model, 0, Work())
        refusal = conflict.out_of_reach_together(model, reached, Work())
        if refusal is None:
            continue
        refused += 1
        names = [rule["rule"] for rule in refusal.values["rules"]]
        fewer += len(names) < len(reached.fighting)
        assert not _stands(model, names), seed
        for name in names:
            rest = conflict.keeping(model, [other for other in names if other != name])
            assert not reaching.too_much(rest, without_prices(model), Work()), (seed, name)
    assert (refused > 10, fewer > 5) == (True, True)


def test_a_stop_leaves_the_rules_that_prices_name() -> None:
    model, _ = two_floors(0.4)
    reached = reaching.reach(model, 0, Work())
    work = Work()
    work.stop()
    refusal = conflict.out_of_reach_together(model, reached, work)
    assert refusal is not None
    assert [rule["rule"] for rule in refusal.values["rules"]] == list(reached.fighting)


def _stands(model: CoverModel, names: list[str]) -> bool:
    """Whether HiGHS finds a plan that keeps these rules."""
    kept = conflict.keeping(model, names)
    program = program_of(core_of(kept, search.every(kept)))
    return solve(program, Work()).status != "infeasible"


def test_nothing_is_proven_where_a_plan_keeps_all_rules() -> None:
    model = plain.build_plain(instances.product(300, 2000, 4), Settings())
    plan = search.greedy_plan(model, 0, Work())
    assert plan is not None
    assert keeps_all(model, plan.current)
    assert not proven(model)


def test_a_stop_proves_nothing() -> None:
    model = plain.build_plain(instances.product(300, 10_000, 3), Settings())
    work = Work()
    work.stop()
    assert not proven(model, work)


def test_regions_are_asked_only_where_a_proof_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A frontier looks for plans at many budgets: there it would take too long."""
    model = plain.build_plain(instances.product(300, 10_000, 3), Settings())
    monkeypatch.setattr(shortage, "looked_into", None)
    reached = reaching.reach(model, 0, Work(), 1, prove=False)
    assert (reached.plan, reached.fighting) == (None, ())
