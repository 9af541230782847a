"""Cells: what they say, and the reason when they say nothing readable."""

import math

from planner.frames import MOUNT_KINDS
from planner.ingest import words


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
