"""Days and hours as they are written; what cannot be read has a reason, what only the planner knows is left open."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.ingest import dates
from planner.ingest.words import folded

APRIL = dt.date(2024, 4, 1)
ENDS = [day for era in dates.ERAS[1:] for day in (era.first, era.first - dt.timedelta(days=1))]


@pytest.mark.parametrize(
    "text",
    [
        "2024-04-01",
        "2024/4/1",
        "2024.4.1",
        "20240401",
        "２０２４年４月１日",
        "二〇二四年四月一日",
        "2024−04−01",
        "2024/4/1(月)",
        "2024年4月1日(月曜日) 14時30分",
        "令和6年4月1日",
        "令和６年４月１日",
        "令和六年四月一日",
        "㋿6年4月1日",
        "令 6. 4. 1",
        "R6.4.1",
        "R06/04/01",
        "R060401",
        "2024-04-01 00:00:00",
        "2024-04-01T09:30",
        "2024-04-01T09:30:00+09:00",
    ],
)
def test_a_day(text: str) -> None:
    read = dates.day(folded(text))
    assert (read.value, read.reason, read.precision) == (APRIL, "", "day")


@pytest.mark.parametrize(
    ("text", "value", "precision"),
    [
        ("令和6年4月", dt.date(2024, 4, 1), "month"),
        ("2024年4月", dt.date(2024, 4, 1), "month"),
        ("2024/04", dt.date(2024, 4, 1), "month"),
        ("R6.4", dt.date(2024, 4, 1), "month"),
        ("2024年", dt.date(2024, 1, 1), "year"),
        ("2024", dt.date(2024, 1, 1), "year"),
        ("令和元年", dt.date(2019, 1, 1), "year"),
        ("昭和64年", dt.date(1989, 1, 1), "year"),
        ("平成31年4月", dt.date(2019, 4, 1), "month"),
    ],
)
def test_a_month_or_a_year(text: str, value: dt.date, precision: str) -> None:
    read = dates.day(text)
    assert (read.value, read.precision, read.reason) == (value, precision, "")


def test_first_years_of_eras() -> None:
    assert dates.day("令和元年5月1日").value == dt.date(2019, 5, 1)
    assert dates.day("平成31年4月30日").value == dt.date(2019, 4, 30)
    assert dates.day("S63/1/1").value == dt.date(1988, 1, 1)
    assert dates.day("大正15年12月25日").value == dates.day("昭和元年12月25日").value == dt.date(1926, 12, 25)


@pytest.mark.parametrize(
    ("text", "proposal"),
    [
        ("平成32年4月1日", "令和2年4月1日"),
        ("昭和64年1月8日", "平成元年1月8日"),
        ("令和元年4月30日", "平成31年4月30日"),
        ("H32.4", "令和2年4月"),
        ("平成33年", "令和3年"),
        ("昭和元年12月24日", "大正15年12月24日"),
    ],
)
def test_outside_its_era(text: str, proposal: str) -> None:
    read = dates.day(text)
    assert (read.value, read.reason, read.proposal) == (None, "date_outside_era", proposal)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("04/05/06", "date_unreadable"),
        ("0006-04-01", "date_unreadable"),
        ("45383", "date_unreadable"),
        ("2023-02-29", "date_impossible"),
        ("2023-13-01", "date_impossible"),
        ("令和6年2月30日", "date_impossible"),
        ("令和0年1月1日", "date_unreadable"),
        ("きのう", "date_unreadable"),
        ("2024-04-01-02", "date_unreadable"),
        ("2024-", "date_unreadable"),
        ("2024年度", "date_unreadable"),
        ("2200-01-01", "date_unreadable"),
    ],
)
def test_refused(text: str, reason: str) -> None:
    read = dates.day(text)
    assert (read.value, read.reason) == (None, reason)


@pytest.mark.parametrize(
    ("text", "order", "value"),
    [
        ("04/05/06", "ymd", dt.date(2004, 5, 6)),
        ("04/05/06", "mdy", dt.date(2006, 4, 5)),
        ("04/05/06", "dmy", dt.date(2006, 5, 4)),
        ("4.5.6", "reiwa", dt.date(2022, 5, 6)),
        ("70-1-2", "ymd", dt.date(1970, 1, 2)),
        ("69-1-2", "ymd", dt.date(2069, 1, 2)),
        ("4/5/2024", "mdy", dt.date(2024, 4, 5)),
        ("4/5/2024", "dmy", dt.date(2024, 5, 4)),
        ("13/12/24", "mdy", None),
        ("4/5/2024", "ymd", None),
        ("30-1-2018", "", dt.date(2018, 1, 30)),  # tells by itself
        ("1/30/2018", "ymd", dt.date(2018, 1, 30)),
    ],
)
def test_three_numbers(text: str, order: str, value: dt.date | None) -> None:
    assert dates.day(text, order).value == value
    assert dates.is_ambiguous(text) == ("30" not in text)


def test_numbers_of_a_spreadsheet() -> None:
    """Published: 45383 is 1 April 2024 on Windows; 43921 is the same day on an old Mac."""
    assert dates.day("45383", epoch="1900").value == dates.day("43921", epoch="1904").value == APRIL
    assert dates.day("45383.5", epoch="1900").value == APRIL
    assert [dates.is_serial(t) for t in ("45383", "19999", "60000", "453830", "2024")] == [True, *[False] * 4]


@given(st.dates(dt.date(1950, 1, 1), dt.date(2099, 12, 31)))
def test_western_round_trip(day: dt.date) -> None:
    for text in (day.isoformat(), f"{day.year}/{day.month}/{day.day}", f"{day:%Y%m%d}"):
        assert dates.day(text).value == day


@given(st.dates(dt.date(1926, 1, 1), dt.date(2099, 12, 31)) | st.sampled_from(ENDS), st.sampled_from("年/.-"))
def test_wareki_round_trip(day: dt.date, mark: str) -> None:
    """Written in its era in words and in letters, with the days on which eras changed."""
    text = dates.wareki(day)
    assert dates.day(text) == dates.Day(day, "", "day", "era")
    name, rest = text[:2], text[2:]
    letter = {"明治": "M", "大正": "T", "昭和": "S", "平成": "H", "令和": "R"}[name]
    year = "1" if rest.startswith("元") else rest.split("年")[0]
    if mark != "年":
        assert dates.day(f"{letter}{year}{mark}{day.month}{mark}{day.day}").value == day
    # one day later or earlier in the same era's words is the day beside it, or refused with the right era proposed
    beside = day + dt.timedelta(days=1)
    written = f"{name}{beside.year - (day.year - int(year))}年{beside.month}月{beside.day}日"
    read = dates.day(written)
    assert read.value == beside or (read.reason == "date_outside_era" and dates.day(read.proposal).value == beside)


@given(st.dates(dt.date(1926, 1, 1), dt.date(2099, 12, 31)), st.sampled_from(["day", "month", "year"]))
def test_the_last_day_of_a_precision(day: dt.date, precision: str) -> None:
    last = dates.last_day(day, precision)
    after = last + dt.timedelta(days=1)
    assert last >= day
    assert {"day": last == day, "month": after.day == 1, "year": (after.month, after.day) == (1, 1)}[precision]
    assert (last - day).days < {"day": 1, "month": 31, "year": 366}[precision]


@pytest.mark.parametrize(
    ("text", "hour"), [("07", 7), ("7", 7), ("0", 0), ("23", 23), ("7時", 7), ("07:30", 7), ("不明", None), ("", None)]
)
def test_hours(text: str, hour: int | None) -> None:
    assert dates.hour(text) == (hour, "", False)


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("24", 0),
        ("24時", 0),
        ("24:00", 0),
        ("14時台", 14),
        ("14時頃", 14),
        ("14:30-15:00", 14),
        ("１４：３０～１５：００", 14),
        ("14時から16時まで", 14),
        ("22時〜2時", 22),
        ("22-24", 22),
        ("午後2時30分", 14),
        ("午前9時", 9),
    ],
)
def test_hours_by_rule(text: str, hour: int) -> None:
    assert dates.hour(folded(text)) == (hour, "", True)


@pytest.mark.parametrize("text", ["25", "-1", "朝", "7.5", "700", "24:30", "14-25", "午後12時", "7:70"])
def test_hours_refused(text: str) -> None:
    assert dates.hour(text) == (None, "hour_unreadable", False)
