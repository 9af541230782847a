"""Programmes with fixed charges or a least total: combinations of used and unused ones, each a problem of its own (``using``).

The binary z_g of a programme is not left to branch and bound, where its relaxation is weak, but enumerated: there are few such
programmes. The best combination's best plan is the best plan, and the largest of the combinations' bounds is a bound for all.

A small model is solved for every combination, the one that uses every programme first: another one whose bound is no more than what
is known to be reached is looked into no further. In a large model the prices of the model itself, in which programmes cost
nothing, bound every combination at once, and a short search on the columns that look best at them tells which promises most.
That one is solved, and its better prices bound all again; another is solved only while it is the one whose bound keeps
the gap above the goal, and ``MOST_ENTRIES`` are not worked through. What is not solved counts with its bound.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from planner import frames
from planner.errors import InfeasibleError, Note, PlannerError
from planner.settings import Settings
from planner.siting import choosing, closer, search
from planner.siting.bounds import bound_at, check_bound
from planner.siting.choosing import ProvenChoice
from planner.siting.model import CoverModel, Multipliers
from planner.siting.part import Part, part_of
from planner.siting.pricing import found_prices, inside, shortlist
from planner.siting.rules import MOST, reserve
from planner.siting.search import Plan
from planner.siting.using import NONE, bound_using, outside, possible, using
from planner.siting.verifying import TOLERANCE
from planner.siting.verifying import verify as verify_one
from planner.work import Prove, Work, silent

OPEN = ("no_plan_found", "stopped_without_plan")  # a variant of which it is not known whether it has a plan
MOST_ENTRIES = 1_000_000  # entries and columns of a large model's variants that are solved, two at least
SHORT, SHORT_ROUNDS = 1_500, 5  # columns and rounds of the search that tells which variant promises most


@dataclass(frozen=True)
class Variant:
    """One combination of used programmes: its part of the problem and, once solved, its choice (None: none was found).

    Without a choice ``prices`` of the whole problem prove how much there can be at most.
    """

    used: tuple[str, ...]
    whole: CoverModel
    part: Part | None = None
    choice: ProvenChoice | None = None
    prices: Multipliers | None = None

    @property
    def model(self) -> CoverModel:
        """The problem in which just these programmes are used."""
        return self.whole if self.part is None else self.part.model

    @cached_property
    def bound(self) -> float:
        """What no plan of this combination can pass, offences a year."""
        if self.choice is not None:
            return self.choice.bound
        most = NONE if self.prices is None else bound_using(self.whole, self.prices, self.used)
        return max(0.0, most * self.whole.unit)


def variants(model: CoverModel) -> list[Variant]:
    """The problem once per combination of used programmes, most of them first (itself alone where no programme has such terms).

    Combinations that a rule rules out by itself are left out, as far as one is left.

    Raises
    ------
    PlannerError
        ``too_many_programmes``: more than ``MOST``.
    """
    if not model.charges:
        return [Variant((), model)]
    every = [Variant(used, model, part) for used in _sets(model) if (part := using(model, used)) is not None]
    return [v for v in every if possible(model, v.used)] or every[:1]


def _sets(model: CoverModel) -> list[tuple[str, ...]]:
    """All combinations of programmes with charges, most of them first."""
    programmes = [c.programme for c in model.charges]
    if len(programmes) > MOST:
        named = [model.given.offers.names.get(p, p) for p in programmes]
        values = {"number": len(programmes), "most": MOST, "programmes": named}
        raise PlannerError("too_many_programmes", f"{programmes}", **values)
    return [used for n in range(len(programmes), -1, -1) for used in itertools.combinations(programmes, n)]


def choose(model: CoverModel, settings: Settings, work: Work | None = None) -> ProvenChoice:
    """The best plan over all variants, with the largest of their bounds (see ``choosing.choose`` for the rest).

    Raises
    ------
    InfeasibleError
        ``no_plan_keeps_all_rules``: as said of the variant that uses every programme, else of the last one.
    PlannerError
        ``no_plan_found``: none was found in any variant, nor proven that there is none.
    """
    choosing.check_limits(model, settings)
    return _with_reserve(model, best_of(model, settings, work or Work()), work or Work())


def best_of(model: CoverModel, settings: Settings, work: Work, near: Sequence[frames.Choice] = ()) -> ProvenChoice:
    """The best plan of a model or of a part of one, over all variants; ``near`` and what it raises as of ``choosing.choose``."""
    if not model.charges or model.used is not None:
        return choosing.choose(model, settings, work, near)
    solve = _all_solved if model.small else _some_solved
    solved, refusal = solve(model, settings, work, near, patient=False)
    if solved and all(v.choice is None for v in solved):  # only now is it worth minutes to know whether one has a plan
        solved, refusal = solve(model, settings, work, near, patient=True)
    if all(v.choice is None for v in solved):
        raise refusal or PlannerError("no_plan_found", "no variant was solved", near_plan="")
    best = _best(solved, settings, work)
    work.prove(best.value, best.bound)
    return best


def _all_solved(
    model: CoverModel, settings: Settings, work: Work, near: Sequence[frames.Choice], *, patient: bool
) -> tuple[list[Variant], PlannerError | None]:
    """The variants that have or may have a plan, and what is said where none has one."""
    prove = work.prove
    solved: list[Variant] = []
    refusal: PlannerError | None = None
    every = variants(model)
    try:
        for variant in every:
            # until the last variant there is no bound for all, and a bound for some would be read as one
            work.prove = _of_all(prove, solved) if variant is every[-1] else silent
            found, told = solved_one(variant, solved, settings, work, near, patient=patient)
            refusal = _word(refusal, told)
            solved += [found] if found else []
    finally:
        work.prove = prove
    return solved, refusal


def _word(before: PlannerError | None, told: PlannerError | None) -> PlannerError | None:
    """What is said where no variant has a plan: of one that may have one, else of the first that provably has none."""
    return before if told is None or (before is not None and isinstance(told, InfeasibleError)) else told


def solved_one(
    variant: Variant,
    others: Sequence[Variant],
    settings: Settings,
    work: Work,
    near: Sequence[frames.Choice] = (),
    *,
    patient: bool,
) -> tuple[Variant | None, PlannerError | None]:
    """A variant with its choice or its prices (None: it provably has no plan), and why it has no choice."""
    known = [v.choice for v in others if v.choice is not None]
    most = max((choice.value for choice in known), default=0.0)
    try:
        found = choosing.choose(variant.model, settings, work, [*known, *near], most, patient=patient and not known)
        return replace(variant, choice=found), None
    except InfeasibleError as error:
        return None, error
    except PlannerError as error:
        if error.code not in OPEN:
            raise
        # what is not known of this variant must not hide what is known of the others
        prices = variant.prices or found_prices(variant.whole, 0, settings.siting.dual_rounds, work)[0]
        return replace(variant, prices=prices), error


def _some_solved(
    model: CoverModel, settings: Settings, work: Work, near: Sequence[frames.Choice], *, patient: bool
) -> tuple[list[Variant], PlannerError | None]:
    """All variants that may have a plan, those that promise most solved; and as ``_all_solved``."""
    left = _promising(model, settings, work)
    solved: list[Variant] = []
    refusal: PlannerError | None = None
    entries = 0
    while left and not (work.stopped and any(v.choice for v in solved)):
        if any(v.choice for v in solved):  # the first one promised most; from now on the largest bound is to be lowered
            left = _tightened(model, left, solved, settings, work)
            if not left or _within(left[0], solved, settings) or (len(solved) > 1 and entries >= MOST_ENTRIES):
                break
        variant = left.pop(0)
        part = using(model, variant.used)
        entries += 0 if part is None else part.model.net.pattern_layer.size + part.columns.size
        prove, work.prove = work.prove, _of_all(work.prove, [*solved, *left])
        try:
            found, told = solved_one(replace(variant, part=part), solved, settings, work, near, patient=patient)
        finally:
            work.prove = prove
        refusal = _word(refusal, told)
        solved += [found] if found else []
        prices = found.choice.multipliers if found is not None and found.choice is not None else None
        if prices is not None and part is not None:
            left = _bounded(left, outside(part, prices))
    return [*solved, *left], refusal


def _within(top: Variant, solved: Sequence[Variant], settings: Settings) -> bool:
    """Whether a variant's bound does not keep the gap open: near enough to the best plan, or below another bound."""
    best = max(v.choice.value for v in solved if v.choice is not None)
    most = max(v.bound for v in solved)
    return top.bound <= most or top.bound - best <= settings.siting.gap_goal * top.bound


