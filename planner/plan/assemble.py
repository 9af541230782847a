"""Puts the finished plan together, after it has been counted again."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

import planner
from planner import assumptions
from planner.errors import Note
from planner.frames import INSTALLS, Choice, Frontier, Inputs
from planner.plan import document as doc
from planner.plan.advised import advise
from planner.plan.cutbacks import contracted
from planner.plan.keeping import Beside
from planner.plan.ledgers import keep_books
from planner.plan.ledgers_again import audit
from planner.plan.measures import shares
from planner.plan.outlines import Outlines
from planner.plan.owed import duties
from planner.plan.recount import Prepared, chosen_offers, recount
from planner.plan.scribe import Scribe, ledger
from planner.plan.values import add_payers, plain, share_of
from planner.plan.years import phase_parts, year_of
from planner.settings import Merged, Settings


def assemble(
    prepared: Prepared,
    merged: Merged,
    choice: Choice,
    frontier: Frontier,
    drawn: Outlines,
    *,
    beside: Beside | None = None,
    seconds: float = 0.0,
    hashes: Mapping[str, str] | None = None,
    today: doc.TodayPart | None = None,
) -> doc.Plan:
    """Count the choice again and write it down as a document.

    Parameters
    ----------
    prepared
        Tables of the town, demand, survey and offers.
    merged
        Settings in force and where each value came from.
    choice, frontier
        The chosen offers, and the plans at other budgets.
    drawn
        Every view that the plan shows, and outlines; shared by the plans of one question.
    beside
        What other rooms tell of the choice; without it the document has no duties.
    seconds
        Wall seconds so far; stands outside ``plan_id``.
    hashes
        ``table_hashes`` of the inputs where they are known from another plan of the same tables.
    today
        What standing cameras see as an interval (``seen.today_part``).

    Raises
    ------
    PlannerError
        ``recount_differs``, ``rule_broken``: the choice, or its money, does not add up.
    """
    settings = merged.settings
    count = recount(prepared, settings, choice)
    chosen = chosen_offers(prepared, choice)
    built = year_of(choice.phases)
    ledgers, about_money = keep_books(prepared, settings, chosen, built)
    audit(ledgers, prepared, chosen, built)
    scribe = Scribe(prepared, settings, choice, count, drawn)
    sites, areas = scribe.sites(), scribe.areas()
    hashes = dict(hashes) if hashes else table_hashes(prepared.inputs)
    offences, standing = scribe.offences(), scribe.standing(sites)
    bound = (
        duties(prepared, settings, choice, scribe, (sites, standing, offences), drawn.table, beside) if beside else None
    )
    advice = advise(prepared, settings, choice, frontier, scribe, (sites, standing), beside) if beside else None
    total = float(prepared.demand.expected.sum())
    plan = doc.Plan(
        plan_id="",
        code_version=code_version(),
        town=doc.TownPart(**vars(prepared.inputs.town)),
        status=choice.status,
        value=choice.value,
        bound=choice.bound,
        gap=choice.gap,
        proven_by=choice.proven_by,
        expected_offences_per_year=total,
        covered_share_before=share_of(sum(o.before_per_year for o in offences), total),
        covered_share_after=share_of(sum(o.after_per_year for o in offences), total),
        payers=add_payers(s.payers for s in sites),
        total_yen=sum(s.total_yen for s in sites),
        running_yen_per_year=sum(s.running_yen_per_year for s in sites),
        cameras=sum(s.cameras for s in sites if s.kind in INSTALLS),
        offences=offences,
        sites=sites,
        standing=standing,
        areas=areas,
        limit_zones=scribe.limit_zones(),
        districts=scribe.districts(sites, areas),
        ledger=ledger(prepared.inputs.programmes, sites),
        frontier=scribe.frontier(frontier),
        settings=_settings(merged),
        sources=[doc.SourcePart(**vars(t)) for t in prepared.inputs.tallies],
        table_hashes=hashes,
        assumptions=[doc.AssumptionPart(**vars(a)) for a in assumptions.all_assumptions().values()],
        notes=[
            remark(n)
            for n in (*_all_notes(prepared, choice), *about_money, *contracted(settings.tender.contracts, sites))
        ],
        duties=bound,
        run=doc.RunPart(
            created_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            seconds=round(seconds, 1),
            work=dict(choice.work),
        ),
        today=today,
        ledgers=ledgers,
        measures=shares(scribe.counter, settings, chosen, count.before, count.after),
        robust=None if choice.robust is None else doc.RobustPart(**vars(choice.robust)),
        advice=advice,
        phases=phase_parts(choice.phases, settings, chosen),
    )
    return plan.model_copy(update={"plan_id": plan_id(hashes, settings)})


def plan_id(hashes: Mapping[str, str], settings: Settings) -> str:
    """SHA-256 of table hashes, settings and code version: same question, same id."""
    question = json.dumps(
        [dict(sorted(hashes.items())), settings.model_dump(mode="json"), code_version()], sort_keys=True
    )
    return hashlib.sha256(question.encode()).hexdigest()


@cache
def code_version() -> str:
    """Version and a fingerprint of the package's own files."""
    root = Path(planner.__file__).parent
    digest = hashlib.sha256()
    for path in sorted([*root.rglob("*.py"), *root.rglob("*.csv"), *root.rglob("*.yaml")]):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{planner.__version__}+{digest.hexdigest()[:12]}"


def table_hashes(inputs: Inputs) -> dict[str, str]:
    """SHA-256 of every input table, row order aside, and of what stands beside them: programmes, town, years."""
    hashes = {}
    for name, value in vars(inputs).items():
        if isinstance(value, pd.DataFrame) and name not in ("set_aside", "corrections"):
            bare = pd.DataFrame(value)
            if "geometry" in bare:
                bare = bare.assign(geometry=shapely.to_wkb(np.asarray(value.geometry), hex=True))
            lines = sorted("\x1f".join(map(str, row)) for row in bare.itertuples(index=False))
            hashes[name] = hashlib.sha256("\x1e".join(lines).encode()).hexdigest()
    beside = {
        "programmes": "\x1e".join(p.model_dump_json() for p in inputs.programmes),
        "town": json.dumps(vars(inputs.town), sort_keys=True),
        "years": repr(inputs.years),
    }
    return hashes | {name: hashlib.sha256(text.encode()).hexdigest() for name, text in beside.items()}


def _all_notes(prepared: Prepared, choice: Choice) -> list[Note]:
    parts = (prepared.inputs, prepared.demand, prepared.survey, prepared.offers, choice)
    return [note for part in parts for note in part.notes]


def remark(note: Note) -> doc.Remark:
    """A note as the document keeps it."""
    return doc.Remark(code=note.code, values=plain(note.values))


def _settings(merged: Merged) -> list[doc.SettingPart]:
    """Every setting in force, flat, with its origin and unit."""
    parts = []
    for section, group in merged.settings:
        values = group.model_dump(mode="json")
        for key, field in type(group).model_fields.items():
            extra = field.json_schema_extra
            unit = str(extra.get("unit", "-")) if isinstance(extra, dict) else "-"
            name = f"{section}.{key}"
            parts.append(doc.SettingPart(key=name, value=values[key], origin=merged.origins[name], unit=unit))
    return parts
