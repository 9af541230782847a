"""What standing cameras see today: intervals by hand, losses against leaving each camera out."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.coverage import survey, today, unseen
from planner.coverage.retention import curve_of, secured_share

GROUP = ("bicycle_theft",)
FULL = 12 / 16  # 17 days less 3 of handling: .76, rounded down to sixteenths
KNOWN = {"model_id": "wide", "retention_days": 17.0}


def _today(paper, cameras, spots, expected=None):
    town = paper.town(standing=[(e, n, {**KNOWN, "camera_id": f"k{i}", **v}) for i, (e, n, v) in enumerate(cameras)])
    demand = paper.demand(spots, GROUP, expected)
    wish = paper.settings()
    found = survey(town, demand, wish)
    return found, demand, wish


def _cameras(found):
    return today(*found).cameras.set_index("camera_id")


def test_a_known_camera_is_no_interval(paper):
    row = _cameras(_today(paper, [(0, 0, {"bearing_deg": 90.0})], [(10, 0), (-10, 0)])).loc["k0"]
    assert row[["low_per_year", "assumed_per_year", "high_per_year", "alone_per_year"]].tolist() == [FULL] * 4
    assert (row["unknown"], row["removable"]) == ("", True)


def test_an_unknown_bearing_is_nothing_or_the_best_direction(paper):
    # two spots in the east, one in the west: 90 degrees cannot hold both sides
    found = _today(paper, [(0, 0, {})], [(10, 0), (10, 2), (-10, 0)])
    row = _cameras(found).loc["k0"]
    assert row[["low_per_year", "assumed_per_year", "high_per_year"]].tolist() == [0, 0, 2 * FULL]
    assert row["unknown"] == "bearing"
    sums = today(*found).offences.iloc[0]
    assert sums[["low_per_year", "assumed_per_year", "high_per_year"]].tolist() == [0, 0, 2 * FULL]


def test_an_unknown_model_reaches_between_the_ends_of_its_assumptions(paper):
    # 12, 16 and 24 m slant; 60, 90 and 110 degrees: (0, 20) is only within the longest, 50 degrees aside only the widest
    aside = (10 * np.sin(np.radians(50)), 10 * np.cos(np.radians(50)))
    spots = [(0, 8), (0, 14), (0, 20), aside]
    town = paper.town(standing=[(0, 0, {"camera_id": "k0", "bearing_deg": 0.0, "retention_days": 17.0})],
                      mounts=[(0, 8, {"mount_id": "lamp", "kind": "street_light"})])  # fmt: skip
    demand, wish = paper.demand(spots, GROUP), paper.settings()
    row = today(survey(town, demand, wish), demand, wish).cameras.iloc[0]
    seen = [round(row[f"{end}_per_year"] / FULL) for end in ("low", "assumed", "high")]
    assert seen == [1, 2, 4]
    assert row["unknown"].split() == ["angle", "range"]


def test_unknown_days_and_state(paper):
    silent = {"bearing_deg": 90.0, "retention_days": float("nan"), "working": pd.NA}
    row = _cameras(_today(paper, [(0, 0, silent)], [(10, 0)])).loc["k0"]
    seven, thirty = (np.floor(secured_share(curve_of(GROUP[0]), d, 3) * 16) / 16 for d in (7, 30))
    assert row[["low_per_year", "assumed_per_year", "high_per_year"]].tolist() == [0, seven, thirty]
    assert row["unknown"].split() == ["days", "working"]


def test_two_cameras_on_one_place_are_each_spare(paper):
    east = {"bearing_deg": 90.0}
    found = _today(paper, [(0, 0, east), (0, 1, east)], [(10, 0), (10, 1)])
    assert _cameras(found)["alone_per_year"].tolist() == [0, 0]
    assert today(*found).offences["assumed_per_year"].tolist() == [2 * FULL]


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-12, 12), st.integers(-12, 12), st.sampled_from([0.0, 90.0, 200.0, None]),
                  st.sampled_from([7.0, 17.0, 30.0, None])),
        min_size=1, max_size=4,
    ),
    st.lists(st.tuples(st.integers(-15, 15), st.integers(-15, 15)), min_size=1, max_size=6, unique=True),
)  # fmt: skip
def test_losses_are_what_leaving_out_loses_and_ends_enclose(paper, cameras, spots):
    nan = float("nan")
    drawn = [
        (e + 0.3, n + 0.3, {"bearing_deg": nan if b is None else b, "retention_days": nan if d is None else d})
        for e, n, b, d in cameras
    ]
    found = today(*_today(paper, drawn, spots))
    whole = found.offences.iloc[0]
    assert whole["low_per_year"] <= whole["assumed_per_year"] + 1e-9 <= whole["high_per_year"] + 2e-9
    for i, row in found.cameras.iterrows():
        assert row["low_per_year"] <= row["assumed_per_year"] + 1e-9 <= row["high_per_year"] + 2e-9
        rest = [c for j, c in enumerate(drawn) if j != i]
        left = today(*_today(paper, rest, spots)).offences["assumed_per_year"].iloc[0] if rest else 0.0
        assert row["alone_per_year"] == pytest.approx(whole["assumed_per_year"] - left, abs=1e-9)


def test_unseen_is_what_no_counted_camera_holds(paper):
    spots = [(10, 0), (-10, 0), (10, 1, {"measure": "front"}), (0, 10)]
    cameras = [(0, 0, {"bearing_deg": 90.0}), (0, 0, {"bearing_deg": 270.0, "use": "unknown"})]
    found, demand, wish = _today(paper, cameras, spots, [1, 2, 4, 8])
    assert unseen(found, demand, wish).expected.ravel().tolist() == [0, 2, 0, 8]


def test_broken_cameras_form_a_repair_list(paper):
    cameras = [
        (0, 0, {"bearing_deg": 90.0}),
        (0, 2, {"bearing_deg": 90.0, "working": False}),  # sees what k0 sees: nothing to gain
        (0, 4, {"bearing_deg": 270.0, "working": False}),
        (0, 6, {"bearing_deg": 270.0, "working": False, "use": "on_request"}),  # not ours to repair
    ]
    found = _today(paper, cameras, [(10, 2), (-10, 2), (-10, 3)], [1, 2, 3])
    repairs = today(*found).repairs
    assert repairs["camera_id"].tolist() == ["k2", "k1"]
    assert repairs["gain_per_year"].tolist() == pytest.approx([5 * FULL, 0])
