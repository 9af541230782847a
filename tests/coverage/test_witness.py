"""Which camera saw it: places, ways and days by hand."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import assumptions
from planner.coverage import saw
from planner.coverage.ways import PIECE_M, leading_away
from planner.show import Words
from planner.show.sightings import cameras as show_cameras

AT, NOW = dt.datetime.fromisoformat("2026-11-01T21:30"), dt.datetime.fromisoformat("2026-11-10T09:00")
KNOWN = {"model_id": "wide", "retention_days": 14.0, "bearing_deg": 90.0, "owner": "市", "working": True}
STREET = (shapely.LineString([(0, 0), (100, 0)]), {"street_id": "s"})


def _asked(paper, cameras, *, streets=(STREET,), place=(50.0, 0.0), walls=(), mounts=()):
    rows = [(e, n, {**KNOWN, "camera_id": f"k{i}", **v}) for i, (e, n, v) in enumerate(cameras)]
    town = paper.town(standing=rows, streets=list(streets), walls=list(walls), mounts=list(mounts))
    return saw(town, paper.settings().coverage, place, AT, NOW)


def test_a_camera_sees_the_place_another_the_way_past_it_a_third_neither(paper):
    # "wide": 2560 px over 90 degrees meets 80 px/m within about 16 m
    found = _asked(paper, [(40, 0, {}), (88, 0, {"bearing_deg": 270.0}), (50, 60, {})]).cameras.set_index("camera_id")
    assert found.index.tolist() == ["k0", "k1"]
    assert found["part"].tolist() == ["place", "way"]
    assert found.loc["k0", "distance_m"] == 10
    assert 22 <= found.loc["k1", "distance_m"] <= 28  # 88 - 16 - 50, to the middle of a piece
    assert found["certain"].all()


def test_until_when_is_the_time_and_the_days_and_whether_that_is_over(paper):
    cameras = [(40, 0, {}), (40, 1, {"retention_days": 7.0}), (40, -1, {"retention_days": float("nan")})]
    found = _asked(paper, cameras).cameras.set_index("camera_id")
    assert found.loc["k0", "kept_until_low"] == pd.Timestamp(2026, 11, 15, 21, 30)
    assert found["overwritten"].to_dict() == {"k0": False, "k1": True, "k2": False}
    known = assumptions.all_assumptions()["standing_days"]
    span = found.loc["k2", ["kept_until_low", "kept_until_high"]] - pd.Timestamp(AT)
    assert [s.days for s in span] == [known.low, known.high]


def test_what_is_unknown_is_only_possible(paper):
    found = _asked(paper, [(40, 0, {"bearing_deg": np.nan}), (40, 0, {"working": pd.NA})]).cameras.set_index(
        "camera_id"
    )
    assert found["certain"].to_dict() == {"k0": False, "k1": True}
    assert found["unknown"].to_dict() == {"k0": "bearing", "k1": "working"}


def test_a_wall_hides_the_place_but_not_the_street_before_it(paper):
    behind = (shapely.box(44, -5, 46, 5), {})
    assert _asked(paper, [(40, 0, {})], walls=[behind]).cameras["part"].tolist() == ["way"]


def test_a_dark_place_is_seen_by_night_only_within_the_infrared(paper):
    blind = [paper.model(infrared_m=5.0)]
    town = paper.town(standing=[(40, 0, {**KNOWN, "camera_id": "k"})], models=blind)
    lamp = paper.town(
        standing=[(40, 0, {**KNOWN, "camera_id": "k"})],
        models=blind,
        mounts=[(52, 0, {"mount_id": "l", "kind": "street_light"})],
    )
    for there, by_night in ((town, False), (lamp, True)):
        row = saw(there, paper.settings().coverage, (50.0, 0.0), AT, NOW).cameras.iloc[0]
        assert (row["by_day"], row["by_night"]) == (True, by_night)


def test_a_camera_installed_later_did_not_see_it(paper):
    cameras = [
        (40, 0, {"installed_on": pd.Timestamp(2026, 11, 2)}),
        (40, 0, {"installed_on": pd.Timestamp(2026, 10, 31)}),
    ]
    assert _asked(paper, cameras).cameras["camera_id"].tolist() == ["k1"]


def test_the_host_of_its_pole_is_told(paper):
    pole = (40, 0, {"mount_id": "m", "kind": "utility_pole", "host": "架空電力"})
    assert _asked(paper, [(40, 0, {"mount_id": "m"})], mounts=[pole]).cameras["host"].tolist() == ["架空電力"]


def test_whom_to_ask_is_told_with_the_camera(paper):
    found = _asked(paper, [(40, 0, {"contact": "防災課 00-0000-0101"}), (41, 0, {})])
    assert found.cameras.set_index("camera_id")["contact"].to_dict() == {"k0": "防災課 00-0000-0101", "k1": ""}
    table = show_cameras(found, Words("ja"))
    assert any("防災課 00-0000-0101" in row for row in table.rows)


def test_ways_are_told_apart_by_whether_anybody_sees_them(paper):
    ways = _asked(paper, [(40, 0, {})]).ways.set_index("seen")
    assert ways.loc[True, "length_m"] + ways.loc[False, "length_m"] == pytest.approx(100)
    assert 5 <= ways.loc[True, "length_m"] <= 20


def test_without_streets_or_cameras_nothing_is_found(paper):
    found = _asked(paper, [], streets=())
    assert (len(found.cameras), len(found.ways)) == (0, 0)


def _streets(paper, *lines):
    return paper.town(streets=[(shapely.LineString(line), {}) for line in lines]).streets


def test_pieces_follow_the_streets_not_the_crow(paper):
    # down 30 m and back up 30 m: the far end is 10 m away as the crow flies, 70 m along the street
    there = _streets(paper, [(0, 0), (0, -30), (10, -30), (10, 0)])
    assert leading_away(there, (0.0, 0.0), 200.0).away_m.max() == pytest.approx(70 - PIECE_M / 2)
    assert leading_away(there, (0.0, 0.0), 40.0).middle[:, 0].max() < 10


def test_an_end_on_another_street_joins_it_and_a_bridge_does_not(paper):
    joined = _streets(paper, [(0, 0), (40, 0)], [(21, 0), (21, 20)])
    assert set(leading_away(joined, (0.0, 0.0), 100.0).street) == {0, 1}
    bridge = _streets(paper, [(0, 0), (40, 0)], [(21, -20), (21, 20)])
    assert set(leading_away(bridge, (0.0, 0.0), 100.0).street) == {0}


@settings(max_examples=30, deadline=None)
@given(st.floats(0, 100), st.floats(1, 120))
def test_on_a_straight_street_the_way_is_the_distance(paper, east, within):
    pieces = leading_away(_streets(paper, [(0, 0), (100, 0)]), (east, 0.0), within)
    gap = np.abs(pieces.middle[:, 0] - east)
    assert (np.abs(pieces.away_m - gap) <= PIECE_M).all()  # the way begins at a vertex
    assert (pieces.away_m <= within).all()
