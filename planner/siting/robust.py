"""Plans that do not hang on chance: the largest worst case over resamples, and how often each site is chosen again.

Robust problem (variables and rules as in ``planner.siting.dual``): maximise t subject to ``t <= gain_k(x)`` for every resample
k, ``gain_k(x) = sum_r w_r^k (q(r, x) - q(r, all-keep))``. For any shares ``mu_k >= 0`` of sum 1

    max_x min_k gain_k(x) <= max_x sum_k mu_k gain_k(x),

the plain problem with the mean weights ``sum_k mu_k w^k``, of which ``choose`` proves a bound: ``mu`` is one multiplier per
resample. They are found by multiplicative weights (Arora, Hazan and Kale 2012, Theory of Computing 8): resamples in which the
last plans did badly weigh more in the next. Shares are whole numbers of ``PARTS``, so that the mean weights are whole and
the bound holds to the last unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import sparse

from planner import frames
from planner.errors import Note, PlannerError
from planner.settings import Settings
from planner.siting import choosing, search
from planner.siting.bounds import check_bound
from planner.siting.choosing import ProvenChoice, status_of
from planner.siting.model import CoverModel, build
from planner.siting.nested import choose_after
from planner.siting.net import Floats, Ints
from planner.siting.pricing import found_prices, shortlist
from planner.siting.using import using
from planner.siting.variants import OPEN, best_of
from planner.siting.verifying import best_level
from planner.siting.wished import at_site
from planner.work import Work

PARTS = 100
STEP = 2.0  # of the multiplicative weights, on gains scaled to their range
SHORT = 3_000  # columns that a site is chosen again from
SHORT_ROUNDS, SEARCH_ROUNDS = 100, 2  # of the bound and of the search, per resample


def weights_of(rows: frames.Rows, factor: Floats) -> Ints:
    """Row weights of one resample, whole millionths of an offence a year; what counts at all still counts."""
    weight = rows.table["weight_micro"].to_numpy(np.int64)
    return np.where(weight > 0, np.maximum(1, np.rint(weight * factor)), 0).astype(np.int64)


def robust(
    model: CoverModel, settings: Settings, choice: ProvenChoice, factors: Sequence[Floats], work: Work | None = None
) -> ProvenChoice:
    """The plan whose worst resample is best, as far as found, with a bound on every plan's worst resample.

    Parameters
    ----------
    model, settings
        As for ``choose``; ``siting.robust_rounds`` plans are made.
    choice
        The answer of ``choose`` for the expected weights: the first plan, and the bound on the expected value.
    factors
        Per resample and row: resampled over expected weight.
    work
        Progress (stage ``siting_robust``) and stopping.

    Returns
    -------
    ProvenChoice
        ``value``, ``bound`` and ``gap`` are of the expected weights, so that what safety costs is part of the gap;
        ``robust`` has the worst case. Where the clock ends before any bound on it stands the choice as it was, with note
        ``robust_cut``.
    """
    work = work or Work()
    rows = model.given.rows
    weights = np.array([weights_of(rows, factor) for factor in factors])
    place = (rows.table["measure"] == "place").to_numpy()
    gains = _gains(model, choice, weights * place)
    first = best = float(gains.min())
    kept, bound, score = choice, np.inf, np.zeros(len(weights))
    for turn in range(settings.siting.robust_rounds):
        if work.stopped:
            break
        work.step("siting_robust", turn, settings.siting.robust_rounds)
        spread = max(float(np.ptp(gains)), 1e-12)
        score -= (gains - gains.mean()) / spread
        parts = _whole_shares(score)
        given = model.given
        there = build(rows, given.offers, given.cliques, settings, given.more, value=parts @ weights)
        made, _ = choose_after(there, settings, (), settings.budget.own_capital_yen, work)
        if made is None:  # the choice keeps the same rules: the search was cut before it found any plan that does
            break
        bound = min(bound, made.bound / PARTS)
        gains = _gains(model, made, weights * place)
        if gains.min() > best:
            best, kept = float(gains.min()), made
    if bound == np.inf:
        return replace(choice, notes=(*choice.notes, Note("robust_cut")))
    found = kept if kept is choice else _expected(model, choice, kept, settings)
    check_bound(bound, best, choosing.ROUNDING)
    top = max(bound, best)  # equal but for rounding
    note = Note("robust_plan", {"number": len(weights), "worst": best, "first": first})
    gap = frames.gap(best, top)
    return replace(found, robust=frames.Robust(len(weights), best, top, gap, first), notes=(*found.notes, note))


def _whole_shares(score: Floats) -> Ints:
    """Multipliers of the resamples as whole numbers that add up to ``PARTS``."""
    share = np.exp(STEP * (score - score.max()))
    share *= PARTS / share.sum()
    parts = np.floor(share).astype(np.int64)
    order = np.argsort(parts - share, kind="stable")
    parts[order[: PARTS - int(parts.sum())]] += 1
    return np.asarray(parts, np.int64)


def _gains(model: CoverModel, choice: frames.Choice, weights: Ints) -> Floats:
    """What a choice covers more than all-keep in each resample, offences a year."""
    rows, table = model.given.rows, model.given.offers.table
    action = table.set_index("offer_id")["action_id"]
    keeps = table.loc[(table["kind"] == "keep") & (table["why_not"] == ""), "action_id"].tolist()
    after = best_level(rows, action.loc[[*choice.chosen["offer_id"], *choice.kept]].tolist())
    return np.asarray(weights @ (after - best_level(rows, keeps)) * model.unit, np.float64)


def _expected(model: CoverModel, choice: ProvenChoice, made: ProvenChoice, settings: Settings) -> ProvenChoice:
    """A plan as a choice of the expected weights, under the bound of the expected problem."""
    chosen, _ = choosing.tables_of(model, search.of_offers(model, made.chosen["offer_id"]))
    value = float(chosen["gain_per_year"].sum())
    gap = frames.gap(value, choice.bound)
    status = "stopped" if choice.status == "stopped" else status_of(gap, settings.siting.gap_goal)
    return replace(choice, chosen=chosen, kept=made.kept, value=value, gap=gap, status=status)


def stability(
    model: CoverModel, settings: Settings, choice: ProvenChoice, factors: Iterable[Floats], work: Work | None = None
) -> ProvenChoice:
    """The choice with the share of resamples in which each of its sites (mount or standing camera) is chosen again.

    Every resample is planned anew under the same rules over the ``SHORT`` columns that look best at expected weights and those
    of the choice: a small model to the end, a large one by a short search with the programmes that the choice uses, not proven,
    but the same for all resamples.

    Parameters
    ----------
    model, settings, choice
        As for ``choose``, and its answer.
    factors
        Per resample and row: resampled over expected weight.
    work
        Progress (stage ``siting_stability``) and stopping: fewer resamples then.

    Returns
    -------
    ProvenChoice
        ``again``: offer of the choice -> share, 0-1; empty where no resample was planned. Note ``stability_unknown`` where in
        some no plan was found: they do not count.
    """
    work = work or Work()
    short = _short(model, settings, choice, work)
    group = model.given.offers.table.set_index("offer_id")["group_id"]
    again: dict[str, int] = dict.fromkeys(choice.chosen["offer_id"], 0)
    done = unplanned = 0
    for factor in factors:
        work.step("siting_stability", done + unplanned)
        given = short.given
        weight = weights_of(given.rows, factor)
        there = build(given.rows, given.offers, given.cliques, settings, given.more, value=weight)
        with work.quiet():
            chosen = _chosen_again(there, settings, choice, work)
        if work.stopped:  # a plan that the clock cut is no answer to this resample
            break
        if chosen is None:
            unplanned += 1
            continue
        done += 1
        groups = set(group.loc[list(chosen)])
        for offer in again:
            again[offer] += group[offer] in groups
    notes = choice.notes
    if unplanned:
        notes = (*notes, Note("stability_unknown", {"number": done, "unplanned": unplanned}))
    shares = {offer: number / done for offer, number in again.items()} if done else {}
    return replace(choice, again=shares, notes=notes)


def _short(model: CoverModel, settings: Settings, choice: frames.Choice, work: Work) -> CoverModel:
    """The model with the columns that look best at expected weights, the choice's own and every keep."""
    with work.quiet():
        prices, _ = found_prices(model, round(choice.value / model.unit), SHORT_ROUNDS, work)
    look = shortlist(model, prices, SHORT)
    wanted = {model.offer_ids[c] for c in look.tolist()} | set(choice.chosen["offer_id"])
    given = model.given
    table = given.offers.table
    for wish in (*settings.rules.pins, *settings.rules.bans):  # a wish about a site without offers would be refused
        wanted |= set(table.loc[at_site(table, wish.site).astype(bool), "offer_id"])
    table = table[table["offer_id"].isin(wanted) | (table["kind"] == "keep")].reset_index(drop=True)
    here = np.flatnonzero(pd.Index(given.rows.action_ids).isin(table["action_id"]))
    rows = replace(
        given.rows,
        quality=sparse.csr_matrix(given.rows.quality[here]),
        action_ids=tuple(given.rows.action_ids[i] for i in here.tolist()),
    )
    return build(rows, replace(given.offers, table=table), given.cliques, settings, given.more)


