"""Rules that fight are named; verify refuses what breaks a rule; seeds, stops and standing cameras."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
import towns

from planner import frames, siting
from planner.errors import InfeasibleError, PlannerError, SettingsError
from planner.settings import merge
from planner.siting import conflict
from planner.work import Work


def two_mounts(**money: int):
    """Mounts m0 and m1 in districts D1 and D2, one row each, 100 yen each unless said."""
    rows = towns.rows_of(np.array([1000, 1000]), {"a0": {0: 16}, "a1": {1: 16}}, ["D1", "D2"])
    shared = {"municipality_yen": 100, **money}
    offers = [towns.offer(f"o{i}", f"a{i}", "install", f"m{i}", district_id=f"D{i + 1}", **shared) for i in (0, 1)]
    return rows, offers


def refused(rows, offers, settings, cliques=None, caps=()) -> InfeasibleError:
    model = siting.build(
        rows, towns.offers_of(offers, list(caps)), towns.cliques_of() if cliques is None else cliques, settings
    )
    with pytest.raises(InfeasibleError) as refusal:
        siting.choose(model, settings)
    assert refusal.value.code == "no_plan_keeps_all_rules"
    return refusal.value


def named(refusal: InfeasibleError) -> dict[str, tuple[object, object]]:
    return {r["rule"]: (r["limit"], r["needed"]) for r in refusal.values["rules"]}


BOTH = {"districts": [{"id": "D1", "min_sites": 1}, {"id": "D2", "min_sites": 1}]}


def test_budget_against_minimum_numbers() -> None:
    rows, offers = two_mounts()
    refusal = refused(rows, offers, towns.settings_of(150, budget={"running_yen_per_year": 10}, rules=BOTH))
    assert named(refusal) == {"municipality_budget": (150, 200), "district_min:D1": (1, 0), "district_min:D2": (1, 0)}


def test_a_floor_beyond_reach_stands_alone() -> None:
    rows, offers = two_mounts()
    rows = towns.rows_of(np.array([1000, 1000, 3000]), {"a0": {0: 16}, "a1": {1: 16}}, ["D1", "D2", "D1"])
    refusal = refused(rows, offers, towns.settings_of(1000, rules={"districts": [{"id": "D1", "floor_share": 0.5}]}))
    assert named(refusal) == {"district_floor:D1": (0.5, 0.25)}


def test_spacing_against_minimum_numbers() -> None:
    rows, offers = two_mounts()
    refusal = refused(rows, offers, towns.settings_of(1000, rules=BOTH), towns.cliques_of(("c", "m0"), ("c", "m1")))
    assert set(named(refusal)) == {"spacing", "district_min:D1", "district_min:D2"}


def test_running_cost_units_and_maximum_numbers() -> None:
    rows, offers = two_mounts(running_yen_per_year=30)
    refusal = refused(rows, offers, towns.settings_of(1000, budget={"running_yen_per_year": 50}, rules=BOTH))
    assert named(refusal)["running_budget"] == (50, 60)
    rows, offers = two_mounts(programme_id="G")
    refusal = refused(
        rows, [o | {"programme_id": "G"} for o in offers], towns.settings_of(1000, rules=BOTH), caps=[("G", None, 1)]
    )
    assert named(refusal)["programme_units:G"] == (1, 2)
    rows, offers = two_mounts()
    clash = {"districts": [{"id": "D1", "max_sites": 0, "floor_share": 0.5}]}
    assert set(named(refused(rows, offers, towns.settings_of(1000, rules=clash)))) == {
        "district_max:D1",
        "district_floor:D1",
    }


def test_nothing_to_choose_from() -> None:
    rows = towns.rows_of(np.array([5]), {"k": {0: 16}})
    offers = towns.offers_of([towns.offer("k", "k", "keep", "k")])
    settings = towns.settings_of(100)
    model = siting.build(rows, offers, towns.cliques_of(), settings)
    choice = siting.choose(model, settings)
    siting.verify(model, choice)
    assert (choice.value, choice.bound, choice.status, choice.kept) == (0.0, 0.0, "optimal", ("k",))
    assert (siting.frontier(model, settings, choice).table["value_per_year"] == 0).all()


def test_removing_pays_for_installing() -> None:
    # the old camera sees 1 and costs 50 a year; without it the running budget of 0 allows one that sees 3
    rows = towns.rows_of(np.array([1, 3]), {"keep": {0: 16}, "gone": {}, "new": {1: 16}})
    offers = towns.offers_of(
        [
            towns.offer("keep", "keep", "keep", "k"),
            towns.offer("gone", "gone", "remove", "k", running_yen_per_year=-50),
            towns.offer("new", "new", "install", "m", municipality_yen=10, running_yen_per_year=50),
        ]
    )
    settings = towns.settings_of(10, budget={"running_yen_per_year": 0})
    model = siting.build(rows, offers, towns.cliques_of(), settings)
    choice = siting.choose(model, settings)
    siting.verify(model, choice)
    assert choice.chosen["offer_id"].tolist() == ["new", "gone"]  # what is lost comes last
    assert np.allclose(choice.chosen["gain_per_year"], [3e-6, -1e-6])
    assert choice.kept == ()


def broken(choice: frames.Choice, offer_ids: list[str], **changes: object) -> frames.Choice:
    n = len(offer_ids)
    chosen = pd.DataFrame(
        {
            "offer_id": pd.Series(offer_ids, dtype="str"),
            "rank": np.arange(1, n + 1),
            "gain_per_year": [choice.value / n] * n,
            "cumulative_gain_per_year": [0.0] * n,
        }
    )
    return dataclasses.replace(choice, chosen=chosen, **changes)


def test_verify_names_the_broken_rule() -> None:
    rows, offers = two_mounts(running_yen_per_year=10, local_body_yen=5)
    offers.append(towns.offer("never", "a0", "install", "m0", why_not="zone"))
    settings = towns.settings_of(100, budget={"running_yen_per_year": 15, "local_body_yen": 7})
    model = siting.build(rows, towns.offers_of(offers), towns.cliques_of(("c", "m0"), ("c", "m1")), settings)
    choice = siting.choose(model, settings)
    siting.verify(model, choice)
    cases = [
        (broken(choice, ["o0", "o1"]), "municipality_budget"),
        (broken(choice, ["never"]), "available"),
        (broken(choice, ["nowhere"]), "known_offers"),
        (broken(choice, ["o0", "o0"]), "one_per_group"),
        (broken(choice, ["o0"], value=2 * choice.value), "value"),
        (broken(choice, ["o0"], bound=choice.value / 2), "bound"),
        (broken(choice, ["o0"], gap=0.5), "gap"),
    ]
    for wrong, rule in cases:
        with pytest.raises(PlannerError) as refusal:
            siting.verify(model, wrong)
        assert refusal.value.code == "choice_refused"
        assert refusal.value.values["rule"] == rule


def test_verify_refuses_a_bound_that_the_prices_do_not_prove() -> None:
    town = towns.city(60, seed=2)
    settings = towns.settings_of(3_000_000, siting={"gap_goal": 0.2})
    model = siting.build(*town, settings)
    choice = siting.choose(model, settings)
    if choice.proven_by == "prices" and choice.bound > choice.value:
        bound = (choice.bound + choice.value) / 2
        with pytest.raises(PlannerError, match="bound"):
            siting.verify(model, dataclasses.replace(choice, bound=bound, gap=(bound - choice.value) / bound))


def test_tables_without_a_keep_or_an_action_are_refused() -> None:
    rows, offers = two_mounts()
    for odd, code in (
        (towns.offer("x", "a0", "extend", "k"), "standing_without_keep"),
        (towns.offer("x", "unheard", "install", "m9"), "offer_without_action"),
    ):
        with pytest.raises(PlannerError) as refusal:
            siting.build(rows, towns.offers_of([*offers, odd]), towns.cliques_of(), towns.settings_of(1))
        assert refusal.value.code == code


def test_stopped_at_once_still_gives_a_true_bound() -> None:
    town = towns.city(150, seed=1)
    settings = towns.settings_of(4_000_000, siting={"gap_goal": 0.0})
    model = siting.build(*town, settings)
    work = Work()
    work.stop()
    choice = siting.choose(model, settings, work)
    siting.verify(model, choice)
    assert choice.status == "stopped"
    assert [n.code for n in choice.notes] == ["time_cut"]
    full = siting.choose(model, settings)
    assert choice.value <= full.value + 1e-12
    assert choice.bound >= full.value - 1e-12


def test_a_budget_fights_with_the_retention_limit_that_took_the_cheap_offers_out() -> None:
    rows, offers = two_mounts()
    cheap = [
        o | {"offer_id": f"cheap{i}", "municipality_yen": 10, "why_not": "below_min_days"} for i, o in enumerate(offers)
    ]
    settings = towns.settings_of(150, rules=BOTH, retention={"min_days": 14})
    assert named(refused(rows, [*offers, *cheap], settings)) == {
        "municipality_budget": (150, 200),
        "retention_min": (14, None),
        "district_min:D1": (1, 0),
        "district_min:D2": (1, 0),
    }


@pytest.mark.parametrize("measure", ["front", "place"])
def test_a_floor_on_a_measure_tells_the_share_that_the_budget_allows(measure: str) -> None:
    # rows 6, 3 and 3, one camera each at 100 yen: 200 yen buy 9 of 12
    rows = towns.rows_of([6, 3, 3], {f"a{i}": {i: 16} for i in range(3)}, ["D1"] * 3, [measure] * 3)
    offers = [towns.offer(f"o{i}", f"a{i}", "install", f"m{i}", municipality_yen=100) for i in range(3)]
    settings = towns.settings_of(200, rules={"floors": [{"measure": measure, "share": 0.9}]})
    assert named(refused(rows, offers, settings)) == {
        f"floor:{measure}": (0.9, 0.75),
        "municipality_budget": (200, 300),
    }


def test_a_pin_fights_with_the_budget_and_two_wishes_with_a_maximum() -> None:
    rows, offers = two_mounts()
    pins = [{"site": f"m{i}", "reason": "local_request"} for i in (0, 1)]
    assert named(refused(rows, offers, towns.settings_of(150, rules={"pins": pins}))) == {
        "municipality_budget": (150, 200),
        "pin:m0": (None, None),
        "pin:m1": (None, None),
    }
    ban = {"bans": [{"site": "m0", "reason": "owner_refused"}], "districts": [{"id": "D1", "min_sites": 1}]}
    assert set(named(refused(rows, offers, towns.settings_of(150, rules=ban)))) == {"ban:m0", "district_min:D1"}


def test_wishes_about_no_site_or_against_themselves_and_empty_floors_are_refused() -> None:
    rows, offers = two_mounts()
    wish = {"site": "m0", "reason": "policy"}
    for rules, code in (
        ({"pins": [{**wish, "site": "m9"}]}, "wish_unknown_site"),
        ({"pins": [wish], "bans": [wish]}, "wish_contradicts"),
        ({"pins": [{**wish, "site": "a0"}], "bans": [wish]}, "wish_contradicts"),
        ({"floors": [{"measure": "target:park", "share": 0.5}]}, "floor_without_rows"),
    ):
        with pytest.raises(PlannerError) as refusal:
            siting.build(rows, towns.offers_of(offers), towns.cliques_of(), towns.settings_of(1, rules=rules))
        assert refusal.value.code == code


def test_a_moved_camera_needs_one_removed_and_its_mount_free() -> None:
    # k hangs on m0 and sees 1 (row 0); moved to m1 it sees 5; a new one on m0 would see 3 but needs k gone
    rows = towns.rows_of(np.array([1, 5, 3]), {"keep": {0: 16}, "gone": {}, "moved": {1: 16}, "new": {2: 16}})
    table = towns.offers_of(
        [
            towns.offer("keep", "keep", "keep", "c:k"),
            towns.offer("gone", "gone", "remove", "c:k", municipality_yen=5),
            towns.offer("moved", "moved", "install_reused", "m:m1", municipality_yen=10, cameras=1),
            towns.offer("new", "new", "install", "m:m0", municipality_yen=20),
        ]
    )
    moves = {"moved": ("s", ""), "gone": ("s", ""), "new": ("", "k"), "keep": ("", "")}
    for column, i in (("reused_model_id", 0), ("needs_removed", 1)):
        values = pd.Series([moves[o][i] for o in table.table["offer_id"]], dtype="str")
        table = dataclasses.replace(table, table=table.table.assign(**{column: values}))
    for budget, chosen in ((10, set()), (15, {"gone", "moved"}), (35, {"gone", "moved", "new"})):
        settings = towns.settings_of(budget)
        model = siting.build(rows, table, towns.cliques_of(), settings)
        choice = siting.choose(model, settings)
        siting.verify(model, choice)
        assert set(choice.chosen["offer_id"]) == chosen
    for alone in ("moved", "new"):
        with pytest.raises(PlannerError) as refusal:
            siting.verify(model, broken(choice, [alone], kept=("keep",)))
        assert refusal.value.values["rule"] in ("reuse:s", "mount_free:k")


def test_a_programme_is_used_only_where_its_charge_pays() -> None:
    rows, offers = two_mounts()
    paid = [
        o | {"offer_id": f"g{i}", "municipality_yen": 40, "subsidy_yen": 60, "programme_id": "G"}
        for i, o in enumerate(offers)
    ]
    table = towns.offers_of([*offers, *paid], [("G", None, None)])
    for fixed, least, budget, chosen in (
        (50, None, 130, 2),
        (60, None, 130, 1),
        (0, 121, 130, 1),
        (0, 120, 130, 2),
    ):
        caps = table.caps.assign(fixed_municipality_yen=fixed, min_total_yen=pd.array([least], dtype="Int64"))
        settings = towns.settings_of(budget, siting={"frontier_steps": 4})
        model = siting.build(rows, dataclasses.replace(table, caps=caps), towns.cliques_of(), settings)
        choice = siting.choose(model, settings)
        siting.verify(model, choice)
        assert len(choice.chosen) == chosen
        assert least != 121 or choice.chosen["offer_id"].iloc[0].startswith("o")
        front = siting.frontier(model, settings, choice).table
        assert front["value_per_year"].is_monotonic_increasing
        assert (front["bound_per_year"] >= front["value_per_year"] - 1e-12).all()


@pytest.mark.parametrize(
    "rules",
    [
        {"districts": [{"id": "D1", "floor_share": 0.1}, {"id": "D1", "floor_share": 0.2}]},
        {"floors": [{"measure": "place", "share": 0.1}, {"measure": "place", "share": 0.2}]},
    ],
)
def test_a_rule_given_twice_is_refused(rules) -> None:
    with pytest.raises(SettingsError) as refusal:
        merge(("flag", {"rules": rules}))
    assert refusal.value.code == "rule_twice"
    assert refusal.value.values["number"] == 1


def test_of_two_wishes_about_one_site_both_are_let_go() -> None:
    """Two requests for one place that money cannot pay: each alone fights with the budget, and neither hides the other."""
    offers = towns.offers_of([towns.offer("o", "a", "install", "m:1", municipality_yen=100)])
    wishes = [{"site": "m:1", "reason": reason} for reason in ("policy", "local_request")]
    settings = towns.settings_of(50, rules={"pins": wishes})
    model = siting.build(towns.rows_of([5], {"a": {0: 16}}), offers, towns.cliques_of(), settings)
    with pytest.raises(InfeasibleError) as refusal:
        siting.choose(model, settings)
    assert sorted(r["rule"] for r in refusal.value.values["rules"]) == ["municipality_budget", "pin:m:1"]


def test_what_is_not_proven_is_not_told_as_the_least(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, offers = two_mounts()
    settings = towns.settings_of(150, rules={"pins": [{"site": m, "reason": "policy"} for m in ("m0", "m1")]})
    assert {r["rule"]: r["needed"] for r in refused(rows, offers, settings).values["rules"]}[
        "municipality_budget"
    ] == 200
    solve = conflict.solve

    def stopped(program, *args, **more):
        answer = solve(program, *args, **more)
        return dataclasses.replace(answer, status="stopped") if answer.x.size else answer

    monkeypatch.setattr(conflict, "solve", stopped)
    assert {r["needed"] for r in refused(rows, offers, settings).values["rules"]} == {None}


def test_a_bound_below_the_plan_is_an_internal_fault() -> None:
    rows, offers = two_mounts()
    settings = towns.settings_of(150)
    model = siting.build(rows, towns.offers_of(offers), towns.cliques_of(), settings)
    choice = siting.choose(model, settings)
    assert choice.multipliers is not None
    # own money for one camera; counted as if it bought none, the same prices prove too little
    poorer = dataclasses.replace(model, net=model.net._replace(limit=model.net.limit - 140))
    with pytest.raises(PlannerError) as refusal:
        siting.verify(poorer, dataclasses.replace(choice, proven_by="prices"))
    assert (refusal.value.code, refusal.value.values["value"]) == ("bound_below_plan", choice.value)
