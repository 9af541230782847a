"""The best worst case and the stability of sites, against enumeration."""

from __future__ import annotations

import importlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import towns
from test_nested import plans, small

from planner import siting
from planner.errors import Note, PlannerError
from planner.siting.model import CoverModel
from planner.siting.robust import PARTS, _whole_shares, weights_of
from planner.work import Work


def resamples(rows, seed: int, number: int):
    g = np.random.default_rng(seed)
    return [g.gamma(1.0, 1.0, len(rows.table)) for _ in range(number)]


@pytest.mark.parametrize("seed", range(10))
def test_the_bound_holds_for_every_plan_and_the_plan_is_near_it(seed: int) -> None:
    rows, offers, cliques, settings = small(seed, 1500)
    settings = settings.model_copy(
        update={"siting": settings.siting.model_copy(update={"robust_rounds": 12, "mip_nodes": 500})}
    )
    model = siting.build(rows, offers, cliques, settings)
    factors = resamples(rows, seed, 5)
    choice = siting.choose(model, settings)
    made = siting.robust(model, settings, choice, factors)
    siting.verify(model, made)
    worst = np.full(len(list(plans(rows, offers, 1500))), np.inf)
    for factor in factors:
        other = rows.__class__(
            rows.table.assign(weight_micro=weights_of(rows, factor)), rows.quality, rows.action_ids, rows.steps
        )
        worst = np.minimum(worst, [v * model.unit for _, v in plans(other, offers, 1500)])
    assert made.robust is not None
    assert made.robust.bound >= worst.max() - 1e-12
    assert made.robust.worst <= worst.max() + 1e-12
    assert made.robust.worst >= made.robust.expected_worst - 1e-12
    assert made.robust.worst >= 0.9 * worst.max()
    assert made.value <= choice.bound + 1e-12
    ids = set(made.chosen["offer_id"])
    here = next(w for (i, _), w in zip(plans(rows, offers, 1500), worst, strict=True) if i == ids)
    assert made.robust.worst == pytest.approx(here)


@pytest.mark.parametrize(("seed", "high"), [(2, 0.8), (5, 0.8), (7, 0.9), (9, 0.9), (12, 0.9), (13, 0.8), (17, 0.9)])
def test_floors_count_what_is_expected_and_no_resample_of_it(seed: int, high: float) -> None:
    rows, offers, cliques, _ = small(seed, 1900)
    district = np.where(np.arange(12) < 6, "D1", "D2")
    rows = replace(rows, table=rows.table.assign(district_id=pd.Series(district, dtype="str")))
    share = {}  # of each district in every plan
    for name in ("D1", "D2"):
        own = rows.table["weight_micro"].to_numpy() * (district == name)
        there = replace(rows, table=rows.table.assign(weight_micro=own))
        share[name] = np.array([v for _, v in plans(there, offers, 1900)]) / (own.sum() * rows.steps)
    # so high that few plans keep both
    most = {name: round(float(np.quantile(value, high)) - 0.001, 3) for name, value in share.items()}
    fine = np.all([value >= most[name] for name, value in share.items()], axis=0)
    settings = towns.settings_of(
        1900,
        siting={"gap_goal": 0.0, "search_rounds": 10, "robust_rounds": 12, "mip_nodes": 500},
        rules={
            "districts": [{"id": "D1", "floor_share": most["D1"]}],
            "floors": [{"measure": "place", "district": "D2", "share": most["D2"]}],
        },
    )
    assert fine.any()
    model = siting.build(rows, offers, cliques, settings)
    factors = resamples(rows, seed, 5)
    choice = siting.choose(model, settings)
    made = siting.robust(model, settings, choice, factors)
    siting.verify(model, made)
    worst = np.full(fine.size, np.inf)
    for factor in factors:
        other = replace(rows, table=rows.table.assign(weight_micro=weights_of(rows, factor)))
        worst = np.minimum(worst, [v * model.unit for _, v in plans(other, offers, 1900)])
    assert made.robust is not None
    assert worst[fine].max() - 1e-12 <= made.robust.bound < np.inf
    assert 0.9 * worst[fine].max() <= made.robust.worst <= worst[fine].max() + 1e-12


def test_shares_are_whole_and_add_up() -> None:
    for seed in range(20):
        parts = _whole_shares(np.random.default_rng(seed).normal(0, 2, 7))
        assert parts.sum() == PARTS
        assert (parts >= 0).all()


def test_the_worst_case_by_hand() -> None:
    """Money for one camera: one sees 10 offences that may be 2, the other 6 that may be 5. Expected: the first; worst: the second."""
    offers = [towns.offer(f"o{n}", f"a{n}", "install", f"m:{n}", municipality_yen=100) for n in (1, 2)]
    rows = towns.rows_of([10, 6], {"a1": {0: 16}, "a2": {1: 16}})
    settings = towns.settings_of(100, siting={"gap_goal": 0.0, "robust_rounds": 4})
    model = siting.build(rows, towns.offers_of(offers), towns.cliques_of(), settings)
    choice = siting.choose(model, settings)
    assert list(choice.chosen["offer_id"]) == ["o1"]
    made = siting.robust(model, settings, choice, [np.array([1.0, 1.0]), np.array([0.2, 5 / 6])])
    assert list(made.chosen["offer_id"]) == ["o2"]
    assert made.robust is not None
    assert made.robust.worst == pytest.approx(5e-6)
    assert made.robust.expected_worst == pytest.approx(2e-6)
    # with shares mu and 1 - mu both cameras are worth the same at 10 mu + 2 (1 - mu) = 6 mu + 5 (1 - mu): mu = 3/7, 38/7
    assert made.robust.bound >= 38 / 7 * 1e-6 - 1e-12 or made.robust.bound >= 5e-6
    assert made.value == pytest.approx(6e-6)


