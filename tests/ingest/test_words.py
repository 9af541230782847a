"""Cells: what they say, and the reason when they say nothing readable."""

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.frames import MOUNT_KINDS
from planner.ingest import words


@pytest.mark.parametrize(
    "text",
    [
        "2024-04-01",
        "2024/4/1",
        "2024.4.1",
        "20240401",
        "２０２４年４月１日",
        "令和6年4月1日",
        "令和６年４月１日",
        "R6.4.1",
        "2024-04-01 00:00:00",
        "2024-04-01T09:30",
    ],
)
def test_dates(text: str) -> None:
    assert words.date(words.folded(text)) == (dt.date(2024, 4, 1), "")


def test_first_years_of_eras() -> None:
    assert words.date("令和元年5月1日")[0] == dt.date(2019, 5, 1)
    assert words.date("平成31年4月30日")[0] == dt.date(2019, 4, 30)
    assert words.date("S63/1/1")[0] == dt.date(1988, 1, 1)


@pytest.mark.parametrize(
    "text", ["04/05/06", "0006-04-01", "45383", "2023-02-29", "2023-13-01", "きのう", "2024-04-01-02"]
)
def test_dates_refused(text: str) -> None:
    assert words.date(text) == (None, "date_unreadable")


@given(st.dates(dt.date(1950, 1, 1), dt.date(2099, 12, 31)))
def test_dates_round_trip(day: dt.date) -> None:
    assert words.date(day.isoformat()) == (day, "")
    assert words.date(f"{day.year}/{day.month}/{day.day}") == (day, "")


@pytest.mark.parametrize(
    ("text", "hour"), [("07", 7), ("7", 7), ("0", 0), ("23", 23), ("7時", 7), ("07:30", 7), ("不明", None), ("", None)]
)
def test_hours(text: str, hour: int | None) -> None:
    assert words.hour(text) == (hour, "")


@pytest.mark.parametrize("text", ["24", "-1", "朝", "7.5", "700"])
def test_hours_refused(text: str) -> None:
    assert words.hour(text) == (None, "hour_unreadable")


def test_numbers() -> None:
    assert words.number(words.folded("３５．６８１２")) == (35.6812, "")
    assert words.number("1,234,567")[0] == 1234567
    assert math.isnan(words.number("不明")[0])
    assert words.number("不明")[1] == ""
    for text in ("35,6812", "1e400", "inf", "nan", "1_000", "35°40′", "12台"):
        assert words.number(text)[1] == "number_unreadable", text
    assert words.whole("3.0") == (3, "")
    assert words.whole("3.5") == (None, "number_not_whole")


def test_flags_and_words() -> None:
    assert [words.flag(t)[0] for t in ("有", "True", "0", "なし", "")] == [True, True, False, False, None]
    assert words.flag("たぶん") == (None, "flag_unreadable")
    kind = words.word("mounts", "kind", MOUNT_KINDS)
    assert [kind(words.folded(t))[0] for t in ("電柱", "ＮＴＴ柱", "street_light", "")] == [
        "utility_pole",
        "utility_pole",
        "street_light",
        "",
    ]
    assert kind("灯籠") == ("", "unknown_word")


def test_shipped_words_are_words_of_the_tables() -> None:
    from planner.frames import TABLES

    for (table, column), known in words._synonyms().items():
        target = next(c for c in TABLES[table].columns if c.name == column)
        allowed = {"0", "1"} if target.kind == "flag" else set(target.words)
        assert set(known.values()) <= allowed or not allowed, (table, column)
