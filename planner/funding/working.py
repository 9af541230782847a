"""Subsidies worked out step by step, as a finance officer would with a pocket calculator: whole yen, exact fractions.

One site (`work_out`) and thousands (`work_through`) go through the same rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.errors import InputError, Note
from planner.programmes import PAYERS, Programme, Variant, When

Yen = NDArray[np.int64]
_MOST_YEN = 10**12  # no cost and no ceiling of a camera is larger
_EXACT = 2**62  # products beyond it leave 64 bits: whole numbers of any size are used then


@dataclass(frozen=True)
class Step:
    """One rule and what it made of the amount, yen."""

    rule: str
    before_yen: int
    after_yen: int


@dataclass(frozen=True)
class Worked:
    """What a programme pays for one site in one application, yen; ``payers`` add up to the whole cost."""

    eligible_yen: int
    subsidy_yen: int
    payers: Mapping[str, int]
    steps: tuple[Step, ...]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Through:
    """The same for many sites under equal circumstances; arrays (sites,), yen.

    ``granted``: the subsidy by the payer that grants it; ``left``: what the recipient bears. ``steps``: rule, before,
    after, and whether the rule is told only where it binds.
    """

    eligible: Yen
    subsidy: Yen
    granted: Mapping[str, Yen]
    left: Yen
    recipient: str
    steps: tuple[tuple[str, Yen, Yen, bool], ...]

    @property
    def payers(self) -> dict[str, Yen]:
        """Who pays the whole cost."""
        paid = dict(self.granted)
        paid[self.recipient] = paid[self.recipient] + self.left
        return paid


def _times(yen: NDArray[Any], fraction: Fraction) -> tuple[NDArray[Any], int]:
    """Amounts times a fraction: numerators and the one denominator."""
    if max(fraction.numerator, fraction.denominator) * _MOST_YEN > _EXACT:
        yen = yen.astype(object)
    return yen * fraction.numerator, fraction.denominator


@dataclass
class _Sums:
    """Amounts on their way through the rules: ``over / under`` yen."""

    over: NDArray[Any]
    under: int = 1
    steps: list[tuple[str, Yen, Yen, bool]] = field(default_factory=list)

    @property
    def yen(self) -> Yen:
        """Cut to whole yen."""
        return np.asarray(self.over // self.under, dtype=np.int64)

    def take(self, rule: str, over: NDArray[Any], *, quiet: bool = False) -> None:
        """Go on with other amounts (over the same denominator); ``quiet``: told only where the rule binds."""
        before, self.over = self.yen, over
        self.steps.append((rule, before, self.yen, quiet))

    def cut(self, rule: str, cap_yen: Yen | int | None) -> None:
        """A ceiling (None: there is none)."""
        if cap_yen is not None:
            self.take(rule, np.minimum(self.over, self.whole(np.minimum(cap_yen, _MOST_YEN))))

    def whole(self, yen: Yen) -> NDArray[Any]:
        """Whole yen over the same denominator."""
        return np.asarray(yen).astype(self.over.dtype) * self.under

    def rate(self, rate: Fraction | None) -> None:
        """Times a rate."""
        if rate is not None:
            before = self.yen
            self.over, self.under = _times(self.over, rate)
            self.steps.append(("rate", before, self.yen, False))


def work_out(programme: Programme, costs: Mapping[str, int], facts: When, cameras: int = 1) -> Worked:
    """The subsidy for one site.

    Parameters
    ----------
    programme
        With an amount and categories (``programme.missing`` is empty).
    costs
        Yen by category; running costs by the year where the programme is for these.
    facts
        The circumstances at hand: which variants hold. ``unit_from``: the how many-th site (or camera) of the body this is.
    cameras
        Cameras at the site, at least 1; from the second on a variant for the second camera may hold.

    Raises
    ------
    InputError
        ``programme_incomplete`` of `work_through`.
    """
    found = work_through(programme, {c: np.array([yen], np.int64) for c, yen in costs.items()}, facts, cameras)
    told = [Step(r, int(b[0]), int(a[0])) for r, b, a, quiet in found.steps if not quiet or b[0] != a[0]]
    payers = {f"{payer}_yen": int(yen[0]) for payer, yen in found.payers.items()}
    return Worked(int(found.eligible[0]), int(found.subsidy[0]), payers, tuple(told), _notes(programme, costs))


def work_through(programme: Programme, costs: Mapping[str, Yen], facts: When, cameras: int = 1) -> Through:
    """The subsidies of many sites under the same circumstances.

    Parameters
    ----------
    programme, facts, cameras
        As in `work_out`.
    costs
        Yen by category, each of shape (sites,).

    Raises
    ------
    InputError
        ``programme_incomplete``: what it pays, or for what, is not stated (``missing`` names it).

    Notes
    -----
    Steps, in this order (those that a programme does not have are left out)::

        eligible_categories   costs in an eligible category and in no ineligible one
        category_cap          ceiling on the cost of one category
        eligible_cost_cap     cameras x ceiling on the cost that counts
        min_eligible_cost     0 below the least total
        rate                  x rate            (without a rate: all of it, up to the ceilings)
        amount_per_site       the fixed amount, at most the cost
        cap_per_camera        sum of the cameras' ceilings
        cap_per_site          ceiling of the site, raised by supplements; the pole's part is for the pole alone
        cap_total             ceiling of the application, body or programme
        rounding              down to a multiple of ``rounding_yen`` (not stated: whole yen)
    """
    if programme.missing:
        listed = list(programme.missing)
        told = {"id": programme.id, "name": programme.named, "missing": listed}
        raise InputError("programme_incomplete", f"{programme.id}: {listed}", **told)
    terms = terms_of(programme, facts)
    none = np.zeros(len(next(iter(costs.values()), ())), np.int64)
    whole = np.asarray(sum(costs.values(), none), dtype=np.int64)
    counted = {c: yen for c, yen in costs.items() if _eligible(programme, c)}
    amount = _Sums(whole)
    amount.take("eligible_categories", sum(counted.values(), none))
    for variant in programme.variants:
        name, cap = variant.when.category, _cost_cap(variant)
        if name in counted and cap is not None:
            counted[name] = np.minimum(counted[name], cap * cameras)
    amount.take("category_cap", sum(counted.values(), none), quiet=True)
    cost_cap = terms.eligible_cost_cap_per_camera_yen
    amount.cut("eligible_cost_cap", None if cost_cap is None else cost_cap * cameras)
    eligible = amount.yen
    if programme.min_eligible_cost_yen is not None:
        enough = np.where(eligible >= programme.min_eligible_cost_yen, amount.over, 0)
        amount.take("min_eligible_cost", enough, quiet=True)
    amount.rate(terms.rate)
    amount.cut("amount_per_site", programme.amount_per_site_yen)
    amount.cut("cap_per_camera", _camera_caps(programme, facts, cameras))
    amount.cut("cap_per_site", _site_cap(amount, terms, counted))
    amount.cut("cap_total", terms.cap_total_yen)
    unit = programme.rounding_yen or 1
    subsidy = amount.yen // unit * unit
    amount.take("rounding", amount.whole(subsidy))
    recipient = "municipality" if programme.to_municipality(facts.applicant) else "local_body"
    return Through(eligible, subsidy, _granted(programme, subsidy), whole - subsidy, recipient, tuple(amount.steps))


def _eligible(programme: Programme, category: str) -> bool:
    """A category in no list is not eligible; one in both is not either."""
    return category in (programme.eligible_categories or ()) and category not in programme.ineligible_categories


@dataclass(frozen=True)
class Terms:
    """The terms in force under given circumstances."""

    rate: Fraction | None
    cap_per_camera_yen: int | None
    cap_per_site_yen: int | None
    cap_total_yen: int | None
    eligible_cost_cap_per_camera_yen: int | None
    add_per_site_yen: int
    pole_part_yen: int | None


def terms_of(programme: Programme, facts: When) -> Terms:
    """The programme's terms, overlaid by the variants that hold: the more circumstances a variant names, the later."""
    values = {
        name: getattr(programme, name)
        for name in (
            "rate",
            "cap_per_camera_yen",
            "cap_per_site_yen",
            "cap_total_yen",
            "eligible_cost_cap_per_camera_yen",
        )
    }
    supplement, pole_part = 0, None
    holding = [v for v in programme.variants if v.when.category is None and v.when.fits(facts)]
    for variant in sorted(holding, key=lambda v: len(v.when.model_dump(exclude_none=True))):
        values |= {name: getattr(variant, name) for name in values if getattr(variant, name) is not None}
        supplement += variant.add_per_site_yen or 0
        pole_part = variant.pole_part_yen if variant.pole_part_yen is not None else pole_part
    return Terms(**values, add_per_site_yen=supplement, pole_part_yen=pole_part)