def test_a_site_that_is_best_in_half_of_the_resamples_is_chosen_again_in_half() -> None:
    offers = [towns.offer(f"o{n}", f"a{n}", "install", f"m:{n}", municipality_yen=100) for n in (1, 2, 3)]
    rows = towns.rows_of([10, 6, 50], {"a1": {0: 16}, "a2": {1: 16}, "a3": {2: 16}})
    settings = towns.settings_of(200, siting={"gap_goal": 0.0})
    model = siting.build(rows, towns.offers_of(offers), towns.cliques_of(), settings)
    choice = siting.choose(model, settings)
    assert set(choice.chosen["offer_id"]) == {"o1", "o3"}
    factors = [np.array([1.0, 1.0, 1.0]), np.array([0.2, 1.0, 1.0])] * 3
    assert siting.stability(model, settings, choice, factors).again == {"o1": 0.5, "o3": 1.0}
    assert siting.stability(model, settings, choice, []).again == {}


def test_stability_of_a_town_keeps_every_rule_and_is_the_same_again() -> None:
    rows, offers, cliques = towns.city(60, seed=2, spacing_m=30.0)
    settings = towns.settings_of(3_000_000, siting={"search_rounds": 5, "mip_nodes": 0, "frontier_steps": 0})
    model = siting.build(rows, offers, cliques, settings)
    choice = siting.choose(model, settings)
    factors = resamples(rows, 1, 4)
    found = siting.stability(model, settings, choice, factors).again
    assert found == siting.stability(model, settings, choice, factors).again
    assert set(found) == set(choice.chosen["offer_id"])
    assert all(0 <= share <= 1 for share in found.values())
    same = siting.stability(model, settings, choice, [np.ones(len(rows.table))] * 2).again
    assert np.mean(list(same.values())) > 0.6  # a short search at expected weights finds most of the plan again


@pytest.mark.parametrize("large", [False, True])
def test_stability_pays_what_the_use_of_a_programme_costs(large: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
    """The programme pays for both places at once, but its use alone costs more than own money has."""
    offers = [towns.offer(f"o{n}", f"a{n}", "install", f"m:{n}", municipality_yen=100) for n in (1, 2)]
    paid = {"municipality_yen": 20, "subsidy_yen": 80, "programme_id": "G"}
    offers += [towns.offer(f"g{n}", f"a{n}", "install", f"m:{n}", **paid) for n in (1, 2)]
    priced = towns.offers_of(offers, [("G", None, None)])
    priced = replace(priced, caps=priced.caps.assign(fixed_municipality_yen=[150]))
    rows = towns.rows_of([10, 6], {"a1": {0: 16}, "a2": {1: 16}})
    settings = towns.settings_of(100)
    model = siting.build(rows, priced, towns.cliques_of(), settings)
    choice = siting.choose(model, settings)
    assert list(choice.chosen["offer_id"]) == ["o1"]
    if large:
        monkeypatch.setattr(CoverModel, "small", property(lambda _: False))
    factors = [np.array([1.0, 1.0]), np.array([0.2, 1.0])]  # in the second the other place is the better one
    assert siting.stability(model, settings, choice, factors).again == {"o1": 0.5}


def test_resamples_without_a_plan_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, offers, cliques, settings = small(3, 1500)
    model = siting.build(rows, offers, cliques, settings)
    choice = siting.choose(model, settings)
    # the room's door has a function of that name
    monkeypatch.setattr(importlib.import_module("planner.siting.robust"), "best_of", unfound)
    told = siting.stability(model, settings, choice, resamples(rows, 3, 2))
    assert told.again == {}
    assert told.notes[-1] == Note("stability_unknown", {"number": 0, "unplanned": 2})


def unfound(*_):
    raise PlannerError("no_plan_found", "none")


def test_what_the_clock_cut_leaves_the_plan_as_it_was() -> None:
    rows, offers, cliques, settings = small(3, 1500)
    settings = settings.model_copy(update={"siting": settings.siting.model_copy(update={"robust_rounds": 3})})
    model = siting.build(rows, offers, cliques, settings)
    choice, work = siting.choose(model, settings), Work()
    work.stop()
    made = siting.robust(model, settings, choice, resamples(rows, 3, 2), work)
    assert (made.chosen is choice.chosen, made.robust, made.notes[-1]) == (True, None, Note("robust_cut"))
    assert siting.stability(model, settings, choice, resamples(rows, 3, 2), work).again == {}
