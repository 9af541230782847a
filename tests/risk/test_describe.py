"""What the records say: counts by hand, the exact test of a change, Knox on planted repeats."""

from __future__ import annotations

import math
import sys
import tracemalloc

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy import stats
from shapely.geometry import Point

from planner import risk
from planner.risk.describe import describe, full_years, near_repeats, ratio
from planner.settings import RiskSettings


def _dated(inputs, days, hours=None, precision=None):
    records = inputs.incidents.copy()
    records["occurred_on"] = pd.to_datetime(pd.Series(days)).astype("datetime64[ns]")
    if hours is not None:
        records["hour"] = pd.array(hours, dtype="Int64")
    return type(inputs)(**{**vars(inputs), "incidents": records})


def _theft(area="a", kind="road"):
    return ("bicycle_theft", area, kind, "area", None)


def test_counts_by_hand(build):
    inputs = build({"a": (0, 0, 100, 100)}, [_theft(), _theft(kind="parking"), _theft(), _theft()])
    days = ["2024-03-31", "2024-04-01", "2025-01-06", None]
    told = describe(_dated(inputs, days, [23, None, 0, 7]))
    assert told.profile_hours[["hour", "number"]].values.tolist() == [[-1, 1], [0, 1], [7, 1], [23, 1]]
    # 31 March 2024 is a Sunday, 1 April a Monday, 6 January 2025 a Monday
    assert told.profile_weekdays[["weekday", "number"]].values.tolist() == [[-1, 1], [0, 2], [6, 1]]
    assert told.profile_places[["place_kind", "number"]].values.tolist() == [["parking", 1], ["road", 3]]
    years = told.profile_years[["calendar_year", "fiscal_year", "number"]].values.tolist()
    assert years == [[-1, -1, 1], [2024, 2023, 1], [2024, 2024, 1], [2025, 2024, 1]]
    assert next(n for n in told.notes if n.code == "hours_are_starts").values == {"unknown": 1, "number": 4}


def test_every_table_adds_up_to_all_records(build):
    inputs = build({"a": (0, 0, 100, 100)}, [_theft()] * 5)
    told = describe(_dated(inputs, ["2023-05-01", "2023-06-01", "2024-07-01", None, "2022-01-31"]))
    for name in ("profile_hours", "profile_weekdays", "profile_places", "profile_years"):
        assert getattr(told, name)["number"].sum() == 5


@pytest.mark.parametrize(
    ("days", "years", "expected"),
    [
        (["2018-03-01", "2020-12-30"], 3.0, (2020, (2018, 2019))),
        (["2017-12-31", "2020-12-30"], 3.0, (2020, (2018, 2019))),  # begun before the period: not a year of it
        (["2018-03-01", "2020-09-30"], 2.75, (0, ())),  # one full year only
        (["2017-03-01", "2020-09-30"], 3.75, (2019, (2018,))),
        (["2020-05-01"], 1.0, (0, ())),
        ([None], 1.0, (0, ())),
    ],
)
def test_full_years(build, days, years, expected):
    inputs = build({"a": (0, 0, 100, 100)}, [_theft()] * len(days), years=years)
    assert full_years(_dated(inputs, days).incidents, years) == expected


def test_a_change_against_the_exact_binomial():
    times, low, high, chance = ratio(30, 20, 2)  # 30 against 10 a year
    assert times == 3.0
    assert low < 3 < high
    assert chance == pytest.approx(2 * stats.binom.sf(29, 50, 1 / 3), rel=0.6)
    assert chance < 1e-3
    assert ratio(10, 20, 2)[3] == 1.0
    assert ratio(3, 0, 2)[0] == math.inf
    assert math.isnan(ratio(0, 0, 2)[0])


def test_the_interval_covers_the_true_ratio():
    rng = np.random.default_rng(1)
    covered = [
        low <= 1.5 <= high for _, low, high, _ in (ratio(rng.poisson(9), rng.poisson(12), 2) for _ in range(400))
    ]
    assert np.mean(covered) >= 0.93  # an exact interval covers at least what it promises (95 %), up to chance


def test_a_small_rise_is_left_open_and_a_large_one_named(build):
    records = [_theft("a")] * 8 + [_theft("b")] * 60
    days = ["2023-05-01"] * 3 + ["2024-05-01"] * 5 + ["2023-05-01"] * 10 + ["2024-12-01"] * 50
    inputs = build({"a": (0, 0, 100, 100), "b": (100, 0, 200, 100)}, records, years=2.0)
    changes = describe(_dated(inputs, days)).profile_changes
    areas = changes[changes["level"] == "area"].set_index("id")
    assert areas.loc["a", "false_discovery_share"] > 0.05
    assert areas.loc["b", "false_discovery_share"] < 0.001
    assert areas.loc["b", ["last_year_number", "before_per_year", "ratio"]].tolist() == [50, 10, 5]


