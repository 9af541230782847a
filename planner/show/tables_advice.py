"""Tables of what else could be done: prices of wishes, next-best replacements, answers to requests, places left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from planner.plan import Plan
from planner.plan import changes as plan_changes
from planner.show.advising import (
    advice_of,
    change_sentence,
    exchange_sentence,
    place_name,
    place_sentences,
    request_sentence,
    rules_in_words,
    site_name,
    thing_name,
)
from planner.show.table import Kind, Table
from planner.show.words import Words, two_digits
from planner.text import floor_name


def prices(plan: Plan, words: Words) -> Table:
    """Pins, bans and floors: who asked, when, why, and what each costs in covered offences (P14)."""
    columns: list[tuple[str, Kind]] = [
        ("wished", "text"),
        ("wish_site", "text"),
        ("wish_reason", "text"),
        ("wished_by", "text"),
        ("wished_on", "text"),
        ("price", "offences"),
        ("price_interval", "text"),
    ]
    rows = []
    for price in advice_of(plan).prices:
        kind, _, about = price.rule.partition(":")
        named = floor_name(about, words.language) if kind == "floor" else thing_name(plan, about, words.language)
        if not about:
            named = words.say("show.whole_plan")
        rows.append(
            (
                words.say(f"rule.{kind}"),
                named,
                words.coded("wish_reason", price.limit),
                price.who,
                words.day(price.when),
                price.cost_per_year,
                words.say("show.interval", low=two_digits(price.low_per_year), high=two_digits(price.high_per_year)),
            )
        )
    return Table.of(words, "prices", columns, rows)


def exchanges(plan: Plan, words: Words) -> Table:
    """Per site what would come in its place."""
    columns: list[tuple[str, Kind]] = [
        ("site", "text"),
        ("instead", "text"),
        ("exchange_change", "offences"),
        ("exchange_yen", "yen"),
        ("least_loss", "offences"),
        ("in_words", "text"),
    ]
    places = {p.place_id: place_name(p, words) for p in advice_of(plan).places}
    rows = [
        (
            site_name(plan, e.site_id, words),
            places.get(e.place_id, e.place_id[2:]) if e.place_id else words.none,
            e.change_per_year,
            e.municipality_yen,
            e.least_loss_per_year,
            exchange_sentence(e, words.language),
        )
        for e in advice_of(plan).exchanges
    ]
    return Table.of(words, "exchanges", columns, rows)


def requests(plan: Plan, words: Words) -> Table:
    """The register of requests, each answered (P37)."""
    columns: list[tuple[str, Kind]] = [
        ("request_id", "text"),
        ("requested_on", "text"),
        ("requester", "text"),
        ("request", "text"),
        ("answer", "text"),
        ("answer_reason", "text"),
        ("nearest_site", "text"),
        ("nearest_distance", "metres"),
    ]
    rows = [
        (
            r.request_id,
            words.day(r.received_on),
            r.requester,
            r.wish,
            words.coded("answer", r.answer),
            request_sentence(plan, r, words.language),
            site_name(plan, r.nearest_site_id, words) if r.nearest_site_id else "",
            r.nearest_m,
        )
        for r in advice_of(plan).requests
    ]
    return Table.of(words, "requests", columns, rows)


def places(plan: Plan, words: Words) -> Table:
    """Every place at which nothing is changed, and why."""
    columns: list[tuple[str, Kind]] = [
        ("place_id", "text"),
        ("address", "text"),
        ("why_left_out", "text"),
        ("would_add", "offences"),
        ("own_money", "yen"),
        ("out_site", "text"),
        ("exchange_change", "offences"),
        ("least_loss", "offences"),
        ("in_words", "text"),
    ]
    rows = [
        (
            p.place_id[2:],
            p.address,
            words.coded("left_out", p.code) + (f" ({rules_in_words(plan, p.rules, words)})" if p.rules else ""),
            p.gain_per_year,
            p.municipality_yen,
            site_name(plan, p.out_site_id, words) if p.out_site_id else "",
            p.change_per_year,
            p.least_loss_per_year,
            words.run_on(place_sentences(plan, p, words.language)),
        )
        for p in advice_of(plan).places
    ]
    return Table.of(words, "places", columns, rows)


def changes(first: Plan, second: Plan, words: Words) -> Table:
    """Every place that the second plan treats otherwise, and why (P13)."""
    columns: list[tuple[str, Kind]] = [("becomes", "text"), ("site", "text"), ("in_words", "text")]
    rows = []
    for change in plan_changes(first, second):
        plan = second if change.how != "removed" else first
        told = change_sentence(first, second, change, words.language)
        rows.append((words.say(f"becomes.{change.how}"), site_name(plan, change.site_id, words), told))
    return Table.of(words, "changes", columns, rows)


TABLES: Mapping[str, Callable[[Plan, Words], Table]] = MappingProxyType(
    {"prices": prices, "exchanges": exchanges, "requests": requests, "places": places}
)
