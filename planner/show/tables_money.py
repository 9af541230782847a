"""Tables about money over the years: ledger, budget request, horizon, what doing nothing costs, outreach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from planner.frames import PAYERS
from planner.plan import SOURCES, Ledgers, Plan
from planner.show.table import Kind, Table
from planner.show.tables_programmes import programmes_named
from planner.show.words import Words


def ledger_by_year(plan: Plan, words: Words) -> Table:
    """Who pays what in which fiscal year, by programme and kind of cost; yen."""
    columns: list[tuple[str, Kind]] = [
        ("fiscal_year", "text"),
        ("nature", "text"),
        ("programme", "text"),
        *((f"payer_{p}", "yen") for p in PAYERS),
        ("sum", "yen"),
    ]
    rows = [
        (
            words.fiscal_year(r.fiscal_year),
            words.coded("nature", r.nature),
            programmes_named(plan, r.programme_id, words),
            *(getattr(r.payers, f"{p}_yen") for p in PAYERS),
            r.total_yen,
        )
        for r in sorted(_books(plan).rows, key=lambda r: (r.fiscal_year, r.nature != "capital", r.nature))
    ]
    return Table.of(words, "ledger_by_year", columns, rows, [_sums(words, rows, 3)])


def budget_sheet(plan: Plan, words: Words) -> Table:
    """The budget request of the plan's fiscal year: spending by section (節), then its sources; yen and thousand yen."""
    columns: list[tuple[str, Kind]] = [
        ("side", "text"),
        ("budget_item", "text"),
        ("amount", "yen"),
        ("thousand", "whole"),
    ]
    spent, got = words.say("show.budget_spent"), words.say("show.budget_sources")
    rows: list[tuple[Any, ...]] = []
    sides = [
        part
        for s in _books(plan).budget[:1]
        for part in ((spent, s.sections, "budget_section"), (got, s.sources, "fund_source"))
    ]
    for side, lines, table in sides:
        rows += [(side, words.coded(table, line.name), line.yen, line.thousand_yen) for line in lines]
        rows.append(
            (side, words.say("show.total"), sum(line.yen for line in lines), sum(line.thousand_yen for line in lines))
        )
    return Table.of(words, "budget_sheet", columns, rows)


def budgets(plan: Plan, words: Words) -> list[Table]:
    """The budget request and the years after it."""
    return [budget_sheet(plan, words), budget_years(plan, words)]


def budget_years(plan: Plan, words: Words) -> Table:
    """The municipality's budget of every fiscal year by source, thousand yen."""
    columns: list[tuple[str, Kind]] = [
        ("fiscal_year", "text"),
        ("budget_thousand", "whole"),
        *((f"source_{s}", "whole") for s in SOURCES),
    ]
    rows = []
    for sheet in _books(plan).budget:
        sources = {line.name: line.thousand_yen for line in sheet.sources}
        spent = sum(line.thousand_yen for line in sheet.sections)
        rows.append((words.fiscal_year(sheet.fiscal_year), spent, *(sources[s] for s in SOURCES)))
    return Table.of(words, "budget_years", columns, rows, [_sums(words, rows, 1)])


def horizon(plan: Plan, words: Words) -> Table:
    """What each site costs over the horizon beside its purchase price, bought or leased; yen."""
    columns: list[tuple[str, Kind]] = [
        ("rank", "text"),
        ("kind", "text"),
        ("cameras", "whole"),
        ("purchase", "yen"),
        ("running_horizon", "yen"),
        ("renewals", "yen"),
        ("avoided", "yen"),
        ("horizon_total", "yen"),
        ("lease_yearly", "yen"),
        ("lease_total", "yen"),
    ]
    sites = {s.site_id: s for s in plan.sites}
    rows = [
        (
            str(h.rank),
            words.coded("kind", sites[h.site_id].kind),
            sites[h.site_id].cameras,
            h.purchase_yen,
            h.running_yen,
            h.renewal_yen,
            h.avoided_yen,
            h.total_yen,
            h.lease_yen_per_year,
            h.lease_total_yen,
        )
        for h in _books(plan).horizon
    ]
    total = _sums(words, rows, 2)
    return Table.of(words, "horizon", columns, rows, [total])


