"""Official files as they come, each a small one in its true form: read without a mapping and without a question."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from planner import ingest
from planner.errors import InputFaults
from planner.frames import Inputs
from planner.ingest import words
from planner.ingest.forms import forms
from planner.ingest.names import check_digit
from planner.text import LANGUAGES, knows
from tests.ingest.two_blocks import CRIME, TOWN

Maker = Callable[..., Path]
Geojson = Callable[..., str]
SQUARE = [[[0, 0], [100, 0], [100, 100], [0, 100], [0, 0]]]
POLICE = "罪名,手口,管轄警察署（発生地）,管轄交番・駐在所（発生地）,市区町村コード（発生地）,都道府県（発生地）,市区町村（発生地）,町丁目（発生地）,発生年月日（始期）,発生時（始期）"


def lonlat(east_m: float, north_m: float) -> tuple[float, float]:
    """A point of the two blocks in degrees."""
    point = gpd.GeoSeries([shapely.Point(east_m, north_m)], crs=6677).to_crs(6668).iloc[0]
    return round(point.x, 9), round(point.y, 9)


def tally(inputs: Inputs, role: str) -> tuple[int, ...]:
    mine = [t for t in inputs.tallies if t.role == role]
    return tuple(sum(getattr(t, k) for t in mine) for k in ("rows", "accepted", "set_aside", "duplicate", "outside"))


def noted(inputs: Inputs, code: str) -> dict[str, Any]:
    return next(dict(n.values) for n in inputs.notes if n.code == code)


def test_every_form_names_its_source_and_its_reasons_have_sentences() -> None:
    for form in forms():
        assert form.source, form.name
        codes = [f"reason.{r}" for reasons in form.skip.values() for r in reasons.values()]
        assert all(knows(key) for key in (*codes, *(f"note.{n}" for n in form.notes))), (form.name, LANGUAGES)


@pytest.mark.parametrize(
    ("name", "place", "brackets"),
    [
        ("zitensyatou", "発生場所の属性", "（）"),
        ("jitensyatou", "発生場所", "（）"),
        ("zitensyatou", "発生場所,発生場所の詳細", "()"),
    ],
)
def test_police_open_data_of_both_generations(make_town: Maker, name: str, place: str, brackets: str) -> None:
    head = f"{POLICE},{place}".replace("（", brackets[0]).replace("）", brackets[1])
    detail = "道路上" + ",その他" * place.count(",")
    body = f"{head}\r\n窃盗,自転車盗,署,交番,149993,神奈川県,紙町市,本町１丁目,2023-05-01,7,{detail}\r\n"
    base = TOWN + '[areas]\nfile = "areas.geojson"\n[crime]\nfiles = ["p/*.csv"]\n'
    code = "14999" + check_digit("14999")
    folder = make_town(base=base, files={f"p/x_2023{name}.csv": body.replace("149993", code).encode("cp932")})
    row = ingest.read(folder).incidents.iloc[0]
    assert (row.offence, row.area_id, row.place_kind, row.hour) == ("bicycle_theft", "A1", "road", 7)


def test_police_uk_street_file(make_town: Maker) -> None:
    head = "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,Last outcome category,Context\n"
    lon, lat = lonlat(50, 50)
    body = (
        head
        + f"a1,2024-03,F,F,{lon},{lat},On or near X,E01,N,Burglary,,\n"
        + f",2024-03,F,F,{lon},{lat},On or near X,E01,N,Robbery,,\n"
    )
    base = TOWN + '[areas]\nfile = "areas.geojson"\n[crime]\nfiles = ["p/*.csv"]\n'
    files = {
        f"p/2024-{m}-force-street.csv": body.replace("2024-03", f"2024-{m}").replace("a1", f"a{m}")
        for m in ("03", "04", "05")
    }
    inputs = ingest.read(make_town(base=base, files=files))
    assert inputs.years == 0.25  # three months of files
    assert sorted(inputs.incidents["offence"].unique()) == ["burglary", "robbery"]
    assert set(inputs.incidents["precision"]) == {"point"}
    assert noted(inputs, "points_anonymised")["role"] == "crime"


def test_socrata_points(make_town: Maker) -> None:
    lon, lat = lonlat(150, 50)
    body = (
        "ID,Case Number,Date,Block,IUCR,Primary Type,Description,Latitude,Longitude,Location\n"
        f'1,H1,09/05/2015 01:30:00 PM,X,0486,ROBBERY,D,{lat},{lon},"({lat}, {lon})"\n'
        f'2,H2,12/31/2015 12:10:00 AM,X,0486,BURGLARY,D,{lat},{lon},"({lat}, {lon})"\n'
    )
    base = TOWN + '[areas]\nfile = "areas.geojson"\n[crime]\nfile = "crimes_2015.csv"\n'
    inputs = ingest.read(make_town(base=base, files={"crimes_2015.csv": body}))
    rows = inputs.incidents.sort_values("incident_id")
    assert rows["occurred_on"].dt.strftime("%Y-%m-%d").tolist() == ["2015-09-05", "2015-12-31"]
    assert rows["hour"].tolist() == [13, 0]
    assert rows["area_id"].tolist() == ["A2", "A2"]
    assert noted(inputs, "points_block_level")["file"] == "crimes_2015.csv"


def estat(geojson: Geojson, name: str) -> str:
    def row(code: str, town: str, kind: int, east_m: float) -> tuple[str, object, dict[str, object]]:
        ring = [[e + east_m, n] for e, n in SQUARE[0]]
        facts = {
            "KEY_CODE": code,
            name: town,
            "PREF": code[:2],
            "CITY": code[2:5],
            "HCODE": kind,
            "SETAI": 10,
            "JINKO": 20,
        }
        return ("Polygon", [ring], {**facts, "KIGO_E": None})

    return geojson(
        [
            row("14999001001", "本町１丁目", 8101, 0),
            row("14999001002", "本町２丁目", 8101, 100),
            row("14999900000", "水面", 8154, 200),
            row("14998001001", "隣町", 8101, 300),
        ]
    )


@pytest.mark.parametrize("name", ["S_NAME", "MOJI"])
@pytest.mark.parametrize("kind", ["geojson", "shp"])
def test_census_areas_of_a_whole_prefecture(make_town: Maker, geojson: Geojson, name: str, kind: str) -> None:
    base = TOWN + f'[areas]\nfile = "a.{kind}"\n' + CRIME
    folder = make_town(base=base, files={"a.geojson": estat(geojson, name)})
    if kind == "shp":
        gpd.read_file(folder / "a.geojson").to_file(folder / "a.shp", encoding="utf-8")
    inputs = ingest.read(folder)
    assert inputs.areas["name"].tolist() == ["本町1丁目", "本町2丁目"]
    assert inputs.areas["households"].tolist() == [10, 10]
    assert tally(inputs, "areas") == (4, 2, 1, 0, 1)
    assert inputs.set_aside["reason"].tolist() == ["water_surface"]


def test_schools_of_both_generations(make_town: Maker, geojson: Geojson) -> None:
    new = {
        "P29_001": "14999",
        "P29_002": "B1",
        "P29_003": "16001",
        "P29_004": "本町小",
        "P29_005": "本町1",
        "P29_007": "1",
    }
    old = {
        "P29_001": "14999",
        "P29_002": "16",
        "P29_003": "1",
        "P29_004": "16011",
        "P29_005": "本町幼",
        "P29_006": "本町2",
        "P29_007": "3",
    }
    files = {
        "s/new.geojson": geojson(
            [
                ("Point", [10, 10], new),
                ("Point", [20, 10], {**new, "P29_007": "2"}),
                ("Point", [90000, 10], {**new, "P29_001": "14998"}),
            ]
        ),
        "s/old.geojson": geojson([("Point", [150, 10], old)]),
    }
    inputs = ingest.read(make_town('[places]\nfiles = ["s/*.geojson"]\n', files))
    assert sorted(inputs.places["kind"]) == ["kindergarten", "school"]
    assert tally(inputs, "places") == (4, 2, 1, 0, 1)
    assert inputs.set_aside["reason"].tolist() == ["school_closed"]


@pytest.mark.parametrize(
    "facts",
    [
        {"A27_001": "14999", "A27_002": "紙町市立", "A27_003": "B1", "A27_004": "本町小学校", "A27_005": "本町1"},
        {"A27_005": "14999", "A27_006": "紙町市立", "A27_007": "本町小学校", "A27_008": "本町1"},
    ],
)
def test_school_districts_hold_the_areas(make_town: Maker, geojson: Geojson, facts: dict[str, str]) -> None:
    code = next(iter(facts))
    layer = geojson(
        [("Polygon", SQUARE, facts), ("Polygon", [[[e + 100, n] for e, n in SQUARE[0]]], {**facts, code: "14998"})]
    )
    inputs = ingest.read(make_town('[districts]\nfile = "d.geojson"\n', {"d.geojson": layer}))
    assert inputs.areas["district_id"].tolist() == ["本町小学校", "all"]
    assert inputs.districts["name"].tolist() == ["本町小学校"]
    assert tally(inputs, "districts") == (2, 1, 0, 0, 1)
    assert noted(inputs, "districts_assigned") == {"number": 1, "districts": 1}
    assert noted(inputs, "areas_without_district")["names"] == "本町2丁目"


def test_camera_lists_as_cities_publish_them(make_town: Maker) -> None:
    lon, lat = lonlat(50, 50)
    body = f"itemID,緯度,経度,住所,分類,設置施設名称,管理番号\n237,{lat},{lon},本町1-2,街頭防犯カメラ,本町会館,21\n"
    inputs = ingest.read(make_town('[standing]\nfile = "c.csv"\n', {"c.csv": body.encode("cp932")}))
    assert inputs.standing["camera_id"].tolist() == ["21"]
    assert inputs.standing["use"].tolist() == ["unknown"]
    by_address = ingest.read(make_town('[standing]\nfile = "c.csv"\n', {"c.csv": "番号,住所\n1,本町一丁目33番\n"}))
    assert by_address.standing["camera_id"].tolist() == ["1"]
    assert by_address.standing["match_level"].tolist() == ["area"]


def test_a_citys_own_words_for_its_cameras(make_town: Maker) -> None:
    lon, lat = lonlat(50, 50)
    body = f"管理番号,緯度,経度,撮影方向,保存期間,稼働状況,利用区分\nA,{lat},{lon},北東,約7日間,故障,協定あり\nB,{lat},{lon},45°,2週間,稼働中,不明\n"
    folder = make_town('[standing]\nfile = "c.csv"\n', {"c.csv": body})
    with pytest.raises(InputFaults) as caught:
        ingest.read(folder)
    questions = caught.value.questions
    assert {q.about for q in questions} == {
        "camera_id",
        "bearing_deg",
        "retention_days",
    }  # the others can mean nothing else
    assert all(q.code == "column_for" and q.lasting for q in questions)
    table = ingest.read(folder, answers={q.key: q.proposal for q in questions}).standing
    assert table["bearing_deg"].tolist() == [45.0, 45.0]
    assert table["retention_days"].tolist() == [7.0, 14.0]
    assert table["working"].tolist() == [False, True]
    assert table["use"].tolist() == ["agreed", "unknown"]


@pytest.mark.parametrize("address", ["住所", "所在地_連結表記"])
def test_public_facilities_and_security_lights(make_town: Maker, address: str) -> None:
    lon, lat = lonlat(50, 50)
    files = {
        "f.csv": f"NO,名称,名称_カナ,名称_通称,POIコード,{address},方書,緯度,経度\n1,公民館,コウミンカン,,1401,本町1,,{lat},{lon}\n",
        "l.csv": f"防犯灯_ID,緯度,経度\n7,{lat},{lon}\n".encode("cp932"),
    }
    inputs = ingest.read(make_town('[places]\nfile = "f.csv"\n[mounts]\nfile = "l.csv"\n', files))
    assert inputs.places["kind"].tolist() == ["public_facility"]
    assert inputs.mounts[["mount_id", "kind"]].to_numpy().tolist() == [["7", "street_light"]]


def test_of_the_polices_own_list_nothing_but_the_number_is_written(make_town: Maker) -> None:
    lon, lat = lonlat(50, 50)
    written = "被害者宅の前"
    body = (
        f"place_id,lon,lat,address,reason\n1,{lon},{lat},,{written}\n2,,,本町２丁目,{written}\n3,,,よその町,{written}\n"
    )
    inputs = ingest.read(make_town('[police_list]\nfile = "k.csv"\n', {"k.csv": body}))
    assert inputs.police_list["reason"].tolist() == [written, written]
    assert tally(inputs, "police_list") == (3, 2, 1, 0, 0)
    assert inputs.set_aside["text"].tolist() == [""]
    assert noted(inputs, "police_list_kept") == {"number": 2}
    assert written not in repr([inputs.notes, inputs.tallies, inputs.set_aside.to_dict(), inputs.corrections.to_dict()])
    kept = pickle.loads(pickle.dumps(inputs))  # noqa: S301 - written one call ago
    assert len(kept.police_list) == 0
    assert len(kept.areas) == len(inputs.areas)


def test_the_request_register(make_town: Maker) -> None:
    lon, lat = lonlat(50, 50)
    body = f"受付番号,受付日,要望団体,内容,緯度,経度,住所\n12,2025-04-01,本町自治会,夜暗い,{lat},{lon},本町1\n"
    folder = make_town('[requests]\nfile = "r.csv"\n', {"r.csv": body})
    with pytest.raises(InputFaults) as caught:
        ingest.read(folder)
    questions = caught.value.questions
    assert {q.about: q.proposal for q in questions} == {
        "request_id": "受付番号",
        "received_on": "受付日",
        "requester": "要望団体",
        "wish": "内容",
    }
    row = ingest.read(folder, answers={q.key: q.proposal for q in questions}).requests.iloc[0]
    assert (row.request_id, row.requester, row.wish) == ("12", "本町自治会", "夜暗い")


def test_directions_and_lengths() -> None:
    assert [words.bearing(t)[0] for t in ("北", "南南東", "SW", "nnw", "90度", "270")] == [
        0,
        157.5,
        225,
        337.5,
        90,
        270,
    ]
    assert words.bearing("駅の方")[1] == "number_unreadable"
    assert [words.days(t)[0] for t in ("7", "7日", "1週間", "1か月", "約30日間程度")] == [7, 7, 7, 30, 30]
    assert words.days("数日")[1] == "number_unreadable"
    assert words.month_first("12/31/2024 12:00:00 PM") == ("2024-12-31", "12")
