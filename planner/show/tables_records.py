"""Tables of what the records say (``risk.describe``): hours, weekdays, places, years, changes, near repeats."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from planner.assumptions import number, rows
from planner.show import markup
from planner.show.table import Column, Kind, Table, written
from planner.show.words import Words, safe
from planner.text import Language, knows

Records = Mapping[str, Sequence[Mapping[str, Any]]]  # rows of each table of ``frames.Profile``
RecordsName = Literal["hours", "weekdays", "places", "years", "changes", "changes_areas", "near_repeats", "reporting"]
UNKNOWN = -1
_BAND_HOURS = 3  # the start is often a guess of the victim's: finer bands would promise more than is known
_MOST_AREAS = 20


def _cross(
    counted: Sequence[Mapping[str, Any]],
    words: Words,
    name: str,
    key: Callable[[Mapping[str, Any]], Any],
    heads: Sequence[Any],
) -> Table:
    """Offences down, values of ``key`` across, with sums."""
    offences = list(dict.fromkeys(str(row["offence_group"]) for row in counted))
    numbers = {offence: dict.fromkeys(heads, 0) for offence in offences}
    for row in counted:
        numbers[str(row["offence_group"])][key(row)] += int(row["number"])
    columns = (
        Column(words.say("column.offence"), "text", "offence"),
        *(Column(_head(words, name, head), "whole", f"{head}") for head in heads),
        Column(words.say("show.total"), "whole", "total"),
    )
    body = tuple((words.offence(o), *numbers[o].values(), sum(numbers[o].values())) for o in offences)
    sums = tuple(sum(column) for column in zip(*(row[1:] for row in body), strict=True))
    return Table(name, columns, body, ((words.say("show.total"), *sums),) if body else ())


def _head(words: Words, name: str, head: Any) -> str:
    if head == UNKNOWN:
        return words.say("show.unknown")
    if name == "hours":
        return words.say("records.hours", first=head, last=head + _BAND_HOURS - 1)
    if name == "weekdays":
        return words.say(f"records.weekday_{head}")
    if name == "places":
        names = {row["place_kind"]: row[f"name_{words.language}"] for row in rows("place_kinds")}
        return names.get(head, words.say("show.unknown"))
    return f"{head}"


def _known(values: Sequence[Any]) -> list[Any]:
    """Values in order, the unknown last where there is one."""
    return sorted(set(values) - {UNKNOWN}) + ([UNKNOWN] if UNKNOWN in values else [])


def hours(records: Records, words: Words) -> Table:
    """Offences by the hour of their start, in bands."""

    def band(row: Mapping[str, Any]) -> int:
        return UNKNOWN if row["hour"] == UNKNOWN else int(row["hour"]) // _BAND_HOURS * _BAND_HOURS

    return _cross(records["profile_hours"], words, "hours", band, [*range(0, 24, _BAND_HOURS), UNKNOWN])


def weekdays(records: Records, words: Words) -> Table:
    """Offences by the weekday of their start."""
    return _cross(records["profile_weekdays"], words, "weekdays", lambda row: row["weekday"], [*range(7), UNKNOWN])


def places(records: Records, words: Words) -> Table:
    """Offences by the kind of place."""
    counted = records["profile_places"]
    kinds = list(
        dict.fromkeys(sorted((str(row["place_kind"]) for row in counted), key=lambda k: k in ("other", "unknown")))
    )
    return _cross(counted, words, "places", lambda row: row["place_kind"], kinds)


def years(records: Records, words: Words) -> Table:
    """Offences by calendar year and by fiscal year, side by side, each labelled (P21)."""
    counted = records["profile_years"]
    parts = []
    for name in ("calendar_year", "fiscal_year"):
        table = _cross(counted, words, name, lambda row, n=name: row[n], _known([row[name] for row in counted]))  # type: ignore[misc]
        heads = tuple(
            Column(
                c.heading if c.key in ("total", str(UNKNOWN)) else words.say(f"records.{name}", year=c.heading),
                c.kind,
                c.key,
            )
            for c in table.columns[1:]
        )
        parts.append((table, heads))
    (calendar, first), (fiscal, second) = parts
    columns = (calendar.columns[0], *first, *second[:-1])
    body = tuple((*a, *b[1:-1]) for a, b in zip(calendar.rows, fiscal.rows, strict=True))
    sums = tuple((*a, *b[1:-1]) for a, b in zip(calendar.totals, fiscal.totals, strict=True))
    return Table("years", columns, body, sums)


_CHANGES: list[tuple[str, Kind]] = [
    ("last_year", "whole"),
    ("before_per_year", "number"),
    ("change_ratio", "text"),
    ("change_interval", "text"),
    ("change_verdict", "text"),
]


def _change(row: Mapping[str, Any], words: Words) -> tuple[Any, ...]:
    """Last year beside the years before, and whether chance alone explains the difference."""
    ends = [words.say("records.times", ratio=_times(row[k])) for k in ("ratio", "low_ratio", "high_ratio")]
    settled = row["false_discovery_share"] < _SETTLED
    word = ("up" if row["ratio"] > 1 else "down") if settled else "open"
    return (
        row["last_year_number"],
        row["before_per_year"],
        ends[0],
        words.say("records.between", low=ends[1], high=ends[2]),
        words.say(f"records.change_{word}"),
    )


_SETTLED = 0.05  # share of false discoveries that is borne: the usual five of a hundred


def _times(ratio: float) -> str:
    return "∞" if math.isinf(ratio) else f"{ratio:.2f}"


def changes(records: Records, words: Words) -> Table:
    """Change of the last full year by offence."""
    found = [r for r in records["profile_changes"] if r["level"] == "offence" and not _empty(r)]
    body = [(words.offence(r["id"]), *_change(r, words)) for r in found]
    return Table.of(words, "changes", [("offence", "text"), *_CHANGES], body)


def changes_areas(records: Records, words: Words, names: Mapping[str, str]) -> Table:
    """Change of the last full year by block, the least likely chance first."""
    found = [r for r in records["profile_changes"] if r["level"] == "area" and not _empty(r)]
    first = sorted(found, key=lambda r: (r["chance_share"], r["id"]))[:_MOST_AREAS]
    body = [(names.get(r["id"], r["id"]), *_change(r, words)) for r in first]
    return Table.of(words, "changes_areas", [("area", "text"), *_CHANGES], body)


def _empty(row: Mapping[str, Any]) -> bool:
    return not row["last_year_number"] and not row["before_per_year"]


def reporting(records: Records, words: Words) -> Table:
    """First blocks that change when one district reports differently."""
    columns: list[tuple[str, Kind]] = [
        ("district", "text"),
        ("rate", "number"),
        ("top_blocks", "whole"),
        ("changed_blocks", "whole"),
    ]
    body = [
        (words.district(r["district_id"]), r["rate"], r["top_blocks"], r["changed_blocks"])
        for r in records["reporting_rates"]
    ]
    return Table.of(words, "reporting", columns, body)


def near_repeats(records: Records, words: Words) -> Table:
    """Knox test by offence."""
    columns: list[tuple[str, Kind]] = [
        ("offence", "text"),
        ("near_in_space", "text"),
        ("records", "whole"),
        ("near_pairs", "whole"),
        ("near_expected", "number"),
        ("near_verdict", "text"),
    ]
    body = [
        (
            words.offence(r["offence_group"]),
            words.say(f"records.near_{r['precision']}", metres=number("near_repeat_m")),
            r["number"],
            r["pairs"],
            r["expected_pairs"],
            words.say("records.near_yes" if r["chance_share"] < _SETTLED else "records.near_no"),
        )
        for r in records["near_repeats"]
    ]
    return Table.of(words, "near_repeats", columns, body)


def records_part(records: Records, name: RecordsName, names: Mapping[str, str], language: Language) -> str:
    """One table as HTML, with its heading and the sentence that says what it is not; "" without rows."""
    words = Words(language)
    table = _made(records, name, names, words)
    if not table.rows:
        return ""
    intro = f"records.intro_{name}"
    told = f'<p class="soft">{safe(words.say(intro, days=number("near_repeat_days")))}</p>' if knows(intro) else ""
    return f"<h4>{safe(words.say(f'records.section_{name}'))}</h4>{told}{markup.table(words, table, small=True)}"


def records_lines(
    records: Records, names: Mapping[str, str], language: Language
) -> list[tuple[str, list[str], list[list[str]]]]:
    """Every table as text: heading, column headings, lines."""
    words = Words(language)
    found = []
    for name in ("hours", "weekdays", "places", "years", "changes", "changes_areas", "near_repeats", "reporting"):
        table = _made(records, name, names, words)
        lines = [[written(words, c.kind, v) for c, v in zip(table.columns, row, strict=True)] for row in table.rows]
        found.append((words.say(f"records.section_{name}"), [c.heading for c in table.columns], lines))
    return found


def _made(records: Records, name: str, names: Mapping[str, str], words: Words) -> Table:
    return changes_areas(records, words, names) if name == "changes_areas" else _TABLES[name](records, words)


_TABLES: Mapping[str, Callable[[Records, Words], Table]] = {
    "hours": hours,
    "weekdays": weekdays,
    "places": places,
    "years": years,
    "changes": changes,
    "near_repeats": near_repeats,
    "reporting": reporting,
}
