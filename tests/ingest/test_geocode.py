"""Geocoding by hand: four squares, a gazetteer of a few points, and the whole of Kanagawa."""

from __future__ import annotations

import csv
import os
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from planner import frames, ingest
from planner.frames import Town
from planner.ingest.geocode import Geocoder
from planner.ingest.names import municipality_name
from tests.ingest.conftest import Maker
from tests.ingest.two_blocks import AREAS, TOWN

EPSG = 6677
NAMES = {"A1": "本町一丁目", "A2": "本町二丁目", "B": "福田", "B1": "福田1丁目", "C": "桜が丘", "D": "北1条西5丁目"}
YAMATO = Path(__file__).resolve().parents[2].joinpath(os.environ.get("PLANNER_REAL_DATA", "../shared/data")) / "yamato"


def _areas(names: dict[str, str]) -> gpd.GeoDataFrame:
    """Squares of 100 m side by side from west to east."""
    return gpd.GeoDataFrame(
        {"area_id": list(names), "name": list(names.values())},
        geometry=[shapely.box(100 * n, 0, 100 * n + 100, 100) for n in range(len(names))],
        crs=EPSG,
    )


def _addresses(rows: list[tuple[str, str, float, float]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "address_id": [f"g{n}" for n in range(len(rows))],
            "name": [row[0] for row in rows],
            "level": [row[1] for row in rows],
            "code": "14999",
        },
        geometry=[shapely.Point(*row[2:]) for row in rows],
        crs=EPSG,
    )


GAZETTEER = _addresses(
    [
        ("本町一丁目", "town", 50, 50),
        ("本町一丁目3番", "street_block", 20, 30),
        ("本町一丁目4番", "street_block", 80, 30),
        ("本町二丁目3番", "street_block", 120, 30),
        ("福田1234番", "street_block", 210, 10),
        ("上町", "town", 250, 70),  # no area of this name: its point lies in 福田
        ("下町", "town", 5000, 5000),  # in no area at all
    ]
)
GEOCODER = Geocoder(_areas(NAMES), Town("紙町市", "14999", EPSG), GAZETTEER)


@pytest.mark.parametrize(
    ("text", "level", "area", "point"),
    [
        ("本町１丁目", "area", "A1", (50, 50)),
        ("神奈川県紙町市本町一丁目", "area", "A1", (50, 50)),
        ("本町一丁目３番５号", "street_block", "A1", (20, 30)),
        ("本町1-4-2 紙町ビル201", "street_block", "A1", (80, 30)),
        ("本町２－３", "street_block", "A2", (120, 30)),
        ("本町二丁目3番地先", "street_block", "A2", (120, 30)),
        ("本町1丁目99番", "area", "A1", (50, 50)),  # the block is not known: one step up
        ("福田1234番地", "street_block", "B", (210, 10)),
        ("大字福田字甲1234", "area", "B", (250, 50)),  # 字甲 is not known: its numbers are not those of 福田
        ("桜ヶ丘", "area", "C", (450, 50)),
        ("北一条西五丁目7番地", "area", "D", (550, 50)),
        ("上町", "area", "B", (250, 70)),
    ],
)
def test_found(text: str, level: str, area: str, point: tuple[float, float]) -> None:
    match = GEOCODER.find(text)
    assert (match.level, match.area_id) == (level, area)
    assert (match.point.x, match.point.y) == point
    assert GEOCODER.by_name(text) == area


@pytest.mark.parametrize(
    ("text", "level", "candidates"),
    [
        ("本町", "town", ("A1", "A2")),
        ("本町3番地", "town", ("A1", "A2")),  # 番地 is no 丁目
        ("福田1-5", "town", ("B", "B1")),  # 福田1番地5, or 福田1丁目5番
        ("紙町市", "city", ()),
        ("", "city", ()),
        ("本町9丁目", "none", ()),
        ("福田南", "none", ()),  # not 福田
        ("下町", "none", ()),
        ("駅前広場", "none", ()),
    ],
)
def test_never_pinned(text: str, level: str, candidates: tuple[str, ...]) -> None:
    match = GEOCODER.find(text)
    assert (match.level, match.candidates) == (level, candidates)
    assert (match.area_id, match.point) == ("", None)


