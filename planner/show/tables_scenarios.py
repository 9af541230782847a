"""Tables of plans beside the plan: years, cut-backs (査定対応表), without the grant, after the tender, the reserve list."""

from __future__ import annotations

from collections.abc import Sequence

from planner.frames import PAYERS
from planner.plan import Cutbacks, OtherPlan, OtherSite, Plan
from planner.show.table import Column, Kind, Table
from planner.show.tables_programmes import programme_name
from planner.show.words import Words, two_digits


def phases(plan: Plan, words: Words) -> Table:
    """What each fiscal year builds and who pays it; no rows where all is built at once."""
    columns: list[tuple[str, Kind]] = [
        ("fiscal_year", "text"),
        ("own_limit", "yen"),
        ("sites", "whole"),
        ("cost", "yen"),
        *((f"payer_{p}", "yen") for p in PAYERS),
        ("running_so_far", "yen"),
        ("value_so_far", "offences"),
        ("bound_so_far", "offences"),
        ("gap", "text"),
    ]
    rows = [
        (
            words.fiscal_year(p.fiscal_year),
            p.own_yen,
            len(p.site_ids),
            p.total_yen,
            *(getattr(p.payers, f"{payer}_yen") for payer in PAYERS),
            p.running_yen_per_year,
            p.value,
            p.bound,
            words.say("show.gap_within", gap=words.gap(p.gap)),
        )
        for p in plan.phases
    ]
    return Table.of(words, "phases", columns, rows)


def case(other: OtherPlan, words: Words) -> str:
    """What a plan beside the plan answers, in a few words."""
    return words.say(f"scenario.{other.kind}", share=words.percent(other.share))


def plans(found: Cutbacks, plan: Plan, words: Words) -> Table:
    """The plan and every plan beside it: value, bound, money, what goes and what comes."""
    columns: list[tuple[str, Kind]] = [
        ("case", "text"),
        ("own_limit", "yen"),
        ("value", "offences"),
        ("bound", "offences"),
        ("gap", "text"),
        ("sites", "whole"),
        ("gone_sites", "whole"),
        ("added_sites", "whole"),
        ("cost", "yen"),
        *((f"payer_{p}", "yen") for p in PAYERS),
        ("running", "yen"),
    ]

    def money(p: Plan | OtherPlan) -> tuple[int, ...]:
        return (p.total_yen, *(getattr(p.payers, f"{payer}_yen") for payer in PAYERS), p.running_yen_per_year)

    own = (words.say("scenario.as_asked"), found.own_yen, plan.value, plan.bound)
    rows = [(*own, words.say("show.gap_within", gap=words.gap(plan.gap)), len(plan.sites), 0, 0, *money(plan))]
    for other in found.plans:
        head = (case(other, words), other.own_yen)
        if not other.planned:
            rows.append((*head, None, other.bound, words.say(f"scenario.{other.status}"), *[None] * 9))
            continue
        gap = words.say("show.gap_within", gap=words.gap(other.gap))
        changes = (len(other.sites), len(other.gone), len(other.added))
        rows.append((*head, other.value, other.bound, gap, *changes, *money(other)))
    return Table.of(words, "scenarios", columns, rows)


def cuts(found: Cutbacks, plan: Plan, words: Words) -> Table:
    """査定対応表: every site of the plan, those that go first on top, and what becomes of it at each cut."""
    nested = [p for p in found.plans if p.kind == "cut_nested"]
    heads: list[tuple[str, Kind]] = [
        ("id", "text"),
        ("priority", "text"),
        ("kind", "text"),
        ("area", "text"),
        ("address", "text"),
        ("cost", "yen"),
        ("own_money", "yen"),
        ("gain", "offences"),
    ]
    site = {s.site_id: s for s in plan.sites}
    rows = []
    for cut in found.cuts:
        s = site[cut.site_id]
        stays = [words.say("scenario.goes" if cut.site_id in p.gone else "scenario.stays") for p in nested]
        where = (s.site_id, s.priority, words.coded("kind", s.kind), s.area_name, s.address)
        rows.append((*where, s.total_yen, s.payers.municipality_yen, s.gain_per_year, *stays))
    table = Table.of(words, "cuts", heads, rows)
    more = tuple(Column(words.say("column.at_cut", share=words.percent(p.share)), "text", "at_cut") for p in nested)
    return Table("cuts", (*table.columns, *more), table.rows)


def sites(found: Sequence[OtherSite], words: Words, name: str) -> Table:
    """Sites of a plan beside the plan, in order."""
    columns: list[tuple[str, Kind]] = [
        ("order", "whole"),
        ("id", "text"),
        ("kind", "text"),
        ("area", "text"),
        ("address", "text"),
        ("mount_id", "text"),
        ("retention", "days"),
        ("cost", "yen"),
        ("own_money", "yen"),
        ("gain", "offences"),
    ]
    rows = [
        (
            n,
            s.site_id,
            words.coded("kind", s.kind),
            s.area_name,
            s.address,
            s.mount_id or s.camera_id,
            s.retention_days,
            s.total_yen,
            s.municipality_yen,
            s.gain_per_year,
        )
        for n, s in enumerate(found, 1)
    ]
    return Table.of(words, name, columns, rows)


def added(found: Cutbacks, kind: str) -> list[OtherSite]:
    """The sites that a plan beside the plan has and the plan has not."""
    return [s for p in found.plans if p.kind == kind for s in p.sites if s.site_id in set(p.added)]


def sentences(found: Cutbacks, plan: Plan, words: Words) -> list[str]:
    """What must be known to read the tables."""
    said = [words.say("scenario.nested_said")]
    if plan.phases or plan.robust:
        said.append(words.say("scenario.at_once"))
    worst = max(
        (
            (free.value - cut.value, cut.share)
            for cut in found.plans
            for free in found.plans
            if (cut.kind, free.kind, cut.share) == ("cut_nested", "cut_free", free.share)
        ),
        default=(0.0, 0.0),
    )
    if worst[0] > 0:
        said.append(words.say("scenario.nested_price", loss=two_digits(worst[0]), share=words.percent(worst[1])))
    if found.refused:
        known = {p.id: programme_name(p, words) for p in (plan.duties.programmes if plan.duties else [])}
        names = words.join([known.get(name, name) for name in found.refused])
        key = "scenario.refused_unknown" if found.shortfall_yen is None else "scenario.refused_said"
        said.append(words.say(key, programmes=names, yen=f"{found.shortfall_yen or 0:,}"))
    if found.tender is not None:
        amounts = {k: f"{v:,}" for k, v in found.tender.model_dump(exclude={"contracts"}).items()}
        said.append(words.say("scenario.tender_said", **amounts))
        if found.tender.assumed:
            said.append(words.say("scenario.tender_assumed", number=found.tender.assumed))
    return said
