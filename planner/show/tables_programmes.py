"""Tables of subsidy programmes: their terms as they stand, what the town states otherwise, and their names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from planner.plan import Plan
from planner.programmes import Programme, fiscal_year_of, parts_of
from planner.show.table import Kind, Table
from planner.show.words import Words

_TERMS = (
    "cap_per_camera_yen",
    "cap_per_site_yen",
    "cap_total_yen",
    "max_units",
    "min_retention_days",
    "max_retention_days",
)
# terms of which a value is a word, and the sentence of each
_IN_WORDS: Mapping[str, Mapping[Any, str]] = MappingProxyType(
    {
        "joint": {True: "app.funding.joint_yes", False: "app.funding.joint_no"},
        "power": {"mains": "app.funding.mains", "solar": "app.funding.solar"},
        "stackable": {True: "show.yes", False: "show.no"},
        "max_units_of": {"camera": "unit.cameras", "site": "unit.sites"},
    }
)


def _known(plan: Plan) -> list[Programme]:
    """The town's programmes; none where the plan was written without."""
    return list(plan.duties.programmes) if plan.duties else []


def programmes_named(plan: Plan, programme_id: str, words: Words) -> str:
    """The programme or programmes behind an id by name; without one: own money."""
    known = {p.id: programme_name(p, words) for p in _known(plan)}
    known |= {p.programme_id: p.name_ja if words.language == "ja" else p.name_en for p in plan.ledger}
    if known.get(programme_id):
        return known[programme_id]
    return words.join([known.get(part) or part for part in parts_of(programme_id)]) or words.say("show.own_money_only")


def programme_name(programme: Programme, words: Words) -> str:
    """The name of a programme in the reader's language."""
    return programme.name_ja if words.language == "ja" else programme.name_en


def programmes(plan: Plan, words: Words) -> Table:
    """Every programme of the town under the terms in force: used or not, edited by whom, doubts about its year (P20)."""
    columns: list[tuple[str, Kind]] = [
        ("programme", "text"),
        ("payer", "text"),
        ("recipient", "text"),
        ("used", "text"),
        ("rate_or_amount", "text"),
        ("terms", "text"),
        ("edited", "text"),
        ("doubts", "text"),
        ("source", "text"),
    ]
    chosen = plan.setting("programmes.use")
    edits = plan.setting("programmes.edit") or {}
    year = plan.setting("funding.fiscal_year") or _year_made(plan)
    rows = []
    for p in _known(plan):
        used = words.say("show.yes" if chosen is None or p.id in chosen else "show.no")
        told = _terms_of(plan, p, year, words)
        rows.append((*told[:3], used, *told[3:5], edited_terms(plan, edits.get(p.id, {}), words), *told[5:]))
    return Table.of(words, "programmes", columns, rows)


def shipped_programme(plan: Plan, programme: Programme, words: Words) -> Table:
    """One programme that the town does not have yet, as its sources state it."""
    columns: list[tuple[str, Kind]] = [
        *(("programme", "text"), ("payer", "text"), ("recipient", "text"), ("rate_or_amount", "text")),
        *(("terms", "text"), ("doubts", "text"), ("source", "text")),
    ]
    year = plan.setting("funding.fiscal_year") or _year_made(plan)
    return Table.of(words, "shipped_programme", columns, [_terms_of(plan, programme, year, words)])


def _terms_of(plan: Plan, p: Programme, year: int, words: Words) -> tuple[str, ...]:
    """Name, payer, recipient, rate, terms, doubts about the year, source."""
    return (
        programme_name(p, words),
        words.say(f"payer.{p.payer}"),
        words.say(f"recipient.{p.recipient}"),
        _rate(p, words),
        words.join([_term(plan, name, getattr(p, name), words) for name in _TERMS if getattr(p, name) is not None]),
        words.run_on([words.say(f"doubt.{code}") for code in p.standing_in(year)]),
        p.source,
    )


def _year_made(plan: Plan) -> int:
    """The fiscal year in which the plan was made, where its settings name none."""
    return fiscal_year_of(date.fromisoformat(plan.run.created_at[:10]))


def _rate(programme: Programme, words: Words) -> str:
    if programme.rate is not None:
        return str(programme.rate)
    if programme.amount_per_site_yen is not None:
        return words.yen(programme.amount_per_site_yen)
    return words.say("show.up_to_ceiling")


def _term(plan: Plan, name: str, value: Any, words: Words) -> str:
    return f"{words.say(f'programme_field.{name}')} {_amount(plan, name, value, words)}"


def _amount(plan: Plan, name: str, value: Any, words: Words) -> str:
    """One term of a programme in words; a rate is spoken of as the fraction that it is written as."""
    if name in _IN_WORDS:
        return words.say(_IN_WORDS[name][value])
    if name == "stacks_on":
        return words.join([programmes_named(plan, one, words) for one in value])
    if name.endswith("_share"):
        return words.share(float(Fraction(value)))
    if name.endswith("_m"):
        return words.say("show.with_unit", number=f"{value:,g}", unit=words.say("unit.m"))
    if name == "rate":
        return str(value)
    told = {"_yen": words.yen, "_days": words.days}.get(name[name.rfind("_") :], "{:,}".format)
    return told(value)


def edited_terms(plan: Plan, edit: dict[str, Any], words: Words) -> str:
    """What the user states otherwise, and where that comes from."""
    stated = {name: value for name, value in edit.items() if value is not None and name != "origin"}
    if not stated:
        return ""
    parts = [_term(plan, name, value, words) for name, value in stated.items()]
    return words.say("show.rule_with_origin", rule=words.join(parts), origin=edit.get("origin") or words.none)