def test_a_loose_name_is_taken_only_where_it_is_the_only_one() -> None:
    both = Geocoder(_areas({"K": "桜ケ丘", "G": "桜が丘"}), Town("紙町市", "14999", EPSG))
    assert (both.by_name("桜ヶ丘"), both.by_name("桜が丘"), both.by_name("桜ガ丘")) == ("K", "G", "")
    one = Geocoder(_areas({"K": "桜ケ丘"}), Town("紙町市", "14999", EPSG))
    assert one.by_name("桜ガ丘") == "K"


def test_points_on_a_border_belong_to_the_first_area() -> None:
    points = np.array([shapely.Point(100, 50), shapely.Point(150, 50), shapely.Point(-1, 50), None], dtype=object)
    assert GEOCODER.by_point(points) == ["A1", "A2", "", ""]


_WIDE = str.maketrans("0123456789-", "０１２３４５６７８９－")


@given(st.sampled_from(list(NAMES.values())), st.integers(1, 3000), st.sampled_from(["番", "番地", "-7", "番8号"]))
def test_width_and_what_follows_do_not_move_a_place(town: str, block: int, tail: str) -> None:
    text = f"{town}{block}{tail}"
    match = GEOCODER.find(text)
    assert GEOCODER.find(text.translate(_WIDE)) == match
    if town.endswith("丁目"):
        assert NAMES[match.area_id] == town


# ---- the role ----

NEW = "都道府県名,市区町村名,大字・丁目名,小字・通称名,街区符号・地番,座標系番号,Ｘ座標,Ｙ座標,緯度,経度,住居表示フラグ,代表フラグ,更新前履歴フラグ,更新後履歴フラグ\n"
OLD = "都道府県名,市区町村名,大字・町丁目,街区符号・地番,座標系番号,Ｘ座標,Ｙ座標,緯度,経度,住居表示フラグ,代表フラグ,更新前履歴フラグ,更新後履歴フラグ\n"
TOWNS = "都道府県コード,都道府県名,市区町村コード,市区町村名,大字町丁目コード,大字町丁目名,緯度,経度,原典資料コード,大字・字・丁目区分コード\n"
# (36 N, 139 deg 50 min E) is the origin of zone IX: east_m = north_m = 0
LAT, LON = 36.0003, 139.8338


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (
            NEW
            + f"神奈川県,紙町市,本町一丁目,,3,9,1.0,2.0,{LAT},{LON},1,0,0,0\n"
            + f"神奈川県,紙町市,本町一丁目,,3,99,1.0,2.0,{LAT},{LON},1,1,0,0\n"
            + f"神奈川県,紙町市,福田,甲,12,9,1.0,2.0,{LAT},{LON},0,1,0,0\n"
            + f"神奈川県,他市,本町一丁目,,3,9,1.0,2.0,{LAT},{LON},1,1,0,0\n",
            ["本町一丁目3番", "福田甲12番", "本町一丁目3番"],  # the representative point of a block first
        ),
        (
            OLD
            + f"神奈川県,紙町市,本町一丁目,3,9,1.0,2.0,{LAT},{LON},1,1,0,0\n神奈川県,他市,a,3,9,,,{LAT},{LON},,,,\n",
            ["本町一丁目3番"],
        ),
        (
            TOWNS
            + f"14,神奈川県,14999,紙町市,149990001001,本町一丁目,{LAT},{LON},0,3\n14,神奈川県,14213,大和市,1,福田,35,139,0,1\n",
            ["本町一丁目"],
        ),
        (
            f"prefecture,city,town,koaza,lat,lng\n神奈川県,紙町市,福田,甲,{LAT},{LON}\n神奈川県,他市,福田,,35,139\n",
            ["福田甲"],
        ),
    ],
    ids=["街区 new headings", "街区 old headings", "大字・町丁目", "Geolonia"],
)
def test_published_gazetteers_need_no_mapping(make_town: Maker, content: str, names: list[str]) -> None:
    inputs = ingest.read(make_town('[gazetteer]\nfile = "g.csv"\n', {"g.csv": content.encode("cp932")}))
    assert inputs.addresses["name"].tolist() == names
    tally = next(t for t in inputs.tallies if t.role == "gazetteer")
    assert (tally.accepted, tally.outside, tally.rows) == (len(names), 1, len(names) + 1)
    assert all(abs(p.x) < 100 and abs(p.y) < 100 for p in inputs.addresses.geometry)  # from latitude and longitude


