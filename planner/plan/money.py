"""The ledgers of a plan as a part of its document: who pays what in which fiscal year, how it is booked, what it costs to keep."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Nature = Literal["capital", "rounding", "fixed", "running", "renewal"]
Source = Literal["national", "prefecture", "bond", "other", "general"]
SOURCES: tuple[Source, ...] = ("national", "prefecture", "bond", "other", "general")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Payers(_Frozen):
    """Who pays: the four add up to the cost."""

    national_yen: int
    prefecture_yen: int
    municipality_yen: int
    local_body_yen: int


class LedgerRow(_Frozen):
    """What one programme (id empty: none) has to do with one kind of cost in one fiscal year; the payers add up to the total.

    ``rounding``: what a programme cuts off its application as a whole, moved from its funders to the municipality (total 0).
    """

    fiscal_year: int
    nature: Nature
    programme_id: str
    payers: Payers
    total_yen: int


class BudgetLine(_Frozen):
    """One line of a budget request: a section (節) or a source of money, in yen and as printed in thousands."""

    name: str
    yen: int
    thousand_yen: int


class BudgetYear(_Frozen):
    """The municipality's own budget of one fiscal year: what is spent by section, and where it comes from."""

    fiscal_year: int
    sections: list[BudgetLine]
    sources: list[BudgetLine]


class HorizonSite(_Frozen):
    """What one site costs over the years: bought or leased. ``avoided_yen``: renewals of the old camera that fall away."""

    site_id: str
    rank: int
    purchase_yen: int
    running_yen: int
    renewal_yen: int
    avoided_yen: int
    total_yen: int
    lease_yen_per_year: int
    lease_total_yen: int


class BaselineYear(_Frozen):
    """What the municipality's standing cameras cost in one fiscal year if nothing is done."""

    fiscal_year: int
    due: int
    renewal_yen: int
    running_yen: int


class StandingRenewal(_Frozen):
    """When one standing camera of the municipality is due for renewal (None: not known)."""

    camera_id: str
    asset_number: str
    funds: str
    acquired_on: str
    locked_until: str
    fiscal_year: int | None
    origin: Literal["register", "service_life", "unknown"]
    renewal_yen: int


class Commitment(_Frozen):
    """A lease of all devices of the plan: what is promised beyond the first year (債務負担行為, 長期継続契約)."""

    first_fiscal_year: int
    years: int
    yen_per_year: int
    limit_yen: int  # of the years after the first


class Outreach(_Frozen):
    """What a site would cost if a local body installed it: to be asked for, never counted (働きかけ)."""

    site_id: str
    programme_id: str
    municipality_yen: int
    local_body_yen: int
    other_yen: int


class Ledgers(_Frozen):
    """All of it. Fiscal years run from the year of installation (capital) to ``horizon_years`` later."""

    fiscal_year: int
    horizon_years: int
    rows: list[LedgerRow]
    budget: list[BudgetYear]
    horizon: list[HorizonSite]
    baseline: list[BaselineYear]
    renewals: list[StandingRenewal]
    lease: Commitment | None
    outreach: list[Outreach]
