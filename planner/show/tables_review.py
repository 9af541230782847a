"""Tables of answers: per site what each station says, what could not be read, what differs from before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np

from planner.errors import Note
from planner.plan import Plan, remark
from planner.show import markup, shapes, spreadsheets
from planner.show.advising import thing_name
from planner.show.marked import about, marked
from planner.show.table import Kind, Table
from planner.show.tables_records import Records
from planner.show.words import Words, sentence
from planner.text import Language


class Opinion(Protocol):
    """An answer as the store keeps it."""

    @property
    def site_id(self) -> str: ...  # noqa: D102 - columns of the store's table ``reviews``
    @property
    def opinion(self) -> str: ...  # noqa: D102
    @property
    def comment(self) -> str: ...  # noqa: D102
    @property
    def station(self) -> str: ...  # noqa: D102
    @property
    def answered_on(self) -> str: ...  # noqa: D102


class Placed(Opinion, Protocol):
    """An answer that may suggest a place."""

    @property
    def east_m(self) -> float | None: ...  # noqa: D102 - as above
    @property
    def north_m(self) -> float | None: ...  # noqa: D102


class Suggested(Protocol):
    """A proposal as ``reviewing.proposals`` makes it."""

    @property
    def kind(self) -> str: ...  # noqa: D102 - as there
    @property
    def site(self) -> str: ...  # noqa: D102
    @property
    def answer(self) -> Opinion: ...  # noqa: D102
    @property
    def distance_m(self) -> float | None: ...  # noqa: D102


def proposal_sentence(plan: Plan, proposal: Suggested, language: Language) -> str:
    """What an answer suggests, and why: whom, where, what they said."""
    words = Words(language)
    key = f"review.propose_{proposal.kind}" + ("" if proposal.distance_m is None else "_near")
    metres = "" if proposal.distance_m is None else f"{proposal.distance_m:,.0f}"
    said = words.join(
        [part for part in (words.coded("opinion", proposal.answer.opinion), proposal.answer.comment) if part]
    )
    return words.say(
        key, station=proposal.answer.station, said=said, site=thing_name(plan, proposal.site, language), metres=metres
    )


def sites_seeing(plan: Plan, offence_group: str, site_ids: Sequence[str]) -> list[str]:
    """The sites among ``site_ids`` that film where an offence is expected, most first; all in their order where it is ""."""
    if not offence_group:
        return list(site_ids)
    seen = {s.site_id: s.in_view_per_year.get(offence_group, 0.0) for s in plan.sites}
    return sorted((i for i in site_ids if seen.get(i, 0.0) > 0), key=lambda i: -seen[i])


def starts_sentence(records: Records, offence_group: str, first: int, last: int, language: Language) -> str:
    """How many of the records began from hour ``first`` up to the end of hour ``last`` (over midnight too): starts only."""
    words = Words(language)
    counted = [r for r in records["profile_hours"] if offence_group in ("", str(r["offence_group"]))]
    known = sum(int(r["number"]) for r in counted if int(r["hour"]) >= 0)
    hours = range(first, last + 1) if first <= last else [*range(first, 24), *range(last + 1)]
    within = sum(int(r["number"]) for r in counted if int(r["hour"]) in hours)
    unknown = sum(int(r["number"]) for r in counted if int(r["hour"]) < 0)
    share = words.percent(within / known) if known else words.none
    name = words.offence(offence_group) if offence_group else words.say("app.risk.all")
    return words.say(
        "review.starts",
        offence=name,
        first=first,
        last=last + 1,
        within=f"{within:,}",
        share=share,
        unknown=unknown,
    )


def reviews_part(
    plan: Plan,
    known: Sequence[Opinion],
    site_ids: Sequence[str],
    language: Language,
    offence_group: str = "",
    earlier: Sequence[tuple[int, Opinion]] = (),
) -> str:
    """Every site asked about with the latest answer of each station, and the places that were suggested.

    ``earlier``: number of an earlier version and an answer to it. One to a site that is the same still (its number says so) stands
    below what is said of it now, as long as its station has not answered anew.
    """
    words = Words(language)
    latest: dict[tuple[str, str], Opinion] = {}
    for answer in known:  # in the order received
        if answer.site_id:
            latest[answer.site_id, answer.station] = answer
    columns: list[tuple[str, Kind]] = [
        ("rank", "whole"),
        ("priority", "text"),
        ("site", "text"),
        ("police_station", "text"),
        ("in_view", "offences"),
        ("opinion", "text"),
        ("comment", "text"),
        ("station", "text"),
        ("answered_on", "text"),
        ("answered_version", "text"),
    ]
    rows: list[tuple[str | float | None, ...]] = []
    before = {(a.site_id, a.station): (number, a) for number, a in earlier if a.site_id}
    sites = {s.site_id: s for s in plan.sites}
    for name in site_ids:
        site = sites[name]
        seen = site.in_view_per_year.get(offence_group, 0.0) if offence_group else sum(site.in_view_per_year.values())
        where = (site.rank, site.priority, thing_name(plan, name, language), plan.police_station(site), seen)
        said = [a for (about, _), a in latest.items() if about == name]
        now = words.say("review.this_version")
        told = [(*where, *_said(a, words), now) for a in said]
        told += [
            (*where, *_said(a, words), words.say("review.version", number=number))
            for (about, station), (number, a) in before.items()
            if about == name and (name, station) not in latest
        ]
        rows += told or [(*where, None, None, None, None, None)]
    placed = words.say("show.suggested")
    rows += [(None, "", placed, "", None, *_said(a, words), None) for a in known if not a.site_id]
    table = Table.of(words, "reviews", columns, rows).without_empty("police_station")
    return markup.table(words, table if before else table.without("answered_version"), small=True)


def opinions(plan: Plan, answers: Sequence[tuple[int, Placed]], words: Words) -> Table:
    """Every answer as it was received, with the number of the version that it is to: what a file keeps (police only)."""
    columns: list[tuple[str, Kind]] = [
        ("version", "whole"),
        ("id", "text"),
        ("site", "text"),
        ("police_station", "text"),
        ("opinion", "text"),
        ("comment", "text"),
        ("station", "text"),
        ("answered_on", "text"),
        ("lon", "number"),
        ("lat", "number"),
    ]
    sites = {s.site_id: s for s in plan.sites}
    metres = [(a.east_m, a.north_m) for _, a in answers if a.east_m is not None and a.north_m is not None]
    degrees = iter(shapes.lonlat(plan.town.epsg, np.array(metres, dtype=float).reshape(-1, 2)).tolist())
    rows = []
    for number, a in answers:
        site = sites.get(a.site_id)
        name = thing_name(plan, a.site_id, words.language) if a.site_id else words.say("show.suggested")
        lon, lat = (None, None) if a.east_m is None or a.north_m is None else next(degrees)
        rows.append((number, a.site_id, name, plan.police_station(site) if site else "", *_said(a, words), lon, lat))
    return Table.of(words, "reviews", columns, rows)


def opinions_csv(
    plan: Plan, answers: Sequence[tuple[int, Placed]], language: Language = "ja", audit_sha256: str = ""
) -> bytes:
    """``opinions`` as CSV, marked 警察限り."""
    words = Words(language)
    table = marked(opinions(plan, answers, words), plan, words, audit_sha256, "show.police_mark")
    return spreadsheets.csv_bytes(table)


def opinions_book(
    plan: Plan, answers: Sequence[tuple[int, Placed]], language: Language = "ja", audit_sha256: str = ""
) -> bytes:
    """The same as a workbook; the last sheet says of which plan."""
    words = Words(language)
    sheets = [
        ("review", [opinions(plan, answers, words)]),
        ("about", [about(plan, words, audit_sha256, "show.police_mark")]),
    ]
    return spreadsheets.book_bytes(plan, words, sheets, words.say("show.police_mark"))


def disagreements_part(plan: Plan, pairs: Iterable[tuple[Opinion, Opinion]], language: Language) -> str:
    """Sites of which two stations say opposite things."""
    words = Words(language)
    columns: list[tuple[str, Kind]] = [
        ("site", "text"),
        ("station", "text"),
        ("opinion", "text"),
        ("comment", "text"),
        ("answered_on", "text"),
    ]
    rows = []
    for pair in pairs:
        for a in pair:
            opinion, comment, station, day = _said(a, words)
            rows.append((thing_name(plan, a.site_id, language), station, opinion, comment, day))
    return markup.table(words, Table.of(words, "disagreements", columns, list(dict.fromkeys(rows))), small=True)


def conflicts_part(plan: Plan, pairs: Iterable[tuple[Opinion, Opinion]], language: Language) -> str:
    """Answers that differ from the same station's earlier ones."""
    words = Words(language)
    columns: list[tuple[str, Kind]] = [
        ("site", "text"),
        ("station", "text"),
        ("earlier", "text"),
        ("now", "text"),
    ]
    rows = [
        (
            thing_name(plan, now.site_id, language),
            now.station,
            words.coded("opinion", before.opinion),
            words.coded("opinion", now.opinion),
        )
        for before, now in pairs
    ]
    return markup.table(words, Table.of(words, "conflicts", columns, rows), small=True)


def problems_part(problems: Sequence[Note], language: Language) -> str:
    """What could not be read, line by line; "" where all could."""
    return markup.bullets([sentence(remark(p), language) for p in problems]) if problems else ""


def _said(answer: Opinion, words: Words) -> tuple[str, str, str, str]:
    return words.coded("opinion", answer.opinion), answer.comment, answer.station, words.day(answer.answered_on)
