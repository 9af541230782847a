"""Names of places and codes of municipalities, made comparable."""

from __future__ import annotations

import re
from collections.abc import Iterable

from planner.ingest.words import folded

_KANJI = {"〇": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_KANJI_NUMBER = re.compile(r"([〇一二三四五六七八九十百]+)(?=丁目|条|線)")
_LEADING_ZERO = re.compile(r"(?<!\d)0+(?=\d+(?:丁目|条|線))")
_COUNTY = re.compile(r"^.+?郡(?=.+[町村]$)")
_SECOND_CITIES = frozenset(("14130", "14150", "22130", "27140", "40130"))  # designated cities not ending in 100
_SPACES = re.compile(r"\s+")
TOTALS = re.compile(r"総計|合計|総合計|総数|小計|.+[^会]計")


def kanji_number(text: str) -> int:
    """A number up to 999 in kanji: 二十三 -> 23, 一〇 -> 10."""
    if "十" not in text and "百" not in text:
        return int("".join(str(_KANJI[c]) for c in text))
    total = 0
    digit = 0
    for c in text:
        if c in _KANJI:
            digit = _KANJI[c]
        else:
            total += (digit or 1) * (10 if c == "十" else 100)
            digit = 0
    return total + digit


def place_name(text: str, *, municipality: str = "", prefecture: str = "") -> str:
    """A town name in the form in which two sources agree.

    Full-width and kanji digits before 丁目, 条, 線 become plain ones, ヶ becomes ケ, blanks, a leading 大字 or 字
    and a leading prefecture or municipality name go.
    """
    name = _SPACES.sub("", folded(text)).replace("ヶ", "ケ").replace("ヵ", "カ")
    for front in (prefecture, municipality):
        bare = _SPACES.sub("", folded(front)).replace("ヶ", "ケ")
        if bare and name.startswith(bare) and len(name) > len(bare):
            name = name[len(bare) :]
    name = re.sub(r"^(大字|字)(?=.)", "", name)
    name = _KANJI_NUMBER.sub(lambda m: str(kanji_number(m[1])), name)
    return _LEADING_ZERO.sub("", name)


def municipality_name(text: str) -> str:
    """A municipality's name without its county: 愛甲郡愛川町 -> 愛川町."""
    return _COUNTY.sub("", _SPACES.sub("", folded(text)).replace("ヶ", "ケ"))


def check_digit(code: str) -> str:
    """The sixth digit of a five-digit municipality code (weights 6 to 2, modulus 11)."""
    total = sum(int(d) * w for d, w in zip(code, (6, 5, 4, 3, 2), strict=True))
    return str((11 - total % 11) % 10)


def code_forms(code: str) -> frozenset[str]:
    """How a municipality (and, for a designated city, its wards) may be written in a file.

    Five digits, six with the check digit, and both with a leading zero lost in a spreadsheet.
    """
    codes = [code]
    if code[2:] == "100" or code in _SECOND_CITIES:
        last = 29 if code[2:] == "100" else 9
        codes += [f"{int(code) + step:05d}" for step in range(1, last + 1)]
    forms = {form for c in codes for form in (c, c + check_digit(c))}
    return frozenset(forms | {form.lstrip("0") for form in forms})


def area_index(names: Iterable[str], ids: Iterable[str], municipality: str) -> dict[str, str]:
    """Comparable name -> area_id."""
    return {place_name(n, municipality=municipality): i for n, i in zip(names, ids, strict=True)}
