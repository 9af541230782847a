"""What a subsidy programme is: rates, ceilings, conditions, payers, years, sources - as data. None: not stated, never guessed.

Every shape found among the real programmes can be written down: a rate by place, a ceiling per camera, per site, per body
and year, a ceiling on the cost that counts, a fixed amount, a lower ceiling for the second camera on a recorder or the
second site, a supplement for an own pole, a least total, rounding, categories, shares per funder, running costs.
"""

from __future__ import annotations

import datetime as dt
import math
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

from planner.errors import Note

PAYERS = ("national", "prefecture", "municipality", "local_body")
Payer = Literal["national", "prefecture", "municipality", "local_body"]
Kind = Literal["install", "extend", "renew", "repair", "remove"]
# what an action can cost, and what programmes name besides; a category in no list is not eligible
CATEGORIES = (
    *("camera", "recorder", "installation", "pole", "cable", "signage", "repair", "removal"),
    *("adjustment", "bollard", "bracket", "consumables", "documents", "dummy", "electricity", "housing", "insurance"),
    *("land", "lease", "lease_first_year", "lease_with_transfer", "lighting", "live_monitoring", "maintenance"),
    *("maintenance_paid_with_purchase", "monitor", "network_camera", "occupancy_fee", "patrol_goods", "permit_fee"),
    *("playback_pc", "pole_attachment_fee", "publicity", "relocation", "renewal", "running", "setup_unspecified"),
    *("spare", "study", "training", "transfer_fee"),
)
_AND = "+"
RUNNING = ("electricity", "pole_attachment_fee", "maintenance", "occupancy_fee", "insurance", "running", "consumables")


def _fraction(value: Any) -> Fraction | None:
    """A rate as it is written: 2/3, 0.75, 1."""
    return None if value is None else Fraction(str(value))


def _known_category(value: str) -> str:
    """A cost category that somebody can mean."""
    if value not in CATEGORIES:
        raise ValueError(f"{value!r} is no cost category; known are {', '.join(CATEGORIES)}")
    return value


