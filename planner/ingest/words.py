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


@cache
def _synonyms() -> dict[tuple[str, str], dict[str, str]]:
    """Shipped Japanese words for enumerated columns: (table, column) -> folded word -> our word."""
    known: dict[tuple[str, str], dict[str, str]] = {}
    with (SHIPPED / "words.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            known.setdefault((row["table"], row["column"]), {})[folded(row["word"])] = row["ours"]
    return known


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
