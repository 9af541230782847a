"""Polygons whose areas are known by hand."""

import math

import numpy as np
import pytest
import shapely

from planner.coverage import outline, survey
from planner.coverage.outline import sector, seen_polygon
from planner.coverage.scene import build

HERE = np.array([0.0, 0.0])


def _area(paper, walls, view, at=HERE):
    return seen_polygon(at, view, build(paper.town(walls=[(w, {}) for w in walls]).walls)).area


@pytest.mark.parametrize(
    ("angle", "near", "far"), [(90, 1.5, 40), (200, 0, 10), (360, 3, 20), (360, 0, 20), (7, 2, 160)]
)
def test_an_open_sector_is_a_piece_of_a_ring(angle, near, far):
    exact = math.radians(angle) / 2 * (far**2 - near**2)
    assert sector(HERE, 77.0, angle, near, far).area == pytest.approx(exact, rel=2e-4)


@pytest.mark.parametrize(("angle", "near", "far"), [(0, 1, 40), (90, 20, 20), (90, 21, 20)])
def test_a_sector_without_inside_is_empty(angle, near, far):
    assert sector(HERE, 77.0, angle, near, far).is_empty


def test_a_long_wall_leaves_a_triangle(paper):
    # looking north, 90 degrees, a wall across at 10 m: the triangle |e| <= n <= 10, 100 m2
    wall = shapely.box(-500, 10, 500, 12)
    assert _area(paper, [wall], (0, 90, 0, 50)) == pytest.approx(100, abs=1e-9)
    assert _area(paper, [shapely.box(-500, 10, 500, 60)], (0, 90, 0, 50)) == pytest.approx(100, abs=1e-9)


def test_a_post_takes_its_shadow_and_itself(paper):
    # a wall from (-1, 10) to (1, 10), 1 m deep: shadow between the rays of slope 10, from n = 10 to the arc
    open_field = math.pi / 4 * 50**2
    shadow = math.atan(0.1) * 50**2 - 10  # two right triangles of 5 m2 stay in sight before it
    assert _area(paper, [shapely.box(-1, 10, 1, 11)], (0, 90, 0, 50)) == pytest.approx(open_field - shadow, rel=2e-4)


def test_what_stands_nearer_than_near_still_blocks(paper):
    wall = shapely.box(-500, 1, 500, 1.2)
    assert _area(paper, [wall], (0, 90, 2, 50)) == 0


def test_a_courtyard_keeps_the_view_in(paper):
    yard = shapely.Polygon(shapely.box(-20, -20, 20, 20).exterior, [shapely.box(-6, -4, 6, 4).exterior])
    assert _area(paper, [yard], (0, 360, 0, 50)) == pytest.approx(96, abs=1e-9)


def test_outline_names_its_views_in_order(paper):
    town = paper.town(mounts=[(0, 0, {"mount_id": "p"})], walls=[(shapely.box(-500, 10, 500, 12), {})])
    found = survey(town, paper.demand([(0, 5), (-3, 5), (5, 0), (5, -3)]), paper.settings())
    shapes = outline(town, found, ["m:p:wide:090", "m:p:wide:000"])
    assert shapes["view_id"].tolist() == ["m:p:wide:090", "m:p:wide:000"]
    assert shapes.crs.to_epsg() == paper.epsg
    near, far = 2.4 / math.sqrt(3), math.sqrt(16**2 - 2.4**2)
    # north: the triangle less the quarter ring's hole; east: the far arc is cut where it passes n = 10
    assert shapes["area_m2"].iloc[1] == pytest.approx(100 - math.pi / 4 * near**2, rel=1e-4)
    turn = math.asin(10 / far)  # from the corner ray at 45 degrees up to where the arc meets the wall's line
    lost = (math.pi / 4 - turn) * far**2 / 2 - (10 * 10 - 10 * 10 / math.tan(math.pi / 4) + 0) / 2
    lost -= 0.5 * (10 / math.tan(turn) - 10) * 10  # the sliver before the wall stays in sight
    exact = math.pi / 4 * (far**2 - near**2) - lost
    assert shapes["area_m2"].iloc[0] == pytest.approx(exact, rel=1e-4)
