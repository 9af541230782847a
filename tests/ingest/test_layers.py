"""Layers: formats, CRS, templates, invalid shapes, identities."""

import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from planner import frames, ingest
from planner.errors import InputFaults

Maker = Callable[..., Path]
TOWN = '[town]\nname = "紙町市"\ncode = "14999"\n'
CRIME = '[crime]\nfile = "crime.csv"\ncolumns = {area = "町名", offence = "罪種", occurred_on = "日"}\n'


def codes(folder: Path) -> list[str]:
    with pytest.raises(InputFaults) as caught:
        ingest.read(folder)
    return [f.code for f in caught.value.faults]


def lines(**more: object) -> gpd.GeoDataFrame:
    shapes = [
        shapely.LineString([(0, 0), (100, 0)]),
        shapely.LineString(
            [
                (100, 0),
                (
                    100,
                    100,
                ),
            ]
        ),
    ]
    return gpd.GeoDataFrame({"kind": ["市道", "国道"], "width_m": [4.0, 12.5], **more}, geometry=shapes, crs=6677)


@pytest.mark.parametrize(
    ("suffix", "epsg"), [("geojson", 4326), ("gpkg", 6668), ("gpkg", 6677), ("shp", 6677), ("fgb", 6668)]
)
def test_formats_and_their_own_crs(make_town: Maker, suffix: str, epsg: int) -> None:
    folder = make_town(f'[streets]\nfile = "s.{suffix}"\n')
    lines().to_crs(epsg).to_file(folder / f"s.{suffix}", encoding=None if suffix != "shp" else "cp932")
    streets = ingest.read(folder).streets
    assert dict(zip(streets["kind"], streets["width_m"], strict=True)) == {"市道": 4.0, "国道": 12.5}  # fgb sorts
    assert streets.crs.to_epsg() == 6677
    assert streets.length.tolist() == pytest.approx([100, 100], abs=1e-3)
    assert streets["street_id"].tolist() == ["s1", "s2"]
    assert streets["lit"].isna().all()


def test_geojson_without_crs_is_jgd2011_and_a_key_overrides(make_town: Maker) -> None:
    tree = json.loads(lines().to_crs(6668).to_json())
    tree.pop("crs", None)
    inputs = ingest.read(make_town('[streets]\nfile = "s.geojson"\n', {"s.geojson": json.dumps(tree)}))
    assert inputs.streets.length.sum() == pytest.approx(200, abs=1e-3)
    tree = json.loads(lines().to_json())
    tree.pop("crs", None)
    folder = make_town('[streets]\nfile = "s.geojson"\ncrs = "EPSG:6677"\n', {"s.geojson": json.dumps(tree)})
    assert ingest.read(folder).streets.length.sum() == pytest.approx(200)
    folder = make_town('[streets]\nfile = "s.geojson"\ncrs = "EPSG:6670"\n', {"s.geojson": json.dumps(tree)})
    assert codes(folder) == ["zone_wrong"]


def test_a_shapefile_of_a_japanese_office(make_town: Maker) -> None:
    """cp932 without .cpg, without .prj."""
    folder = make_town('[streets]\nfile = "s.shp"\n')
    lines().to_file(folder / "s.shp", encoding="cp932")
    (folder / "s.cpg").unlink()
    assert ingest.read(folder).streets["kind"].tolist() == ["市道", "国道"]
    (folder / "s.prj").unlink()
    assert codes(folder) == ["crs_for"]


def test_layers_of_a_geopackage(make_town: Maker) -> None:
    folder = make_town('[streets]\nfile = "s.gpkg"\n')
    lines().to_file(folder / "s.gpkg", layer="edges")
    lines().to_file(folder / "s.gpkg", layer="nodes", mode="a")
    assert codes(folder) == ["layer_for"]
    toml = folder / "town.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + 'layer = "edge"\n', encoding="utf-8")
    with pytest.raises(InputFaults) as caught:
        ingest.read(folder)
    assert caught.value.faults[0].values["nearest"] == "edges"


def test_templates_names_and_households(
    make_town: Maker, square: Callable[..., object], geojson: Callable[..., str]
) -> None:
    props = [
        {"k": 1, "town": "本町", "chome": "1", "hh": 10},
        {"k": 2, "town": "本町", "chome": "２", "hh": 20},
        {"k": 3, "town": "沖", "chome": "", "hh": 1},
        {"k": 4, "town": "沖", "chome": None, "hh": 2},
        {"k": 4, "town": "大字沖", "chome": None, "hh": 4},
    ]
    text = geojson([("Polygon", square(100 * i, 0), p) for i, p in enumerate(props)])
    areas = '[areas]\nfile = "areas.geojson"\ncolumns = {area_id = "k", name = ["{town}{chome}丁目", "{town}"], households = "hh"}\n'
    folder = make_town("", {"areas.geojson": text}, base=TOWN + areas + CRIME)
    inputs = ingest.read(folder)
    table = inputs.areas
    assert table["name"].tolist() == ["本町1丁目", "本町2丁目", "沖"]
    assert table["area_id"].tolist() == ["1", "2", "3"]
    assert table["households"].tolist() == [10, 20, 3]  # the second row of id 4 bears another name
    assert table.area.tolist() == pytest.approx([1e4, 1e4, 2e4])
    assert inputs.set_aside[["line", "reason"]].to_numpy().tolist() == [[5, "id_repeated"]]
    assert next(n.values for n in inputs.notes if n.code == "areas_joined") == {
        "number": 1,
        "polygons": 2,
        "names": "沖 2",
    }


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ('{name = "nane"}', "column_missing"),
        ('{name = "{nam}"}', "column_missing"),
        ('{name = "{name"}', "template_refused"),
        ('{nmae = "name"}', "unknown_key"),
        ("{name = 3}", "key_kind"),
        ("{name = []}", "key_kind"),
    ],
)
def test_columns_refused(make_town: Maker, columns: str, code: str) -> None:
    assert codes(make_town("", base=TOWN + f'[areas]\nfile = "areas.geojson"\ncolumns = {columns}\n' + CRIME)) == [code]


