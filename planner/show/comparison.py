"""Two plans side by side, in tables: figures, sites added, removed, kept or changed, districts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from planner import plan as document
from planner.frames import PAYERS
from planner.plan import Plan, Site
from planner.show import markup, tables_advice
from planner.show.advising import site_name
from planner.show.mapspec import MapSpec
from planner.show.table import Kind, Table, written
from planner.show.tables_plan import specification
from planner.show.words import Words, safe
from planner.text import Language


def figures(first: Plan, second: Plan, words: Words) -> Table:
    """Key figures of both and what the second changes."""
    rows: list[tuple[str, Kind, float, float]] = [
        ("figure.value", "offences", first.value, second.value),
        ("figure.bound", "offences", first.bound, second.bound),
        ("figure.share_after", "share", first.covered_share_after, second.covered_share_after),
        ("figure.sites", "whole", len(first.sites), len(second.sites)),
        ("figure.cameras", "whole", first.cameras, second.cameras),
        ("figure.total_yen", "yen", first.total_yen, second.total_yen),
        *((f"payer.{p}", "yen", getattr(first.payers, f"{p}_yen"), getattr(second.payers, f"{p}_yen")) for p in PAYERS),
        ("figure.running_yen", "yen", first.running_yen_per_year, second.running_yen_per_year),
    ]
    columns: list[tuple[str, Kind]] = [
        ("figure", "text"),
        ("first", "figure"),
        ("second", "figure"),
        ("difference", "figure"),
    ]
    lines = [
        (words.say(key), _written(words, kind, one), _written(words, kind, two), _change(words, kind, two - one))
        for key, kind, one, two in rows
    ]
    return Table.of(words, "figures", columns, lines)


def _written(words: Words, kind: Kind, value: float) -> str:
    """A figure as the first page has it: shares to a tenth of a percent."""
    return words.percent(value, 1) if kind == "share" else written(words, kind, value)


def _change(words: Words, kind: Kind, change: float) -> str:
    """A difference with its sign."""
    text = _written(words, kind, abs(change))
    same = text in (_written(words, kind, 0), words.none)
    return words.say("show.unchanged") if same else f"{'+' if change > 0 else '−'}{text}"


def sites(first: Plan, second: Plan, words: Words) -> Table:
    """Every place of either plan and what becomes of it: added, moved to, removed, changed (view, device or days) or kept."""
    columns: list[tuple[str, Kind]] = [
        ("becomes", "text"),
        ("site", "text"),
        ("district", "text"),
        ("kind", "text"),
        ("specification", "text"),
        ("retention", "days"),
        ("cost", "yen"),
        ("gain", "offences"),
    ]
    found = sorted(document.fates(first, second), key=lambda pair: document.FATES.index(pair[0]))
    rows = [
        (words.say(f"becomes.{fate}"), *_site(first if fate == "removed" else second, site, words))
        for fate, site in found
    ]
    return Table.of(words, "sites", columns, rows)


def _site(plan: Plan, s: Site, words: Words) -> tuple[Any, ...]:
    return (
        site_name(plan, s.site_id, words),
        words.district(s.district_id),
        words.coded("kind", s.kind),
        specification(s, words),
        s.retention_days,
        s.total_yen,
        s.gain_per_year,
    )


def districts(first: Plan, second: Plan, words: Words) -> Table:
    """Fairness: what each district gets in both, cameras of today included."""
    columns: list[tuple[str, Kind]] = [
        ("district", "text"),
        ("households", "whole"),
        ("standing", "whole"),
        ("cameras_first", "whole"),
        ("cameras_second", "whole"),
        ("share_first", "share"),
        ("share_second", "share"),
        ("per_1000_first", "offences"),
        ("per_1000_second", "offences"),
    ]
    plans = [{d.district_id: d for d in plan.districts} for plan in (first, second)]
    rows = []
    for district in dict.fromkeys([*plans[0], *plans[1]]):  # one that other data have anew stands last
        here = [known.get(district) for known in plans]
        some = next(d for d in here if d is not None)
        thousands = some.households / 1000 if some.households else None
        cameras = [None if d is None else d.cameras for d in here]
        shares = [d.after_per_year / d.place_per_year if d and d.place_per_year > 0 else None for d in here]
        each = [(d.cameras + d.standing) / thousands if d and thousands else None for d in here]
        rows.append((words.district(district), some.households, some.standing, *cameras, *shares, *each))
    return Table.of(words, "districts", columns, rows)


def difference(first: Plan, second: Plan, language: Language) -> dict[str, str]:
    """The comparison as HTML by part: ``figures``, ``sites``, ``districts``, ``changes`` (reasons), ``said`` (what must be known to read it)."""
    words = Words(language)
    told = document.compare(first, second)
    fates = Counter(fate for fate, _ in document.fates(first, second))
    said = [words.say("show.compared", **{fate: fates[fate] for fate in document.FATES})]
    if not told.same_inputs:
        said.append(words.say("show.compared_other_data"))
    if told.changed_settings:
        names = words.join([words.coded("setting", key) for key in told.changed_settings])
        said.append(words.say("show.compared_settings", settings=names))
    return {
        "said": "".join(f"<p>{safe(line)}</p>" for line in said),
        "figures": markup.table(words, figures(first, second, words)),
        "sites": markup.table(words, sites(first, second, words), small=True),
        "districts": markup.table(words, districts(first, second, words), small=True),
        "changes": markup.table(words, tables_advice.changes(first, second, words), small=True),
    }


def same_frame(first: MapSpec, second: MapSpec) -> tuple[MapSpec, MapSpec]:
    """Both maps on one box, so that their scales are equal."""
    boxes = [spec.box for spec in (first, second) if spec.box is not None]
    if not boxes:
        return first, second
    west, south = (min(box[n] for box in boxes) for n in (0, 1))
    east, north = (max(box[n] for box in boxes) for n in (2, 3))
    box = (west, south, east, north)
    return replace(first, box=box), replace(second, box=box)
