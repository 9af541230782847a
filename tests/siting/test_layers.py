"""Layers by hand, and what is merged, deleted and dropped."""

from __future__ import annotations

import numpy as np
import towns

from planner import frames, siting
from planner.siting import dropping
from planner.siting.bounds import bound_at
from planner.siting.closer import fixed_core
from planner.siting.layers import Served, merge
from planner.siting.model import Multipliers
from planner.siting.search import Plan


def test_layers_of_one_row_by_hand() -> None:
    # levels 4, 4 and 12 of 16 on a row of weight 100: a layer of 4 x 100 for all three, one of 8 x 100 for the third
    rows = towns.rows_of(np.array([100]), {"a": {0: 4}, "b": {0: 4}, "c": {0: 12}})
    offers = towns.offers_of([towns.offer(f"o{x}", x, "install", f"m{x}", municipality_yen=10) for x in "abc"])
    model = siting.build(rows, offers, towns.cliques_of(), towns.settings_of(20))
    assert sorted(model.net.weight.tolist()) == [400, 800]
    assert np.diff(model.net.pattern_start).tolist() == [1, 1, 2]
    choice = siting.choose(model, towns.settings_of(20))
    assert choice.chosen["offer_id"].tolist() == ["oc"]  # a and b add nothing to c
    assert choice.value == 1200 / (16 * frames.MICRO)
    assert choice.status == "optimal"


def test_keep_only_layers_are_deleted_and_still_meet_floors() -> None:
    # k sees row 0 at 8 whatever is chosen; mount a would see it at 12: only the 4 steps above count
    rows = towns.rows_of(np.array([100, 100]), {"k": {0: 8}, "a": {0: 12}})
    offers = towns.offers_of(
        [towns.offer("k", "k", "keep", "k"), towns.offer("a", "a", "install", "m", municipality_yen=10)]
    )
    floor = {"districts": [{"id": "D1", "floor_share": 0.25}]}  # 0.25 x 200 x 16 = 800 = what k covers
    settings = towns.settings_of(10, rules=floor)
    model = siting.build(rows, offers, towns.cliques_of(), settings)
    assert model.net.weight.tolist() == [400]
    assert model.rules == ("municipality_budget",)
    assert model.kept == ("k",)
    choice = siting.choose(model, settings)
    assert (choice.value, choice.kept) == (400 * model.unit, ("k",))
    above = towns.settings_of(10, rules={"districts": [{"id": "D1", "floor_share": 0.2501}]})
    assert "district_floor:D1" in siting.build(rows, offers, towns.cliques_of(), above).rules


def test_equal_rows_merge_but_not_across_floored_districts() -> None:
    rows = towns.rows_of(np.array([1, 2, 3]), {"a": {0: 16, 1: 16, 2: 16}}, ["D1", "D1", "D2"])
    offers = towns.offers_of([towns.offer("a", "a", "install", "m", municipality_yen=10)])
    plain = siting.build(rows, offers, towns.cliques_of(), towns.settings_of(10))
    assert plain.net.weight.tolist() == [96]
    floored = siting.build(
        rows, offers, towns.cliques_of(), towns.settings_of(10, rules={"districts": [{"id": "D2", "floor_share": 0.1}]})
    )
    assert sorted(floored.net.weight.tolist()) == [48, 48]


def test_only_place_counts() -> None:
    rows = towns.rows_of(np.array([1, 2, 4]), {"a": {0: 16, 1: 16, 2: 16}}, measures=["place", "front", "owner_only"])
    offers = towns.offers_of([towns.offer("a", "a", "install", "m", municipality_yen=10)])
    assert (
        siting.choose(
            siting.build(rows, offers, towns.cliques_of(), towns.settings_of(10)), towns.settings_of(10)
        ).value
        == 1e-6
    )


def test_dominated_and_unavailable_offers_are_dropped() -> None:
    rows = towns.rows_of(np.array([1, 1]), {"small": {0: 16}, "large": {0: 16, 1: 16}, "empty": {}})
    offers = towns.offers_of(
        [
            towns.offer("dear", "small", "install", "m", municipality_yen=20),
            towns.offer("good", "large", "install", "m", municipality_yen=20),
            towns.offer("cheap", "small", "install", "m", municipality_yen=10),
            towns.offer("blind", "empty", "install", "m", municipality_yen=5),
            towns.offer("barred", "large", "install", "m", municipality_yen=1, why_not="no_install_zone"),
        ]
    )
    model = siting.build(rows, offers, towns.cliques_of(), towns.settings_of(100))
    assert model.offer_ids == ("cheap", "good")
    assert model.sizes["columns_dominated"] == 2


