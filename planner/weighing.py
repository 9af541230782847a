"""What each rule costs: the covered offences a year that the plan would gain if that rule alone fell.

Both plans are within their bounds of the best, so that the price is an interval: with value and bound of the plan under
all rules and value' and bound' of the one without the rule, the true price lies between value' - bound and bound' - value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from planner import coverage, frames, funding, plan, siting
from planner.plan import Prepared
from planner.programmes import Programme
from planner.settings import Settings
from planner.terms import in_force
from planner.work import Work, silent

_DISTRICT = {"min_sites": "district_min", "max_sites": "district_max", "floor_share": "district_floor"}
# the town and the wishes without the rule, made when they are asked for
_Without = Callable[[], tuple[Prepared, Settings]]
_Rule = tuple[str, str, _Without]


@dataclass(frozen=True)
class Weighed:
    """One rule, its limit, and what a plan without it covers more (offences a year).

    ``low_per_year`` and ``high_per_year`` are proven: plans are within their bounds of the best, so that the true cost of the
    rule lies between them.
    """

    rule: str
    limit: str
    cost_per_year: float
    low_per_year: float
    high_per_year: float


@dataclass(frozen=True)
class Weighing:
    """The plan under all rules, offences a year: its value, its bound, the value counted again; and the rules, dearest first."""

    value: float
    bound: float
    recounted: float
    rules: tuple[Weighed, ...]


def weigh(prepared: Prepared, settings: Settings, work: Work, before: Settings | None = None) -> Weighing:
    """What the plan under all rules covers, and what each of them costs.

    Parameters
    ----------
    prepared
        As of `study.prepare` under the same settings.
    settings
        Own money is no rule here: the frontier tells what more of it brings.
    work
        Stage ``rules``: one step per rule.
    before
        The wishes before they were changed: where these have a looser limit on days, ``retention_min_raised`` and
        ``retention_max_lowered`` say what the step from theirs costs, beside the rule as a whole.

    Raises
    ------
    InfeasibleError
        ``no_plan_keeps_all_rules`` where no plan keeps the rules together: then it names those that fight.
    PlannerError
        ``recount_differs``, ``rule_broken``: the plan does not add up (an internal fault).
    """
    rows = coverage.grade(prepared.survey, prepared.demand, settings)
    base = _chosen(rows, prepared, settings, work)
    recounted = plan.recount(prepared, settings, base).value_per_year
    rules = [
        *_without(prepared, settings),
        *_without_step(prepared, settings, before or settings),
        *_without_wish(prepared, settings),
    ]
    report, work.report = work.report, silent
    try:
        found = []
        for done, weighed in enumerate(_priced(rows, base, rules, work)):
            report("rules", done + 1, len(rules))
            found.append(weighed)
    finally:
        work.report = report
    work.check()
    ranked = sorted(found, key=lambda w: (-w.cost_per_year, w.rule))
    return Weighing(base.value, base.bound, recounted, tuple(ranked))


def weigh_wishes(
    prepared: Prepared, model: siting.CoverModel, settings: Settings, base: siting.ProvenChoice, work: Work
) -> list[Weighed]:
    """What each pin, each ban, each floor and keeping to an earlier plan costs, against the plan that was made.

    No plan is made anew for each of them (`siting.without_rules`): the interval is proven, but wider than that of `weigh`.

    Parameters
    ----------
    prepared, model
        As of `study.prepare` and `study.pose` under the same settings.
    base
        The choice under all rules.
    work
        Where it is stopped the remaining prices stay unknown; what it tells of a proof belongs to the plan alone.
    """
    limits = {rule: limit for rule, limit, *_ in _without_wish(prepared, settings)}
    prove, work.prove = work.prove, silent
    try:
        return [
            _weighed(rule, limits[rule], base, value, bound)
            for rule, value, bound in siting.without_rules(model, settings, base, list(limits), work)
        ]
    finally:
        work.prove = prove


def _weighed(rule: str, limit: str, base: frames.Choice, value: float, bound: float) -> Weighed:
    """The price of a rule, from the value and the bound without it."""
    return Weighed(
        rule,
        limit,
        cost_per_year=max(0.0, value - base.value),
        low_per_year=max(0.0, value - base.bound),
        high_per_year=max(0.0, bound - base.value),
    )


def _chosen(rows: frames.Rows, town: Prepared, wish: Settings, work: Work) -> frames.Choice:
    cliques = town.survey.cliques if wish.rules.spacing_m > 0 else town.survey.cliques.iloc[:0]
    return siting.choose(siting.build(rows, town.offers, cliques, wish), wish, work)


def _priced(rows: frames.Rows, base: frames.Choice, rules: Sequence[_Rule], work: Work) -> Iterator[Weighed]:
    """Every rule's price, one plan each."""
    for rule, limit, without in rules:
        if work.stopped:
            return
        town, wish = without()
        free = _chosen(rows, town, wish, work)
        yield _weighed(rule, limit, base, free.value, free.bound)


def _as_is(prepared: Prepared, wish: Settings) -> _Without:
    """The same town under other wishes."""
    return lambda: (prepared, wish)


def _anew(prepared: Prepared, wish: Settings) -> _Without:
    """The town priced anew under other wishes."""
    return lambda: (_repriced(prepared, wish), wish)


