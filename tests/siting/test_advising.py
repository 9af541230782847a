"""Exchanges and bounds of single places, held against enumeration."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import towns
from every_rule import Every, problem

from planner import frames, siting
from planner.errors import InfeasibleError
from planner.work import Work


def changes(every: Every) -> np.ndarray:
    """Per combination and group, the position of the changed offer, -1 where nothing is changed."""
    kinds = np.append(every.table["kind"].to_numpy(dtype=object), "keep")
    return np.where(kinds[every.grid] == "keep", -1, every.grid)


def test_exchanges_are_the_best_of_all_and_bounds_hold() -> None:
    """Over ``range(3000, 3120)`` too; fewer here, because enumeration is slow."""
    seen, exact = 0, 0
    for seed in range(3000, 3025):
        rows, offers, cliques, settings, more = problem(seed)
        model = siting.build(rows, offers, cliques, settings, more)
        try:
            choice = siting.choose(model, settings)
        except InfeasibleError:
            continue
        advice = siting.advise(model, choice)
        every = Every(rows, offers)
        fine, plans = every.fine(cliques, settings, more), changes(every)
        offer_ids = every.table["offer_id"].tolist()
        chosen = set(choice.chosen["offer_id"])
        own = np.full(len(every.groups), -1)
        for offer in chosen:
            own[every.groups.index(every.table["group_id"][offer_ids.index(offer)])] = offer_ids.index(offer)
        undone, made = (plans == -1) & (own != -1), (plans != -1) & (plans != own)
        for row in advice.exchanges.to_dict("records"):
            g = every.groups.index(every.table["group_id"][offer_ids.index(row["offer_id"])])
            without = fine & (plans[:, g] == -1)
            if without.any():
                assert every.gain[without].max() <= round(row["bound_without_per_year"] / model.unit), seed
            single = without & (undone.sum(axis=1) == 1) & (made.sum(axis=1) <= 1) & ~(made & (own != -1)).any(axis=1)
            truth = every.gain[single].max() - round(choice.value / model.unit) if single.any() else None
            told = None if np.isnan(row["change_per_year"]) else round(row["change_per_year"] / model.unit)
            assert told == truth, seed
            exact += told is not None
        for row in advice.left_out.to_dict("records"):
            g = every.groups.index(row["group_id"])
            with_it = fine & (plans[:, g] != -1)
            if with_it.any():
                assert every.gain[with_it].max() <= round(row["bound_with_per_year"] / model.unit), seed
            single = with_it & (undone.sum(axis=1) <= 1) & (made.sum(axis=1) == 1) & ~(made & (own != -1)).any(axis=1)
            truth = every.gain[single].max() - round(choice.value / model.unit) if single.any() else None
            told = None if np.isnan(row["change_per_year"]) else round(row["change_per_year"] / model.unit)
            assert told == truth or (told is None and not single.any()), (seed, row)
            seen += 1
    assert seen > 5
    assert exact > 5


def in_years(min_total_yen: int | None = None, last_yen: int = 1_800):
    """Three sites, one a year; the first two are paid by a programme whose application costs 200 yen each year."""
    table = [
        towns.offer(f"{i}G", f"a{i}", "install", f"m:{i}", programme_id="G", municipality_yen=500, subsidy_yen=500)
        for i in range(2)
    ]
    prices = {2: 900, 3: 900, 4: last_yen}
    table += [towns.offer(str(i), f"a{i}", "install", f"m:{i}", municipality_yen=yen) for i, yen in prices.items()]
    seen = {f"a{i}": {i: 16} for i in range(5)}
    made, none = towns.offers_of(table), pd.array([None], dtype="Int64")
    caps = pd.DataFrame({"programme_id": ["G"], "fixed_municipality_yen": [200], "cap_total_yen": none})
    caps = caps.assign(max_units=none, min_total_yen=pd.array([min_total_yen], dtype="Int64"))
    settings = towns.settings_of(2_700, schedule={"plan_years": 3, "yearly_own_yen": 1_000})
    rows = towns.rows_of(np.array([9, 8, 7, 6, 1]), seen)
    return siting.build(rows, frames.Offers(made.table, caps), towns.cliques_of(), settings), settings


@pytest.mark.parametrize("settled", ["years", "no_prices"])
def test_bounds_of_places_say_something_of_a_plan_in_years_too(settled: str) -> None:
    """The place left out that covers least: with it no plan comes near the best, by prices that anyone can check."""
    model, settings = in_years()
    assert model.charges
    whole = siting.choose(model, settings)
    choice = siting.phases(model, settings, whole)
    if settled == "no_prices":
        choice = replace(choice, multipliers=None, variants=())
    advice = siting.advise(model, choice).left_out.set_index("group_id")
    assert advice.loc["m:4", "bound_with_per_year"] < whole.bound
    assert len(advice) == 5 - len(choice.chosen)


def test_the_programmes_of_a_plan_and_not_the_best_value_say_which_problem_it_is_of() -> None:
    """The best plan uses the programme, which pays 1,000 yen at least; the one that is told of does not, and that is no fault of it."""
    model, settings = in_years(1_000, 900)
    whole = siting.choose(model, settings)
    assert {"0G", "1G"} <= set(whole.chosen["offer_id"])
    bare, _ = siting.choose_among(model, settings, ("2", "3"), 2_700, Work())
    assert bare is not None
    choice = replace(whole, chosen=bare.chosen, kept=bare.kept, value=bare.value)
    left_out = siting.advise(model, choice).left_out.set_index("group_id")
    assert left_out.loc["m:4", "blocked_by"] == ""
    assert left_out.loc["m:4", "change_per_year"] == pytest.approx(1e-6)


def test_a_place_left_out_says_for_how_many_options_it_was_held_against_the_plan() -> None:
    """Of four options at the second place one sees more than two others for no more money; the fourth sees nothing."""
    rows = towns.rows_of(
        np.array([90, 10, 10]), {"a": {0: 16}, "b0": {1: 16, 2: 16}, "b1": {1: 16}, "b2": {1: 8}, "b3": {}}
    )
    dear = {"b0": 100, "b1": 100, "b2": 120, "b3": 50}
    offers = [towns.offer("oa", "a", "install", "m:a", municipality_yen=100)]
    offers += [towns.offer(f"o{a}", a, "install", "m:b", municipality_yen=yen) for a, yen in dear.items()]
    settings = towns.settings_of(100)
    model = siting.build(rows, towns.offers_of(offers), towns.cliques_of(), settings)
    (row,) = siting.advise(model, siting.choose(model, settings)).left_out.to_dict("records")
    assert (row["group_id"], row["offer_id"], row["replaced"]) == ("m:b", "ob0", 2)