def test_merging_agrees_with_a_plain_count() -> None:
    g = np.random.default_rng(3)
    for _ in range(20):
        rows, patterns = int(g.integers(1, 30)), int(g.integers(1, 6))
        level = np.where(g.random((patterns, rows)) < 0.5, g.integers(1, 17, (patterns, rows)), 0).astype(np.int8)
        at = [np.flatnonzero(line) for line in level]
        start = np.concatenate([[0], np.cumsum([a.size for a in at])]).astype(np.int64)
        served = Served(
            start[:-1],
            start[1:],
            np.concatenate(at).astype(np.int32),
            np.concatenate([level[p][a] for p, a in enumerate(at)]),
        )
        weight, base, floor = g.integers(0, 9, rows), g.integers(0, 4, rows).astype(np.int8), g.integers(-1, 2, rows)
        plain: dict[tuple[int, frozenset[int]], int] = {}
        for r in range(rows):
            below = int(base[r])
            for k in sorted({int(x) for x in level[:, r] if x > below}):
                key = (int(floor[r]), frozenset(np.flatnonzero(level[:, r] >= k).tolist()))
                plain[key] = plain.get(key, 0) + int(weight[r]) * (k - below)
                below = k
        layers = merge(served, base, weight, floor)
        found: dict[tuple[int, frozenset[int]], int] = {}
        for m in range(layers.weight.size):
            cover = frozenset(
                p
                for p in range(patterns)
                if m in layers.pattern_layer[layers.pattern_start[p] : layers.pattern_start[p + 1]]
            )
            found[int(layers.floor[m]), cover] = int(layers.weight[m])
        assert found == {k: v for k, v in plain.items() if v}


def test_fixing_keeps_a_plan_one_unit_better() -> None:
    # a gains 10, b 9, money for one; at price 10.5 the bound is 10.5, rounded down to 10, and a stands 0.5 below its
    # best: plans with a gain up to 10, one more than the incumbent b, so a must stay
    rows = towns.rows_of(np.array([10, 9]), {"a": {0: 1}, "b": {1: 1}})
    offers = towns.offers_of([towns.offer(x, x, "install", f"m{x}", municipality_yen=1) for x in "ab"])
    model = siting.build(rows, offers, towns.cliques_of(), towns.settings_of(1))
    prices = Multipliers(model.net.weight.astype(float), np.array([10.5]), np.zeros(0))
    plan = Plan(np.array([-1, 1]), 9, np.ones(2))
    assert model.offer_ids == ("a", "b")
    assert bound_at(model, prices) == 10
    assert 0 in fixed_core(model, prices, plan)


def test_what_is_dropped_says_why_and_by_which() -> None:
    rows = towns.rows_of(np.array([1000, 1000]), {"a0": {0: 16, 1: 16}, "a1": {0: 16}, "a2": {0: 8}, "a3": {}})
    dear = {"a0": 100, "a1": 100, "a2": 120, "a3": 50}
    offers = [towns.offer(f"o{a}", a, "install", "m0", municipality_yen=yen) for a, yen in dear.items()]
    model = siting.build(rows, towns.offers_of(offers), towns.cliques_of(), towns.settings_of(1000))
    assert model.offer_ids == ("oa0",)
    assert model.dropped.to_dict("split")["data"] == [
        ["oa1", "dominated", "oa0"],
        ["oa2", "dominated", "oa0"],
        ["oa3", "useless", ""],
    ]


def test_a_replacement_that_was_replaced_is_followed() -> None:
    by = np.array([1, 2, dropping.LIVE, dropping.EMPTY])
    table = dropping.dropped_table(np.array(["a", "b", "c", "d"]), by)
    assert table["by"].tolist() == ["c", "c", ""]
    assert table["reason"].tolist() == ["dominated", "dominated", "useless"]