def _without(prepared: Prepared, settings: Settings) -> Iterator[_Rule]:
    """Each rule of the whole town or a district, its limit, and the town and the wishes without it."""
    budget, retention, rules = settings.budget, settings.retention, settings.rules
    if budget.running_yen_per_year is not None:
        free = settings.model_copy(update={"budget": budget.model_copy(update={"running_yen_per_year": None})})
        yield "running_budget", f"{budget.running_yen_per_year:,}", _as_is(prepared, free)
    if any(p.recipient != "municipality" for p in in_force(prepared.inputs.programmes, settings.programmes)):
        plenty = int(prepared.offers.table["local_body_yen"].sum())
        free = settings.model_copy(update={"budget": budget.model_copy(update={"local_body_yen": plenty})})
        yield "local_body_budget", f"{budget.local_body_yen or 0:,}", _anew(prepared, free)
    for side in ("min", "max"):
        days = getattr(retention, f"{side}_days")
        if days is not None:
            free = settings.model_copy(update={"retention": retention.model_copy(update={f"{side}_days": None})})
            yield f"retention_{side}", str(days), _anew(prepared, free)
    yield from ((name, limit, _as_is(town, settings)) for name, limit, town in _of_programmes(prepared, settings))
    if rules.spacing_m > 0:
        free = settings.model_copy(update={"rules": rules.model_copy(update={"spacing_m": 0.0})})
        yield "spacing", f"{rules.spacing_m:g}", _as_is(prepared, free)
    for rule in rules.districts:
        for field, name in _DISTRICT.items():
            limit = getattr(rule, field)
            if limit is None:
                continue
            others = tuple(r.model_copy(update={field: None}) if r.id == rule.id else r for r in rules.districts)
            free = settings.model_copy(update={"rules": rules.model_copy(update={"districts": others})})
            yield f"{name}:{rule.id}", f"{limit:g}", _as_is(prepared, free)


def _without_step(prepared: Prepared, settings: Settings, before: Settings) -> Iterator[_Rule]:
    """Each limit on days that is stricter than before, "before - now", and the town under the limit before."""
    for side, name in (("min", "retention_min_raised"), ("max", "retention_max_lowered")):
        then, now = (getattr(wish.retention, f"{side}_days") for wish in (before, settings))
        if then is None or now is None or (now <= then if side == "min" else now >= then):
            continue
        retention = settings.retention.model_copy(update={f"{side}_days": then})
        yield name, f"{then} → {now}", _anew(prepared, settings.model_copy(update={"retention": retention}))


def _without_wish(prepared: Prepared, settings: Settings) -> Iterator[_Rule]:
    """Each pin, ban and floor, keeping to an earlier plan and being unlike others; the same town, the wishes without it."""

    def free(**changed: object) -> Settings:
        return settings.model_copy(update={"rules": settings.rules.model_copy(update=changed)})

    rules = settings.rules
    for kind, wishes in (("pin", rules.pins), ("ban", rules.bans)):
        for at, wish in enumerate(wishes):
            others = (*wishes[:at], *wishes[at + 1 :])
            yield f"{kind}:{wish.site}", wish.reason, _as_is(prepared, free(**{f"{kind}s": others}))
    for at, floor in enumerate(rules.floors):
        left = (*rules.floors[:at], *rules.floors[at + 1 :])
        yield floor.name, f"{floor.share:g}", _as_is(prepared, free(floors=left))
    if rules.max_changes is not None:
        yield "changes", str(rules.max_changes), _as_is(prepared, free(max_changes=None))
    if rules.most_shared is not None and rules.unlike:
        yield "shared", str(rules.most_shared), _as_is(prepared, free(most_shared=None))


def _repriced(prepared: Prepared, settings: Settings) -> Prepared:
    """The same town with its limits on days set and its offers priced under other wishes."""
    survey = coverage.limited(prepared.survey, prepared.inputs, settings.retention)
    inputs = replace(prepared.inputs, programmes=in_force(prepared.inputs.programmes, settings.programmes))
    return replace(prepared, survey=survey, offers=funding.price(inputs, survey, settings))


def _of_programmes(prepared: Prepared, settings: Settings) -> Iterator[tuple[str, str, Prepared]]:
    """Ceilings and conditions of every programme in force, each with the town without it."""
    yield from _ceilings(prepared)
    for programme in in_force(prepared.inputs.programmes, settings.programmes):
        yield from _conditions(prepared, programme)


def _ceilings(prepared: Prepared) -> Iterator[tuple[str, str, Prepared]]:
    """The ceilings on whole programmes: allocation and units."""
    caps = prepared.offers.caps
    for at, cap in caps.iterrows():
        for column, name in (("cap_total_yen", "programme_total"), ("max_units", "programme_units")):
            if pd.isna(cap[column]):
                continue
            free = caps.copy()
            free.loc[at, column] = pd.NA
            offers = replace(prepared.offers, caps=free)
            yield f"{name}:{cap['programme_id']}", f"{cap[column]:,}", replace(prepared, offers=offers)


def _conditions(prepared: Prepared, programme: Programme) -> Iterator[tuple[str, str, Prepared]]:
    """The conditions of one programme that took any of its offers away: the same offers without that reason."""
    table = prepared.offers.table
    mine, _ = frames.paid_by(table, programme.id)
    limits = {
        "programme_min_days": programme.min_retention_days,
        "programme_max_days": programme.max_retention_days,
        "programme_distance": programme.min_distance_m,
        "programme_public_share": programme.min_public_share,
    }
    reasons = table["why_not"].str.split(" ")
    for reason, limit in limits.items():
        hit = mine & reasons.map(lambda given, reason=reason: reason in given).to_numpy(dtype=bool)
        if limit is None or not hit.any():
            continue
        left = reasons[hit].map(lambda given, reason=reason: " ".join(r for r in given if r != reason))
        why = table["why_not"].copy()
        why[hit] = left
        offers = replace(prepared.offers, table=table.assign(why_not=why))
        yield f"{reason}:{programme.id}", str(limit), replace(prepared, offers=offers)