def test_a_gazetteer_row_without_a_place_is_set_aside(make_town: Maker) -> None:
    content = f"city,town,koaza,lat,lng\n紙町市,福田,,,\n紙町市,上町,,{LAT},{LON}\n"
    inputs = ingest.read(make_town('[gazetteer]\nfile = "g.csv"\n', {"g.csv": content}))
    assert inputs.addresses["name"].tolist() == ["上町"]
    assert inputs.set_aside["reason"].tolist() == ["coordinate_missing"]


def test_cameras_by_address_beside_cameras_by_coordinates(make_town: Maker) -> None:
    gazetteer = f"name,block,lon,lat,east_m,north_m\n本町一丁目,3,{LON},{LAT},,\n"
    cameras = "camera_id,住所,east_m,north_m\nk1,,30,40\nk2,紙町市本町1-3-5,,\nk3,本町二丁目,,\nk4,本町,,\nk5,どこか,,\nk6,,,\n"
    folder = make_town(
        '[gazetteer]\nfile = "g.csv"\n[standing]\nfile = "c.csv"\n', {"g.csv": gazetteer, "c.csv": cameras}
    )
    inputs = ingest.read(folder)
    table = inputs.standing.set_index("camera_id")
    assert table["match_level"].to_dict() == {"k1": "point", "k2": "street_block", "k3": "area"}
    assert table.loc["k2"].geometry == inputs.addresses.geometry.iloc[0]
    assert (table.loc["k3"].geometry.x, table.loc["k3"].geometry.y) == (150, 50)
    assert inputs.set_aside["reason"].tolist() == ["address_town_only", "address_unknown", "coordinate_missing"]
    placed = next(n.values for n in inputs.notes if n.code == "addresses_placed")
    assert (placed["number"], placed["coarse"]) == (2, 1)


@pytest.mark.parametrize(("role", "columns"), [("requests", "wish"), ("places", "kind"), ("mounts", "kind")])
def test_other_tables_by_address(make_town: Maker, role: str, columns: str) -> None:
    """Two rows of one address are two things, though they stand at one point."""
    content = f"{columns},住所\n電柱,本町1丁目1番\n電柱,本町1丁目2番\n電柱,本町二丁目\n"
    inputs = ingest.read(make_town(f'[{role}]\nfile = "t.csv"\n', {"t.csv": content}))
    table = getattr(inputs, role)
    assert [(p.x, p.y) for p in table.geometry] == [(50, 50), (50, 50), (150, 50)]
    assert table["match_level"].tolist() == ["area"] * 3
    assert table["address"].tolist() == ["本町1丁目1番", "本町1丁目2番", "本町二丁目"]
    assert table.iloc[:, 0].is_unique


def test_pole_numbers_are_read(make_town: Maker) -> None:
    content = "kind,柱番号,east_m,north_m\n電柱,下鶴間支12,20,30\n"
    inputs = ingest.read(make_town('[mounts]\nfile = "t.csv"\n', {"t.csv": content}))
    assert inputs.mounts["pole_number"].tolist() == ["下鶴間支12"]
    assert inputs.mounts["mount_id"].tolist() == ["m20.0_30.0"]
    assert inputs.mounts["match_level"].tolist() == ["point"]


