"""Parts of the page one by one, as HTML with everything escaped: what the app shows."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from planner.plan import Plan
from planner.programmes import Programme
from planner.show import (
    chart,
    markup,
    page,
    tables_advice,
    tables_duties,
    tables_money,
    tables_plan,
    tables_programmes,
    tables_scenarios,
    tables_town,
)
from planner.show.mapspec import MapSpec, Pin
from planner.show.table import Column, Table, written
from planner.show.words import Words, proof, safe, sentence
from planner.text import Language

PartName = Literal[
    "figures",
    "proof",
    "effect",
    "offences",
    "measures",
    "payers",
    "ledger",
    "curve",
    "standing",
    "areas",
    "districts",
    "notes",
    "sources",
    "settings",
    "assumptions",
    "limits",
    "ledger_by_year",
    "budget_sheet",
    "horizon",
    "baseline",
    "lease",
    "outreach",
    "outside",
    "kept",
    "storage",
    "weighed",
    "hosts",
    "kpi",
    "detectable",
    "removed",
    "programmes",
    "counters",
    "prices",
    "exchanges",
    "requests",
    "phases",
]

_NARROW_PX = 560  # the curve stands beside the map


def _table(make: Callable[[Plan, Words], Table], *, small: bool = False) -> Callable[[Plan, Words], str]:
    return lambda plan, words: markup.table(words, make(plan, words), small=small)


def _effect(plan: Plan, words: Words) -> str:
    """Value by offence in a few columns."""
    table = tables_plan.offences(plan, words)
    return markup.table(words, table.without("place", "front_only", "front_before", "front_after", "owner_only"))


def _proof(plan: Plan, words: Words) -> str:
    return f"<p>{safe(proof(plan, words))}</p>"


def _knee(plan: Plan, words: Words) -> str:
    said = chart.knee_sentence(plan, words)
    return f'<p class="soft">{safe(said)}</p>' if said else ""


def _notes(plan: Plan, words: Words) -> str:
    return markup.bullets([sentence(n, words.language) for n in plan.notes] or [words.say("show.no_notes")])


def _phases(plan: Plan, words: Words) -> str:
    shown = tables_scenarios.phases(plan, words)
    return f"<p>{safe(words.say('show.intro_phases'))}</p>{markup.table(words, shown, small=True)}"


def _duty(name: str) -> Callable[[Plan, Words], str]:
    return lambda plan, words: page.duty(plan, name, words)


_PARTS: dict[str, Callable[[Plan, Words], str]] = {
    "figures": lambda plan, words: markup.figures(page.figures(plan, words)),
    "counters": lambda plan, words: markup.figures(page.counters(plan, words)),
    "proof": _proof,
    "curve": lambda plan, words: chart.frontier_svg(plan, words, _NARROW_PX) + _knee(plan, words),
    "effect": _effect,
    "offences": _table(tables_plan.offences),
    "measures": _table(tables_plan.measures),
    "payers": _table(tables_plan.payers),
    "ledger": _table(tables_plan.ledger, small=True),
    "standing": _table(tables_town.standing, small=True),
    "areas": _table(tables_town.areas, small=True),
    "districts": _table(tables_town.districts),
    "notes": _notes,
    "sources": _table(page.short_sources, small=True),
    "settings": _table(tables_town.settings),
    "assumptions": _table(tables_town.assumptions),
    "limits": lambda plan, words: markup.bullets(page.limits(plan, words)),
    "ledger_by_year": _table(tables_money.ledger_by_year, small=True),
    "budget_sheet": lambda plan, words: "".join(markup.table(words, t) for t in tables_money.budgets(plan, words)),
    "horizon": _table(tables_money.horizon, small=True),
    "baseline": lambda plan, words: "".join(
        markup.table(words, made(plan, words), small=True) for made in (tables_money.baseline, tables_money.renewals)
    ),
    "lease": lambda plan, words: f"<p>{safe(tables_money.lease_sentence(plan, words))}</p>",
    "outreach": _table(tables_money.outreach),
    **{name: _table(tables_advice.TABLES[name], small=True) for name in ("prices", "exchanges", "requests")},
    "phases": _phases,
    **{name: _duty(name) for name in tables_duties.TABLES},
}


@dataclass(frozen=True)
class SiteRows:
    """The site table as text: headings, which columns are numbers, and per site its key and cells."""

    headings: tuple[str, ...]
    numeric: tuple[bool, ...]
    keys: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def part(plan: Plan, name: PartName, language: Language = "ja") -> str:
    """One part of the page; the same tables and sentences as in ``plan.html``."""
    return _drawings_as_images(_PARTS[name](plan, Words(language)))


def programme_part(plan: Plan, programme: Programme, language: Language = "ja") -> str:
    """What is known of a programme that the town does not have yet, in the year of the plan."""
    words = Words(language)
    return markup.table(words, tables_programmes.shipped_programme(plan, programme, words), small=True)


def passed_part(plan: Plan, limits: Sequence[tuple[str, float, float]], language: Language = "ja") -> str:
    """The limits on money that a plan passes (``study.repriced``), as sentences; that all are kept where there is none."""
    words = Words(language)
    return markup.bullets(tables_money.passed(limits, plan, words) or [words.say("app.funding.preview_fits")])


def legend(spec: MapSpec) -> str:
    """The legend of a map."""
    return _drawings_as_images(markup.legend(spec))


def _drawings_as_images(text: str) -> str:
    """Inline drawings as images: whoever cleans HTML before showing it takes drawings out and leaves images in."""

    def image(found: re.Match[str]) -> str:
        drawing = found.group().replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
        code = base64.b64encode(drawing.encode("utf-8")).decode("ascii")
        told = re.search(r'aria-label="([^"]*)"', drawing)
        look = re.search(r'class="([^"]*)"', drawing)
        return (
            f'<img class="{look.group(1) if look else ""}" alt="{told.group(1) if told else ""}" '
            f'src="data:image/svg+xml;base64,{code}">'
        )

    return re.sub(r"<svg .*?</svg>", image, text, flags=re.DOTALL)


def card(pin: Pin) -> str:
    """What is told about one site: heading, reason, facts."""
    lines = "".join(f"<tr><th>{safe(label)}</th><td>{safe(text)}</td></tr>" for label, text in pin.tip)
    return f'<div class="card"><h4>{safe(pin.heading)}</h4><p>{safe(pin.text)}</p><table>{lines}</table></div>'


def table(language: Language, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Any table of texts."""
    columns = tuple(Column(h) for h in headings)
    return markup.table(Words(language), Table("", columns, tuple(map(tuple, rows))), small=True)


def site_rows(plan: Plan, language: Language = "ja") -> SiteRows:
    """The table twin of the map, one row per site in order of rank."""
    words = Words(language)
    table = tables_plan.sites_short(plan, words).without(
        "rule", "precision", "gain_interval", "district", "address", "pole_number"
    )
    kinds = [c.kind for c in table.columns]
    return SiteRows(
        tuple(c.heading for c in table.columns),
        tuple(k in markup.NUMERIC for k in kinds),
        tuple(s.site_id for s in plan.sites),
        tuple(tuple(written(words, k, v) for k, v in zip(kinds, row, strict=True)) for row in table.rows),
    )
