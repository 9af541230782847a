"""Columns of cells: numbers by rule, the register of standing cameras, the day of reading, personal data."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner import ingest
from planner.errors import InputFaults
from planner.ingest import numbers, persons
from planner.ingest.cells import Cells, reals
from planner.ingest.ledger import Ledger
from planner.ingest.words import folded
from tests.ingest.two_blocks import AREAS, TOWN

Maker = Callable[..., Path]
FULL = str.maketrans("0123456789.,-+", "０１２３４５６７８９．，－＋")


@given(st.floats(-180, 180, allow_nan=False).map(lambda v: round(v, 6)))
def test_width_does_not_matter(value: float) -> None:
    plain = f"{value:.6f}"
    wide = plain.translate(FULL)
    cells = Cells("standing", "k.csv", "lon", [folded(wide)], [wide], [2])
    ledger = Ledger()
    assert reals(cells, ledger, degrees=True) == ([float(plain)], [""])
    assert ledger.corrections == [("standing", "k.csv", "lon", "width_folded", wide, plain, 1, 2)]


@given(st.integers(0, 179), st.integers(0, 59), st.integers(0, 59), st.booleans())
def test_sixtieths(whole: int, minutes: int, seconds: int, west: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    expected = (whole + minutes / 60 + seconds / 3600) * (-1 if west else 1)
    for text in (
        f"{'西経' if west else '東経'}{whole}度{minutes}分{seconds}秒",
        f"{whole}°{minutes}′{seconds}″{'W' if west else 'E'}",
    ):
        value, reason, rule = numbers.number(folded(text), degrees=True)
        assert (value, reason, rule) == (pytest.approx(expected), "", "dms_read")


def test_commas() -> None:
    assert numbers.has_decimal_comma(["35,6812"])
    assert not numbers.has_decimal_comma(["1,234", "1,234,567"])
    assert numbers.has_decimal_comma(["35,681"], degrees=True)  # no degree has thousands
    assert numbers.number("35,6812", comma=True) == (35.6812, "", "comma_read")
    assert numbers.number("1,234") == (1234.0, "", "")
    assert numbers.number("35,6812")[1] == "number_unreadable"


def test_clocks_and_fiscal_years() -> None:
    told = {"30": 30, "-15": -15, "2分進み": 120, "1分30秒遅れ": -90, "+0.5秒": 0.5, "なし": 0}
    assert {text: numbers.seconds(text)[0] for text in told} == told
    assert math.isnan(numbers.seconds("不明")[0])
    assert numbers.seconds("少し")[1] == "number_unreadable"
    assert [numbers.fiscal_year(t)[0] for t in ("2026", "2026年度", "令和8年度", "R8", "")] == [2026] * 4 + [None]
    assert numbers.fiscal_year("来年度") == (None, "year_unreadable")


def test_the_register_of_standing_cameras(make_town: Maker) -> None:
    """The columns of an asset register, in its own headings (P8, P32)."""
    head = (
        "カメラ番号,利用区分,稼働状況,取得年月,財源,処分制限期限,更新予定年度,備品番号,最終点検日,時刻誤差,緯度,経度\n"
    )
    rows = (
        "1,市管理,稼働中,平成30年3月,県補助1/2,令和10年3月,令和8年度,00123,2026/4/1,2分遅れ,36.0004,139.8337\n"
        "2,依頼で可,故障,,,,,,,,36.0004,139.8338\n"
    )
    folder = make_town('[standing]\nfile = "k.csv"\n', {"k.csv": head + rows})
    table = ingest.read(folder).standing
    assert table["use"].tolist() == ["own", "on_request"]
    assert table["working"].tolist() == [True, False]
    assert str(table["acquired_on"][0].date()) == "2018-03-01"
    assert str(table["locked_until"][0].date()) == "2028-03-31"  # to the end of its month
    assert table["renewal_fiscal_year"].tolist()[0] == 2026
    assert table["asset_number"].tolist() == ["00123", ""]
    assert table["funds"].tolist() == ["県補助1/2", ""]
    assert str(table["inspected_on"][0].date()) == "2026-04-01"
    assert table["clock_error_s"].tolist()[0] == -120
    assert table[["acquired_on", "renewal_fiscal_year", "inspected_on", "clock_error_s"]].isna().to_numpy()[1].all()


def test_the_office_to_ask_for_footage_is_read_with_its_telephone_and_a_persons_is_asked_about(
    make_town: Maker,
) -> None:
    """P28: the cells of 照会先 look like telephones and are an office's; 連絡先 may be anybody's."""
    rows = "camera_id,{},緯度,経度\n1,防災安全課 046-000-1234,36.0004,139.8337\n2,,36.0004,139.8338\n"
    read = {h: make_town('[standing]\nfile = "k.csv"\n', {"k.csv": rows.format(h)}) for h in ("照会先", "contact")}
    for folder in read.values():
        assert ingest.read(folder).standing["contact"].tolist() == ["防災安全課 046-000-1234", ""]
    with pytest.raises(InputFaults) as refused:
        ingest.read(make_town('[standing]\nfile = "k.csv"\n', {"k.csv": rows.format("連絡先")}))
    assert "personal_phone" in {q.code for q in refused.value.questions}


def test_the_day_of_reading_can_be_given_and_pinned(make_town: Maker) -> None:
    folder = make_town()  # its last theft is of 31 December 2023
    assert len(ingest.read(folder, today=dt.date(2023, 12, 31)).incidents) == 2
    early = ingest.read(folder, today=dt.date(2023, 12, 30))
    assert early.set_aside["reason"].tolist() == ["date_future"]
    toml = (folder / "town.toml").read_text(encoding="utf-8").replace(TOWN, TOWN + 'as_of = "2024-01-01"\n')
    (folder / "town.toml").write_text(toml, encoding="utf-8")
    tables = [ingest.read(folder, today=day).incidents for day in (dt.date(2020, 1, 1), dt.date(2030, 1, 1))]
    assert tables[0].equals(tables[1])
    assert len(tables[0]) == 2
    (folder / "town.toml").write_text(toml.replace("2024-01-01", "2024-01"), encoding="utf-8")
    with pytest.raises(InputFaults) as caught:
        ingest.read(folder)
    assert [f.code for f in caught.value.faults] == ["key_kind"]


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("氏名", "name"),
        ("被害者氏名（漢字）", "name"),
        ("代表者名", "name"),
        ("生年月日", "birth"),
        ("電話番号", "phone"),
        ("ＴＥＬ", "phone"),
        ("E-mail", "mail"),
        ("車両番号", "plate"),
        ("被害者の住所", "address"),
        # of places, not of persons; groups that tell of nobody
        ("住所", ""),
        ("所在地", ""),
        ("名称", ""),
        ("町名", ""),
        ("被害者の年齢", ""),
        ("被害者の性別", ""),
        ("番号", ""),
        ("発生年月日（始期）", ""),
        ("管理者", ""),
    ],
)
def test_headings_of_persons(heading: str, kind: str) -> None:
    assert persons.by_heading(folded(heading)) == kind


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("090-1234-5678", "phone"),
        ("０４６－２６０－５７７７", "phone"),
        ("09012345678", "phone"),
        ("03(1234)5678へ", "phone"),
        ("taro.yamada@city.example.jp", "mail"),
        ("横浜 300 あ 12-34", "plate"),
        ("大和５００さ・・１２", "plate"),
        ("2024-04-01", ""),
        ("04-01-2024", ""),
        ("2024-04-01 09:30", ""),
        ("139.6105397", ""),
        ("142130001301", ""),
        ("本町1丁目2番3号", ""),
        ("本町1丁目2-3-4567", ""),
        ("ナンバープレート", ""),
        ("その他の住宅（3階建て以下共同住宅等）", ""),
    ],
)
def test_cells_of_persons(cell: str, kind: str) -> None:
    assert persons.by_look([cell]) == (kind, int(bool(kind)))


def test_a_facilitys_telephone_is_no_persons(make_town: Maker, geojson: Callable[..., str]) -> None:
    text = geojson([("Point", [10, 20], {"kind": "school", "電話番号": "046-260-5777", "担当者名": "山田"})])
    folder = make_town('[places]\nfile = "p.geojson"\n', {"p.geojson": text})
    with pytest.raises(InputFaults) as caught:
        ingest.read(folder)
    assert [q.key for q in caught.value.questions] == ["places:personal_name:担当者名"]


def test_records_period(make_town: Maker) -> None:
    """[crime] period goes before file names; provisional files never count as a full year (P21)."""
    base = TOWN + AREAS + '[crime]\nfiles = ["c/*.csv"]\n'
    body = "offence,area,occurred_on\nひったくり,本町1丁目,2026-02-01\nひったくり,本町1丁目,2026-09-03\n"

    def years(name: str, toml: str = "", answers: dict[str, str] | None = None) -> float:
        folder = make_town(toml, {f"c/{name}": body}, base=base)
        try:
            return ingest.read(folder, answers=answers or {}, today=dt.date(2026, 11, 25)).years
        finally:
            (folder / "c" / name).unlink()

    assert years("2026.csv") == 1
    assert years("2026.csv", 'period = "2026-01/2026-09"\n') == 0.75
    assert years("2026年1月-9月（暫定値）.csv") == 0.75
    with pytest.raises(InputFaults) as caught:
        years("2026年（暫定値）.csv")
    (question,) = caught.value.questions
    assert (question.code, question.proposal) == ("period_of", "2026-01/2026-09")
    assert years("2026年（暫定値）.csv", answers={question.key: "2026-01/2026-10"}) == pytest.approx(10 / 12)
    with pytest.raises(InputFaults) as caught:
        years("2026.csv", 'period = "ことし"\n')
    assert [f.code for f in caught.value.faults] == ["period_refused"]