def _cost_cap(variant: Variant) -> int | None:
    """A ceiling on the cost of one category, at once or by the year."""
    at_once, yearly = variant.eligible_cost_cap_per_camera_yen, variant.eligible_cost_cap_per_camera_yen_per_year
    return at_once if at_once is not None else yearly


def _camera_caps(programme: Programme, facts: When, cameras: int) -> int | None:
    """The cameras' ceilings together: from the second camera on, the terms of a further unit on a shared recorder hold."""
    first = terms_of(programme, facts).cap_per_camera_yen
    if first is None:
        return None
    further = facts.model_copy(update={"unit_from": max(facts.unit_from or 1, 2), "recorder": "shared"})
    second = terms_of(programme, further).cap_per_camera_yen
    return first + (cameras - 1) * (first if second is None else second)


def _site_cap(amount: _Sums, terms: Terms, counted: Mapping[str, Yen]) -> Yen | int | None:
    """The ceiling of the site; the part for an own pole can be used for the pole alone."""
    if terms.cap_per_site_yen is None:
        return None
    cap = terms.cap_per_site_yen + terms.add_per_site_yen
    if terms.pole_part_yen is None:
        return cap
    none = np.zeros(len(amount.over), np.int64)
    poles, all_costs = counted.get("pole", none), np.maximum(sum(counted.values(), none), 1)
    used = poles.astype(object) * amount.over // (all_costs * amount.under)  # the pole's part of the amount so far
    part = min(terms.pole_part_yen, cap)
    return np.asarray(cap - part + np.minimum(part, used), dtype=np.int64)


