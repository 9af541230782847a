"""Periods of count tables as people write them: 2023, 2023-04/2024-03, 令和6年度, 令和8年1〜9月（暫定値）, R7.11."""

from __future__ import annotations

import re
from dataclasses import dataclass

from planner.ingest.words import folded

_ERAS = {"令和": 2018, "r": 2018, "平成": 1988, "h": 1988, "昭和": 1925, "s": 1925}
_YEAR = r"(?:(?P<era>令和|平成|昭和|(?<![a-z])[rhs])\.?(?P<nth>\d{1,2}|元)|(?<!\d)(?P<western>(?:19|20)\d\d)(?!\d))"
_POINT = re.compile(_YEAR + r"(?P<unit>年度|年|[-./](?=\d))?(?:(?P<month>\d{1,2})(?:月|(?![\d年])))?")
_MONTH = re.compile(r"(?<!\d)(\d{1,2})月")
_MONTH_ALONE = re.compile(r"(\d{1,2})月分?")
_RANGE = re.compile(r"[~〜]|から|(?<=[\d月年])/(?=(?:19|20)\d\d|\d{1,2}月)|(?<=\d{4})[-–](?=(?:19|20)\d\d)")
_CUMULATIVE = re.compile(r"末|累計|まで")
_PROVISIONAL = re.compile(r"暫定|速報|概数|provisional", re.IGNORECASE)
_FISCAL_START = 4  # a fiscal year runs from April to March


@dataclass(frozen=True, order=True)
class Period:
    """Whole months, both ends included, counted from January of the year 0."""

    first: int
    last: int

    @property
    def months(self) -> int:
        """Length in months."""
        return self.last - self.first + 1

    @property
    def years(self) -> float:
        """Length in years: a part of a year is never a full one (P21)."""
        return self.months / 12

    def __str__(self) -> str:
        """``2023``, ``2023-04`` or ``2023-04/2024-03``."""
        (y1, m1), (y2, m2) = divmod(self.first, 12), divmod(self.last, 12)
        if (m1, m2) == (0, 11):
            return f"{y1:04d}" if y1 == y2 else f"{y1:04d}/{y2:04d}"
        start = f"{y1:04d}-{m1 + 1:02d}"
        return start if self.months == 1 else f"{start}/{y2:04d}-{m2 + 1:02d}"


def is_provisional(text: str) -> bool:
    """Whether a title, heading or name says that its figures are not final."""
    return _PROVISIONAL.search(folded(text)) is not None


def _year(found: re.Match[str]) -> int:
    if found["western"]:
        return int(found["western"])
    return _ERAS[found["era"]] + (1 if found["nth"] == "元" else int(found["nth"]))


def _at(year: int, month: int, *, fiscal: bool) -> int:
    """A month; January to March of a fiscal year lie in the next calendar year."""
    return (year + (1 if fiscal and month < _FISCAL_START else 0)) * 12 + month - 1


def period(text: str, *, cumulative: bool = False) -> Period | None:
    """The one period that a text names; None when it names none, or several that are no range.

    A single month with 末, 累計 or まで (or ``cumulative``, where the form says so) runs from the start of its year.
    """
    low = re.sub(r"\s+", "", folded(text)).lower()
    parts = _RANGE.split(low, maxsplit=1)
    ends = [list(_POINT.finditer(part)) for part in parts]
    if not ends[0] or len({(_year(f), f["month"]) for f in ends[0] if f["month"]}) > 1:
        return None
    if len({_year(f) for f in ends[0]}) > 1:
        return None
    start = max(ends[0], key=lambda f: f["month"] is not None)
    year, month = _year(start), int(start["month"]) if start["month"] else None
    fiscal = start["unit"] == "年度"
    end_year, end_month, end_fiscal = year, month, fiscal
    if len(parts) > 1 and ends[1]:
        last = ends[1][0]
        end_year, end_month = _year(last), int(last["month"]) if last["month"] else None
        end_fiscal = last["unit"] == "年度"
    elif len(parts) > 1 and (alone := _MONTH.search(parts[1])):
        end_month = int(alone[1])
        month = month or (_FISCAL_START if fiscal else 1)
    elif month and (cumulative or _CUMULATIVE.search(low)):
        month = _FISCAL_START if fiscal else 1
    if not all(m is None or 1 <= m <= 12 for m in (month, end_month)):
        return None
    first = _at(year, month or (_FISCAL_START if fiscal else 1), fiscal=fiscal)
    final = _at(end_year, end_month or (_FISCAL_START - 1 if end_fiscal else 12), fiscal=end_fiscal)
    return Period(first, final) if first <= final else None


def month_of(text: str, within: Period | None) -> Period | None:
    """A heading that is a month alone (4月, 4月分), in the period of its table."""
    found = _MONTH_ALONE.fullmatch(folded(text))
    if found is None or within is None or not 1 <= int(found[1]) <= 12:
        return None
    at = within.first + (int(found[1]) - 1 - within.first) % 12
    return Period(at, at) if at <= within.last else None
