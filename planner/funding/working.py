"""One subsidy worked out step by step, as a finance officer would with a pocket calculator. Whole yen, exact fractions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from planner.errors import InputError, Note
from planner.programmes import PAYERS, Programme, Variant, When


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


@dataclass
class _Sum:
    """An amount on its way through the rules."""

    yen: Fraction
    steps: list[Step] = field(default_factory=list)

    def take(self, rule: str, after: Fraction | int | None) -> None:
        """Go on with ``after`` (None: the rule does not bind anything here and is not listed)."""
        if after is None:
            return
        self.steps.append(Step(rule, int(self.yen), int(after)))
        self.yen = Fraction(after)

    def cut(self, rule: str, cap_yen: int | None) -> None:
        """A ceiling."""
        self.take(rule, None if cap_yen is None else min(self.yen, Fraction(cap_yen)))


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
        raise InputError("programme_incomplete", f"{programme.id}: {listed}", id=programme.id, missing=listed)
    terms = terms_of(programme, facts)
    whole = sum(costs.values())
    counted = {c: yen for c, yen in costs.items() if _eligible(programme, c)}
    amount = _Sum(Fraction(whole))
    amount.take("eligible_categories", sum(counted.values()))
    for variant in programme.variants:
        name, cap = variant.when.category, _cost_cap(variant)
        if name in counted and cap is not None:
            counted[name] = min(counted[name], cap * cameras)
    amount.take("category_cap", sum(counted.values()) if sum(counted.values()) < amount.yen else None)
    cost_cap = terms.eligible_cost_cap_per_camera_yen
    amount.cut("eligible_cost_cap", None if cost_cap is None else cost_cap * cameras)
    eligible = int(amount.yen)
    least = programme.min_eligible_cost_yen
    amount.take("min_eligible_cost", None if least is None or amount.yen >= least else 0)
    amount.take("rate", None if terms.rate is None else amount.yen * terms.rate)
    amount.cut("amount_per_site", programme.amount_per_site_yen)
    amount.cut("cap_per_camera", _camera_caps(programme, facts, cameras))
    _site_cap(amount, terms, counted)
    amount.cut("cap_total", terms.cap_total_yen)
    unit = programme.rounding_yen or 1
    amount.take("rounding", amount.yen // unit * unit)
    subsidy = int(amount.yen)
    return Worked(
        eligible, subsidy, _payers(programme, facts, whole, subsidy), tuple(amount.steps), _notes(programme, costs)
    )


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


def _site_cap(amount: _Sum, terms: Terms, counted: Mapping[str, int]) -> None:
    """The ceiling of the site; the part for an own pole can be used for the pole alone."""
    if terms.cap_per_site_yen is None:
        return
    cap = terms.cap_per_site_yen + terms.add_per_site_yen
    if terms.pole_part_yen is not None and amount.yen > 0:
        pole = Fraction(counted.get("pole", 0), max(sum(counted.values()), 1)) * amount.yen
        part = min(terms.pole_part_yen, cap)
        cap = cap - part + int(min(Fraction(part), pole))
    amount.cut("cap_per_site", cap)


def _payers(programme: Programme, facts: When, whole: int, subsidy: int) -> dict[str, int]:
    """Who pays: the funders their shares of the subsidy, the recipient the rest of the cost."""
    paid = dict.fromkeys(PAYERS, 0)
    shares = programme.funders or {programme.payer: Fraction(1)}
    total = sum(shares.values())
    left = subsidy
    for name, share in list(shares.items())[:-1]:
        paid[name] += (part := int(subsidy * share / total))
        left -= part
    paid[list(shares)[-1]] += left
    paid["municipality" if programme.to_municipality(facts.applicant) else "local_body"] += whole - subsidy
    return {f"{name}_yen": yen for name, yen in paid.items()}


def _notes(programme: Programme, costs: Mapping[str, int]) -> tuple[Note, ...]:
    """What a reader must know besides the sum."""
    notes = []
    listed = {*(programme.eligible_categories or ()), *programme.ineligible_categories}
    unlisted = sorted(c for c, yen in costs.items() if yen and c not in listed)
    if unlisted:
        notes.append(Note("categories_unlisted", {"id": programme.id, "categories": unlisted}))
    if programme.rate is None and programme.amount_per_site_yen is None:
        notes.append(Note("programme_without_rate", {"id": programme.id}))
    prose = [v.when.text for v in programme.variants if v.when.text]
    if prose:
        notes.append(Note("variants_in_prose", {"id": programme.id, "texts": prose}))
    if programme.conditions:
        notes.append(Note("conditions_in_prose", {"id": programme.id, "texts": list(programme.conditions)}))
    return tuple(notes)