def baseline(plan: Plan, words: Words) -> Table:
    """What the municipality's standing cameras cost by fiscal year if nothing is done; yen."""
    columns: list[tuple[str, Kind]] = [
        ("fiscal_year", "text"),
        ("due", "whole"),
        ("renewals", "yen"),
        ("upkeep", "yen"),
        ("sum", "yen"),
    ]
    rows = [
        (words.fiscal_year(b.fiscal_year), b.due, b.renewal_yen, b.running_yen, b.renewal_yen + b.running_yen)
        for b in _books(plan).baseline
    ]
    return Table.of(words, "baseline", columns, rows, [_sums(words, rows, 1)])


def renewals(plan: Plan, words: Words) -> Table:
    """When each standing camera of the municipality is due, and on what that rests."""
    columns: list[tuple[str, Kind]] = [
        ("camera_id", "text"),
        ("asset_number", "text"),
        ("funds", "text"),
        ("acquired_on", "text"),
        ("locked_until", "text"),
        ("renewal_fiscal_year", "text"),
        ("renewal_origin", "text"),
        ("renewal", "yen"),
    ]
    rows = [
        (
            c.camera_id,
            c.asset_number,
            c.funds,
            words.day(c.acquired_on),
            words.day(c.locked_until),
            None if c.fiscal_year is None else words.fiscal_year(c.fiscal_year),
            words.coded("renewal_origin", c.origin),
            c.renewal_yen,
        )
        for c in _books(plan).renewals
    ]
    return Table.of(words, "renewals", columns, rows)


def outreach(plan: Plan, words: Words) -> Table:
    """What a site would cost if a local body agreed to install it (働きかけ): never counted in the plan."""
    columns: list[tuple[str, Kind]] = [
        ("rank", "text"),
        ("area", "text"),
        ("programme", "text"),
        ("payer_municipality", "yen"),
        ("payer_local_body", "yen"),
        ("payer_others", "yen"),
    ]
    sites = {s.site_id: s for s in plan.sites}
    rows = [
        (
            str(sites[o.site_id].rank),
            sites[o.site_id].area_name,
            programmes_named(plan, o.programme_id, words),
            o.municipality_yen,
            o.local_body_yen,
            o.other_yen,
        )
        for o in _books(plan).outreach
    ]
    return Table.of(words, "outreach", columns, rows)


def lease_sentence(plan: Plan, words: Words) -> str:
    """What a lease of all devices would promise beyond the first year."""
    lease = _books(plan).lease
    if lease is None:
        return words.say("show.no_lease")
    return words.say(
        "show.lease",
        yearly=words.yen(lease.yen_per_year),
        years=lease.years,
        first=words.fiscal_year(lease.first_fiscal_year),
        limit=words.yen(lease.limit_yen),
        from_year=words.fiscal_year(lease.first_fiscal_year + 1),
        to_year=words.fiscal_year(lease.first_fiscal_year + lease.years - 1),
    )


def _books(plan: Plan) -> Ledgers:
    """The ledgers; empty ones for a plan written before they were kept."""
    if plan.ledgers is not None:
        return plan.ledgers
    nothing: dict[str, Any] = {k: [] for k in ("rows", "budget", "horizon", "baseline", "renewals", "outreach")}
    return Ledgers(fiscal_year=0, horizon_years=0, lease=None, **nothing)


def _sums(words: Words, rows: list[tuple[Any, ...]], texts: int) -> tuple[Any, ...]:
    """A closing row: the sums of the columns of amounts."""
    width = len(rows[0]) if rows else texts
    return (
        words.say("show.total"),
        *([None] * (texts - 1)),
        *(sum(row[n] for row in rows) for n in range(texts, width)),
    )


def passed(limits: Sequence[tuple[str, float, float]], plan: Plan, words: Words) -> list[str]:
    """One sentence for every limit on money that is passed: rule (and programme), what is counted, limit."""
    told = []
    for rule, found, limit in limits:
        code, _, programme_id = rule.partition(" ")
        name = programmes_named(plan, programme_id, words) if programme_id else ""
        told.append(words.say(f"passed.{code}", name=name, found=abs(found), limit=abs(limit)))
    return told
