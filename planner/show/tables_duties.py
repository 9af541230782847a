"""Tables about what a plan is bound to: days to keep, hosts to ask, goals to report, rules that took offers away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from planner.assumptions import number
from planner.plan import AddedPart, Duties, HostPart, Plan, Site
from planner.show.table import Column, Kind, Table
from planner.show.tables_programmes import programmes, programmes_named
from planner.show.words import Words, safe, two_digits
from planner.text import knows


def duties_of(plan: Plan) -> Duties:
    """The duties of a plan; none where it was written without them."""
    return plan.duties or Duties()


def outside(plan: Plan, words: Words) -> Table:
    """Standing cameras that do not keep their limits on days (保存期間不適合), by owner."""
    columns: list[tuple[str, Kind]] = [
        ("owner", "text"),
        ("camera_id", "text"),
        ("address", "text"),
        ("use", "text"),
        ("nominal_days", "days"),
        ("rule", "text"),
        ("fault", "text"),
        ("mend", "text"),
        ("mend_cost", "yen"),
        ("mend_running", "yen"),
        ("decision", "text"),
    ]
    rows = [
        (
            c.owner or words.say("show.owner_unknown"),
            c.camera_id,
            c.address,
            words.coded("use", c.use),
            c.nominal_days,
            words.limits(c.min_days, c.max_days, c.limit_origin),
            words.coded("fault", c.fault),
            words.say(f"mend.{c.remedy}", days=words.days(c.tier_days)),
            c.cost_yen,
            c.running_yen_per_year,
            words.coded("kind", c.decision),
        )
        for c in duties_of(plan).outside
    ]
    return Table.of(words, "outside", columns, rows)


def kept(plan: Plan, words: Words) -> Table:
    """Share of each group's offences whose footage is still there, by days, with its band."""
    found = duties_of(plan).kept
    days = sorted({k.days for k in found})
    share = {(k.offence_group, k.days): k for k in found}
    columns = [Column(words.say("column.offence"), "text", "offence")]
    columns += [Column(words.days(d), "text", f"days_{d:g}") for d in days]
    rows = []
    for group in dict.fromkeys(k.offence_group for k in found):
        cells = [words.offence(group)]
        for d in days:
            k = share[group, d]
            band = words.say("show.interval", low=words.percent(k.low), high=words.percent(k.high))
            cells.append(words.say("show.with_band", value=words.percent(k.share), band=band))
        rows.append(tuple(cells))
    return Table("kept", tuple(columns), tuple(rows))


def storage(plan: Plan, words: Words) -> Table:
    """How much a recorder of each kind must hold, and what holds it."""
    columns: list[tuple[str, Kind]] = [
        ("pixels", "whole"),
        ("cameras", "whole"),
        ("retention", "days"),
        ("sites", "whole"),
        ("mbit_per_s", "number"),
        ("size_gb", "whole"),
        ("size_band", "text"),
        ("carrier", "text"),
    ]
    rows = [
        (
            s.width_px,
            s.cameras,
            s.days,
            s.sites,
            s.mbit_per_s,
            s.size_gb,
            words.say("show.interval", low=f"{s.low_gb:,.0f}", high=f"{s.high_gb:,.0f}"),
            words.coded("carrier", s.carrier),
        )
        for s in duties_of(plan).storage
    ]
    return Table.of(words, "storage", columns, rows)


def _added(part: AddedPart, words: Words) -> tuple[Any, ...]:
    """Gain with its band, cost, yearly cost."""
    band = words.say("show.interval", low=two_digits(part.low_per_year), high=two_digits(part.high_per_year))
    return (
        words.say("show.with_band", value=two_digits(part.gain_per_year), band=band),
        part.cost_yen,
        part.running_yen_per_year,
    )


def weighed(plan: Plan, words: Words) -> Table:
    """More days against one camera more and against an agreement, in expected offences whose footage is still there."""
    columns: list[tuple[str, Kind]] = [
        ("change", "text"),
        ("where", "text"),
        ("retention", "days"),
        ("retention_then", "days"),
        ("gain_band", "text"),
        ("cost", "yen"),
        ("running", "yen"),
        ("limits", "text"),
    ]
    found, rows = duties_of(plan), []
    ranks = {s.site_id: s.rank for s in plan.sites}
    if found.one_more is not None:
        more = found.one_more
        rows.append((words.say("change.one_more"), more.address, None, more.days, *_added(more, words), ""))
    for place in found.weighed:
        where = words.say("show.whole_plan")
        if place.place_id:
            rank = ranks.get(place.place_id)
            named = place.place_id if rank is None else words.say("show.site_of_rank", rank=rank)
            where = words.join([part for part in (named, place.address) if part])
        for change, part, then in (
            ("longer", place.longer, place.longer.days),
            ("agreement", place.agreement, place.retention_days),
        ):
            fits = "" if change == "agreement" else words.within(within=part.allowed)
            rows.append((words.say(f"change.{change}"), where, place.retention_days, then, *_added(part, words), fits))
    return Table.of(words, "weighed", columns, rows)


