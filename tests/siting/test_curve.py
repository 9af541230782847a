"""Knee and marginal gain of a budget curve, worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import towns

from planner import siting
from planner.siting.curve import bend, marked


def front(points, unplanned=()):
    return pd.DataFrame(
        {
            "municipality_yen": [p[0] for p in points],
            "value_per_year": [p[1] for p in points],
            "gap": [1.0 if n in unplanned else 0.0 for n in range(len(points))],
            "status": ["infeasible" if n in unplanned else "optimal" for n in range(len(points))],
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
