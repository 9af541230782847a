"""Numbers as files write them: grouped, in degrees, minutes and seconds, with a decimal comma."""

from __future__ import annotations

import math
import re
from collections.abc import Collection

from planner.ingest import words

_DMS = re.compile(
    r"(北緯|南緯|東経|西経|[nsew])?(-?\d{1,3})(?:度|°|º)(\d{1,2}(?:\.\d+)?)(?:分|[′'’])"
    r"(?:(\d{1,2}(?:\.\d+)?)(?:秒|″|′′|''|’’|[\"”])?)?([nsew])?"
)
_PLAIN = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]*)?")
_COMMA = re.compile(r"[+-]?\d+,\d+")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+")


def is_plain(text: str) -> bool:
    """Whether a text is a number that can only be read in one way."""
    return _PLAIN.fullmatch(text) is not None


def number(text: str, *, comma: bool = False, degrees: bool = False) -> tuple[float, str, str]:
    """A finite number, NaN when unknown.

    Parameters
    ----------
    text
        A folded cell.
    comma
        Whether a single comma is the decimal mark.
    degrees
        Whether 35°40′52″ is one: degrees, minutes and seconds.

    Returns
    -------
    tuple
        Value, reason (``number_unreadable``), and the rule by which it was read (``dms_read``, ``comma_read``, "").
    """
    plain = text if text.lower() in words.UNKNOWN else text.translate(words.DASHES)
    if degrees and (found := _DMS.fullmatch("".join(plain.lower().split()))) is not None:
        return _sixtieths(found)
    if comma and _COMMA.fullmatch(plain):
        return float(plain.replace(",", ".")), "", "comma_read"
    return (*words.number(plain), "")


def _sixtieths(found: re.Match[str]) -> tuple[float, str, str]:
    """Degrees from degrees, minutes and seconds, south and west below 0."""
    whole, minutes, seconds = abs(int(found[2])), float(found[3]), float(found[4] or 0)
    if minutes >= 60 or seconds >= 60:
        return math.nan, "number_unreadable", ""
    below = found[2].startswith("-") or (found[1] or found[5]) in ("南緯", "西経", "s", "w")
    return (-1 if below else 1) * (whole + minutes / 60 + seconds / 3600), "", "dms_read"


def has_decimal_comma(texts: Collection[str], *, degrees: bool = False) -> bool:
    """Whether a column holds commas that group no thousands (degrees have none to group)."""
    return any(_COMMA.fullmatch(t) is not None and (degrees or _GROUPED.fullmatch(t) is None) for t in texts)


_FISCAL = re.compile(r"(?:(\d{4})|(令和|r)(\d{1,2}|元))(?:年度?|\.0)?")


def fiscal_year(text: str) -> tuple[int | None, str]:
    """A fiscal year (年度): 2026, 2026年度, 令和8年度, R8; None when unknown."""
    low = "".join(text.lower().split())
    if low in words.UNKNOWN:
        return None, ""
    found = _FISCAL.fullmatch(low)
    if found is None:
        return None, "year_unreadable"
    return int(found[1]) if found[1] else 2018 + (1 if found[3] == "元" else int(found[3])), ""


_SECONDS = re.compile(r"([+-])?(?:約)?(?:(\d+)時間)?(?:(\d+)分)?(?:(\d+(?:\.\d+)?)秒?)?(進み|遅れ)?")


def seconds(text: str) -> tuple[float, str]:
    """An error of a clock in seconds, ahead of the true time above 0: 30, -15, 2分進み, 30秒遅れ; NaN when unknown."""
    low = "".join(text.translate(words.DASHES).split())
    if low.lower() in words.UNKNOWN:
        return math.nan, ""
    if low in ("なし", "無", "無し"):
        return 0.0, ""
    found = _SECONDS.fullmatch(low)
    if found is None or not any(found[n] for n in (2, 3, 4)):
        return math.nan, "number_unreadable"
    size = 3600 * int(found[2] or 0) + 60 * int(found[3] or 0) + float(found[4] or 0)
    return -size if found[1] == "-" or found[5] == "遅れ" else size, ""