def _granted(programme: Programme, subsidy: Yen) -> dict[str, Yen]:
    """The funders' shares of the subsidy, whole yen."""
    shares = programme.funders.values()
    widest = max((share.numerator * sum(shares).denominator for share in shares), default=1)
    exact = subsidy if widest * _MOST_YEN <= _EXACT else subsidy.astype(object)
    paid: dict[str, Yen] = {payer: np.zeros_like(subsidy) for payer in PAYERS}
    return paid | {p: np.asarray(yen, dtype=np.int64) for p, yen in programme.split(exact).items()}


def _notes(programme: Programme, costs: Mapping[str, int]) -> tuple[Note, ...]:
    """What a reader must know besides the sum."""
    notes = []
    listed = {*(programme.eligible_categories or ()), *programme.ineligible_categories}
    unlisted = sorted(c for c, yen in costs.items() if yen and c not in listed)
    if unlisted:
        notes.append(Note("categories_unlisted", {"name": programme.named, "categories": unlisted}))
    if programme.rate is None and programme.amount_per_site_yen is None:
        notes.append(Note("programme_without_rate", {"name": programme.named}))
    prose = [v.when.text for v in programme.variants if v.when.text]
    if prose:
        notes.append(Note("variants_in_prose", {"name": programme.named, "texts": prose}))
    return (*notes, *told_in_prose(programme))


def told_in_prose(programme: Programme) -> list[Note]:
    """That a programme's rules must be read, where they say something in words alone."""
    texts = list(programme.prose)
    return [Note("conditions_in_prose", {"name": programme.named, "texts": texts})] if texts else []
