"""The benchmark of sight from file to file, and the figures that the coverage benchmark prints, on small scenes."""

import json
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from benchmarks import coverage, sight, sight_peers
from benchmarks.plain_sight import Plain, View
from planner.coverage import visible

HEAD = "pose_id,east_m,north_m,bearing_deg,angle_deg,near_m,far_m\n"


def _files(tmp_path, shapes, poses, crs="EPSG:6677"):
    gpd.GeoDataFrame(geometry=shapes, crs=crs).to_file(tmp_path / "walls.gpkg")
    (tmp_path / "poses.csv").write_text(HEAD + poses, encoding="utf-8")
    return [f"--{n}={tmp_path / f}" for n, f in (("walls", "walls.gpkg"), ("poses", "poses.csv"), ("out", "out.csv"))]


def test_sight_from_file_to_file(tmp_path):
    house = shapely.box(-10, -5, 0, 5)
    bow_tie = shapely.Polygon([(40, 0), (44, 4), (44, 0), (40, 4)])
    poses = (
        "open,500,500,77,90,0,10\non,0,0,90,360,0,20\nin,-0.1,0,90,360,0,20\n007,0.02,0,90,90,5,20\nnone,9,9,0,0,0,9\n"
    )
    sight.main(_files(tmp_path, [house, shapely.MultiPolygon([shapely.box(60, 0, 61, 1)]), bow_tie], poses))
    found = pd.read_csv(tmp_path / "out.csv", dtype={"pose_id": "str"})
    assert found.columns.tolist() == ["pose_id", "area_m2"]
    assert found["pose_id"].tolist() == ["open", "on", "in", "007", "none"]
    area = found["area_m2"].tolist()
    assert [area[0], area[3]] == pytest.approx([math.pi / 4 * 100, math.pi / 4 * 375], rel=1e-12)
    assert math.pi / 2 * 400 < area[1] < math.pi / 2 * 400 + 2  # on the wall: half a disc
    assert [area[2], area[4]] == [0, 0]


@pytest.mark.parametrize(
    ("crs", "head", "said"), [("EPSG:6668", HEAD, "metric"), ("EPSG:6677", HEAD.replace("far_m", "far"), "far_m")]
)
def test_sight_refuses_degrees_and_missing_columns(tmp_path, capsys, crs, head, said):
    wanted = _files(tmp_path, [shapely.box(130, 30, 131, 31)], "a,0,0,0,90,0,9\n", crs)
    (tmp_path / "poses.csv").write_text(head + "a,0,0,0,90,0,9\n", encoding="utf-8")
    with pytest.raises(SystemExit):
        sight.main(wanted)
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out.csv").exists()


def _lots():
    """Small houses in rows, half a metre apart."""
    return sight.scene_of(
        np.array([shapely.box(9 * i, 14 * j, 9 * i + 8.5, 14 * j + 9) for i in range(20) for j in range(12)])
    )


def test_accuracy_is_measured_against_the_plain_construction():
    lines = [json.loads(line) for line in coverage.accuracy("lots", _lots())]
    found = {line["measure"]: line for line in lines}
    assert found["area_error"]["walls"] == 4 * 240
    assert found["area_error"]["worst_percent"] <= 0.05
    assert found["polygon_error"]["mean_percent"] <= 0.01
    assert found["polygon_error"]["valid"]
    assert (found["wrong_pairs"]["pairs"], found["wrong_pairs"]["wrong"]) == (20_000, 0)
    assert found["cone_15_rays_error"]["mean_percent"] > 2  # the reason why


def test_the_other_ways_say_the_same_where_they_can():
    scene = _lots()
    view = View(50.0, 51.5, 80.0, 90.0, 0.0, 40.0)
    exact = visible.areas(scene, np.array([view], dtype=float))[0]
    ways = sight_peers.peers(scene)
    assert ways["shapely_shadows"](view).area == pytest.approx(exact, rel=2e-3)  # 64 chords round
    assert ways["cone_15_rays"](view).area < 0.99 * exact or ways["cone_15_rays"](view).area > 1.01 * exact
    assert Plain(scene.walls).seen(view).area == pytest.approx(exact, rel=1e-5)
