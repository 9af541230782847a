"""Days and hours as Japanese files write them: Western and Wareki, to the day, the month or the year; and why not.

One text is read at a time, without a guess: what only the planner can know (the order of 04/05/06, the epoch of a
spreadsheet number) is given by the caller, who asks for the whole column (cells.py).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Literal

from planner.ingest.names import kanji_number
from planner.ingest.words import DASHES, UNKNOWN

Precision = Literal["", "day", "month", "year"]
ORDERS = ("ymd", "mdy", "dmy", "reiwa")  # what the numbers of 04/05/06 may be; reiwa: year of the era, month, day
EPOCHS = {"1900": dt.date(1899, 12, 30), "1904": dt.date(1904, 1, 1)}  # spreadsheets on Windows, on old Macs
YEARS = (1868, 2100)  # a year outside is a slip of the pen
_PIVOT = 70  # 70-99 are 1970-1999, 00-69 are 2000-2069 (POSIX, moved by one to the year before which nothing is kept)
_SERIALS = (20_000, 60_000)  # 1954 to 2064: numbers that can be days of a spreadsheet


@dataclass(frozen=True)
class Era:
    """An era: its letter, the year before its first, its first and its last day (the day of change bears both)."""

    name: str
    letter: str
    before: int
    first: dt.date
    last: dt.date


ERAS = (
    Era("明治", "m", 1867, dt.date(1868, 10, 23), dt.date(1912, 7, 30)),
    Era("大正", "t", 1911, dt.date(1912, 7, 30), dt.date(1926, 12, 25)),
    Era("昭和", "s", 1925, dt.date(1926, 12, 25), dt.date(1989, 1, 7)),
    Era("平成", "h", 1988, dt.date(1989, 1, 8), dt.date(2019, 4, 30)),
    Era("令和", "r", 2018, dt.date(2019, 5, 1), dt.date.max),
)
_BY_WORD = {word: era for era in ERAS for word in (era.name, era.name[0], era.letter)}

_KANJI = re.compile(r"[〇一二三四五六七八九十]+(?=[年月日])")
_TAIL = re.compile(
    r"\s*(?:\([日月火水木金土](?:曜日?)?\))?"
    r"(?:[\st]\s*\d{1,2}(?::\d{2}(?::\d{2}(?:\.\d+)?)?|時(?:\d{1,2}分)?)(?:z|[+-]\d{2}:?\d{2})?)?$"
)
_WESTERN = re.compile(r"(\d{4})(?:年|(?:([-/.])|年)(\d{1,2})(?:(?:[-/.]|月)(\d{1,2})日?|月)?)?")
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})")
_ERA = re.compile(
    r"(明治|大正|昭和|平成|令和|[明大昭平令mtshr])[.]?(\d{1,2}|元)(?:(?:[-/.]|年)(?:(\d{1,2})(?:(?:[-/.]|月)(\d{1,2})日?|月)?)?)?"
)
_ERA_PACKED = re.compile(r"([mtshr])(\d{2})(\d{2})(\d{2})")
_THREE = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{1,2})")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")


@dataclass(frozen=True)
class Day:
    """What a text says: the day (the first of its month or year where no more is known), or the reason why none.

    ``form``: how it was written (``dash slash dot kanji packed era three last_year serial``); ``proposal``: the same
    day in the era in which it lies, where the text names another.
    """

    value: dt.date | None = None
    reason: str = ""
    precision: Precision = ""
    form: str = ""
    proposal: str = ""


def day(text: str, order: str = "", epoch: str = "") -> Day:
    """A day, month or year.

    Parameters
    ----------
    text
        A folded cell: 2024-04-01, 2024/4/1(月), 20240401, 2024年4月, 令和6年4月1日, R6.4.1, 令和元年, 04/05/06, 45383.
    order
        One of ``ORDERS``; without it 04/05/06 is no day.
    epoch
        A key of ``EPOCHS``; without it 45383 is no day.

    Returns
    -------
    Day
        Reasons: ``date_unreadable``, ``date_impossible`` (no such day), ``date_outside_era`` (with ``proposal``).
    """
    low = text.lower()
    if low in UNKNOWN:
        return Day()
    low = "".join(_TAIL.sub("", low.translate(DASHES)).split())
    low = _KANJI.sub(lambda m: str(kanji_number(m[0])), low)
    if (found := _ERA.fullmatch(low) or _ERA_PACKED.fullmatch(low)) is not None:
        return _in_era(_BY_WORD[found[1]], *found.groups()[1:])
    if (found := _PACKED.fullmatch(low)) is not None:
        return _western(found[1], found[2], found[3], "packed")
    if (found := _WESTERN.fullmatch(low)) is not None:
        form = {"-": "dash", "/": "slash", ".": "dot"}.get(found[2] or "", "kanji")
        return _western(found[1], found[3], found[4], form)
    if (found := _THREE.fullmatch(low)) is not None:
        return _three(found[1], found[2], found[3], order)
    return _serial(low, epoch)


def is_ambiguous(text: str) -> bool:
    """Whether a text is three numbers of which only the planner can say which is the year, the month and the day."""
    low = "".join(_TAIL.sub("", text.lower().translate(DASHES)).split())
    found = _THREE.fullmatch(low)
    return found is not None and not (len(found[3]) == 4 and _told_apart(int(found[1]), int(found[2])))


def is_serial(text: str) -> bool:
    """Whether a text may be a spreadsheet's number of a day."""
    found = _SERIAL.fullmatch(text)
    return found is not None and _SERIALS[0] <= int(found[1]) < _SERIALS[1]


