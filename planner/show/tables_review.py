"""Tables of answers: per site what each station says, what could not be read, what differs from before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from planner.errors import Note
from planner.plan import Plan, remark
from planner.show import markup
from planner.show.table import Kind, Table
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


def reviews_part(plan: Plan, known: Sequence[Opinion], site_ids: Sequence[str], language: Language) -> str:
    """Every site asked about with the latest answer of each station, and the places that were suggested."""
    words = Words(language)
    latest: dict[tuple[str, str], Opinion] = {}
    for answer in known:  # in the order received
        if answer.site_id:
            latest[answer.site_id, answer.station] = answer
    wanted = set(site_ids)
    columns: list[tuple[str, Kind]] = [
        ("id", "text"),
        ("priority", "text"),
        ("area", "text"),
        ("address", "text"),
        ("opinion", "text"),
        ("comment", "text"),
        ("station", "text"),
        ("answered_on", "text"),
    ]
    rows: list[tuple[str | None, ...]] = []
    for site in plan.sites:
        if site.site_id not in wanted:
            continue
        where = (site.site_id, site.priority, site.area_name, site.address)
        said = [a for (name, _), a in latest.items() if name == site.site_id]
        rows += [(*where, *_said(a, words)) for a in said] or [(*where, None, None, None, None)]
    rows += [("", "", words.say("show.suggested"), "", *_said(a, words)) for a in known if not a.site_id]
    return markup.table(words, Table.of(words, "reviews", columns, rows), small=True)


def conflicts_part(plan: Plan, pairs: Iterable[tuple[Opinion, Opinion]], language: Language) -> str:
    """Answers that differ from the same station's earlier ones."""
    words = Words(language)
    names = {s.site_id: s.area_name for s in plan.sites}
    columns: list[tuple[str, Kind]] = [
        ("id", "text"),
        ("area", "text"),
        ("station", "text"),
        ("earlier", "text"),
        ("now", "text"),
    ]
    rows = [
        (
            now.site_id,
            names.get(now.site_id, ""),
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
