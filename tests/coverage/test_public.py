"""Public ground in a picture: by hand on one street, and against plain polygons in random towns."""

from __future__ import annotations

import math
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy import sparse

from planner import coverage, frames, study
from planner.coverage.public import public_share
from planner.coverage.scene import build
from planner.programmes import Programme
from planner.work import Work
from tests.tiny_towns import EPSG, table, tiny

FAR_M = 30.0


ACTION_VIEWS = [[1, 0], [0, 1], [1, 1], [0, 0]]


def shares(streets: list[dict], places: tuple[dict, ...] = ()):
    """Shares of four actions: a view along the street from its middle line, one straight away from it, both, and none."""
    inputs, _ = tiny(0)
    inputs = replace(inputs, streets=table("streets", streets), places=table("places", list(places)))
    columns = {"bearing_deg": [90.0, 0.0], "angle_deg": 90.0, "near_m": 0.0, "far_m": FAR_M, "height_m": 4.0}
    views = gpd.GeoDataFrame(columns, geometry=[shapely.Point(0, 0), shapely.Point(0, 3)], crs=EPSG)
    return public_share(inputs, views, sparse.csr_matrix(ACTION_VIEWS), build(frames.empty("walls", EPSG)))


def along(half_width_m: float) -> float:
    """Of a quarter disc that opens along a street, the part that is street: twice the area between its middle and its edge."""
    y, r = half_width_m, FAR_M
    half = (y * math.sqrt(r * r - y * y) + r * r * math.asin(y / r)) / 2 - y * y / 2
    return 2 * half / (math.pi * r * r / 4)


def street(**more: object) -> dict:
    return {"street_id": "s", "kind": "local", "geometry": shapely.LineString([(-100, 0), (100, 0)]), **more}


@pytest.mark.parametrize(("width_m", "half_m"), [(6.0, 3.0), (None, 2.0)])  # a road is at least 4 m wide
def test_one_street_by_hand(width_m: float | None, half_m: float) -> None:
    found = shares([street(width_m=width_m)])
    assert found[0] == pytest.approx(along(half_m), abs=1e-4)
    assert found[1] == pytest.approx(0.0, abs=1e-9)  # begins at the edge and looks away
    assert found[2] == found[1]  # two pictures: the lower share counts
    assert np.isnan(found[3])


def test_a_park_is_public_and_counts_once_where_a_street_crosses_it() -> None:
    park = {"place_id": "p", "kind": "park", "geometry": shapely.box(-50, -50, 50, 50)}
    assert shares([street(width_m=6.0)], (park,))[:3] == pytest.approx([1.0, 1.0, 1.0])
    shop = {"place_id": "p", "kind": "car_park", "geometry": shapely.box(-50, -50, 50, 50)}
    assert shares([street(width_m=6.0)], (shop,))[0] == pytest.approx(along(3.0), abs=1e-4)


def test_without_streets_nothing_is_known() -> None:
    assert np.isnan(shares([])).all()


@pytest.mark.parametrize("seed", range(2))
def test_shares_are_those_of_the_polygons_drawn(seed: int) -> None:
    inputs, merged = tiny(seed)
    asks = {"id": "q", "name_ja": "架空", "name_en": "made up", "payer": "national", "rate": "1/2", "source": "made up"}
    asking = Programme.model_validate({**asks, "eligible_categories": ["camera"], "min_public_share": "1/2"})
    assert study.prepare(inputs, merged.settings, Work()).survey.public_share is None  # nobody asks
    town = study.prepare(replace(inputs, programmes=(asking,)), merged.settings, Work())
    survey = town.survey
    drawn = coverage.outline(inputs, survey, survey.views["view_id"].tolist()).geometry
    ground = shapely.union_all(shapely.buffer(inputs.streets.geometry.to_numpy(), 2.0))
    for share, seen in zip(survey.public_share, survey.action_views.tolil().rows, strict=True):
        plain = [drawn[v].intersection(ground).area / drawn[v].area if drawn[v].area else math.nan for v in seen]
        assert share == pytest.approx(min(plain, default=math.nan), abs=1e-9, nan_ok=True)
    offers = town.offers.table
    paid = offers[offers["programme_id"] == "q"]
    known = dict(zip(survey.actions["action_id"], survey.public_share, strict=True))
    for action, why in zip(paid["action_id"], paid["why_not"], strict=True):
        assert ("programme_public_share" in why.split()) == (known[action] < 0.5)
    assert any(n.code == "programme_public_share_measured" for n in town.offers.notes)