def _points(east, days):
    return gpd.GeoDataFrame(
        {
            "offence": "bicycle_theft",
            "occurred_on": pd.to_datetime(pd.Series(days)).astype("datetime64[ns]"),
            "area_id": "a",
            "precision": "point",
        },
        geometry=[Point(e, 0) for e in east],
        crs=6677,
    )


def test_planted_repeats_are_found_and_chance_is_not():
    rng = np.random.default_rng(3)
    start = pd.Timestamp("2024-01-01")
    east = rng.uniform(0, 20_000, 150)
    day = rng.integers(0, 700, 150)
    alone, _ = near_repeats(_points(east, [start + pd.Timedelta(days=int(d)) for d in day]), ["bicycle_theft"])
    echoed, _ = near_repeats(
        _points(
            np.r_[east, east[:40] + 50],
            [start + pd.Timedelta(days=int(d)) for d in np.r_[day, day[:40] + 3]],
        ),
        ["bicycle_theft"],
    )
    assert alone["chance_share"].iloc[0] > 0.05
    assert echoed["chance_share"].iloc[0] == pytest.approx(1 / 500)
    assert echoed["pairs"].iloc[0] >= 40


def test_pairs_by_brute_force():
    rng = np.random.default_rng(5)
    east = rng.uniform(0, 1000, 60)
    day = rng.integers(0, 100, 60)
    start = pd.Timestamp("2024-01-01")
    table, notes = near_repeats(_points(east, [start + pd.Timedelta(days=int(d)) for d in day]), ["bicycle_theft"])
    assert notes == []
    brute = sum(
        abs(east[i] - east[j]) <= 200 and abs(int(day[i]) - int(day[j])) <= 14 for i in range(60) for j in range(i)
    )
    assert table["pairs"].iloc[0] == brute


def _mixed(number, seed=6):
    """Records of two blocks on a line of a kilometre, half of them points, on days of four years one after the other."""
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2021-01-01")
    days = [start + pd.Timedelta(days=int(d)) for d in np.sort(rng.integers(0, 1460, number))]
    records = _points(rng.uniform(0, 1000, number), days)
    return records.assign(
        area_id=rng.choice(["a", "b"], number), precision=np.where(rng.random(number) < 0.5, "point", "area")
    )


def test_points_pair_by_distance_and_others_by_block_by_brute_force():
    records = _mixed(60)
    east, area = records.geometry.x, records["area_id"]
    point, day = records["precision"] == "point", records["occurred_on"]
    brute = sum(
        (abs(east[i] - east[j]) <= 200 if point[i] and point[j] else area[i] == area[j])
        and abs((day[i] - day[j]).days) <= 14
        for i in range(60)
        for j in range(i)
    )
    table, _ = near_repeats(records, ["bicycle_theft"])
    assert table["pairs"].iloc[0] == brute


@pytest.mark.parametrize("precision", ["point", "area"])
def test_more_pairs_than_can_be_held_are_never_made(monkeypatch, precision):
    monkeypatch.setattr(sys.modules[near_repeats.__module__], "MOST_PAIRS", 2000)
    many = _mixed(3000).assign(precision=precision)
    tracemalloc.start()
    table, notes = near_repeats(many, ["bicycle_theft"])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # all 3,000 form over a million pairs of 16 bytes
    assert peak < 8_000_000
    used = int(table["number"].iloc[0])
    assert used < 100
    assert [(n.code, n.values) for n in notes] == [
        ("near_repeats_of_latest", {"offence": "bicycle_theft", "used": used, "number": 3000})
    ]
    # the same answer as from the latest records alone: the days of the others are not shuffled in
    alone, none = near_repeats(many.iloc[-used:], ["bicycle_theft"])
    assert none == []
    pd.testing.assert_frame_equal(table, alone)


def test_reporting_rates_by_hand(build):
    areas = {f"a{n}": (n * 100, 0, n * 100 + 100, 100) for n in range(10)}
    inputs = build(areas, [r for n in range(10) for r in [_theft(f"a{n}")] * (20 if n == 0 else 17 if n == 1 else 2)])
    inputs.areas["district_id"] = ["x", "y"] * 5
    demand = risk.score(inputs, RiskSettings())
    table = risk.reporting(demand, inputs.areas).set_index(["district_id", "rate"])
    assert (table["top_blocks"] == 1).all()
    # y's 17 recorded at a rate of 0.7 are more than x's 20; x at 1.3 falls below 17; the other way round nothing changes
    assert table["changed_blocks"].to_dict() == {("x", 0.7): 0, ("x", 1.3): 1, ("y", 0.7): 1, ("y", 1.3): 0}


def test_the_first_tenth_is_as_many_blocks_wherever_it_is_told(build):
    areas = {f"a{n:02}": (n * 100, 0, n * 100 + 100, 100) for n in range(12)}
    demand = risk.score(build(areas, [_theft(area) for area in areas] * 3), RiskSettings())
    told = risk.reporting(demand, build(areas).areas)["top_blocks"]
    assert demand.ranks["top_share"].sum() == pytest.approx(1)
    assert (told == 1).all()
