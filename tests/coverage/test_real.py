"""The derived street skeleton of a real city: sizes, and spot checks against the exact polygons."""

import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from planner.coverage import grade, outline, survey

DATA = (Path(__file__).parents[2] / os.environ.get("PLANNER_REAL_DATA", "../shared/data")).resolve() / "yamato"


@pytest.mark.real
@pytest.mark.skipif(not DATA.is_dir(), reason="the real data folder is absent (set PLANNER_REAL_DATA)")
def test_yamato_street_skeleton(paper):
    edges = gpd.read_file(DATA / "streets_derived" / "yamato_street_skeleton.gpkg", layer="edges").to_crs(paper.epsg)
    blocks = gpd.read_file(DATA / "boundary" / "boundary_chome.geojson").to_crs(paper.epsg)
    town = paper.town(
        streets=[(line, {}) for line in edges.geometry],
        areas=[(shape, {"area_id": f"a{i}"}) for i, shape in enumerate(blocks.geometry)],
        models=[paper.model(), paper.model("long", angle_deg=60)],
    )
    spots = shapely.get_coordinates(shapely.line_interpolate_point(edges.geometry.to_numpy(), 7.0))
    demand = paper.demand(spots.tolist())
    found = survey(town, demand, paper.settings(rules={"spacing_m": 100}))
    assert 5_000 < len(found.mounts) < 5_400  # 5,394 nodes, a few of degree two
    assert found.sees.data.min() > 1.38
    assert found.sees.data.max() <= found.views["far_m"].max()
    rows = grade(found, demand, paper.settings())
    assert rows.quality.shape == (len(found.actions), len(demand.spots))
    some = np.random.default_rng(0).choice(len(found.views), 60, replace=False)
    shapes = outline(town, found, found.views["view_id"].iloc[some].tolist()).geometry.to_numpy()
    tree = shapely.STRtree(demand.spots.geometry.to_numpy())
    view, spot = tree.query(shapes, predicate="contains_properly")
    seen = set(zip(view.tolist(), spot.tolist(), strict=True))
    assert len(seen) > 60
    stored = found.sees[some].nonzero()
    border = shapely.distance(shapely.boundary(shapes[stored[0]]), demand.spots.geometry.to_numpy()[stored[1]])
    assert seen <= set(zip(*(s.tolist() for s in stored), strict=True))
    assert all(
        p in seen for p, b in zip(zip(*(s.tolist() for s in stored), strict=True), border, strict=True) if b > 0.01
    )
