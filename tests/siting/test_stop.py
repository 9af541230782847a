"""A stop is heard wherever prices or plans are looked for beside the plan: the work that is handed down is the one that is asked."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest
import towns

from planner import siting
from planner.siting import reaching, relaxing, sweeping
from planner.work import Work


def heard(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, asked: Work) -> list[bool]:
    """Whether each call of a function is handed this work."""
    found, inner = [], getattr(module, name)

    def told(*arguments: Any, **named: Any) -> Any:
        found.append(any(a is asked for a in arguments))
        return inner(*arguments, **named)

    monkeypatch.setattr(module, name, told)
    return found


def test_a_stop_is_heard_beside_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = {"districts": [{"id": "D3", "min_sites": 1}]}
    settings = towns.settings_of(
        6_000_000, rules=rules, siting={"search_rounds": 5, "mip_nodes": 0, "frontier_steps": 4}
    )
    model = siting.build(*towns.city(150, seed=2), settings)
    assert not model.small
    choice, work = siting.choose(model, settings), Work()
    robust = importlib.import_module("planner.siting.robust")  # the room has a verb of that name
    told: list[str] = []
    work.report = lambda stage, *_: told.append(stage)
    priced, short = (heard(monkeypatch, module, "found_prices", work) for module in (relaxing, robust))
    list(siting.without_rules(model, settings, choice, ["district_min:D3"], work))
    siting.stability(model, settings, choice, [np.ones(len(model.given.rows.table))], work)
    assert priced
    assert all(priced)
    assert short[0]
    reached = heard(monkeypatch, reaching, "reach", work)
    monkeypatch.setattr(sweeping.search, "settle", lambda *_: None)  # floors that greedy keeps nowhere
    bounds, runs = sweeping.sweep_bounds(model, [6_000_000], choice.multipliers, None, 0.0, work)
    sweeping.sweep_plans(sweeping.sweeper(model, [6_000_000], runs, None, -1), 0, work)
    assert bounds
    assert reached == [True]


def test_quiet_work_tells_nothing_and_is_stopped() -> None:
    told: list[str] = []
    work = Work(report=lambda stage, *_: told.append(stage))
    with work.quiet() as inner:
        inner.step("siting_bound")
        work.stop()
        assert inner.stopped
    work.step("siting_search")
    assert told == ["siting_search"]