def _chosen_again(model: CoverModel, settings: Settings, near: frames.Choice, work: Work) -> pd.Series[str] | None:
    """The offers of the best plan where the model is small, else of a short search (None: no plan found)."""
    if model.small:
        try:
            return best_of(model, settings, work).chosen["offer_id"]
        except PlannerError as refusal:
            if refusal.code in OPEN:
                return None
            raise
    part = using(model, _used(model, near))
    return None if part is None else _searched_again(part.model, settings.siting.seed, near, work)


def _used(model: CoverModel, choice: frames.Choice) -> tuple[str, ...]:
    """The programmes with charges that pay for a choice."""
    columns = [model.column_of[offer] for offer in choice.chosen["offer_id"]]
    return tuple(c.programme for i, c in enumerate(model.charges) if (model.uses[columns] >> i & 1).any())


def _searched_again(model: CoverModel, seed: int, near: frames.Choice, work: Work) -> pd.Series[str] | None:
    """The offers of a plan by a short search, from greedy or, where that keeps not all rules, from a known plan."""
    plan = search.greedy_plan(model, seed, work)
    if plan is None:
        known = search.of_offers(model, near.chosen["offer_id"])
        plan = search.settle(model, known, search.price_mixes(model)[0], 0, seed)
    if plan is None:
        return None
    prices, _ = found_prices(model, plan.gain, SHORT_ROUNDS, work)
    price, active = search.dual_price(model, prices), shortlist(model, prices)
    best = search.better(plan, search.settle(model, search.rest(model), price, search.PASSES, seed, active)) or plan
    best = search.Refiller(model, best, prices, seed).run(SEARCH_ROUNDS, work)
    return choosing.tables_of(model, best.current)[0]["offer_id"]
