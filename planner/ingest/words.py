"""Text as Japanese files hold it, and what it says: plain numbers, flags, known words (dates.py, numbers.py: the rest).

What reads a cell returns its value and a reason code ("" when read). Blank and 不明 are unknown, which is a value; what
cannot be read is a reason.
"""

from __future__ import annotations

import csv
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).with_name("shipped")
DASHES = str.maketrans("‐‑–—−", "-----")  # what NFKC leaves as it is
UNKNOWN = frozenset(("", "不明", "-", "―", "ー", "不詳", "unknown"))
_YES = frozenset(
    ["1", "true", "yes", "y", "t", "有", "有り", "あり", "はい", "○", "〇", "可", "稼働", "稼働中", "正常", "作動"]
)
_NO = frozenset(
    [
        "0",
        "false",
        "no",
        "n",
        "f",
        "無",
        "無し",
        "なし",
        "いいえ",
        "×",
        "x",
        "不可",
        "故障",
        "停止",
        "停止中",
        "休止",
        "休止中",
        "不稼働",
    ]
)
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_MONTH_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: (\d{1,2}):\d{2}(?::\d{2})? ?(am|pm))?")

Parsed = tuple[list[Any], list[str]]


def folded(text: str) -> str:
    """NFKC, outer blanks removed."""
    return text.strip() if text.isascii() else unicodedata.normalize("NFKC", text).strip()


def fold_all(cells: Iterable[str]) -> list[str]:
    """``folded`` over a column; each distinct text is folded once."""
    memo: dict[str, str] = {}
    out: list[str] = []
    for cell in cells:
        known = memo.get(cell)
        if known is None:
            known = memo[cell] = folded(cell)
        out.append(known)
    return out


def parse_each(cells: Iterable[str], parse: Callable[[str], tuple[Any, str]]) -> Parsed:
    """Apply ``parse`` to each distinct text once."""
    memo: dict[str, tuple[Any, str]] = {}
    values: list[Any] = []
    reasons: list[str] = []
    for cell in cells:
        known = memo.get(cell)
        if known is None:
            known = memo[cell] = parse(folded(cell))
        values.append(known[0])
        reasons.append(known[1])
    return values, reasons


def number(text: str) -> tuple[float, str]:
    """A finite number (grouping commas allowed), NaN when unknown."""
    if text.lower() in UNKNOWN:
        return math.nan, ""
    plain = text.replace(",", "") if _GROUPED.fullmatch(text) else text
    try:
        value = float(plain)
    except ValueError:
        return math.nan, "number_unreadable"
    return (value, "") if math.isfinite(value) and "_" not in plain else (math.nan, "number_unreadable")


def whole(text: str) -> tuple[int | None, str]:
    """A whole number, None when unknown."""
    value, reason = number(text)
    if reason or math.isnan(value):
        return None, reason
    return (int(value), "") if value == int(value) else (None, "number_not_whole")


def flag(text: str) -> tuple[bool | None, str]:
    """Yes or no, None when unknown."""
    low = text.lower()
    if low in UNKNOWN:
        return None, ""
    if low in _YES or low in _NO:
        return low in _YES, ""
    return None, "flag_unreadable"


_POINTS = (
    "北",
    "北北東",
    "北東",
    "東北東",
    "東",
    "東南東",
    "南東",
    "南南東",
    "南",
    "南南西",
    "南西",
    "西南西",
    "西",
    "西北西",
    "北西",
    "北北西",
)
_COMPASS = ("n", "nne", "ne", "ene", "e", "ese", "se", "sse", "s", "ssw", "sw", "wsw", "w", "wnw", "nw", "nnw")
_BEARINGS = {name: n * 22.5 for names in (_POINTS, _COMPASS) for n, name in enumerate(names)}
_SPAN = re.compile(r"約?(\d+)(日間?|週間?|か月|カ月|ヶ月|ケ月|月)(?:程度|以内)?")
_SPAN_DAYS = {"日": 1, "週": 7}


def bearing(text: str) -> tuple[float, str]:
    """A direction in degrees clockwise from north: 45, 45°, 北東, 北東向き, NE; NaN when unknown."""
    low = text.lower().removesuffix("向き").removesuffix("方向").removesuffix("方面")
    if low in _BEARINGS:
        return _BEARINGS[low], ""
    return number(low.removesuffix("°").removesuffix("度").translate(DASHES))


def days(text: str) -> tuple[float, str]:
    """A length in days: 7, 7日間, 約7日, 2週間, 1か月 (30 days); NaN when unknown."""
    found = _SPAN.fullmatch(text)
    return (float(int(found[1]) * _SPAN_DAYS.get(found[2][0], 30)), "") if found else number(text)


def month_first(text: str) -> tuple[str, str]:
    """An American date and time as ours: 12/31/2024 11:59:00 PM is 2024-12-31 and hour 23; others as they stand."""
    found = _MONTH_FIRST.fullmatch(text.lower())
    if found is None:
        return text, ""
    hour_of = "" if found[4] is None else str(int(found[4]) % 12 + (12 if found[5] == "pm" else 0))
    return f"{found[3]}-{found[1]}-{found[2]}", hour_of


@cache
def _synonyms() -> dict[tuple[str, str], dict[str, str]]:
    """Shipped Japanese words for enumerated columns: (table, column) -> folded word -> our word."""
    known: dict[tuple[str, str], dict[str, str]] = {}
    with (SHIPPED / "words.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            known.setdefault((row["table"], row["column"]), {})[folded(row["word"])] = row["ours"]
    return known


def translated(
    table: str, column: str, plain: Callable[[str], tuple[Any, str]] = lambda text: (text, "")
) -> Callable[[str], tuple[Any, str]]:
    """A parser for a column of free text or of flags: the shipped words are read as ours, others as ``plain`` does."""
    synonyms = _synonyms().get((table, column), {})
    return lambda text: plain(synonyms.get(text, text))


def word(table: str, column: str, words: Sequence[str]) -> Callable[[str], tuple[str, str]]:
    """A parser for an enumerated column: our words, or the shipped Japanese ones; "" when unknown."""
    synonyms = _synonyms().get((table, column), {})

    def parse(text: str) -> tuple[str, str]:
        low = text.lower()
        if low in words:
            return low, ""
        if text in synonyms:
            return synonyms[text], ""
        return "", ("" if low in UNKNOWN else "unknown_word")

    return parse
