"""A hundred random towns: brute force = solver = recount, within every rule."""

from __future__ import annotations

import pytest

from planner import coverage, plan, siting, study
from planner.work import Work
from tests.brute_force import best_plan
from tests.tiny_towns import tiny


@pytest.mark.parametrize("first", range(0, 100, 20))
def test_brute_force_solver_and_recount_agree(first: int) -> None:
    for seed in range(first, first + 20):
        inputs, merged = tiny(seed)
        settings = merged.settings
        town = study.prepare(inputs, settings, Work())
        rows = coverage.grade(town.survey, town.demand, settings)
        best, _ = best_plan(rows, town.offers, town.survey.cliques, settings)
        choice = siting.choose(siting.build(rows, town.offers, town.survey.cliques, settings), settings, Work())
        assert choice.value == pytest.approx(best, abs=1e-9), seed
        assert choice.value - 1e-9 <= choice.bound <= choice.value + 1e-6, seed
        assert choice.status == "optimal", seed
        count = plan.recount(town, settings, choice)
        assert count.value_per_year == pytest.approx(best, abs=1e-9), seed
