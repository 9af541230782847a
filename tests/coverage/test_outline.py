"""The polygons of named views; what they are made of is tested beside the kernel (``test_visible``)."""

import math

import pytest
import shapely

from planner.coverage import outline, survey


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
