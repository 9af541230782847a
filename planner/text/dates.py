"""Dates as a reader writes them: by era in Japanese, ISO in English; times of day are Japan's."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Literal

_JAPAN = timezone(timedelta(hours=9))
_ERAS = (  # first day, year one, name (政令第143号 平成31年; 元号を改める政令 昭和64年)
    (date(2019, 5, 1), 2019, "令和"),
    (date(1989, 1, 8), 1989, "平成"),
)


def moment(language: Literal["ja", "en"], iso: str) -> str:
    """An ISO date and time to the minute, where a zone is given Japan's; as it stands when it is none."""
    try:
        at = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    if at.tzinfo is not None:
        at = at.astimezone(_JAPAN)
    return f"{day(language, at.date().isoformat())} {at:%H:%M}"


def day(language: Literal["ja", "en"], iso: str) -> str:
    """An ISO date; as it stands when it is none."""
    try:
        at = date.fromisoformat(iso[:10])
    except ValueError:
        return iso
    if language == "en":
        return at.isoformat()
    return f"{_of_era(at, at.year)}年{at.month}月{at.day}日"


def fiscal_year(year: int) -> str:
    """A fiscal year in Japanese, by the era in which it ends (令和元年度 began in April 2019, 平成31年)."""
    return f"{_of_era(date(year + 1, 3, 31), year)}年度"


def _of_era(at: date, year: int) -> str:
    """A year by the era of a day."""
    first, era = next(((y, e) for start, y, e in _ERAS if at >= start), (0, ""))
    number = year - first + 1 if era else year
    return f"{era}{'元' if era and number == 1 else number}"
