"""Shapes and map files that GDAL and GEOS read wrongly, or not at all."""

from __future__ import annotations

import io
import json
import sqlite3
import struct
import zipfile
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from tests.ingest.bad import Bench, Steps, case
from tests.ingest.two_blocks import geojson, square

WALLS = '[walls]\nfile = "w.geojson"\n'
STREETS = '[streets]\nfile = "s.geojson"\n'


def walls(*rings: list[list[list[float]]]) -> str:
    """Buildings of the given rings."""
    return geojson([("Polygon", list(r), {"wall_id": f"w{n}", "height_m": 7}) for n, r in enumerate(rings, 1)])


def lines() -> gpd.GeoDataFrame:
    """Two streets of 100 m that meet."""
    shapes = [shapely.LineString([(0, 0), (100, 0)]), shapely.LineString([(100, 0), (100, 100)])]
    return gpd.GeoDataFrame({"kind": ["市道", "国道"]}, geometry=shapes, crs=6677)


def zipped(folder: Path, *patterns: str, under: str = "") -> bytes:
    """Files of a folder as a zip."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for pattern in patterns:
            for path in sorted(folder.glob(pattern)):
                archive.write(path, under + path.name)
                path.unlink()
    return held.getvalue()


@case("B071", "FIX", "polygon_repaired", "bow-tie, spike, hole outside, overlapping parts", keeps="what they cover")
def small_faults(town: Bench) -> Steps:
    town.toml(WALLS)
    bow_tie = [[[0, 0], [10, 0], [10, 10], [0, 10], [0.2, 10.2], [0, 10.2], [0.2, 10], [0, 0]]]
    spike = [[[20, 0], [30, 0], [30, 10], [30, 15], [30, 10], [20, 10], [20, 0]]]
    hole_outside = [*square(40, 0, 10), [[60, 0], [60.1, 0], [60.1, 0.1], [60, 0.1], [60, 0]]]
    text = json.loads(walls(bow_tie, spike, hole_outside))
    parts = {"type": "MultiPolygon", "coordinates": [square(80, 0, 10), square(89.95, 0, 10)]}
    text["features"].append({"type": "Feature", "properties": {"wall_id": "w4", "height_m": 7}, "geometry": parts})
    town.write("w.geojson", json.dumps(text))
    seen = yield
    assert seen.the_inputs.walls.geometry.is_valid.all()
    assert seen.the_inputs.walls.area.tolist()[1:] == pytest.approx([100, 100, 199.5])
    corrections = seen.corrections("polygon_repaired")
    assert corrections["line"].tolist() == [1, 2, 3, 4]
    assert corrections["before"][1].startswith("100.0 m2 POLYGON")  # the original geometry


@case("B072", "ASK", "repair_area", "a repair that changes the area", keeps="the shape, if the planner agrees")
def a_whole_bow_tie(town: Bench) -> Steps:
    town.toml(WALLS)
    town.write("w.geojson", walls([[[0, 0], [10, 10], [10, 0], [0, 10], [0, 0]]], square(20, 0, 10)))
    seen = yield
    assert seen.questions[0].values["share"] == 1  # of an area that GEOS takes for 0
    seen = yield
    assert seen.the_inputs.walls.area.tolist() == pytest.approx([50, 100])  # two triangles of 10 m x 5 m


@case("B072", "SET", "geometry_invalid", "such a repair, and the planner does not want it", keeps="the other shapes")
def a_bow_tie_set_aside(town: Bench) -> Steps:
    town.toml(WALLS)
    town.answers["walls:repair_area:w.geojson"] = "set_aside"
    town.write("w.geojson", walls([[[0, 0], [10, 10], [10, 0], [0, 10], [0, 0]]], square(20, 0, 10)))
    seen = yield
    assert seen.the_inputs.walls["wall_id"].tolist() == ["w2"]


@case("B073", "SET", "geometry_zero_area", "a polygon that encloses nothing", keeps="the other shapes")
def no_area(town: Bench) -> Steps:
    town.toml(WALLS)
    town.write("w.geojson", walls([[[0, 0], [5, 5], [10, 10], [0, 0]]], square(20, 0, 10)))
    seen = yield
    assert seen.the_inputs.walls["wall_id"].tolist() == ["w2"]


@case("B074", "SET", "geometry_missing", "empty and null geometries", keeps="the attributes, among the rows set aside")
def nothing_drawn(town: Bench) -> Steps:
    town.toml(WALLS)
    text = json.loads(walls(square(0, 0, 10), square(20, 0, 10), square(40, 0, 10)))
    text["features"][0]["geometry"] = None
    text["features"][1]["geometry"] = {"type": "Polygon", "coordinates": []}
    town.write("w.geojson", json.dumps(text))
    seen = yield
    assert len(seen.the_inputs.walls) == 1
    assert "wall_id=w1" in seen.account.set_aside["text"][0]


@case("B075", "FIX", "ring_closed", "an unclosed ring", keeps="every feature")
def open_ring(town: Bench) -> Steps:
    town.toml(WALLS)
    town.write("w.geojson", walls([square(0, 0, 10)[0][:-1]], square(20, 0, 10)))
    seen = yield
    assert seen.the_inputs.walls.area.tolist() == pytest.approx([100, 100])
    assert seen.corrections("ring_closed")["line"].tolist() == [1]


@case("B076", "ASK", "kinds_mixed", "points, lines and polygons in one layer", keeps="all: the others are listed")
def mixed(town: Bench) -> Steps:
    town.toml(STREETS)
    kinds: list[tuple[str, object, dict[str, object]]] = [
        ("LineString", [[0, 0], [100, 0]], {"kind": "市道"}),
        ("Point", [1, 1], {"kind": "市道"}),
        ("Polygon", square(0, 0, 10), {"kind": "市道"}),
    ]
    town.write("s.geojson", geojson(kinds))
    seen = yield
    assert seen.questions[0].choices == ("line",)
    seen = yield
    assert len(seen.the_inputs.streets) == 1
    assert seen.reasons() == ["geometry_kind"] * 2


@case("B077", "FIX", "heights_flattened", "three-dimensional shapes", keeps="the heights, as the column z_m")
def heights(town: Bench) -> Steps:
    town.toml(WALLS + 'columns = {height_m = "z_m"}\n')
    ring = [[e, n, 6.5] for e, n in square(0, 0, 10)[0]]
    text = json.loads(walls([ring]))
    del text["features"][0]["properties"]["height_m"]
    town.write("w.geojson", json.dumps(text))
    seen = yield
    assert not seen.the_inputs.walls.has_z.any()
    assert seen.the_inputs.walls["height_m"].tolist() == [6.5]


@case("B078", "FIX", "collection_opened", "geometry collections", keeps="the parts of the kind that is used")
def collections(town: Bench) -> Steps:
    town.toml(WALLS)
    text = json.loads(walls(square(0, 0, 10), square(20, 0, 10)))
    point = {"type": "Point", "coordinates": [1, 1]}
    polygon = text["features"][0]["geometry"]
    text["features"][0]["geometry"] = {"type": "GeometryCollection", "geometries": [point, polygon]}
    text["features"][1]["geometry"] = {"type": "GeometryCollection", "geometries": [point, point]}
    town.write("w.geojson", json.dumps(text))
    seen = yield
    assert seen.the_inputs.walls.area.tolist() == pytest.approx([100])
    assert seen.reasons() == ["geometry_kind"]


@case("B078", "FIX", "curves_to_lines", "curves", keeps="the shapes, as lines")
def curves(town: Bench) -> Steps:
    town.toml('[streets]\nfile = "s.gpkg"\n')
    gpd.GeoDataFrame({"kind": ["市道"]}, geometry=[shapely.LineString([(0, 0), (100, 0)])], crs=6677).to_file(
        town.folder / "s.gpkg", layer="s"
    )
    half = struct.pack("<bii6d", 1, 8, 3, 0, 0, 50, 50, 100, 0)  # ISO 13249-3: a half circle of radius 50 m
    head = b"GP\x00\x01" + struct.pack("<i", 6677)
    with closing(sqlite3.connect(town.folder / "s.gpkg")) as base:
        triggers = base.execute("select name from sqlite_master where type = 'trigger'").fetchall()
        base.executescript("".join(f'drop trigger "{name}";' for (name,) in triggers))
        base.execute("update s set geom = ?", (head + half,))
        base.execute("update gpkg_geometry_columns set geometry_type_name = 'CIRCULARSTRING'")
        base.executescript(
            "pragma writable_schema = 1;"
            "update sqlite_master set sql = replace(sql, 'LINESTRING', 'CIRCULARSTRING') where name = 's';"
        )
        base.commit()
    seen = yield
    assert seen.the_inputs.streets.length.tolist() == pytest.approx([50 * 3.14159], rel=1e-3)


@case("B079", "STOP", "shapefile_parts", "a shapefile without .dbf and .shx", keeps="the missing parts are named")
def parts_missing(town: Bench) -> Steps:
    town.toml('[streets]\nfile = "s.shp"\n')
    lines().to_file(town.folder / "s.shp", encoding="cp932")
    for suffix in (".dbf", ".shx"):
        (town.folder / f"s{suffix}").unlink()
    seen = yield
    assert seen.faults[0].values["parts"] == ".dbf, .shx"


@case("B080", "FIX", "encoding_assumed", "a shapefile in cp932 without .cpg", keeps="its text")
def no_cpg(town: Bench) -> Steps:
    town.toml('[streets]\nfile = "s.shp"\n')
    lines().to_file(town.folder / "s.shp", encoding="cp932")
    (town.folder / "s.cpg").unlink()
    seen = yield
    assert seen.the_inputs.streets["kind"].tolist() == ["市道", "国道"]


@case("B081", "ASK", "member_for", "several shapefiles in one zip", keeps="the one that is chosen")
def two_in_a_zip(town: Bench) -> Steps:
    town.toml('[streets]\nfile = "s.zip"\n')
    lines().to_file(town.folder / "道路.shp", encoding="cp932")
    lines().iloc[:1].to_file(town.folder / "歩道.shp", encoding="cp932")
    town.write("s.zip", zipped(town.folder, "道路.*", "歩道.*", under="N01/"))
    seen = yield
    assert set(seen.questions[0].choices) == {"N01/歩道.shp", "N01/道路.shp"}
    town.answers["streets:member_for:s.zip"] = "N01/道路.shp"
    seen = yield
    assert seen.the_inputs.streets["kind"].tolist() == ["市道", "国道"]


@case("B081", "ASK", "layer_for", "several layers in one GeoPackage", keeps="the one that is chosen")
def two_layers(town: Bench) -> Steps:
    town.toml('[streets]\nfile = "s.gpkg"\n')
    points = gpd.GeoDataFrame({"kind": ["x"]}, geometry=[shapely.Point(1, 1)], crs=6677)
    points.to_file(town.folder / "s.gpkg", layer="nodes")
    lines().to_file(town.folder / "s.gpkg", layer="edges", mode="a")
    seen = yield
    assert seen.questions[0].proposal == "edges"  # the only one of lines
    seen = yield
    assert len(seen.the_inputs.streets) == 2


@case("B082", "STOP", "geojson_cut", "a GeoJSON that breaks off", keeps="the bytes and the place are named")
def cut_off(town: Bench) -> Steps:
    town.toml(WALLS)
    text = walls(square(0, 0, 10), square(20, 0, 10))[:-40]
    town.write("w.geojson", text)
    seen = yield
    values = seen.faults[0].values
    assert (values["bytes"], values["line"]) == (len(text.encode()), 1)
    assert values["position"] > len(text) - 40


@case("B083", "SET", "coordinates_unreadable", "coordinates as text", keeps="the other features")
def text_for_numbers(town: Bench) -> Steps:
    town.toml('[places]\nfile = "p.geojson"\n')
    town.write("p.geojson", geojson([("Point", ["10", "20"], {"kind": "park"}), ("Point", [10, 20], {"kind": "park"})]))
    seen = yield
    assert len(seen.the_inputs.places) == 1
    assert seen.account.set_aside["line"].tolist() == [1]


@case("B084", "STOP", "gpkg_damaged", "half a GeoPackage", keeps="no word of SQL in the message")
def half_a_package(town: Bench) -> Steps:
    town.toml('[streets]\nfile = "s.gpkg"\n')
    lines().to_file(town.folder / "s.gpkg", layer="s")
    whole = (town.folder / "s.gpkg").read_bytes()
    town.write("s.gpkg", whole[: len(whole) // 2])
    seen = yield
    assert set(seen.faults[0].values) == {"role", "file", "bytes"}


@case("B085", "ASK", "right_municipality", "cameras that lie in another town", keeps="those that lie in this one")
def another_town(town: Bench) -> Steps:
    town.toml('[standing]\nfile = "k.csv"\n')
    town.write("k.csv", "camera_id,east_m,north_m\n" + "K0,50,50\n" + "".join(f"K{n},9000,{n}\n" for n in range(1, 6)))
    seen = yield
    assert seen.questions[0].values["number"] == 5
    assert len(seen.questions[0].places["yes"]) == 6
    seen = yield
    assert seen.the_inputs.standing["camera_id"].tolist() == ["K0"]
    assert seen.reasons() == ["far_outside"] * 5


@case("B086", "WARN", "areas_overlap", "areas that overlap", keeps="the areas")
def overlap(town: Bench) -> Steps:
    blocks: list[tuple[str, object, dict[str, object]]] = [
        ("Polygon", square(0, 0), {"name": "本町1丁目"}),
        ("Polygon", square(90, 0), {"name": "本町2丁目"}),
    ]
    town.write("areas.geojson", geojson(blocks))
    seen = yield
    assert seen.note("areas_overlap").values["area_m2"] == pytest.approx(1000)


@case("B086", "WARN", "areas_gap", "a gap between areas", keeps="the areas")
def gap(town: Bench) -> Steps:
    outer = square(0, 0)[0]
    blocks: list[tuple[str, object, dict[str, object]]] = [
        ("Polygon", [outer, square(10, 10, 50)[0]], {"name": "本町1丁目"}),
        ("Polygon", square(100, 0), {"name": "本町2丁目"}),
        ("Polygon", square(10, 10, 40), {"name": "沖"}),
    ]
    town.write("areas.geojson", geojson(blocks))
    seen = yield
    assert seen.note("areas_gap").values["area_m2"] == pytest.approx(50 * 50 - 40 * 40)


@case("B087", "WARN", "streets_disconnected", "roads that do not hang together", keeps="the roads")
def in_pieces(town: Bench) -> Steps:
    town.toml(STREETS)
    paths: list[tuple[str, object, dict[str, object]]] = [
        ("LineString", [[0, 0], [50, 0]], {"kind": "市道"}),
        ("LineString", [[50, 0], [100, 0]], {"kind": "市道"}),
        ("LineString", [[0, 50], [50, 50]], {"kind": "市道"}),
    ]
    town.write("s.geojson", geojson(paths))
    seen = yield
    assert seen.note("streets_disconnected").values["share"] == pytest.approx(2 / 5)


@case("B087", "WARN", "role_absent", "no roads at all", keeps="the plan, with what it could not know")
def no_roads(town: Bench) -> Steps:
    seen = yield
    assert "streets" in [n.values["role"] for n in seen.account.notes if n.code == "role_absent"]
    assert seen.the_inputs.streets.empty


@case("B088", "STOP", "outside_boundary", "buildings of another town")
def buildings_elsewhere(town: Bench) -> Steps:
    town.toml(WALLS)
    town.write("w.geojson", walls(square(9000, 0, 10), square(9020, 0, 10)))
    seen = yield
    assert seen.faults[0].values["number"] == 2


@case("B088", "WARN", "features_far", "some buildings far from the town", keeps="all of them")
def some_buildings_elsewhere(town: Bench) -> Steps:
    town.toml(WALLS)
    town.write("w.geojson", walls(square(0, 0, 10), square(20, 0, 10), square(9020, 0, 10)))
    seen = yield
    assert seen.note("features_far").values["number"] == 1
