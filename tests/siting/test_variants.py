"""Programmes with charges or least totals in large models: not every combination is solved, and what is not is bounded."""

from __future__ import annotations

import functools

import every_rule
import pytest

from planner import siting
from planner.errors import InfeasibleError, PlannerError, SettingsError
from planner.siting import using, variants
from planner.siting.rules import LEAST

CASES = 30


@functools.cache
def _charged_problems():
    """Random problems with every rule of which a programme has charges, and their best gain by enumeration (None: no plan)."""
    found = []
    for seed in range(every_rule.FIRST_SEED, every_rule.FIRST_SEED + CASES):
        rows, offers, cliques, settings, more = every_rule.problem(seed)
        try:
            model = siting.build(rows, offers, cliques, settings, more)
        except SettingsError:
            continue
        if model.charges:
            found.append((seed, model, settings, every_rule.Every(rows, offers).best(cliques, settings, more)))
    return found


def test_what_is_left_out_cannot_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(variants, "_all_solved", variants._some_solved)
    left_out = met = 0
    for seed, model, settings, truth in _charged_problems():
        if truth is None:
            with pytest.raises(InfeasibleError):
                siting.choose(model, settings)
            continue
        choice = siting.choose(model, settings)
        siting.verify(model, choice)
        bound = round(choice.bound / model.unit)
        assert round(choice.value / model.unit) <= truth <= bound, seed
        for variant in choice.variants:
            assert round(variant.bound / model.unit) <= bound
            left_out += variant.choice is None
        met += 1
        few = settings.model_copy(update={"siting": settings.siting.model_copy(update={"frontier_steps": 8})})
        front = siting.frontier(model, few, choice).table
        own = front[front["municipality_yen"] == settings.budget.own_capital_yen]
        assert own["value_per_year"].tolist() in ([], [choice.value])
        assert own["bound_per_year"].tolist() in ([], [choice.bound])
        assert front["value_per_year"].is_monotonic_increasing
        assert front["bound_per_year"].is_monotonic_increasing
    assert met >= 5
    assert left_out


def test_a_variant_that_may_have_a_plan_is_not_hidden_by_one_that_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def solved(variant, *_args, **_more):
        if variant.used:
            return None, InfeasibleError("no_plan_keeps_all_rules", "none")
        return variant, PlannerError("no_plan_found", "not found")

    monkeypatch.setattr(variants, "solved_one", solved)
    _, model, settings, _ = next(case for case in _charged_problems() if case[3] is not None)
    with pytest.raises(PlannerError) as refusal:
        siting.choose(model, settings)
    assert refusal.value.code == "no_plan_found"


def test_a_frontier_of_no_budgets_is_empty() -> None:
    _, model, settings, _ = next(case for case in _charged_problems() if case[3] is not None)
    none = settings.model_copy(update={"siting": settings.siting.model_copy(update={"frontier_steps": 0})})
    front = siting.frontier(model, none, siting.choose(model, settings))
    assert front.table.empty
    assert front.offer_ids == ()


def test_prices_of_the_whole_bound_every_combination() -> None:
    seen = 0
    for _, model, settings, truth in _charged_problems():
        if truth is None:
            continue
        whole = variants.found_prices(model, 0, settings.siting.dual_rounds, variants.Work())[0]
        for variant in variants.variants(model):
            try:
                best = variants.choosing.choose(variant.model, settings)
            except InfeasibleError:
                continue
            most = using.bound_using(model, whole, variant.used)
            assert most >= round(best.value / model.unit)
            part = variant.part
            assert part is not None
            outside = using.outside(part, best.multipliers)
            assert using.bound_using(model, outside, variant.used) >= round(best.value / model.unit)
            seen += 1
    assert seen >= 5


def test_a_combination_has_its_columns_and_its_limits() -> None:
    seen = 0
    for _, model, _, _ in _charged_problems():
        charge = model.charges[0]
        used, unused = using.using(model, (charge.programme,)), using.using(model, ())
        assert used is not None
        assert unused is not None
        assert model.own_limit(500_000) - used.model.own_limit(500_000) == charge.own_yen
        assert used.model.net.limit[0] == model.net.limit[0] - charge.own_yen
        assert not unused.model.uses.any()
        assert (unused.model.net.limit == model.net.limit).all()
        if charge.least_yen:
            at = model.rules.index(LEAST + charge.programme)
            assert (model.net.limit[at], used.model.net.limit[at]) == (0, -charge.least_yen)
            seen += 1
    assert seen