def test_records_keep_their_level(make_town: Maker) -> None:
    crime = "罪種,町名,日\n自転車盗,本町１丁目,2023-01-01\n自転車盗,本町,2023-01-01\n自転車盗,,2023-01-02\n自転車盗,新町,2023-01-02\n"
    inputs = ingest.read(make_town(files={"crime.csv": crime}))
    table = inputs.incidents
    assert table["match_level"].tolist() == ["area", "town", "city", "none"]
    assert table["precision"].tolist() == ["area", "city", "city", "city"]
    assert table["area_id"].tolist() == ["A1", "", "", ""]
    notes = {n.code: n.values for n in inputs.notes}
    assert notes["names_town_only"] == {"number": 1, "names": "本町 1"}
    assert notes["names_unplaced"] == {"number": 1, "names": "新町 1"}
    assert notes["names_blank"] == {"number": 1}


# ---- beyond the border (P33) ----


def _prefecture(square: Callable[..., object], geojson: Callable[..., str]) -> str:
    """One area of ours, one of the neighbour that touches it, one of the same neighbour 2 km off, in two pieces."""
    return geojson(
        [
            ("Polygon", square(0, 0), {"area_id": "14999001001", "name": "本町一丁目"}),
            ("Polygon", square(100, 0), {"area_id": "14998001001", "name": "本町一丁目"}),
            ("Polygon", square(2000, 0), {"area_id": "14998002001", "name": "遠町"}),
            ("Polygon", square(2200, 0), {"area_id": "14998002002", "name": "遠町"}),
        ]
    )


CODED = (
    '[crime]\nfile = "crime.csv"\ncolumns = {area = "町名", offence = "罪種", occurred_on = "日", code = "コード"}\n'
)


def test_areal_neighbours(make_town: Maker, square: Callable[..., object], geojson: Callable[..., str]) -> None:
    crime = "罪種,町名,日,コード\n" + "".join(
        f"自転車盗,{name},{day},{code}\n"
        for name, day, code in (
            ("本町１丁目", "2023-01-01", "14999"),
            ("本町１丁目", "2023-01-02", "14998"),
            ("遠町", "2023-01-02", "14998"),
            ("本町１丁目", "読めない日", "14998"),
            ("本町１丁目", "2023-01-02", "14997"),
        )
    )
    folder = make_town(
        files={"areas.geojson": _prefecture(square, geojson), "crime.csv": crime}, base=TOWN + AREAS + CODED
    )
    inputs = ingest.read(folder)
    assert inputs.areas["area_id"].tolist() == ["14999001001"]
    assert inputs.neighbours["area_id"].tolist() == ["14998001001"]
    assert inputs.incidents["area_id"].tolist() == ["14999001001"]
    assert inputs.neighbour_incidents["area_id"].tolist() == ["14998001001"]
    assert inputs.neighbour_incidents["precision"].tolist() == ["area"]
    outside = {t.role: (t.rows, t.accepted, t.outside) for t in inputs.tallies}
    assert outside["areas"] == (4, 1, 3)
    assert outside["crime"] == (5, 1, 4)
    assert next(n.values for n in inputs.notes if n.code == "neighbours_kept")["number"] == 1
    frames.check("incidents", inputs.neighbour_incidents, EPSG)


def test_point_neighbours(make_town: Maker) -> None:
    """The blocks reach from 0 to 200 m east; the buffer is 300 m wide."""
    crime = "罪種,日,east_m,north_m\n" + "".join(
        f"自転車盗,2023-01-0{n},{east},50\n" for n, east in enumerate((50, 499, 501), start=1)
    )
    base = TOWN + AREAS + '[crime]\nfile = "crime.csv"\ncolumns = {offence = "罪種", occurred_on = "日"}\n'
    inputs = ingest.read(make_town(files={"crime.csv": crime}, base=base))
    assert [p.x for p in inputs.incidents.geometry] == [50]
    assert [p.x for p in inputs.neighbour_incidents.geometry] == [499]
    tally = next(t for t in inputs.tallies if t.role == "crime")
    assert (tally.accepted, tally.outside) == (1, 2)