def _bounded(some: Sequence[Variant], prices: Multipliers) -> list[Variant]:
    """Each variant with these prices where they bound it lower, the largest bound first."""
    lower = [min(v, replace(v, prices=prices), key=lambda one: one.bound) for v in some]
    return sorted(lower, key=lambda v: -v.bound)


def _tightened(
    model: CoverModel, left: Sequence[Variant], solved: Sequence[Variant], settings: Settings, work: Work
) -> list[Variant]:
    """The variants with prices of their own where their bound keeps the gap open, the largest bound first."""
    left, done = sorted(left, key=lambda v: -v.bound), set[tuple[str, ...]]()
    best = max((v.choice for v in solved if v.choice is not None), key=lambda c: c.value)
    while left and left[0].used not in done and not _within(left[0], solved, settings) and not work.stopped:
        top = left[0]
        done.add(top.used)
        part = using(model, top.used)
        if part is None or top.prices is None:
            break
        left = _bounded(left, outside(part, _prices(part, top.prices, best.chosen["offer_id"], settings, work)))
    return left


def _prices(part: Part, prices: Multipliers, offer_ids: Iterable[str], settings: Settings, work: Work) -> Multipliers:
    """Better prices of one combination from those of the whole: the linear program's where it is soon solved, else the dual's."""
    model, start = part.model, inside(part, prices)
    known = model.column_of.keys() & set(offer_ids)
    plan = Plan(search.of_offers(model, known), 0, search.dual_price(model, start))
    if closer.cheap(model):
        return closer.linear_prices(model, start, plan, work)[0]
    gain = sum(gain for _, gain in search.order_of_gain(model, plan.current))
    return found_prices(model, gain, settings.siting.dual_rounds, work, start)[0]