Category = Annotated[str, AfterValidator(_known_category)]
Share = Annotated[Fraction, BeforeValidator(_fraction), PlainSerializer(str), Field(ge=0, le=1)]
Yen = Annotated[int, Field(ge=0)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class When(_Frozen):
    """Under which circumstances a variant holds: every key that is given must fit. Keys, not prose.

    ``place``: a word of the municipality's for where the camera stands (school_route ...); ``unit_from``: from the nth
    camera (or site) on; ``recorder``: own, shared (on a recorder that is there), none, only; ``days``: kept at least.
    """

    place: str | None = None
    unit_from: int | None = Field(None, ge=2)
    own_pole: bool | None = None
    joint: bool | None = None
    kind: Kind | None = None
    applicant: str | None = None
    category: Category | None = None
    recorder: Literal["own", "shared", "none", "only"] | None = None
    power: Literal["mains", "solar"] | None = None
    days: int | None = Field(None, ge=1)
    text: str | None = None  # a condition in prose: shown, and never taken to hold

    def fits(self, facts: When) -> bool:
        """Whether these circumstances are there."""
        if self.text is not None:
            return False
        for key in ("place", "own_pole", "joint", "kind", "applicant", "category", "recorder", "power"):
            wanted = getattr(self, key)
            if wanted is not None and getattr(facts, key) != wanted:
                return False
        reached = (facts.unit_from or 1) >= (self.unit_from or 1)
        return reached and (self.days is None or (facts.days or 0) >= self.days)


class Variant(_Frozen):
    """Other terms that hold under circumstances; what is None stays as it is."""

    when: When
    rate: Share | None = None
    cap_per_camera_yen: Yen | None = None
    cap_per_site_yen: Yen | None = None
    cap_total_yen: Yen | None = None
    eligible_cost_cap_per_camera_yen: Yen | None = None
    eligible_cost_cap_per_camera_yen_per_year: Yen | None = None
    add_per_site_yen: Yen | None = None  # raises the ceiling of the site
    pole_part_yen: Yen | None = None  # of the ceiling, what is for the pole alone


class Source(_Frozen):
    """Where a figure was read."""

    title: str
    url: str | None = None
    kind: str = "official"


class Programme(_Frozen):
    """One subsidy programme as data.

    The subsidy is ``min(rate * min(eligible cost, ceiling on cost), ceilings)``, rounded down; `funding.work_out` goes
    through it step by step. ``funders`` splits the subsidy where several pay (shares of the eligible cost, adding up
    to the rate); otherwise ``payer`` pays all of it. What the subsidy leaves falls to the recipient.
    """

    id: str = Field(min_length=1, pattern=r"^[^+|]+$")  # both signs join ids elsewhere
    name_ja: str = Field(min_length=1)
    name_en: str = Field(min_length=1)
    payer: Literal["national", "prefecture", "municipality"]
    recipient: Literal["municipality", "local_body", "either"] = "municipality"
    jurisdiction_ja: str | None = None
    rate: Share | None = None
    rate_note: str | None = None
    funders: dict[Literal["national", "prefecture", "municipality"], Share] = {}
    amount_per_site_yen: Yen | None = None  # a fixed amount, never more than what it cost
    cap_per_camera_yen: Yen | None = None
    cap_per_site_yen: Yen | None = None
    cap_total_yen: Yen | None = None
    cap_total_basis: str | None = None
    cap_total_of: Literal["programme", "body", "application"] = "programme"
    eligible_cost_cap_per_camera_yen: Yen | None = None
    min_eligible_cost_yen: Yen | None = None
    min_total_yen: Yen | None = None  # an application for a smaller subsidy in all is refused
    fixed_cost_yen: Yen = 0  # what applying costs the municipality once
    fixed_running_yen_per_year: Yen = 0  # and by the year (a report, a licence)
    max_units: int | None = Field(None, ge=0)
    max_units_of: Literal["camera", "site"] = "camera"  # 台 or 箇所
    max_units_basis: str | None = None
    rounding_yen: int | None = Field(None, ge=1)
    rounding_per: Literal["item", "application"] = "application"
    eligible_categories: tuple[Category, ...] | None = None
    ineligible_categories: tuple[Category, ...] = ()
    kinds: tuple[Kind, ...] = ("install",)
    running: bool = False
    min_retention_days: int | None = Field(None, ge=1)
    max_retention_days: int | None = Field(None, ge=1)
    min_public_share: Share | None = None
    min_distance_m: float | None = Field(None, ge=0)
    stackable: bool = False  # beside any other programme that says the same
    stacks_on: tuple[str, ...] = ()  # pays, whatever these say, on what they leave
    joint: bool | None = None  # stated by the town: whether it applies together with others
    power: Literal["mains", "solar"] | None = None  # stated by the town, of places whose mount does not tell
    public_share: Share | None = None  # stated by the town: the share of every picture that is public ground
    variants: tuple[Variant, ...] = ()
    applicants: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    first_fiscal_year: int | None = None
    last_fiscal_year: int | None = None
    years_note: str | None = None
    closed: bool | None = None
    status: str | None = None
    verification: str | None = None
    notes: str | None = None
    checked_on: dt.date | None = None
    unconfirmed: tuple[str, ...] = ()  # fields that are our reading, not the source's word
    user_must_state: tuple[str, ...] = ()  # fields that only the town can know
    sources: tuple[Source, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _one_source(cls, values: Any) -> Any:
        """``source`` may be one text, one record or a list of records."""
        if not isinstance(values, dict) or "source" not in values:
            return values
        given = values["source"]
        several = given if isinstance(given, list) else [given]
        sources = [{"title": one} if isinstance(one, str) else one for one in several]
        return {**{k: v for k, v in values.items() if k != "source"}, "sources": sources}

    @model_validator(mode="after")
    def _of_a_piece(self) -> Programme:
        if self.funders and self.rate is not None and sum(self.funders.values()) != self.rate:
            raise ValueError(f"funders add up to {sum(self.funders.values())}, not to the rate {self.rate}")
        if self.id in self.stacks_on:
            raise ValueError("a programme cannot pay on what it leaves itself")
        return self

    @property
    def named(self) -> dict[str, str]:
        """Its name by language, as a value of notes."""
        return {"ja": self.name_ja, "en": self.name_en}

    def varies_by(self, key: Literal["joint", "power"]) -> bool:
        """Whether other terms hold under a circumstance that the town's tables may not tell."""
        return any(getattr(v.when, key) is not None for v in self.variants)

    @property
    def prose(self) -> tuple[str, ...]:
        """What its rules say in words alone: of its rate, its ceilings and its conditions."""
        told = (self.rate_note, self.cap_total_basis, self.max_units_basis, *self.conditions)
        return tuple(text for text in told if text)

    @property
    def source(self) -> str:
        """Where its figures were read, on one line."""
        return "; ".join(f"{s.title} {s.url}" if s.url else s.title for s in self.sources)

    @property
    def has_amount(self) -> bool:
        """Whether what it pays for one camera is stated: a rate, a fixed amount, or a ceiling up to which all is paid."""
        caps = (self.rate, self.amount_per_site_yen, self.cap_per_camera_yen, self.cap_per_site_yen)
        return any(value is not None for value in caps)

    def split(self, subsidy_yen: Any) -> dict[str, Any]:
        """A subsidy by the funder that grants it, whole yen; the last one bears what the others' cuts leave.

        ``subsidy_yen``: a whole number, or an array of them that holds products with the shares' numerators.
        """
        shares = self.funders or {self.payer: Fraction(1)}
        total, left = sum(shares.values()), subsidy_yen
        *others, last = shares
        paid: dict[str, Any] = {}
        for payer in others:
            part = shares[payer] / total
            paid[payer] = subsidy_yen * part.numerator // part.denominator
            left = left - paid[payer]
        return {**paid, last: left}

    def to_municipality(self, applicant: str | None) -> bool:
        """Whether the municipality itself receives the subsidy and bears the rest of the cost."""
        if self.recipient == "either":
            return applicant in (None, "municipality", "local_government", "core_city")
        return self.recipient == "municipality"

    def as_one_application(self, applicant: str | None) -> bool:
        """Whether all sites of a plan are one application: the municipality applies, and nothing is rounded per item."""
        return self.to_municipality(applicant) and self.rounding_per == "application"

    def least_subsidy_yen(self, *, one: bool) -> int | None:
        """The sum of subsidies below which a plan cannot use the programme.

        ``min_total_yen``; and for ``one`` application the least eligible cost times the highest rate, rounded up: subsidies
        are at most that share of the cost, so that a sum as large proves a cost as large (ceilings can make it stricter
        than the programme).
        """
        least = [] if self.min_total_yen is None else [self.min_total_yen]
        if one and self.min_eligible_cost_yen is not None:
            rates = [v.rate for v in self.variants if v.rate is not None]
            highest = max([Fraction(1) if self.rate is None else self.rate, *rates])
            least.append(math.ceil(highest * self.min_eligible_cost_yen))
        return max(least, default=None)

    @property
    def missing(self) -> tuple[str, ...]:
        """What must be known before it can be priced, and is not stated."""
        lacks = (("rate", not self.has_amount), ("eligible_categories", self.eligible_categories is None))
        asked = tuple(name for name in self.user_must_state if getattr(self, name) is None)
        return (*(name for name, absent in lacks if absent), *asked)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The fields that its sources do not state."""
        asked = (
            *("rate", "cap_per_camera_yen", "cap_per_site_yen", "cap_total_yen", "eligible_cost_cap_per_camera_yen"),
            *("min_eligible_cost_yen", "max_units", "rounding_yen", "eligible_categories", "min_retention_days"),
            *("max_retention_days", "first_fiscal_year", "closed", "checked_on"),
        )
        return tuple(name for name in asked if getattr(self, name) is None)

    def standing_in(self, fiscal_year: int) -> tuple[str, ...]:
        """Codes of doubt about a fiscal year: ``programme_closed``, ``programme_expired``, ``programme_not_begun``, ``programme_unchecked``."""
        doubts = []
        if self.closed:
            doubts.append("programme_closed")
        if self.last_fiscal_year is not None and fiscal_year > self.last_fiscal_year:
            doubts.append("programme_expired")
        if self.first_fiscal_year is not None and fiscal_year < self.first_fiscal_year:
            doubts.append("programme_not_begun")
        if self.checked_on is None or fiscal_year_of(self.checked_on) != fiscal_year or self.first_fiscal_year is None:
            doubts.append("programme_unchecked")
        return tuple(doubts)

    def doubts(self, fiscal_year: int) -> tuple[Note, ...]:
        """The same as notes, with what the source says of its years."""
        told = {"name": self.named, "year": fiscal_year, "years": self.years_note or "-", "status": self.status or "-"}
        return tuple(Note(code, told) for code in self.standing_in(fiscal_year))


def stacked(one: Programme, other: Programme) -> tuple[Programme, Programme] | None:
    """Two programmes in the order in which they pay for one action; None where they do not say that they may.

    Either says so itself (``stacks_on``) and pays second, or both are ``stackable`` and pay in the order given.
    """
    if one.id in other.stacks_on:
        return one, other
    if other.id in one.stacks_on:
        return other, one
    return (one, other) if one.stackable and other.stackable else None


def together(first: Programme, second: Programme) -> str:
    """The id under which two programmes on one action are kept."""
    return f"{first.id}{_AND}{second.id}"


def parts_of(programme_id: str) -> list[str]:
    """The programmes behind an id: none for own money, one, or two."""
    return programme_id.split(_AND) if programme_id else []


def fiscal_year_today() -> int:
    """The fiscal year of today in Japan."""
    return fiscal_year_of(dt.datetime.now(dt.timezone(dt.timedelta(hours=9))).date())


def fiscal_year_of(day: dt.date) -> int:
    """The Japanese fiscal year of a day: from April."""
    return day.year - (day.month < 4)