def test_without_neighbours_the_border_is_said_to_be_low(make_town: Maker) -> None:
    inputs = ingest.read(make_town())
    assert inputs.neighbour_incidents.empty
    assert [n.code for n in inputs.notes if n.code.startswith("neighbours_")] == ["neighbours_absent"]


# ---- real files ----


@pytest.mark.real
@pytest.mark.skipif(not YAMATO.is_dir(), reason="real data absent (set PLANNER_REAL_DATA)")
def test_every_police_row_of_kanagawa_that_names_a_town_is_found() -> None:
    """45,037 of 45,037 rows; by the names as they stand 16,593."""
    towns: dict[str, list[dict[str, str]]] = {}
    with (YAMATO / "geocode" / "kanagawa_town_centroids.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            towns.setdefault(municipality_name(row["city"]), []).append(row)
    named: Counter[tuple[str, str]] = Counter()
    for path in sorted((YAMATO / "crime_npa").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                if row["町丁目（発生地）"]:
                    named[municipality_name(row["市区町村（発生地）"]), row["町丁目（発生地）"]] += 1
    geocoders = {
        city: Geocoder(_areas({r["town"]: r["town"] for r in rows}), Town(city, "14000", EPSG))
        for city, rows in towns.items()
    }
    found = sum(n for (city, town), n in named.items() if geocoders[city].find(town).level == "area")
    plain = sum(n for (city, town), n in named.items() if any(r["town"] == town for r in towns[city]))
    print(f"{found:,} of {named.total():,} rows are found, {plain:,} by the names as they stand")
    assert (named.total(), found, plain) == (45_037, 45_037, 16_593)


@pytest.mark.real
@pytest.mark.skipif(not YAMATO.is_dir(), reason="real data absent (set PLANNER_REAL_DATA)")
def test_the_gazetteer_of_a_prefecture_gives_the_towns_of_one_city(tmp_path: Path) -> None:
    """Yamato: 122 of 4,950 rows; 121 points lie in the area of their name, 本蓼川 has no area of its own."""
    names = (
        "boundary/boundary_chome.geojson",
        "geocode/kanagawa_town_centroids.csv",
        "crime_npa/kanagawa_2018hittakuri.csv",
    )
    for name in names:
        shutil.copy(YAMATO / name, tmp_path / Path(name).name)
    toml = (
        '[town]\nname = "大和市"\ncode = "14213"\n[crime]\nfile = "kanagawa_2018hittakuri.csv"\n'
        '[gazetteer]\nfile = "kanagawa_town_centroids.csv"\n[areas]\nfile = "boundary_chome.geojson"\n'
        'columns = { name = ["{town}{chome}丁目", "{town}"], households = "num_households" }\n'
    )
    (tmp_path / "town.toml").write_text(toml, encoding="utf-8")
    inputs = ingest.read(tmp_path)
    tally = next(t for t in inputs.tallies if t.role == "gazetteer")
    assert (tally.rows, tally.accepted, tally.outside) == (4_950, 122, 4_828)
    geocoder = Geocoder(inputs.areas, inputs.town, inputs.addresses)
    held = geocoder.by_point(np.asarray(inputs.addresses.geometry.array))
    assert all(held)
    named = Geocoder(inputs.areas, inputs.town)
    differ = [n for n, area in zip(inputs.addresses["name"], held, strict=True) if named.by_name(n) != area]
    assert differ == ["本蓼川"]
    assert geocoder.find("本蓼川12番地").level == "area"
