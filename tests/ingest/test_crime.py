"""Records: the quirks of the police files, and that every row is somewhere."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner import ingest
from planner.errors import InputFaults
from planner.frames import Inputs
from planner.ingest.words import folded

Maker = Callable[..., Path]
BASE = '[town]\nname = "大和市"\ncode = "14213"\n[areas]\nfile = "areas.geojson"\n[crime]\nfiles = ["c/*.csv"]\n'
OLD = "罪名,手口,管轄警察署（発生地）,管轄交番・駐在所（発生地）,市区町村コード（発生地）,都道府県（発生地）,市区町村（発生地）,町丁目（発生地）,発生年月日（始期）,発生時（始期）,発生場所の属性\n"
NEW = OLD.strip().replace("発生場所の属性", "発生場所,発生場所の詳細") + "\n"


def old(
    code: str = "142131",
    city: str = "大和市",
    town: str = "本町１丁目",
    day: str = "2018-01-02",
    hour: str = "07",
    place: str = "道路上",
    modus: str = "自転車盗",
    prefecture: str = "神奈川県",
) -> str:
    return f"窃盗,{modus},大和,,{code},{prefecture},{city},{town},{day},{hour},{place}\n"


def sums(inputs: Inputs, role: str = "crime") -> tuple[int, int, int, int, int]:
    mine = [t for t in inputs.tallies if t.role == role]
    a, s, d, o = (sum(getattr(t, k) for t in mine) for k in ("accepted", "set_aside", "duplicate", "outside"))
    assert all(t.rows == t.accepted + t.set_aside + t.duplicate + t.outside for t in inputs.tallies)
    return sum(t.rows for t in mine), a, s, d, o


def read(make_town: Maker, name: str, text: str | bytes, toml: str = "") -> Inputs:
    return ingest.read(make_town(toml, {f"c/{name}": text}, base=BASE))


def test_old_headings_with_every_quirk(make_town: Maker) -> None:
    body = OLD + "".join(
        [
            old(),
            old(code="14213", town="本町二丁目", day="2018/9/6", hour="7"),
            old(code="", city="大和市", town="大字本町１丁目", day="不明", hour="不明", place="駐車（輪）場"),
            old(town="", hour="", place="その他の住宅（３階建て以下共同住宅等）"),
            old(town="消えた町", place="４階建て以上共同住宅"),
            old(code="141011", city="横浜市鶴見区"),
            old(code="", city="横浜市大和町"),
            old(place="", day="2017-12-31"),
            old(place="一戸建住宅"),
            old(place="その他"),
            old(code="", city=""),
            old(place="水上"),
            old(day="2018-02-30"),
            old(hour="25"),
        ]
    )
    inputs = read(make_town, "kanagawa_2018zitensyatou.csv", body.encode("cp932"))
    table = inputs.incidents
    assert sums(inputs) == (14, 8, 4, 0, 2)
    assert table["area_id"].tolist() == ["A1", "A2", "A1", "", "", "A1", "A1", "A1"]
    assert table["precision"].tolist() == ["area", "area", "area", "city", "city", "area", "area", "area"]
    assert table["place_kind"].tolist() == [
        "road",
        "road",
        "parking",
        "low_flats",
        "high_flats",
        "unknown",
        "detached_house",
        "other",
    ]
    assert table["hour"].tolist()[:2] == [7, 7]
    assert table["hour"].isna().tolist() == [False, False, True, True, False, False, False, False]
    assert table["occurred_on"].isna().sum() == 1
    assert str(table["occurred_on"][1].date()) == "2018-09-06"
    assert inputs.years == 1.0
    aside = inputs.set_aside
    assert aside["line"].tolist() == [12, 13, 14, 15]
    assert aside["reason"].tolist() == ["municipality_unknown", "unknown_word", "date_impossible", "hour_unreadable"]
    assert aside["text"].str.contains("窃盗,自転車盗").all()
    notes = {n.code: n.values for n in inputs.notes}
    assert notes["names_unplaced"] == {"number": 1, "names": "消えた町 1"}
    assert notes["names_blank"] == {"number": 1}


def test_new_headings_keep_the_residence(make_town: Maker) -> None:
    body = (
        NEW + old(place="一戸建住宅,駐車（輪）場") + old(place="道路上,その他") + old(place="駐車（輪）場,駐車（輪）場")
    )
    inputs = read(make_town, "kanagawa_2020ootobaitou.csv", "\ufeff" + body)
    assert inputs.incidents["place_kind"].tolist() == ["detached_house", "road", "parking"]
    assert inputs.incidents["offence"].tolist() == ["bicycle_theft"] * 3  # 手口 wins over the file name


def test_the_file_name_says_the_offence_where_the_modus_is_blank(make_town: Maker) -> None:
    known = '[answers]\n"crime:offence_word:詐欺" = "none"\n'
    inputs = read(make_town, "kanagawa_2018hittakuri.csv", OLD + old(modus="") + old(modus="詐欺"), known)
    assert inputs.incidents["offence"].tolist() == ["snatching"]
    assert inputs.set_aside["reason"].tolist() == ["offence_unknown"]


def test_lost_leading_zeros(make_town: Maker) -> None:
    base = BASE.replace("大和市", "青森市").replace("14213", "02201")
    body = OLD + "".join(
        old(code=code, city="青森市", prefecture="青森県") for code in ("022012", "22012", "02201", "2201")
    )
    body += old(code="22012", city="静岡市", prefecture="静岡県")
    folder = make_town("", {"c/a_2018zitensyatou.csv": body}, base=base + 'crs = "EPSG:6677"\n')
    folder.joinpath("town.toml").write_text(base.replace('"02201"\n', '"02201"\ncrs = "EPSG:6677"\n'), encoding="utf-8")
    assert sums(ingest.read(folder)) == (5, 4, 0, 0, 1)


def test_wards_belong_to_their_city_and_counties_do_not_matter(make_town: Maker) -> None:
    base = BASE.replace("大和市", "横浜市").replace("14213", "14100")
    body = (
        OLD
        + old(code="141011", city="横浜市鶴見区")
        + old(code="", city="横浜市西区")
        + old(code="141305", city="川崎市")
    )
    assert sums(ingest.read(make_town("", {"c/a_2018zitensyatou.csv": body}, base=base))) == (3, 2, 0, 0, 1)
    base = BASE.replace("大和市", "愛川町").replace("14213", "14401")
    body = OLD + old(code="", city="愛甲郡愛川町") + old(code="", city="愛甲郡清川村")
    assert sums(ingest.read(make_town("", {"c/a_2018zitensyatou.csv": body}, base=base))) == (2, 1, 0, 0, 1)


def test_years_are_those_of_the_file_names(make_town: Maker) -> None:
    row = OLD + old(day="2015-05-05")
    files = {f"c/kanagawa_{y}{slug}.csv": row for y in (2018, 2020) for slug in ("zitensyatou", "hittakuri")}
    inputs = ingest.read(make_town("", files, base=BASE))
    assert inputs.years == 2.0
    assert next(n.values for n in inputs.notes if n.code == "repeats_kept") == {"number": 3}
    assert len(inputs.incidents) == 4  # police rows have no identifier: equal rows are events of their own
    inputs = ingest.read(make_town("", {"c/kanagawa_2016-2018zitensyatou.csv": row}, base=BASE))
    assert inputs.years == 4.0  # 2016, 2017, 2018, 2020: each counts once


def test_no_year_and_no_day(make_town: Maker) -> None:
    with pytest.raises(InputFaults) as caught:
        read(make_town, "zitensyatou.csv", OLD + old(day="不明"))
    assert [f.code for f in caught.value.faults] == ["period_unknown"]


def test_another_prefectures_file_is_refused(make_town: Maker) -> None:
    with pytest.raises(InputFaults) as caught:
        read(make_town, "zitensyatou_2018.csv", OLD + old(code="131016", prefecture="東京都", city="千代田区"))
    assert [f.code for f in caught.value.faults] == ["no_incidents"]


GENERIC = '[town]\nname = "紙町市"\ncode = "14999"\n[areas]\nfile = "areas.geojson"\n[crime]\nfile = "crime.csv"\n'


def test_points_find_their_area(make_town: Maker) -> None:
    base = (
        GENERIC
        + 'columns = {incident_id = "番号", offence = "罪種", occurred_on = "日", area = "町", east_m = "X", north_m = "Y"}\n'
    )
    body = (
        "番号,罪種,日,町,X,Y\n"
        "1,ひったくり,2023-01-01,本町2丁目,50,50\n"  # the point wins over the name
        "2,ひったくり,2023-01-02,,150,50\n"
        "3,ひったくり,2023-01-03,本町1丁目,,\n"  # no point: by name
        "4,ひったくり,2023-01-04,本町1丁目,900,50\n"  # in no area
        "5,ひったくり,2023-01-05,本町1丁目,東,50\n"
        "1,ひったくり,2023-01-01,本町2丁目,50,50\n"  # identical: duplicate
        "1,ひったくり,2023-01-06,本町2丁目,50,50\n"  # same number, another event
        "6,ひったくり,2023-12-31,,100,50\n"  # on the border: the first area
    )
    inputs = ingest.read(make_town("", {"crime.csv": body}, base=base), answers={"crime:same_id": "one"})
    table = inputs.incidents
    assert sums(inputs) == (8, 3, 3, 1, 1)  # the contradicted row 2 goes with row 8
    assert table["incident_id"].tolist() == ["2", "3", "6"]
    assert table["area_id"].tolist() == ["A2", "A1", "A1"]
    assert table["precision"].tolist() == ["point", "area", "point"]
    assert table.geometry.isna().tolist() == [False, True, False]
    assert (table.geometry[0].x, table.geometry[0].y) == (150, 50)
    assert inputs.set_aside["reason"].tolist() == ["coordinate_unreadable", "id_repeated", "id_repeated"]
    assert inputs.set_aside["line"].tolist() == [6, 2, 8]
    assert inputs.years == pytest.approx(364 / 365.25)


def test_longitude_and_latitude_are_jgd2011(make_town: Maker) -> None:
    # origin of plane zone IX: 36 N, 139 deg 50 min E is (0, 0); 50 m of it is 0.00045 of a degree north
    base = GENERIC + 'columns = {offence = "罪種", occurred_on = "日"}\n'
    body = "罪種,日,緯度,経度\nひったくり,2023-01-01,36.00045,139.83388\n"
    point = ingest.read(make_town("", {"crime.csv": body}, base=base)).incidents.geometry[0]
    assert (point.x, point.y) == pytest.approx((49.3, 49.9), abs=0.5)


def test_swapped_axes_are_refused(make_town: Maker) -> None:
    base = GENERIC + 'columns = {offence = "罪種", occurred_on = "日", east_m = "X", north_m = "Y"}\n'
    body = "罪種,日,X,Y\nひったくり,2023-01-01,-41000,50\n"
    with pytest.raises(InputFaults) as caught:
        ingest.read(make_town("", {"crime.csv": body}, base=base))
    fault = caught.value.faults[0]
    assert fault.code == "right_municipality"
    assert fault.values["number"] == 1


def test_degrees_in_a_metric_crs_are_refused(make_town: Maker) -> None:
    base = GENERIC + 'crs = "EPSG:6677"\ncolumns = {offence = "罪種", occurred_on = "日", lon = "X", lat = "Y"}\n'
    body = "罪種,日,X,Y\nひったくり,2023-01-01,50,50\n"
    with pytest.raises(InputFaults) as caught:
        ingest.read(make_town("", {"crime.csv": body}, base=base))
    assert caught.value.faults[0].code == "crs_kind"


def test_a_generic_table_needs_its_columns(make_town: Maker) -> None:
    with pytest.raises(InputFaults) as caught:
        ingest.read(make_town("", {"crime.csv": "罪種,日\nひったくり,2023-01-01\n"}, base=GENERIC))
    assert caught.value.faults[0].values["columns"] == "offence, occurred_on, area"


COUNTS = '[counts]\nfile = "n.csv"\ncolumns = {area = "町", offence = "罪種", period = "期間", number = "件数"}\n'


def test_counts_give_way_to_records(make_town: Maker) -> None:
    body = (
        "町,罪種,期間,件数\n"
        "本町１丁目,侵入窃盗,2023,3\n"
        "本町一丁目,侵入窃盗,2023,3\n"  # the same once more
        "本町１丁目,侵入窃盗,2023,4\n"  # contradicts
        '本町２丁目,侵入窃盗,2023-01/2023-06,"1,002"\n'
        "本町２丁目,自転車盗,2023,9\n"  # comes by records
        "よそ町,強盗,2022-04/2023-03,1\n"
        ",強盗,2022-04/2023-03,2\n"
        "紙町市計,侵入窃盗,2023,7\n"
        "本町１丁目,侵入窃盗,いつか,3\n"
        "本町１丁目,侵入窃盗,2024,-3\n"
    )
    inputs = ingest.read(make_town(COUNTS, {"n.csv": body}))
    table = inputs.counts
    assert table[["area_id", "offence", "number"]].to_numpy().tolist() == [
        ["A1", "burglary", 3],
        ["A2", "burglary", 1002],
        ["", "robbery", 3],
    ]
    assert table["years"].tolist() == [1.0, 0.5, 1.0]
    assert sums(inputs, "counts") == (10, 4, 5, 1, 0)
    assert inputs.set_aside["reason"].tolist() == [
        "id_repeated",
        "double_count",
        "total_row",
        "period_unreadable",
        "out_of_range",
    ]
    notes = {n.code: n.values for n in inputs.notes}
    assert notes["counts_ignored_double"] == {"number": 1}
    assert notes["counts_unplaced"]["number"] == 3


def test_counts_alone_are_enough(make_town: Maker) -> None:
    base = '[town]\nname = "紙町市"\ncode = "14999"\n[areas]\nfile = "areas.geojson"\n'
    inputs = ingest.read(make_town(COUNTS, {"n.csv": "町,罪種,期間,件数\n本町１丁目,強盗,2023,3\n"}, base=base))
    assert inputs.incidents.empty
    assert inputs.counts["number"].tolist() == [3]
    assert {"role": "crime"} in [n.values for n in inputs.notes if n.code == "role_absent"]


CELLS = [
    "142131",
    "14213",
    "141011",
    "",
    "x",
    "本町１丁目",
    "2018-01-02",
    "不明",
    "7",
    "99",
    "道路上",
    "大和市",
    "神奈川県",
    "自転車盗",
    '"',
]
FOLDED = [folded(word) for word in CELLS]
cell = st.sampled_from(CELLS)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.lists(cell, min_size=9, max_size=13), max_size=12))
def test_the_four_always_add_up(make_town: Maker, table: list[list[str]]) -> None:
    quoted = "".join(",".join('"' + c.replace('"', '""') + '"' for c in row) + "\n" for row in table)
    none = "".join(f'{json.dumps(f"crime:offence_word:{word}")} = "none"\n' for word in FOLDED)
    inputs = read(make_town, "kanagawa_2018zitensyatou.csv", OLD + old() + quoted, "[answers]\n" + none)
    rows, accepted, aside, *_ = sums(inputs)
    assert rows == len(table) + 1
    assert accepted == len(inputs.incidents)
    assert aside == len(inputs.set_aside)
