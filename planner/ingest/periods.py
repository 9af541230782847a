"""The period that incident records cover: as the planner says, as the file names say, or from the days themselves.

A part of a year is never taken for a whole one: the length is counted in months, and a file marked as provisional
(暫定, 速報) that does not say its months is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd

from planner import assumptions
from planner.errors import InputError, Question
from planner.ingest.dates import day, last_day
from planner.ingest.ledger import Ledger
from planner.ingest.paths import Found
from planner.ingest.words import folded

_YEAR = re.compile(r"(?<!\d)(19\d\d|20\d\d)(?!\d)")
_WAREKI = re.compile(r"(令和|平成|(?<![a-z])[rh])(\d{1,2}|元)(?=年|上|下|[-_.]|$)")
_MONTH = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_.]?(0[1-9]|1[0-2])(?!\d)")
_YEAR_MONTH = re.compile(r"(?<!\d)((?:19|20)\d\d)年(1[0-2]|[1-9])月")
_MONTHS = re.compile(r"(?<!\d)(1[0-2]|0?[1-9])月?(?:分)?[-~〜_―から]{1,2}(1[0-2]|0?[1-9])月")
_ONE_MONTH = re.compile(r"(?<!\d)(1[0-2]|0?[1-9])月(末|まで|現在)?")
_HALVES = {"上半期": (1, 6), "上期": (1, 6), "下半期": (7, 12), "下期": (7, 12)}
PROVISIONAL = re.compile(r"暫定|速報|provisional|preliminary", re.IGNORECASE)

Months = frozenset[int]  # months counted from year 0


def months(text: str) -> Months:
    """The months of a period: ``2023``, ``2023-01``, ``令和5年1月``, ``2023-04/2024-03`` (both ends included); empty: unreadable."""
    ends = [day(part.strip()) for part in re.split(r"[/〜~]", folded(text))] if text.strip() else []
    if not 1 <= len(ends) <= 2 or any(end.value is None or end.precision == "day" for end in ends):
        return frozenset()
    first, last = ends[0].value, ends[-1].value
    if first is None or last is None:
        return frozenset()
    last = last_day(last, ends[-1].precision)
    return frozenset(range(first.year * 12 + first.month, last.year * 12 + last.month + 1))


def of_name(stem: str) -> Months:
    """The months that a file name says: whole years, a half, some months of one year, or from one month to another.

    A name with two years means all from the first to the last; a single month named beside one year is that month.
    """
    name = folded(stem)
    named = [(int(year), int(month)) for year, month in [*_MONTH.findall(name), *_YEAR_MONTH.findall(name)]]
    if len(named) > 1 or (named and _MONTH.search(name)):
        low, high = min(named), max(named)
        return frozenset(range(low[0] * 12 + low[1], high[0] * 12 + high[1] + 1))
    years = [int(y) for y in _YEAR.findall(name)]
    years += [read.value.year for m in _WAREKI.finditer(name.lower()) if (read := day(f"{m[1]}{m[2]}年")).value]
    if not years:
        return frozenset()
    first, last = _within(name) if min(years) == max(years) else (1, 12)
    return frozenset(range(min(years) * 12 + first, max(years) * 12 + last + 1))


def _within(name: str) -> tuple[int, int]:
    """The first and last month that a name says of its one year; 9月末 and 9月まで are everything from January on."""
    half = next((ends for word, ends in _HALVES.items() if word in name), None)
    if half is not None:
        return half
    if (span := _MONTHS.search(name)) is not None:
        return int(span[1]), int(span[2])
    if (one := _ONE_MONTH.search(name)) is not None:
        return (1 if one[2] else int(one[1])), int(one[1])
    return 1, 12


def length_years(
    files: Sequence[Found], period: str, provisional: Sequence[str], table: pd.DataFrame, ledger: Ledger
) -> float:
    """Length of the period that the records cover, in years.

    Parameters
    ----------
    files
        All files of the records.
    period
        ``[crime] period`` of town.toml; it goes before everything else.
    provisional
        Names of files whose headings or name mark them as provisional.
    table
        Table ``incidents``.
    ledger
        Takes the notes ``years_from_dates``, ``period_part_of_year`` and ``records_provisional``, and the question
        ``period_of`` where a provisional file says no months.

    Returns
    -------
    float
        A police file of year y holds what was *recognised* in y, so where every file name carries a year the length
        is the number of different months that the names say. Otherwise it is the span from the first to the last day
        of the accepted rows, both included, in years of ``days_per_year`` (a note says so: records without their
        period's ends are a little short).

    Raises
    ------
    InputError
        ``period_refused``: the period given is none; ``period_unknown``: neither a year in every name nor a day.
    """
    if provisional:
        ledger.note("records_provisional", files=", ".join(provisional))
    said = period
    spans = [of_name(found.path.stem) for found in files]
    vague = [f.name for f, span in zip(files, spans, strict=True) if f.name in provisional and len(span) % 12 == 0]
    if not said and vague:
        said = _asked(vague[0], table, ledger)
    if said:
        if not (given := months(said)):
            raise InputError("period_refused", f"[crime] period {said!r}", role="crime", period=said)
        spans = [given]
    if all(spans):
        covered = frozenset().union(*spans)
        if len(covered) % 12:
            ledger.note("period_part_of_year", months=len(covered), years=round(len(covered) / 12, 3))
        return len(covered) / 12
    return _from_days(table, ledger)


def _asked(file: str, table: pd.DataFrame, ledger: Ledger) -> str:
    """The period of provisional records: proposed is from the first to the last month that their days show."""
    days = table["occurred_on"].dropna()
    proposal = "" if days.empty else f"{days.max().year}-01/{days.max():%Y-%m}"
    return ledger.ask(Question("period_of", "crime", file, proposal, (), {"proposal": proposal}))


def _from_days(table: pd.DataFrame, ledger: Ledger) -> float:
    """From the first to the last day of the rows; a month or a year counts to its end."""
    known: Any = table[["occurred_on", "date_precision"]].dropna(subset=["occurred_on"])
    if known.empty:
        raise InputError("period_unknown", "no year in the file names and no dates", role="crime")
    first = known["occurred_on"].min()
    last = max(
        last_day(part["occurred_on"].max().date(), str(precision))
        for precision, part in known.groupby("date_precision")
    )
    length = ((last - first.date()).days + 1) / assumptions.number("days_per_year")
    ledger.note("years_from_dates", first=str(first.date()), last=str(last), years=round(length, 3))
    return float(length)
