"""Knee and marginal gain of a budget curve, worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import towns

from planner import frames, siting
from planner.siting.curve import bend, marked


def front(points, unplanned=()):
    return pd.DataFrame(
        {
            "municipality_yen": [p[0] for p in points],
            "value_per_year": [p[1] for p in points],
            "gap": [1.0 if n in unplanned or p[1] <= 0 else 0.0 for n, p in enumerate(points)],
            "status": ["none_found" if n in unplanned else "optimal" for n in range(len(points))],
        }
    )


def test_marginal_gain_is_the_slope_from_the_budget_before() -> None:
    found = marked(front([(1_000_000, 6.0), (2_000_000, 9.0), (4_000_000, 10.0)]))
    assert found["marginal_per_million_yen"].tolist() == [6.0, 3.0, 0.5]


def test_knee_is_highest_above_the_chord() -> None:
    # scaled: (0, 0), (1/3, 3/4), (1, 1): above the chord 0, 5/12, 0
    assert marked(front([(1_000_000, 6.0), (2_000_000, 9.0), (4_000_000, 10.0)]))["knee"].tolist() == [
        False,
        True,
        False,
    ]


def test_points_without_a_plan_count_for_neither() -> None:
    found = marked(front([(1, 0.0), (1_000_000, 6.0), (2_000_000, 9.0), (4_000_000, 10.0)], unplanned=(0,)))
    assert found["marginal_per_million_yen"].tolist() == [0.0, 6.0, 3.0, 0.5]
    assert found["knee"].tolist() == [False, False, True, False]


def test_a_plan_that_covers_nothing_more_is_a_plan() -> None:
    """At 1 million all that fits is what stands, or less: its gap is 1 or more, and what more money brings counts from there."""
    for least in (0.0, -2.0):
        found = marked(front([(1_000_000, least), (2_000_000, 6.0), (4_000_000, 8.0)]))
        assert found["marginal_per_million_yen"].tolist() == [least, 6.0 - least, 1.0]
        assert found["knee"].tolist() == [False, True, False]


def test_a_budget_that_buys_nothing_has_the_plan_of_what_stands() -> None:
    """Two cameras for a million each, and budgets from a tenth of one: nothing is planned, and nothing else could be."""
    rows = [towns.offer(f"m{i}", f"a{i}", "install", f"m:{i}", municipality_yen=1_000_000) for i in range(2)]
    seen = towns.rows_of(np.array([9, 5]), {"a0": {0: 16}, "a1": {1: 16}})
    settings = towns.settings_of(1_000_000, siting={"frontier_steps": 5})
    model = siting.build(seen, towns.offers_of(rows), towns.cliques_of(), settings)
    table = siting.frontier(model, settings, siting.choose(model, settings)).table
    assert set(table.loc[table["municipality_yen"] < 1_000_000, "value_per_year"]) == {0.0}
    assert not table["status"].isin(frames.UNPLANNED).any()


def test_a_straight_line_has_no_knee() -> None:
    assert bend(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0])) == -1
    assert bend(np.array([1.0, 2.0]), np.array([1.0, 3.0])) == -1


def test_every_frontier_carries_both() -> None:
    rows, offers, cliques = towns.city(60, seed=3)
    settings = towns.settings_of(3_000_000, siting={"frontier_steps": 6, "search_rounds": 5, "mip_nodes": 0})
    model = siting.build(rows, offers, cliques, settings)
    table = siting.frontier(model, settings, siting.choose(model, settings)).table
    assert table["knee"].sum() <= 1
    yen, value = table["municipality_yen"].to_numpy(), table["value_per_year"].to_numpy()
    assert np.allclose(np.cumsum(table["marginal_per_million_yen"] * np.diff(yen, prepend=0)) / 1e6, value)
