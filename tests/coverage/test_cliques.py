"""Spacing cliques cover exactly the close pairs."""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.coverage import survey
from planner.coverage.cliques import spacing_cliques


def _pairs(table):
    return {pair for _, c in table.groupby("clique_id") for pair in combinations(sorted(c["group_id"]), 2)}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=40, unique=True), st.integers(0, 40))
def test_exactly_the_close_pairs_are_excluded(points, spacing):
    names = [f"m:{i:02d}" for i in range(len(points))]
    table = spacing_cliques(np.array(points, dtype=float).reshape(-1, 2), names, float(spacing))
    close = {
        (names[i], names[j])
        for i, j in combinations(range(len(points)), 2)
        if (points[i][0] - points[j][0]) ** 2 + (points[i][1] - points[j][1]) ** 2 < spacing**2
    }
    assert _pairs(table) == close


def test_mutually_close_mounts_are_one_clique():
    points = np.array([[0, 0], [1, 0], [0, 1], [1, 1], [50, 50]], dtype=float)
    table = spacing_cliques(points, list("abcde"), 10.0)
    assert table["group_id"].tolist() == list("abcd")
    assert table["clique_id"].nunique() == 1


def test_only_mounts_that_can_get_a_camera_are_spaced(paper):
    town = paper.town(
        mounts=[(0, 0, {"mount_id": "p"}), (20, 0, {"mount_id": "q"}), (50, 0, {"mount_id": "r"})],
        standing=[(25, 0, {"camera_id": "k", "bearing_deg": 0.0})],
    )
    spots = paper.demand([(3, 0), (17, 0), (53, 0)])
    found = survey(town, spots, paper.settings(rules={"spacing_m": 30}))
    assert found.cliques["group_id"].tolist() == ["m:p", "m:q"]  # q and r are 30 m apart: allowed
    assert len(survey(town, spots, paper.settings()).cliques) == 0
