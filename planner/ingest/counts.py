"""Count tables: recorded offences per area, offence and period, for what comes without records.

Nothing counts twice: an offence that comes by records is taken from the records; a part (空き巣) goes before its whole
(侵入窃盗計), of which only the rest is kept; totals never count.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from planner import frames
from planner.frames import Tally, Town
from planner.ingest.crosstab import Figure, Layout, lay_out
from planner.ingest.forms import resolved
from planner.ingest.geocode import Geocoder
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec
from planner.ingest.paths import Found, find
from planner.ingest.sources import open_table
from planner.ingest.spans import Period
from planner.ingest.tables import to_frame
from planner.ingest.vocabulary import Word, asked, kin

_SHOWN = 10

Place = tuple[str, Period]  # an area_id, or "?" and the label of a row that names none


@dataclass
class _Gathered:
    """Figures of all files so far: place -> word -> number."""

    numbers: dict[Place, dict[str, int]] = field(default_factory=dict)
    meanings: dict[str, Word] = field(default_factory=dict)
    unplaced: Counter[str] = field(default_factory=Counter)
    doubles: int = 0


def _place(figure: Figure, geocoder: Geocoder) -> Place:
    area = geocoder.by_name(figure.area) if figure.area else ""
    return (area or f"?{figure.area}", figure.period)


def _verdict(used: list[Figure], before: list[int | None], *, doubled: bool) -> str:
    """What becomes of a row: "" taken, ``duplicate``, or the reason why it is set aside."""
    if not used:
        return "double_count" if doubled else "offence_unused"
    if any(b is not None and b != f.number for b, f in zip(before, used, strict=True)):
        return "id_repeated"
    return "duplicate" if all(b is not None for b in before) else ""


def _take(layout: Layout, geocoder: Geocoder, by_records: frozenset[str], gathered: _Gathered) -> dict[int, str]:
    """Add a file's figures; per row its verdict ("" where it is taken)."""
    verdicts = dict(layout.reasons)
    by_row: dict[int, list[Figure]] = {}
    for figure in layout.figures:
        by_row.setdefault(figure.at, []).append(figure)
    for at, figures in by_row.items():
        ours = [f for f in figures if layout.meanings[f.word].offence]
        doubles = [f for f in ours if layout.meanings[f.word].offence in by_records]
        gathered.doubles += len(doubles)
        used = [f for f in ours if layout.meanings[f.word].offence not in by_records]
        places = [_place(f, geocoder) for f in used]
        before = [
            None if place[0].startswith("?") else gathered.numbers.get(place, {}).get(f.word)
            for f, place in zip(used, places, strict=True)
        ]
        verdict = _verdict(used, before, doubled=bool(doubles))
        verdicts[at] = verdict
        if verdict:
            continue
        # words of no offence of ours are kept too: they lessen the whole that they are a part of
        for figure in figures:
            if figure not in doubles:
                place = _place(figure, geocoder)
                words = gathered.numbers.setdefault(place, {})
                words[figure.word] = figure.number + (words.get(figure.word, 0) if place[0][:1] == "?" else 0)
        for figure, place in zip(used, places, strict=True):
            if place[0].startswith("?") and figure.number:
                gathered.unplaced[figure.area] += figure.number
    gathered.meanings |= layout.meanings
    return verdicts


def _read_file(
    found: Found,
    spec: RoleSpec,
    town: Town,
    geocoder: Geocoder,
    by_records: frozenset[str],
    gathered: _Gathered,
    ledger: Ledger,
) -> None:
    """One file's figures into ``gathered``.

    Raises
    ------
    InputError
        The faults of `texts.read_text` and `crosstab.lay_out`.
    """
    rows = open_table(found, spec, ledger)
    spec = resolved(rows, spec, ledger)
    layout = lay_out(rows, spec, town, geocoder, ledger)
    for word in dict.fromkeys(f.word for f in layout.figures):
        if word not in layout.meanings:
            layout.meanings[word] = asked(word, "counts", found.name, ledger) if word else Word("")
    verdicts = _take(layout, geocoder, by_records, gathered)
    taken = Counter(verdicts.values())
    kept_apart = {"", "duplicate", "outside"}
    aside = [(rows.lines[at], why, rows.text(at)) for at, why in sorted(verdicts.items()) if why not in kept_apart]
    aside = list(rows.odd) + aside
    ledger.set_aside("counts", found.name, aside)
    counted = (rows.rows, taken[""], len(aside), taken["duplicate"], taken["outside"])
    ledger.tallies.append(Tally("counts", found.name, found.sha256, *counted, rows.encoding, spec.note))


def _offences(words: dict[str, int], meanings: dict[str, Word]) -> tuple[Counter[str], list[str]]:
    """Numbers by offence, each whole without the parts that stand beside it; wholes smaller than their parts."""
    rest = dict(words)
    for word, number in words.items():
        whole = next((w for w in meanings[word].part_of if w in words), None)
        if whole is not None:
            rest[whole] -= number
    counted: Counter[str] = Counter()
    for word, number in rest.items():
        offence = meanings[word].offence
        if offence and (number > 0 or word not in {w for v in words for w in meanings[v].part_of}):
            counted[offence] += max(number, 0)
    return counted, [word for word, number in rest.items() if number < 0 and meanings[word].offence]


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
        Takes tallies, rows set aside, notes (``counts_ignored_double``, ``counts_unplaced``, ``counts_parts_exceed``,
        ``counts_periods_overlap``) and faults of files.

    Returns
    -------
    DataFrame
        Table ``counts``; ``area_id`` "" sums what lies somewhere in the city.
    """
    gathered = _Gathered()
    records = kin(by_records)
    for found in find(folder, "counts", spec.patterns, literal=spec.literal):
        with ledger.gathering():
            _read_file(found, spec, town, geocoder, records, gathered, ledger)
    if gathered.doubles:
        ledger.note("counts_ignored_double", number=gathered.doubles)
    if gathered.unplaced:
        listed = "、".join(f"{name or '-'} {count}" for name, count in gathered.unplaced.most_common(_SHOWN))
        ledger.note("counts_unplaced", number=gathered.unplaced.total(), names=listed)
    rows: Counter[tuple[str, str, Period]] = Counter()
    exceeded: Counter[str] = Counter()
    for (area, when), numbers in gathered.numbers.items():
        counted, smaller = _offences(numbers, gathered.meanings)
        exceeded.update(smaller)
        for offence, number in counted.items():
            rows["" if area.startswith("?") else area, offence, when] += number
    if exceeded:
        ledger.note("counts_parts_exceed", number=exceeded.total(), names="、".join(exceeded))
    _note_overlaps({when for _, _, when in rows}, ledger)
    values: dict[str, list[Any]] = {
        "area_id": [area for area, _, _ in rows],
        "offence": [offence for _, offence, _ in rows],
        "period": [str(when) for _, _, when in rows],
        "years": [when.years for _, _, when in rows],
        "number": list(rows.values()),
    }
    checked: pd.DataFrame = frames.check("counts", to_frame("counts", values, None, town.epsg))
    return checked


def _note_overlaps(periods: set[Period], ledger: Ledger) -> None:
    """Periods that share months: each is divided by its own length, so that nothing is doubled, but the same cases may be told twice."""
    ordered = sorted(periods)
    pairs = [(a, b) for n, a in enumerate(ordered) for b in ordered[n + 1 :] if b.first <= a.last]
    if pairs:
        ledger.note("counts_periods_overlap", first=str(pairs[0][0]), second=str(pairs[0][1]), number=len(pairs))