def _promising(model: CoverModel, settings: Settings, work: Work) -> list[Variant]:
    """The variants that a rule does not rule out, each with prices that bound it; the best after a short search first."""
    wish = settings.siting
    work.step("siting_search")
    first = search.settle(model, search.rest(model), search.price_mixes(model)[0], 0, wish.seed)
    prices, _ = found_prices(model, first.gain if first else 0, wish.dual_rounds, work)
    short = part_of(model, shortlist(model, prices, SHORT)).model
    price = search.dual_price(short, Multipliers(np.zeros(short.net.weight.size), prices.rule, prices.clique))
    lift = search.floor_price(model, prices)
    found: list[tuple[int, int, Variant]] = []
    for used in _sets(model):
        most = bound_using(model, prices, used)
        part = using(short, used) if most > NONE else None
        if part is not None:
            plan = _short_plan(part.model, price[part.columns], lift, wish.seed)
            found.append((NONE if plan is None else plan.gain, most, Variant(used, model, prices=prices)))
    found.sort(key=lambda entry: entry[:2], reverse=True)  # the sort is stable: of equals the one that uses most
    if not found:
        used = _sets(model)[0]
        return [Variant(used, model, prices=prices)]
    return [variant for *_, variant in found]


def _short_plan(model: CoverModel, price: np.ndarray, lift: np.ndarray, seed: int) -> Plan | None:
    """A plan by a short search (None: none found that keeps all rules)."""
    plan = search.settle(model, search.rest(model), price, search.START_PASSES, seed)
    if plan is None:
        return None
    steps = search.steps_of(SHORT_ROUNDS, model)
    current, gain = search.heat_bath(model, plan.current, price, steps, *search.heats_of(model), seed, None, lift)
    return Plan(current, gain, price) if gain > plan.gain else plan


def _with_reserve(model: CoverModel, choice: ProvenChoice, work: Work) -> ProvenChoice:
    """The choice with a note on what it keeps back, and what no plan could pass that spent it too.

    The model itself leaves out what the use of a programme costs: its bound at the whole own capital holds for every plan.
    """
    kept, programmes = reserve(model.given.offers, model.given.settings)
    if not kept:
        return choice
    settings = model.given.settings
    prices = choice.multipliers or found_prices(model, 0, settings.siting.dual_rounds, work)[0]
    most = bound_at(model, prices, settings.budget.own_capital_yen) * model.unit
    told = {"amount": kept, "number": len(programmes), "most_per_year": max(most, choice.bound)}
    return replace(choice, notes=(*choice.notes, Note("rounding_reserve", told)))


def _of_all(prove: Prove, solved: Sequence[Variant]) -> Prove:
    """What is known of all variants while the last one is being solved."""
    values = [v.choice.value for v in solved if v.choice is not None]
    bounds = [v.bound for v in solved]

    def told(value: float, bound: float) -> None:
        prove(max([value, *values]), max([bound, *bounds]))

    return told


def _best(solved: list[Variant], settings: Settings, work: Work) -> ProvenChoice:
    """The best of the solved variants, bounded by all."""
    choices = [v.choice for v in solved if v.choice is not None]
    best = max(choices, key=lambda c: c.value)
    bound = max(v.bound for v in solved)
    check_bound(bound, best.value)
    gap = frames.gap(best.value, bound)
    status = choosing.status_of(gap, settings.siting.gap_goal)
    notes: tuple[Note, ...] = ()
    if status == "stopped" or (work.stopped and gap > choosing.OPTIMAL):
        status = "stopped"
        notes = (choosing.why_stopped(gap, settings.siting.gap_goal, cut=work.stopped),)
        notes += tuple({n.code: n for c in choices for n in c.notes if n.code == "exact_search_lost"}.values())
    proven_by = max((c.proven_by for c in choices), key=frames.PROVEN_BY.index)
    return replace(
        best, bound=bound, gap=gap, status=status, notes=notes, proven_by=proven_by, multipliers=None, cut=None, tight=None,
        variants=tuple(solved),
    )  # fmt: skip


def own_variant(choice: ProvenChoice) -> Variant:
    """The variant that the plan of a choice with variants is of."""
    solved: list[Variant] = [v for v in choice.variants if v.choice is not None]
    return max(solved, key=lambda v: v.choice.value if v.choice is not None else 0.0)


def verify(model: CoverModel, choice: frames.Choice) -> None:
    """Recount a choice and what proves it (see ``verifying.verify``), in every variant that the choice rests on."""
    verify_one(model, choice)
    for variant in choice.variants if isinstance(choice, ProvenChoice) else ():
        if variant.choice is not None:
            verify_one(variant.model, variant.choice)
        if variant.bound > choice.bound + TOLERANCE * max(1.0, abs(choice.bound)):
            raise PlannerError(
                "choice_refused",
                f"bound {choice.bound} below that of {variant.used}",
                rule="bound",
                found=choice.bound,
                limit=variant.bound,
            )
