"""The sites of a plan under other terms of money: who pays what then, and which limits no longer hold. The sites stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from planner.frames import COST_CATEGORIES, PAYERS
from planner.plan.assemble import remark
from planner.plan.document import Plan, Site
from planner.plan.ledgers import keep_books
from planner.plan.ledgers_again import audit
from planner.plan.money import Payers
from planner.plan.owed import removed
from planner.plan.recount import Prepared, records
from planner.plan.scribe import ledger
from planner.plan.values import add_payers
from planner.plan.wishes import Counted, money
from planner.plan.years import first_year, paid_anew
from planner.settings import Settings
from planner.terms import edited


def _paying(site: Site, offers: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The offer that pays for a site: that of its programme where that still may, else own money."""
    same = offers.get(f"{site.site_id}|{site.programme_id}")
    return same if same is not None and not same["why_not"] else offers[f"{site.site_id}|"]


def repriced(document: Plan, prepared: Prepared, settings: Settings) -> tuple[Plan, list[Counted]]:
    """The same sites paid anew.

    Every site keeps its programme; where that no longer pays for it, it is bought with own money. A plan made anew may use
    the programmes better.

    Parameters
    ----------
    document
        The plan whose sites stay.
    prepared
        The plan's town with its offers priced under the other terms.
    settings
        These terms.

    Returns
    -------
    tuple
        The plan with payers, years, ledgers and their notes, programmes and offers removed by rule as they are then (coverage
        and plan_id are the document's own), and every limit that is passed: rule, what is counted, limit.
    """
    table = prepared.offers.table
    here = {r["offer_id"]: r for r in records(table[table["action_id"].isin([s.site_id for s in document.sites])])}
    chosen = [_paying(site, here) for site in document.sites]
    phases, built = paid_anew(document.phases, settings, chosen)
    books, notes = keep_books(prepared, settings, chosen, built)
    audit(books, prepared, chosen, built)
    sites = []
    for site, offer in zip(document.sites, chosen, strict=True):
        terms = {
            "programme_id": offer["programme_id"],
            "cost_yen": {c: offer[f"{c}_yen"] for c in COST_CATEGORIES},
            "total_yen": sum(offer[f"{c}_yen"] for c in COST_CATEGORIES),
            "subsidy_yen": offer["subsidy_yen"],
            "payers": Payers(**{f"{p}_yen": offer[f"{p}_yen"] for p in PAYERS}),
            "running_yen_per_year": offer["running_yen_per_year"],
            "fiscal_year": first_year(settings) + built[offer["offer_id"]] if built else None,
        }
        sites.append(site.model_copy(update=terms))
    broken = [c for c in money(records(prepared.offers.caps), settings, chosen) if c[1] > c[2]]
    dearest = max(phases, key=lambda p: p.payers.municipality_yen - p.own_yen, default=None)
    if dearest is not None and dearest.payers.municipality_yen > dearest.own_yen:
        broken.append(("yearly_own_yen", dearest.payers.municipality_yen, dearest.own_yen))
    outside = sum(bool(offer["why_not"]) for offer in chosen)
    broken += [("why_not", outside, 0)] if outside else []
    duties = document.duties
    if duties is not None:
        programmes = list(edited(prepared.inputs.programmes, settings.programmes))
        duties = duties.model_copy(update={"removed": removed(prepared), "programmes": programmes})
    money_parts = {
        "sites": sites,
        "payers": add_payers(s.payers for s in sites),
        "total_yen": sum(s.total_yen for s in sites),
        "running_yen_per_year": sum(s.running_yen_per_year for s in sites),
        "ledger": ledger(prepared.inputs.programmes, sites),
        "ledgers": books,
        "duties": duties,
        "phases": phases,
        "notes": [*document.notes, *(told for n in notes if (told := remark(n)) not in document.notes)],
    }
    return document.model_copy(update=money_parts), broken