def test_odd_shapes_are_set_aside(make_town: Maker, square: Callable[..., object], geojson: Callable[..., str]) -> None:
    bow_tie = [[[0, 0], [10, 10], [10, 0], [0, 10], [0, 0]]]
    text = geojson(
        [
            ("Polygon", square(0, 0, 10), {"wall_id": "w", "height_m": 7}),
            ("Polygon", bow_tie, {"wall_id": "x", "height_m": 7}),
            ("Point", [1, 1], {"wall_id": "y", "height_m": 7}),
            ("Polygon", None, {"wall_id": "z", "height_m": 7}),
            ("Polygon", square(20, 0, 10), {"wall_id": "v", "height_m": -1}),
            ("Polygon", square(0, 0, 10), {"wall_id": "w", "height_m": 7}),
            ("Polygon", square(30, 0, 10), {"wall_id": "w", "height_m": 7}),
            ("Polygon", square(9000, 0, 10), {"wall_id": "f", "height_m": None}),
        ]
    )
    answers = {"walls:kinds_mixed:w.geojson": "polygon", "walls:repair_area:w.geojson": "set_aside"}
    inputs = ingest.read(make_town('[walls]\nfile = "w.geojson"\n', {"w.geojson": text}), answers=answers)
    assert inputs.walls["wall_id"].tolist() == ["w", "f"]
    assert inputs.set_aside[["line", "reason"]].to_numpy().tolist() == [
        [2, "geometry_invalid"],
        [3, "geometry_kind"],
        [4, "geometry_missing"],
        [5, "out_of_range"],
        [7, "id_repeated"],
    ]
    tally = next(t for t in inputs.tallies if t.role == "walls")
    assert (tally.rows, tally.accepted, tally.set_aside, tally.duplicate) == (8, 2, 5, 1)
    assert next(n.values for n in inputs.notes if n.code == "features_far")["number"] == 1


def test_mounts_and_standing_from_text(make_town: Maker) -> None:
    toml = (
        '[mounts]\nfile = "m.csv"\ncolumns = {kind = "種別", powered = "電源", state = "状況"}\ncrs = "EPSG:6677"\n'
        '[standing]\nfile = "k.csv"\ncolumns = {camera_id = "番号", bearing_deg = "向き", installed_on = "設置", use = "利用"}\n'
    )
    files = {
        "m.csv": "種別,電源,状況,east_m,north_m\n電柱,有,承諾済,10.04,20\n防犯灯,,,30,40\n灯籠,有,承諾済,1,1\n電柱,有,承諾済,10.04,20\n壁,有,協議中,10.01,20\n電柱,有,承諾済,,\n",
        "k.csv": "番号,向き,設置,利用,緯度,経度\nK1,90,平成30年4月1日,協定,36.0004,139.8337\nK2,,,,36.0004,139.8338\nK3,370,,,36.0004,139.8338\n",
    }
    inputs = ingest.read(make_town(toml, files))
    mounts, standing = inputs.mounts, inputs.standing
    assert mounts["mount_id"].tolist() == ["m10.0_20.0", "m30.0_40.0"]
    assert mounts["kind"].tolist() == ["utility_pole", "street_light"]
    assert mounts["state"].tolist() == ["agreed", "unknown"]
    assert mounts["powered"].tolist()[0] is True
    assert mounts["powered"].isna().tolist() == [False, True]
    reasons = inputs.set_aside.groupby("role")["reason"].agg(list).to_dict()
    assert reasons == {"mounts": ["unknown_word", "id_repeated", "coordinate_missing"], "standing": ["out_of_range"]}
    assert standing["use"].tolist() == ["agreed", "unknown"]
    assert standing["bearing_deg"].isna().tolist() == [False, True]
    assert str(standing["installed_on"][0].date()) == "2018-04-01"
    assert standing.geometry.y.tolist() == pytest.approx([44.4, 44.4], abs=0.2)
    frames.check("mounts", mounts, 6677)


def test_a_file_without_one_usable_row_is_refused(make_town: Maker) -> None:
    files = {"m.csv": "kind,east_m,north_m\n灯籠,1,1\n"}
    assert codes(make_town('[mounts]\nfile = "m.csv"\n', files)) == ["nothing_usable"]


def test_areas_elsewhere_are_refused(
    make_town: Maker, square: Callable[..., object], geojson: Callable[..., str]
) -> None:
    text = geojson(
        [("Polygon", square(139.8, 36.0, 0.001), {"name": "本町"})], 6677
    )  # degrees called metres: at the origin
    inputs = ingest.read(make_town("", {"areas.geojson": text}))
    assert inputs.areas.area.sum() < 1  # nothing tells: it lies in the zone
    swapped = geojson(
        [("Polygon", [[[36.0, 139.8], [36.1, 139.8], [36.1, 139.9], [36.0, 139.8]]], {"name": "本町"})], None
    )
    assert codes(make_town("", {"areas.geojson": swapped})) == ["crs_swapped"]
    elsewhere = geojson(
        [("Polygon", square(141.35, 43.06, 0.001), {"name": "本町"})], None
    )  # 札幌 for a town in 神奈川
    assert codes(make_town("", {"areas.geojson": elsewhere})) == ["areas_outside_zone"]
