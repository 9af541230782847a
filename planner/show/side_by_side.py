"""A/B/C案: several plans of one question side by side, their figures and which site stands in which."""

from __future__ import annotations

from collections.abc import Sequence

from planner.frames import PAYERS
from planner.plan import Plan
from planner.show import markup, spreadsheets
from planner.show.marked import about
from planner.show.table import Column, Kind, Table, written
from planner.show.tables_plan import specification
from planner.show.words import Words
from planner.text import Language

NAMES = ("a", "b", "c")


def figures(plans: Sequence[Plan], words: Words) -> Table:
    """Key figures, one column a plan."""
    rows: list[tuple[str, Kind, list[float]]] = [
        ("figure.value", "offences", [p.value for p in plans]),
        ("figure.bound", "offences", [p.bound for p in plans]),
        ("figure.share_after", "share", [p.covered_share_after for p in plans]),
        ("figure.sites", "whole", [len(p.sites) for p in plans]),
        ("figure.cameras", "whole", [p.cameras for p in plans]),
        ("figure.total_yen", "yen", [p.total_yen for p in plans]),
        *((f"payer.{p}", "yen", [getattr(one.payers, f"{p}_yen") for one in plans]) for p in PAYERS),
        ("figure.running_yen", "yen", [p.running_yen_per_year for p in plans]),
    ]
    heads = (Column(words.say("column.figure"), "text", "figure"), *_heads(plans, words))
    lines = [(words.say(key), *(written(words, kind, value) for value in values)) for key, kind, values in rows]
    gaps = [words.say("show.gap_within", gap=words.gap(p.gap)) for p in plans]
    return Table("three", heads, (*lines[:2], (words.say("figure.gap"), *gaps), *lines[2:]))


def sites(plans: Sequence[Plan], words: Words) -> Table:
    """Every site of any of the plans, what is in all of them first."""
    every = {s.site_id: s for plan in reversed(plans) for s in plan.sites}
    there = {name: [any(s.site_id == name for s in plan.sites) for plan in plans] for name in every}
    columns: list[tuple[str, Kind]] = [
        ("id", "text"),
        ("area", "text"),
        ("address", "text"),
        ("kind", "text"),
        ("specification", "text"),
        ("retention", "days"),
        ("cost", "yen"),
    ]
    rows = [
        (
            name,
            s.area_name,
            s.address,
            words.coded("kind", s.kind),
            specification(s, words),
            s.retention_days,
            s.total_yen,
            *(words.say("scenario.in_it" if inside else "scenario.not_in_it") for inside in there[name]),
        )
        for name, s in sorted(every.items(), key=lambda item: (-sum(there[item[0]]), there[item[0]], item[1].rank))
    ]
    table = Table.of(words, "sites", columns, rows)
    return Table("sites", (*table.columns, *_heads(plans, words)), table.rows)


def _heads(plans: Sequence[Plan], words: Words) -> list[Column]:
    """One heading a plan: its letter and its limit on own money."""
    heads = []
    for letter, plan in zip(NAMES, plans, strict=False):
        limit = plan.setting("budget.own_capital_yen")
        yen = plan.payers.municipality_yen if limit is None else limit
        heads.append(Column(words.say(f"scenario.plan_{letter}", yen=f"{yen:,}"), "text", "case"))
    return heads


def three_book(plans: Sequence[Plan], language: Language, audit_sha256: str = "") -> bytes:
    """Both tables as a workbook; the last sheet says of which plan (the second, B)."""
    words = Words(language)
    sheets = [
        ("three", [figures(plans, words)]),
        ("sites", [sites(plans, words)]),
        ("about", [about(plans[1], words, audit_sha256)]),
    ]
    return spreadsheets.book_bytes(plans[1], words, sheets, words.say("show.mark"))


def side_by_side(plans: Sequence[Plan], language: Language) -> str:
    """Both tables as HTML with everything escaped."""
    words = Words(language)
    return markup.table(words, figures(plans, words)) + markup.table(
        words, sites(plans, words).without("id"), small=True
    )
