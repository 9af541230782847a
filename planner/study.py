"""The whole method on one screen: read, prepare (slow, once per data), decide (fast, once per wish)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from planner import coverage, frames, funding, ingest, plan, risk, siting, weighing
from planner.frames import Demand, Frontier, Inputs
from planner.programmes import fiscal_year_today
from planner.settings import Merged, Settings, at_budget, merge
from planner.terms import in_force
from planner.work import Work


def wishes(inputs: Inputs, *layers: tuple[str, Mapping[str, Any]]) -> Merged:
    """Settings in force: defaults < today's fiscal year < the town's log of requests < town.toml < the given layers, weakest first.

    Raises
    ------
    SettingsError
        ``unknown_setting``, ``setting_refused``, ``retention_conflict``.
    """
    logged = coverage.handling(inputs.footage_log)
    today: dict[str, Any] = {"funding": {"fiscal_year": fiscal_year_today()}}
    known: list[tuple[str, dict[str, Any]]] = [
        ("today", today),
        *([("footage_log", {"coverage": logged})] if logged else []),
    ]
    return merge(*known, ("town.toml", inputs.wishes), *layers)


def prepare(inputs: Inputs, settings: Settings, work: Work) -> plan.Prepared:
    """Slow; once per data and settings: expected offences, views and actions, offers."""
    work.step("score")
    demand = risk.score(inputs, settings.risk, work)
    work.check()
    survey = coverage.survey(inputs, demand, settings, work)
    work.check()
    work.step("price")
    return plan.Prepared(inputs, demand, survey, _offers(inputs, survey, settings))


def priced(prepared: plan.Prepared, settings: Settings) -> plan.Prepared:
    """Prepared tables under other retention limits and programmes: views and what they see stay."""
    survey = coverage.limited(prepared.survey, prepared.inputs, settings.retention)
    return replace(prepared, survey=survey, offers=_offers(prepared.inputs, survey, settings))


def _offers(inputs: Inputs, survey: frames.Survey, settings: Settings) -> frames.Offers:
    """Every action priced by the programmes in force, under the terms that the user states."""
    programmes = in_force(inputs.programmes, settings.programmes)
    return funding.price(replace(inputs, programmes=programmes), survey, settings)


def repriced(
    prepared: plan.Prepared, document: plan.Plan, *layers: tuple[str, Mapping[str, Any]]
) -> tuple[plan.Plan, list[tuple[str, float, float]]]:
    """The sites of a plan paid under other wishes: who pays what at once, and the limits that are passed then.

    Raises
    ------
    SettingsError
        As `wishes`; ``programme_edit_unknown``, ``programme_edit_refused``.
    """
    settings = merge(("plan", plan.settings_of(document)), *layers).settings
    return plan.repriced(document, priced(prepared, settings), settings)


# settings of ``coverage`` that only what is said beside a plan depends on
_OF_THE_PLAN = {"handling_low_days", "handling_high_days", "agreement_days", "spare_per_year"}


def preparing(settings: Settings) -> dict[str, Any]:
    """What views and expected offences depend on: where it is equal, prepared tables hold once they are `priced`."""
    return {
        "risk": settings.risk.model_dump(mode="json"),
        "coverage": settings.coverage.model_dump(mode="json", exclude=_OF_THE_PLAN),
        "spacing_m": settings.rules.spacing_m,
        "max_per_mount": settings.rules.max_per_mount,
        "moves": settings.rules.moves,
        "views": settings.rules.model_dump(mode="json")["views"],
        "public_share": sorted(i for i, edit in settings.programmes.edit.items() if edit.min_public_share is not None),
    }


def decide(prepared: plan.Prepared, merged: Merged, work: Work) -> plan.Plan:
    """Fast; budget, pins, limits, purpose, night: the chosen offers, their bound, the frontier, the document.

    Raises
    ------
    InfeasibleError
        ``no_plan_keeps_all_rules``: rules that fight, none of which could be left out (an irreducible set).
    PlannerError
        ``recount_differs``, ``rule_broken``: the plan does not add up (an internal fault).
    """
    settings = merged.settings
    model = pose(prepared, settings, work)
    whole = siting.choose(model, settings, work)
    siting.verify(model, whole)
    work.step("frontier")
    frontier = siting.frontier(model, settings, whole, work)
    choice = settled(prepared, model, settings, whole, work)
    work.step("outline")
    shown = plan.shown_views(prepared, choice)
    views = coverage.outline(prepared.inputs, prepared.survey, shown)
    zones = coverage.outline_by_class(prepared.inputs, prepared.survey, shown, settings.coverage)
    today = plan.today_part(coverage.today(prepared.survey, prepared.demand, settings), prepared.demand, settings)
    prices = weighing.weigh_wishes(prepared, model, settings, whole, work)
    beside = _beside(prepared, model, choice, settings, plan.price_parts(settings, prices), work)
    return plan.assemble(
        prepared, merged, choice, frontier, plan.Outlines(views, zones, prepared.survey.mounts),
        beside=beside, today=today, seconds=work.elapsed_seconds,
    )  # fmt: skip


def settled(
    prepared: plan.Prepared, model: siting.CoverModel, settings: Settings, whole: siting.ProvenChoice, work: Work
) -> siting.ProvenChoice:
    """The verified choice made safe against chance or spread over years where that is wished (and verified again), and how stable its sites are.

    Raises
    ------
    InfeasibleError
        ``years_miss_minimum``.
    """
    wish, choice = settings.siting, whole
    factors = [*_resampled(prepared.demand, model.given.rows, wish.resamples)] if wish.resamples else []
    if wish.robust_rounds and factors:
        choice = siting.robust(model, settings, choice, factors, work)
    if settings.schedule.yearly_own_yen is not None:
        choice = siting.phases(model, settings, choice, work)
    if choice is not whole:
        siting.verify(model, choice)
    return siting.stability(model, settings, choice, factors, work) if factors else choice


def _resampled(demand: Demand, rows: frames.Rows, number: int) -> Iterator[Any]:
    """Per resample what the weight of every row is multiplied by; rows of policy targets are not drawn."""
    spot = pd.Index(demand.spots["spot_id"]).get_indexer(pd.Index(rows.table["spot_id"]))
    group = pd.Index(demand.groups).get_indexer(pd.Index(rows.table["offence_group"]))
    known = (spot >= 0) & (group >= 0)
    for factor in risk.resampled(demand, number):
        yield np.where(known, factor[spot, group], 1.0)


def _beside(
    prepared: plan.Prepared,
    model: siting.CoverModel,
    choice: siting.ProvenChoice,
    settings: Settings,
    prices: tuple[plan.PricePart, ...],
    work: Work,
) -> plan.Beside:
    """What the plan is held against: the curve of days, the one camera more that would add most, exchanges, prices."""
    table, cliques = prepared.offers.table, prepared.survey.cliques
    chosen = table["offer_id"].isin([*choice.chosen["offer_id"], *choice.kept])
    taken = table.loc[chosen, "group_id"]
    near = cliques.loc[cliques["group_id"].isin(taken), "clique_id"]
    shut = [*taken, *cliques.loc[cliques["clique_id"].isin(near), "group_id"]]
    free = (table["kind"] == "install") & (table["why_not"] == "") & ~table["group_id"].isin(shut)
    best = coverage.one_more(
        model.given.rows, set(table.loc[chosen, "action_id"]), set(table.loc[free, "action_id"].tolist())
    )
    curve = coverage.kept(prepared.demand.groups, plan.CURVE_DAYS, settings.coverage)
    return plan.Beside(curve, best, siting.advise(model, choice, work), prices)


def explore(prepared: plan.Prepared, merged: Merged, made: plan.Plan, work: Work) -> Iterator[plan.Plan]:
    """The plans of the frontier as documents of their own, the other wishes unchanged; stops when asked to.

    Each is counted again like any plan. It carries note ``from_frontier``: ``decide`` at its budget may find a better
    one. The plan's own budget and budgets without a plan are left out.
    """
    goal = merged.settings.siting.gap_goal
    own = merged.settings.budget.own_capital_yen
    points = [p for p in made.frontier if p.municipality_yen != own and p.offer_ids and not work.stopped]
    if not points:
        return
    model = pose(prepared, merged.settings, Work(work.report))  # a plan stands: from here on a stop is no refusal
    choices = [siting.at_point(model, p.offer_ids, p.bound, goal) for p in points]
    shown = sorted({view for choice in choices for view in plan.shown_views(prepared, choice)})
    views = coverage.outline(prepared.inputs, prepared.survey, shown)
    zones = coverage.outline_by_class(prepared.inputs, prepared.survey, shown, merged.settings.coverage)
    drawn = plan.Outlines(views, zones, prepared.survey.mounts)
    alone = Frontier(frames.empty("frontier", 0), ())
    for done, (point, choice) in enumerate(zip(points, choices, strict=True)):
        if work.stopped:
            return
        work.step("explore", done, len(points))
        here = at_budget(merged, point.municipality_yen, "frontier")
        yield plan.assemble(prepared, here, choice, alone, drawn, hashes=made.table_hashes, today=made.today)


def pose(prepared: plan.Prepared, settings: Settings, work: Work) -> siting.CoverModel:
    """The covering problem of one set of wishes."""
    work.step("grade")
    rows = coverage.grade(prepared.survey, prepared.demand, settings)
    work.check()
    return siting.build(rows, prepared.offers, prepared.survey.cliques, settings)


def make(folder: Path, layers: tuple[tuple[str, Mapping[str, Any]], ...], work: Work) -> plan.Plan:
    """From a town folder to a plan."""
    inputs = ingest.read(folder, work)
    merged = wishes(inputs, *layers)
    return decide(prepare(inputs, merged.settings, work), merged, work)


def verify(document: plan.Plan, folder: Path, work: Work) -> plan.Verdict:
    """Make the plan's question again from the town's files and hold the stored answer against it.

    The stored sites are counted again (coverage, money, every rule) on tables read afresh, and the bound is
    proven anew.

    Raises
    ------
    PlannerError
        ``plan_other_data`` (which tables differ), ``plan_unknown_offers``, ``recount_differs``, ``rule_broken``,
        ``bound_differs`` (the stored bound is below what can be proven).
    """
    inputs = ingest.read(folder, work)
    plan.check_same_tables(document, inputs)
    merged = merge(("plan", plan.settings_of(document)))
    prepared = prepare(inputs, merged.settings, work)
    stored = plan.choice_of(document, prepared)
    plan.recount(prepared, merged.settings, stored)
    model = pose(prepared, merged.settings, work)
    siting.verify(model, stored)
    return plan.judge(document, siting.choose(model, merged.settings, work))
