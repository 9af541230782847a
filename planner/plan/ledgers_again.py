"""Adds the ledgers of a plan up again, from its offers, in the plainest way, and refuses what does not add up.

Nothing is shared with ``ledgers`` and ``request``: plain sums over offers against plain sums over what was written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from planner.errors import PlannerError
from planner.frames import COST_CATEGORIES, PAYERS
from planner.plan.money import Ledgers
from planner.plan.recount import Prepared
from planner.plan.wishes import subsidies
from planner.programmes import parts_of


def audit(
    ledgers: Ledgers, prepared: Prepared, chosen: list[dict[str, Any]], built: Mapping[str, int] | None = None
) -> None:
    """Hold the ledgers against the chosen offers, and the year in which each is ``built`` (counted from the first).

    Raises
    ------
    PlannerError
        ``recount_differs``, naming the sum: payers of a row, capital in all and by payer, subsidies after rounding,
        running costs a year, costs over the horizon, sections and sources of a budget in yen and in thousands.
    """
    for row in ledgers.rows:
        paid = row.payers.national_yen + row.payers.prefecture_yen + row.payers.municipality_yen
        _same(f"payers {row.fiscal_year} {row.nature}", paid + row.payers.local_body_yen, row.total_yen)
    capital = [r for r in ledgers.rows if r.nature == "capital"]
    cost = sum(int(o[f"{c}_yen"]) for o in chosen for c in COST_CATEGORIES)
    _same("capital_yen", sum(r.total_yen for r in capital), cost)
    for payer in PAYERS:
        column = f"{payer}_yen"
        _same(column, sum(getattr(r.payers, column) for r in capital), sum(int(o[column]) for o in chosen))
    later = built or {}
    _programmes(ledgers, prepared, chosen, later)
    for year in range(ledgers.fiscal_year + 1, ledgers.fiscal_year + ledgers.horizon_years + 1):
        rows = [r for r in ledgers.rows if r.nature == "running" and r.fiscal_year == year]
        there = [o for o in chosen if ledgers.fiscal_year + later.get(o["offer_id"], 0) < year]
        running = sum(int(o["running_yen_per_year"]) for o in there)
        own = sum(int(o["municipality_running_yen_per_year"]) for o in there)
        _same(f"running {year}", sum(r.total_yen for r in rows), running)
        _same(f"municipality running {year}", sum(r.payers.municipality_yen for r in rows), own)
    avoided = sum(s.avoided_yen for s in ledgers.horizon)
    fixed = sum(r.total_yen for r in ledgers.rows if r.nature == "fixed")
    whole = sum(r.total_yen for r in ledgers.rows) - fixed - avoided
    _same("horizon_yen", sum(s.total_yen for s in ledgers.horizon), whole)
    _budgets(ledgers)


def _programmes(ledgers: Ledgers, prepared: Prepared, chosen: list[dict[str, Any]], built: Mapping[str, int]) -> None:
    """What a programme pays is its sites' subsidies, rounded down once a year where the municipality applies once."""
    for programme in prepared.inputs.programmes:
        given: dict[int, int] = defaultdict(int)
        for offer in chosen:
            given[built.get(offer["offer_id"], 0)] += sum(yen for name, yen in subsidies(offer) if name == programme.id)
        shared = any(programme.id in parts_of(o["programme_id"])[:2] and "+" in o["programme_id"] for o in chosen)
        if programme.as_one_application(prepared.inputs.town.applicant):
            unit = programme.rounding_yen or 1
            funders = [f"{p}_yen" for p in (programme.funders or (programme.payer,))]
            rows = [r for r in ledgers.rows if r.programme_id == programme.id and r.nature in ("capital", "rounding")]
            # what it pays to itself cannot be told from the rest of the cost, nor from a second programme on the same site
            if "municipality_yen" in funders or shared:
                continue
            paid = sum(getattr(r.payers, f) for r in rows for f in funders)
            _same(f"subsidy_yen {programme.id}", paid, sum(yen // unit * unit for yen in given.values()))


def _budgets(ledgers: Ledgers) -> None:
    """Sections and sources of every year add up in yen and as printed, and to what the municipality's ledger says."""
    for sheet in ledgers.budget:
        for unit in ("yen", "thousand_yen"):
            spent = sum(getattr(line, unit) for line in sheet.sections)
            _same(f"budget {sheet.fiscal_year} {unit}", sum(getattr(line, unit) for line in sheet.sources), spent)
        own = sum(line.yen for line in sheet.sources if line.name in ("bond", "other", "general"))
        rows = [r for r in ledgers.rows if r.fiscal_year == sheet.fiscal_year]
        _same(f"municipality {sheet.fiscal_year}", own, sum(r.payers.municipality_yen for r in rows))


def _same(what: str, stated: int, counted: int) -> None:
    """Raise unless two sums are equal."""
    if stated != counted:
        raise PlannerError(
            "recount_differs",
            f"{what} {stated} counted again is {counted}",
            what=what,
            stated=stated,
            counted=counted,
        )
