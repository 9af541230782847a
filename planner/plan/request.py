"""The budget request: spending by section (節) and where it comes from, in yen and in thousands that add up (P16).

Sections are rounded up to a thousand yen, specific revenues (state, prefecture, bond, other) down, and general revenue is
what is left: so the printed columns add up exactly, the request covers the spending, and no revenue is overstated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from planner import assumptions
from planner.errors import Note
from planner.plan.money import SOURCES, BudgetLine, BudgetYear, Source
from planner.settings import FundingSettings

THOUSAND = 1_000


class Spending(NamedTuple):
    """What the municipality spends on one category in one fiscal year; ``first``: bought, not by the year."""

    fiscal_year: int
    category: str
    yen: int
    first: bool = True


class Revenue(NamedTuple):
    """What reaches the municipality's budget from the state or the prefecture in one fiscal year."""

    fiscal_year: int
    payer: Source
    yen: int


def budget(
    spending: Sequence[Spending], revenues: Sequence[Revenue], years: Sequence[int], funding: FundingSettings
) -> tuple[list[BudgetYear], tuple[Note, ...]]:
    """The municipality's budget of every year.

    Parameters
    ----------
    spending
        By year and category.
    revenues
        Subsidies that pass through the municipality.
    years
        Fiscal years of the horizon.
    funding
        ``sections`` and ``bond_yen`` (used in the first year, up to what the municipality bears of it).

    Returns
    -------
    tuple
        One sheet a year, and note ``bond_above_capital``.
    """
    booked = _sections(funding)
    sections: dict[int, dict[str, int]] = {year: defaultdict(int) for year in years}
    for spent in spending:
        sections[spent.fiscal_year][booked[spent.category, spent.first]] += spent.yen
    sources = {year: dict.fromkeys(SOURCES, 0) for year in years}
    for got in revenues:
        sources[got.fiscal_year][got.payer] += got.yen
    own = {year: sum(sections[year].values()) - sum(sources[year].values()) for year in years}
    bond = min(funding.bond_yen, max(own[years[0]], 0))
    sources[years[0]]["bond"] = bond
    notes: tuple[Note, ...] = ()
    if bond < funding.bond_yen:
        notes = (Note("bond_above_capital", {"bond_yen": funding.bond_yen, "capital_yen": bond}),)
    return [_sheet(year, sections[year], sources[year]) for year in years], notes


def _sheet(year: int, sections: Mapping[str, int], sources: Mapping[Source, int]) -> BudgetYear:
    """One year in yen and thousands; general revenue is what the other sources leave."""
    spent = [BudgetLine(name=n, yen=yen, thousand_yen=-(-yen // THOUSAND)) for n, yen in sections.items() if yen]
    specific = [
        BudgetLine(name=n, yen=sources[n], thousand_yen=sources[n] // THOUSAND) for n in SOURCES if n != "general"
    ]
    general = BudgetLine(
        name="general",
        yen=sum(s.yen for s in spent) - sum(s.yen for s in specific),
        thousand_yen=sum(s.thousand_yen for s in spent) - sum(s.thousand_yen for s in specific),
    )
    return BudgetYear(fiscal_year=year, sections=spent, sources=[*specific, general])


def _sections(funding: FundingSettings) -> dict[tuple[str, bool], str]:
    """Section of every category, bought (True) or by the year (False): the town's word, else ``cost_categories.csv``."""
    found = {}
    for row in assumptions.rows("cost_categories"):
        named = funding.sections.get(row["category"])
        for first, column in ((True, "section"), (False, "yearly_section")):
            found[row["category"], first] = named or row[column]
    return found
