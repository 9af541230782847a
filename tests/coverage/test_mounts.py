"""Candidate mounts and aims, counted on paper."""

import numpy as np
import pytest
import shapely

from planner.coverage import survey
from planner.coverage.aims import aims
from planner.coverage.mounts import area_of

CROSS = [
    (shapely.LineString([(0, 0), (50, 0)]), {}),
    (shapely.LineString([(0, 0), (-50, 0)]), {}),
    (shapely.LineString([(0, 0), (0, 50)]), {}),
    (shapely.LineString([(50, 0), (90, 0)]), {}),  # two pieces meet at (50, 0): no junction
]


def test_junctions_and_dead_ends_stand_in_for_missing_mounts(paper):
    town = paper.town(streets=CROSS)
    found = survey(town, paper.demand([(5, 0)]), paper.settings())
    assert sorted(found.mounts["mount_id"]) == ["m-50.0_0.0", "m0.0_0.0", "m0.0_50.0", "m90.0_0.0"]
    assert set(found.mounts["kind"]) == {"assumed"}
    assert set(found.mounts["state"]) == {"unknown"}
    assert paper.notes(found)["mounts_assumed_junctions"]["number"] == 4


def test_block_corners_stand_in_for_missing_streets(paper):
    areas = [(shapely.box(0, 0, 40, 30), {"area_id": "a1"}), (shapely.box(40, 0, 80, 30), {"area_id": "a2"})]
    found = survey(paper.town(areas=areas), paper.demand([(5, 5)]), paper.settings())
    assert len(found.mounts) == 6  # the two blocks share two corners
    assert paper.notes(found)["mounts_assumed_corners"]["number"] == 6


def test_no_camera_where_none_may_stand(paper):
    town = paper.town(
        mounts=[
            (0, 0, {"mount_id": "free"}),
            (100, 0, {"mount_id": "refused", "state": "refused"}),
            (200, 0, {"mount_id": "zone"}),
            (210, 0, {"mount_id": "zone border"}),
            (300, 0, {"mount_id": "house"}),
            (305, 0, {"mount_id": "facade"}),
            (5000, 0, {"mount_id": "elsewhere"}),
        ],
        zones=[(shapely.box(190, -10, 210, 10), {})],
        walls=[(shapely.box(295, -5, 305, 5), {})],
    )
    spots = [(e + 5, 0) for e in (0, 100, 200, 210, 300, 305, 5000)]
    found = survey(town, paper.demand(spots), paper.settings())
    assert found.mounts["mount_id"].tolist() == ["free", "facade"]
    assert set(found.views["mount_id"]) == {"free", "facade"}
    assert set(found.actions["mount_id"]) == {"free", "facade"}
    notes = paper.notes(found)
    assert notes["mounts_left_out"] == {"zone": 2, "wall": 1, "outside": 1}
    assert notes["mounts_refused"] == {"number": 1, "ids": "refused"}
    assert "walls_full_height" in notes


def test_where_a_standing_camera_hangs_nothing_is_installed(paper):
    town = paper.town(
        mounts=[(0, 0, {"mount_id": "named"}), (50, 0, {"mount_id": "near"}), (99, 0, {"mount_id": "free"})],
        standing=[(3, 0, {"camera_id": "k1", "mount_id": "named"}), (50, 0.9, {"camera_id": "k2"})],
    )
    found = survey(town, paper.demand([(5, 0), (55, 0), (105, 0)]), paper.settings())
    installs = found.actions.loc[found.actions["kind"] == "install"]
    assert set(installs["mount_id"]) == {"free"}
    assert paper.notes(found)["mounts_taken_by_standing"]["number"] == 2


def test_height_is_the_files_or_assumed_and_said(paper):
    town = paper.town(mounts=[(0, 0, {"mount_id": "p", "height_m": 5.0}), (50, 0, {"mount_id": "q"})])
    found = survey(town, paper.demand([(5, 0), (55, 0)]), paper.settings())
    assert dict(zip(found.views["mount_id"], found.views["height_m"], strict=True)) == {"p": 5.0, "q": 4.0}
    assert paper.notes(found)["mount_height_assumed"]["number"] == 1


def _aims(paper, point, **values):
    town = paper.town(**values)
    mount, bearing = aims(np.array([point], dtype=float), town.streets, town.places, 20.0)
    assert (mount == 0).all()
    return sorted(np.round(bearing, 1).tolist())


def test_aims_follow_the_streets(paper):
    assert _aims(paper, (0, 0), streets=CROSS) == [0, 90, 270]
    assert _aims(paper, (-50, 0), streets=CROSS) == [90]  # a dead end looks back along its street
    # 5 m beside the middle of a street: towards the points 12 m ahead and behind, 22.6 degrees off its line
    road = [(shapely.LineString([(-50, 0), (50, 0)]), {})]
    assert _aims(paper, (0, 5), streets=road) == [112.6, 247.4]


def test_aims_closer_than_15_degrees_are_one_and_there_are_six_at_most(paper):
    def ray(bearing):
        turn = np.radians(bearing)
        return (shapely.LineString([(0, 0), (50 * np.sin(turn), 50 * np.cos(turn))]), {})

    assert _aims(paper, (0, 0), streets=[ray(30), ray(44), ray(60)]) == [30, 60]
    assert _aims(paper, (0, 0), streets=[ray(355), ray(5)]) == [355]
    assert len(_aims(paper, (0, 0), streets=[ray(b) for b in range(0, 360, 20)])) == 6


def test_without_streets_aims_seek_places_then_the_compass(paper):
    far_road = [(shapely.LineString([(0, 21), (50, 21)]), {})]
    places = [(shapely.box(9, -1, 11, 1), {}), (shapely.Point(0, -15), {}), (shapely.Point(0, 25), {})]
    assert _aims(paper, (0, 0), streets=far_road, places=places) == [90, 180]
    assert _aims(paper, (0, 0)) == [0, 45, 90, 135, 180, 225, 270, 315]


def test_a_border_point_has_one_area_whatever_the_order(paper):
    boxes = {"b": shapely.box(0, 0, 10, 10), "a": shapely.box(10, 0, 20, 10), "c": shapely.box(20, 0, 30, 10)}
    points = np.array([[10.0, 5], [20, 5], [5, 5], [33, 5]])
    for order in (["b", "a", "c"], ["c", "a", "b"]):
        areas = paper.town(areas=[(boxes[n], {"area_id": n}) for n in order]).areas
        at, away = area_of(points, areas)
        assert areas["area_id"].iloc[at].tolist() == ["a", "a", "b", "c"]
        assert away == pytest.approx([0, 0, 0, 3])
