"""What today's cameras see, as intervals; which could go; where nobody sees anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from planner.plan import Plan
from planner.show import markup
from planner.show.table import Column, Kind, Table
from planner.show.words import Words, safe
from planner.text import Language

Gaps = Mapping[str, Any]  # "areas": area_id -> [place, unseen], offences a year
TodayPartName = Literal["before", "cameras", "spare", "repairs"]
MOST_AREAS = 50


def _head(words: Words, key: str, kind: Kind = "text") -> Column:
    return Column(words.say(f"today.{key}"), kind, key)


def before(plan: Plan, words: Words) -> Table:
    """By offence what today's cameras see together: lowest, assumed, highest."""
    heads = (_head(words, "offence"), *(_head(words, k, "offences") for k in ("low", "assumed", "high")))
    if plan.today is None:
        return Table("before", heads, ())
    body = tuple(
        (words.offence(o.offence_group), o.low_per_year, o.assumed_per_year, o.high_per_year)
        for o in plan.today.offences
    )
    ends = ("low_per_year", "assumed_per_year", "high_per_year")
    sums = (words.say("show.total"), *(sum(getattr(o, end) for o in plan.today.offences) for end in ends))
    return Table("before", heads, body, (sums,))


def cameras(plan: Plan, words: Words) -> Table:
    """Each camera of today: what it sees as an interval, what is lost without it, what nobody told."""
    kinds: tuple[tuple[str, Kind], ...] = (
        ("camera_id", "text"), ("low", "offences"), ("assumed", "offences"), ("high", "offences"),
        ("alone", "offences"), ("unknown", "text"),
    )  # fmt: skip
    heads = tuple(_head(words, *k) for k in kinds)
    found = [] if plan.today is None else plan.today.cameras
    body = tuple(
        (
            c.camera_id,
            c.low_per_year,
            c.assumed_per_year,
            c.high_per_year,
            c.alone_per_year,
            words.join([words.say(f"today.unknown_{name}") for name in c.unknown]),
        )
        for c in found
    )
    return Table("cameras", heads, body)


def spare(plan: Plan, words: Words) -> Table:
    """Cameras of ours whose removal would lose next to nothing, smallest loss first."""
    table = cameras(plan, words)
    rows = {row[0]: row for row in table.rows}
    named = [] if plan.today is None else plan.today.spare
    return Table("spare", table.columns, tuple(rows[c] for c in named))


def repairs(plan: Plan, words: Words) -> Table:
    """Broken cameras of ours, whose they are and what each would add once repaired; most first (P32)."""
    heads = (
        _head(words, "camera_id"),
        _head(words, "owner"),
        _head(words, "gain", "offences"),
        _head(words, "decision"),
    )
    known = {c.camera_id: c for c in plan.standing}
    found = [] if plan.today is None else plan.today.repairs
    body = tuple(
        (r.camera_id, known[r.camera_id].owner, r.gain_per_year, words.coded("kind", known[r.camera_id].decision))
        for r in found
    )
    return Table("repairs", heads, body)


def today_part(plan: Plan, name: TodayPartName, language: Language) -> str:
    """One part about today's cameras as HTML."""
    words = Words(language)
    if plan.today is None:
        return f"<p>{safe(words.say('today.not_kept'))}</p>"
    if name == "before":
        now = plan.today
        shares = {k: words.percent(getattr(now, f"covered_share_{k}"), 2) for k in ("low", "assumed", "high")}
        return f"<p>{safe(words.say('today.share', **shares))}</p>" + markup.table(words, before(plan, words))
    if name == "repairs":
        told = words.say("today.repairs_intro", number=len(plan.today.repairs))
        return f"<p>{safe(told)}</p>" + markup.table(words, repairs(plan, words), small=True)
    if name == "spare":
        told = words.say("today.spare_intro", limit=f"{plan.today.spare_per_year:g}", number=len(plan.today.spare))
        return f"<p>{safe(told)}</p>" + markup.table(words, spare(plan, words), small=True)
    return markup.table(words, cameras(plan, words), small=True)


def gaps(plan: Plan, found: Gaps, words: Words) -> Table:
    """Blocks by what nobody sees today, most first."""
    heads = (
        _head(words, "area_id"),
        _head(words, "area"),
        *(_head(words, k, "offences") for k in ("place", "unseen")),
        _head(words, "unseen_share", "share"),
    )
    names = {a.area_id: a.name for a in plan.areas}
    ordered = sorted(found["areas"].items(), key=lambda item: (-item[1][1], item[0]))[:MOST_AREAS]
    body = tuple((a, names.get(a, ""), place, lost, lost / place if place > 0 else 0.0) for a, (place, lost) in ordered)
    return Table("gaps", heads, body)


def gaps_part(plan: Plan, found: Gaps, language: Language) -> str:
    """That table as HTML, with the sum over the town."""
    words = Words(language)
    place, lost = (sum(v[n] for v in found["areas"].values()) for n in (0, 1))
    told = words.say("today.gaps_sum", unseen=f"{lost:,.1f}", place=f"{place:,.1f}", most=MOST_AREAS)
    return f"<p>{safe(told)}</p>" + markup.table(words, gaps(plan, found, words), small=True)