def _serial(text: str, epoch: str) -> Day:
    """A spreadsheet's number, counted from the day that the planner gave."""
    if not epoch or not is_serial(text):
        return Day(reason="date_unreadable")
    return Day(EPOCHS[epoch] + dt.timedelta(days=int(text[:5])), "", "day", "serial")


def _told_apart(one: int, two: int) -> bool:
    """Whether month and day can be told from each other, in whichever order they stand."""
    return one == two or one > 12 or two > 12


def _western(year: str, month: str | None, day_: str | None, form: str) -> Day:
    """A Western date to the precision that is given."""
    if not YEARS[0] <= int(year) <= YEARS[1]:
        return Day(reason="date_unreadable")
    precision: Precision = "day" if day_ else "month" if month else "year"
    try:
        return Day(dt.date(int(year), int(month or 1), int(day_ or 1)), "", precision, form)
    except ValueError:
        return Day(reason="date_impossible")


def _in_era(era: Era, year: str, month: str | None = None, day_: str | None = None) -> Day:
    """A date of an era, refused (with a proposal) where it does not touch the era's days."""
    number = 1 if year == "元" else int(year)
    if number < 1:
        return Day(reason="date_unreadable")
    read = _western(str(era.before + number), month, day_, "era")
    if read.value is None:
        return read
    if read.value <= era.last and last_day(read.value, read.precision) >= era.first:
        return read
    return replace(Day(reason="date_outside_era"), proposal=wareki(read.value, read.precision))


def _three(one: str, two: str, three: str, order: str) -> Day:
    """Three numbers in the order that the planner gave; a year of four digits at the end may tell by itself."""
    if len(three) == 4 and _told_apart(int(one), int(two)):
        month, day_ = (one, two) if int(one) <= 12 else (two, one)
        return _western(three, month, day_, "last_year")
    if not order:
        return Day(reason="date_unreadable")
    if order in ("mdy", "dmy"):
        month, day_ = (one, two) if order == "mdy" else (two, one)
        return _western(_century(three), month, day_, "three")
    if len(three) == 4:
        return Day(reason="date_unreadable")
    if order == "reiwa":
        return replace(_in_era(_BY_WORD["令和"], one, two, three), form="three")
    return _western(_century(one), two, three, "three")


def _century(year: str) -> str:
    """A year of two digits in four."""
    return year if len(year) == 4 else str(int(year) + (1900 if int(year) >= _PIVOT else 2000))


def last_day(first: dt.date, precision: str) -> dt.date:
    """The last day that a date of some precision may mean."""
    if precision == "year":
        return dt.date(first.year, 12, 31)
    if precision == "month":
        return (first.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    return first


def wareki(value: dt.date, precision: str = "day") -> str:
    """A date in its era; the day on which the era changed belongs to the new one."""
    era = next(e for e in reversed(ERAS) if value >= e.first or e is ERAS[0])
    number = value.year - era.before
    year = f"{era.name}{'元' if number == 1 else number}年"
    month = f"{value.month}月" if precision != "year" else ""
    return year + month + (f"{value.day}日" if precision == "day" else "")


_CLOCK = r"(\d{1,2})(?:時(?:台|頃|ごろ)?(?:\d{1,2}分)?(?:頃|ごろ)?|:[0-5]\d(?::\d{2})?)?"
_HOUR = re.compile(r"(\d{1,2})(?:時(?:\d{1,2}分)?|:[0-5]\d(?::\d{2})?)?")
_LOOSE = re.compile(rf"(午前|午後|am|pm)?{_CLOCK}(?:(?:[-~〜―]|から)(?:午前|午後|am|pm)?{_CLOCK}(?:まで|の間)?)?")
_MIDNIGHT = re.compile(r"24(?:時(?:0{1,2}分)?|:00(?::00)?)?")


def hour(text: str) -> tuple[int | None, str, bool]:
    """An hour of the day.

    07, 7, 7時, 07:30 say it plainly. By rule: 24 is 0, a range (14:30-15:00, 14時台, 14時頃) is its first hour, 午後2時 is
    14; the day stays as written. 午前12時 and 午後12時 mean noon to some and midnight to others: no hour.

    Returns
    -------
    tuple
        Hour (None when unknown), reason (``hour_unreadable``), whether a rule was needed.
    """
    low = text.lower().translate(DASHES).replace(" ", "")
    if low in UNKNOWN:
        return None, "", False
    if (found := _HOUR.fullmatch(low)) is not None and int(found[1]) <= 23:
        return int(found[1]), "", False
    if _MIDNIGHT.fullmatch(low):
        return 0, "", True
    found = _LOOSE.fullmatch(low)
    if found is None or int(found[2]) > 23 or (found[3] and int(found[3]) > 24):
        return None, "hour_unreadable", False
    first = int(found[2])
    if found[1]:
        if first > 11:
            return None, "hour_unreadable", False
        first += 12 if found[1] in ("午後", "pm") else 0
    return first, "", True