def hosts(plan: Plan, words: Words) -> Table:
    """How far each site is, what is still to do, and when it can be ready."""
    columns: list[tuple[str, Kind]] = [
        ("rank", "whole"),
        ("kind", "text"),
        ("address", "text"),
        ("mount_kind", "text"),
        ("host", "text"),
        ("mount_state", "text"),
        ("state", "text"),
        ("last_step", "text"),
        ("remaining", "text"),
        ("lead_days", "text"),
        ("ready_on", "text"),
        ("warning", "text"),
    ]
    sites = {s.site_id: s for s in plan.sites}
    owners = {c.camera_id: c.owner for c in plan.standing}
    rows = [(*_place(sites[h.site_id], owners, words), *_progress(h, words)) for h in duties_of(plan).hosts]
    return Table.of(words, "hosts", columns, rows)


def _place(site: Site, owners: Mapping[str, str], words: Words) -> tuple[Any, ...]:
    """Where, on what, and whose."""
    return (
        site.rank,
        words.coded("kind", site.kind),
        site.address,
        words.coded("mount_kind", site.mount_kind),
        site.host or owners.get(site.camera_id, ""),
        words.coded("mount_state", site.mount_state),
    )


def _progress(host: HostPart, words: Words) -> tuple[Any, ...]:
    """State, last document, what remains, lead time, day, warnings."""
    last = host.steps[-1] if host.steps else None
    told = [words.coded("step", last.step), words.day(last.done_on), last.document_number] if last else []
    spread = words.say("show.interval", low=f"{host.low_days:,}", high=f"{host.high_days:,}")
    return (
        words.coded("step", host.state),
        words.join([t for t in told if t]),
        words.join([words.coded("step", step) for step in host.remaining]),
        words.say("show.with_band", value=f"{host.days:,}", band=spread),
        words.day(host.ready_on) if host.ready_on else "",
        words.run_on([warning(w.code, w.values, words) for w in host.warnings]),
    )


def warning(code: str, values: dict[str, Any], words: Words) -> str:
    """A warning about dates in words."""
    return words.say(f"warning.{code}", **{name: words.day(str(value)) for name, value in values.items()})


def kpi(plan: Plan, words: Words) -> Table:
    """Indicators with baseline and yearly targets (P19); 箇所 and 台 stand apart (P23)."""
    found = duties_of(plan)
    years = len(found.kpi[0].targets) if found.kpi else 0
    heads = [words.fiscal_year(y) for y in found.fiscal_years]
    heads = heads or [words.say("show.year_of_plan", number=n + 1) for n in range(years)]
    columns = [
        Column(words.say("column.indicator"), "text", "indicator"),
        Column(words.say("column.unit"), "text", "unit"),
        Column(words.say("column.baseline"), "text", "baseline"),
        *(Column(words.say("column.target", year=head), "text", f"target_{n}") for n, head in enumerate(heads)),
    ]
    rows = [
        (
            words.say(f"indicator.{k.code}"),
            words.coded("unit", k.unit),
            *(_figure(value, k.unit, words) for value in (k.baseline, *k.targets)),
        )
        for k in found.kpi
    ]
    return Table("kpi", tuple(columns), tuple(rows))


def _figure(value: float | None, unit: str, words: Words) -> str:
    """A figure of the sheet; what only the municipality can state is left to be filled in."""
    if value is None:
        return words.say("show.to_fill_in")
    return words.percent(value, 1) if unit == "share" else f"{value:,.0f}"


def detectable(plan: Plan, words: Words) -> Table:
    """Recorded offences as a reference: the smallest fall that can be told from chance."""
    columns: list[tuple[str, Kind]] = [
        ("offence", "text"),
        ("expected", "offences"),
        ("period", "text"),
        ("detectable", "text"),
    ]
    rows = [
        (
            words.offence(d.offence_group) if d.offence_group else words.say("show.total"),
            d.expected_per_year,
            words.say("show.years_each", years=d.years),
            words.say("show.none_detectable") if d.detectable_share is None else words.percent(d.detectable_share),
        )
        for d in duties_of(plan).detectable
    ]
    return Table.of(words, "detectable", columns, rows)


def removed(plan: Plan, words: Words) -> Table:
    """Offers that rules took away, with counts."""
    columns: list[tuple[str, Kind]] = [
        ("removed_by", "text"),
        ("programme", "text"),
        ("offers", "whole"),
        ("actions", "whole"),
    ]
    rows = []
    for r in duties_of(plan).removed:
        key = f"reason.{r.rule}"
        rule = words.say(key) if knows(key) else r.rule
        rows.append((rule, programmes_named(plan, r.programme_id, words), r.offers, r.actions))
    return Table.of(words, "removed", columns, rows)


TABLES: Mapping[str, Callable[[Plan, Words], Table]] = MappingProxyType(
    {
        "outside": outside,
        "kept": kept,
        "storage": storage,
        "weighed": weighed,
        "hosts": hosts,
        "kpi": kpi,
        "detectable": detectable,
        "removed": removed,
        "programmes": programmes,
    }
)


def intro(plan: Plan, name: str, words: Words) -> str:
    """The sentence that says how to read one of these tables, as HTML."""
    found = duties_of(plan)
    least, assumed, most = found.handling_days
    told = {
        "least": least,
        "assumed": assumed,
        "most": most,
        "agreement": found.agreement_days,
        "days": number("more_days"),
    }
    return f'<p class="soft">{safe(words.say(f"show.intro_{name}", **told))}</p>'
