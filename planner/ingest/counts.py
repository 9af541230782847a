"""Count tables: recorded offences per area, offence and period, for what comes without records."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd

from planner import frames
from planner.frames import Tally, Town
from planner.ingest import words
from planner.ingest.columns import column_fault, pick
from planner.ingest.forms import resolved
from planner.ingest.geocode import Geocoder
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec
from planner.ingest.names import TOTALS
from planner.ingest.paths import Found, find
from planner.ingest.records import offence_words
from planner.ingest.sources import open_table
from planner.ingest.tables import to_frame

_PERIOD = re.compile(r"(\d{4})(?:[-年](\d{1,2})月?|年度?)?")
_COLUMNS = ("area", "offence", "period", "number")
_SHOWN = 10

Key = tuple[str, str, str]


def period_years(text: str) -> tuple[float, str]:
    """Length of a period in years: ``2023``, ``2023-01``, ``2023-04/2024-03`` (both ends included).

    Returns
    -------
    tuple
        Years and a reason (``period_unreadable``) or "".
    """
    ends = [_PERIOD.fullmatch(part.strip()) for part in re.split(r"[/〜~]", text) if part.strip()]
    if not 1 <= len(ends) <= 2 or any(end is None for end in ends):
        return 0.0, "period_unreadable"
    months: list[tuple[int, int]] = []  # first and last month of each part, counted from year 0
    for end in ends:
        if end is None:
            continue
        year, month = int(end[1]), int(end[2]) if end[2] else None
        if month is not None and not 1 <= month <= 12:
            return 0.0, "period_unreadable"
        months.append((year * 12 + (month or 1), year * 12 + (month or 12)))
    length = months[-1][1] - months[0][0] + 1
    return (length / 12, "") if length > 0 else (0.0, "period_unreadable")


def _whole(text: str) -> tuple[int | None, str]:
    """A count: a whole number, 0 or more, that must be there."""
    value, reason = words.whole(text)
    if reason or value is None:
        return None, reason or "value_missing"
    return value, "" if value >= 0 else "out_of_range"


def _read_file(
    found: Found,
    spec: RoleSpec,
    geocoder: Geocoder,
    by_records: frozenset[str],
    rows_out: dict[Key, tuple[float, int]],
    unplaced: Counter[str],
    ledger: Ledger,
) -> int:
    """One file's rows into ``rows_out``; the number of rows set aside because records hold the offence.

    Raises
    ------
    InputError
        ``column_missing`` and the faults of `texts.read_text`.
    """
    rows = open_table(found, spec, ledger)
    spec = resolved(rows, spec, ledger)
    cells = {our: pick(rows, "counts", our, spec.columns) for our in _COLUMNS}
    lacking = [our for our, column in cells.items() if column is None]
    if lacking:
        raise column_fault(rows, "counts", lacking)
    known = offence_words()
    areas, offences, periods, numbers = (cells[our] or [] for our in _COLUMNS)
    years, why_years = words.parse_each(periods, period_years)
    values, why_values = words.parse_each(numbers, _whole)
    aside = list(rows.odd)
    doubles = duplicates = accepted = 0
    mine: dict[Key, tuple[float, int]] = {}
    for at, line in enumerate(rows.lines):
        offence = known.get(offences[at].lower(), "")
        area = geocoder.by_name(areas[at]) if areas[at] else ""
        reason = why_years[at] or why_values[at] or ("" if offence else "offence_unknown")
        if not area and TOTALS.fullmatch(areas[at]):
            reason = "total_row"
        elif not reason and offence in by_records:
            reason = "double_count"
            doubles += 1
        key = (area, offence, periods[at])
        row = (float(years[at]), int(values[at] or 0))
        before = mine.get(key, rows_out.get(key)) if area else None
        if not reason and before is not None:
            if before == row:
                duplicates += 1
                continue
            reason = "id_repeated"
        if reason:
            aside.append((line, reason, rows.text(at)))
            continue
        accepted += 1
        if not area:
            unplaced[areas[at]] += row[1]
            row = (row[0], row[1] + mine.get(key, rows_out.get(key, (0.0, 0)))[1])  # one row for all of the city
        mine[key] = row
    rows_out.update(mine)
    ledger.set_aside("counts", found.name, aside)
    counted = (rows.rows, accepted, len(aside), duplicates, 0)
    ledger.tallies.append(Tally("counts", found.name, found.sha256, *counted, rows.encoding, spec.note))
    return doubles


def read_counts(
    folder: Path, spec: RoleSpec, town: Town, geocoder: Geocoder, by_records: frozenset[str], ledger: Ledger
) -> pd.DataFrame:
    """Table ``counts``; where records hold an offence they win and its count rows are set aside.

    Parameters
    ----------
    folder, spec, town
        The town folder, the ``[counts]`` table, the municipality.
    geocoder
        Finds the areas of names.
    by_records
        Offences that come by records.
    ledger
        Takes tallies, rows set aside, notes (``counts_ignored_double``, ``counts_unplaced``) and faults of files.

    Returns
    -------
    DataFrame
        Table ``counts``; ``area_id`` "" sums what lies somewhere in the city.
    """
    rows: dict[Key, tuple[float, int]] = {}
    unplaced: Counter[str] = Counter()
    doubles = 0
    for found in find(folder, "counts", spec.patterns, literal=spec.literal):
        with ledger.gathering():
            doubles += _read_file(found, spec, geocoder, by_records, rows, unplaced, ledger)
    if doubles:
        ledger.note("counts_ignored_double", number=doubles)
    if unplaced:
        listed = "、".join(f"{name or '-'} {count}" for name, count in unplaced.most_common(_SHOWN))
        ledger.note("counts_unplaced", number=sum(unplaced.values()), names=listed)
    values: dict[str, list[Any]] = {
        "area_id": [k[0] for k in rows],
        "offence": [k[1] for k in rows],
        "period": [k[2] for k in rows],
        "years": [v[0] for v in rows.values()],
        "number": [v[1] for v in rows.values()],
    }
    checked: pd.DataFrame = frames.check("counts", to_frame("counts", values, None, town.epsg))
    return checked
