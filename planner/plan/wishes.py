"""Counts again, in the plainest way, what was wished of single sites and what the use of a programme costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from planner.programmes import parts_of
from planner.settings import Settings

Counted = tuple[str, float, float]  # rule, counted, limit: counted <= limit
Record = Mapping[str, Any]


def meant(offer: Record, site: str) -> bool:
    """Whether a wish about a site means this offer: exactly that action, or a change at that mount or camera."""
    if offer["action_id"] == site:
        return True
    return offer["group_id"] in (site, f"m:{site}", f"c:{site}") and offer["kind"] != "keep"


def wishes(settings: Settings, chosen: Sequence[Record], group_of: Mapping[str, str]) -> Iterator[Counted]:
    """Pins, bans, the number of changes from the given plan and of places shared with others (``group_of``: of their actions)."""
    rules = settings.rules
    for wish in rules.pins:
        there = [o for o in chosen if meant(o, wish.site)]
        kept = [o for o in there if o["kind"] != "remove" or o["action_id"] == wish.site]
        yield f"pin {wish.site}", -len(kept), -1
    for wish in rules.bans:
        yield f"ban {wish.site}", sum(meant(o, wish.site) for o in chosen), 0
    if rules.max_changes is not None:
        now, given = {o["action_id"] for o in chosen}, set(rules.given)
        sites = {group_of[a] for a in given if a in group_of}
        new = [o for o in chosen if o["kind"] != "keep" and o["group_id"] not in sites]
        yield "max_changes", len(given - now) + len(new), rules.max_changes
    for other in rules.unlike if rules.most_shared is not None else ():
        places = {group_of[a] for a in other if a in group_of}
        again = [o for o in chosen if o["kind"] != "keep" and o["group_id"] in places]
        yield "most_shared", len(again), rules.most_shared or 0


def subsidies(offer: Record) -> list[tuple[str, int]]:
    """Which programmes pay for an offer, and how much each, yen."""
    parts = parts_of(offer["programme_id"])
    second = int(offer["second_subsidy_yen"])
    return list(zip(parts, (int(offer["subsidy_yen"]) - second, second), strict=False))


def charges(caps: Iterable[Record], chosen: Sequence[Record]) -> tuple[dict[str, int], list[Counted]]:
    """What the programmes in use cost once, by the column it counts in, and the least totals that they ask for."""
    once = {"municipality_yen": 0, "municipality_running_yen_per_year": 0}
    fixed = {
        "municipality_yen": "fixed_municipality_yen",
        "municipality_running_yen_per_year": "fixed_running_yen_per_year",
    }
    least: list[Counted] = []
    for cap in caps:
        paid = [yen for o in chosen for name, yen in subsidies(o) if name == cap["programme_id"]]
        if not paid:
            continue
        for column in once:
            once[column] += int(cap.get(fixed[column], 0))
        minimum: Any = cap.get("min_total_yen")
        if bool(pd.notna(minimum)):
            least.append((f"min_total_yen {cap['programme_id']}", -sum(paid), -int(minimum)))
    return once, least


def money(caps: Sequence[Record], settings: Settings, chosen: Sequence[Record]) -> Iterator[Counted]:
    """Every limit on money: least totals, budgets, ceilings and units of programmes."""
    budget = settings.budget
    once, least = charges(caps, chosen)
    yield from least
    limits = [("municipality_yen", budget.own_capital_yen), ("local_body_yen", budget.local_body_yen or 0)]
    if budget.running_yen_per_year is not None:
        limits.append(("municipality_running_yen_per_year", budget.running_yen_per_year))
    for column, limit in limits:
        yield column, sum(int(o[column]) for o in chosen) + once.get(column, 0), limit
    for cap in caps:
        paid_for = [(o, yen) for o in chosen for name, yen in subsidies(o) if name == cap["programme_id"]]
        units = sum(1 if cap["units_of"] == "site" else int(o["cameras"]) for o, _ in paid_for)
        used = (("subsidy_yen", sum(yen for _, yen in paid_for), "cap_total_yen"), ("units", units, "max_units"))
        for what, found, column in used:
            most: Any = cap[column]
            if bool(pd.notna(most)):
                yield f"{what} {cap['programme_id']}", found, int(most)
