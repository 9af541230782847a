"""choose: search, dual bound, closer, and the answer as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from planner import frames
from planner.errors import Note, PlannerError
from planner.settings import Settings, SitingSettings
from planner.siting import branching, closer, conflict, cooling, joining, reaching, search, sharing, tightening
from planner.siting.bounds import bound_at, check_bound
from planner.siting.closer import Proof
from planner.siting.crossing import Crowd
from planner.siting.dual import free
from planner.siting.exchanging import is_plain
from planner.siting.model import CoverModel, Multipliers
from planner.siting.net import Ints
from planner.siting.pricing import found_prices, shortlist
from planner.siting.search import Plan
from planner.siting.triples import Tight
from planner.work import Work

FIRST_ROUNDS = 60  # of search before the linear program
# the same with floors, before their regions are bounded, which comes sooner where so many rounds have found nothing better: sixteen cases were
# certified to 2.4 % in 5 s, by an earlier version with 100, 200 and 400 rounds in any case to 2.9, 2.6 and 4.9
FLOORED_ROUNDS, FLOORED_IDLE = 400, 100
IDLE = 4  # of the rounds before the linear program: so large a share without a better plan, and it comes at once
EXCHANGES = 14  # of so many rounds of exchanges one is as long as a round of search for all rules
LATE = 1_500_000  # entries: above it a cooling of exchanges costs more than the dual, and comes after it
TIGHT = 4e-3  # a gap that a cheap linear program may close by itself; above it search by exchanges comes first
# of search after the linear program, where the tree can close the rest soon, or in a minute
CLOSE_ROUNDS, LONG_ROUNDS = 200, 4_000
SMALL_NODES = 100  # a small model may take so many times the nodes: it is to be proven
# share of the gap goal that the tree ends at: HiGHS counts its gap without ``base``, and its bound is rounded outward
TREE_GOAL = 0.5
TREES = 2  # one after another, while each finds a better plan
# our own tree and search in turn: at first so many entries of its program over all nodes, and rounds of exchanges that cost about as much
TURN_ENTRIES, TURN_ROUNDS = 10_000_000, 90_000
FEASIBILITY_NODES = 5_000
OPTIMAL = 1e-9  # a gap that rounding alone can make
ROUNDING = 1e-9  # of a value in offences a year: what adding up its gains in another order can change
FLOOR_ROUNDS = 300  # of the dual, to prove that a floor is out of reach


@dataclass(frozen=True)
class ProvenChoice(frames.Choice):
    """A choice that carries what proves it: prices for ``verify`` and ``frontier``, and the model with cuts and prices for that."""

    multipliers: Multipliers | None = None
    cut: tuple[CoverModel, Multipliers] | None = None
    tight: Tight | None = None
    # of programmes used or not (``variants.Variant``), solved or bounded, where some have charges
    variants: tuple[Any, ...] = ()


def choose(
    model: CoverModel,
    settings: Settings,
    work: Work | None = None,
    near: Sequence[frames.Choice] = (),
    enough: float = 0.0,
    *,
    patient: bool = True,
) -> ProvenChoice:
    """The best plan found for the limits of the model, with a bound that no plan can pass.

    The model (decision variables, constraints, prices) stands in ``planner.siting.dual``; the method: greedy under
    several price mixes with exchange search, dual bound, the best plan of the columns worth most at its prices, heat-bath search
    from these prices, in the long run by crossing a crowd of its plans (``crossing``; where all but a little is covered, ``completing``
    beside it), and, where the gap is above ``gap_goal`` or the model is small, linear program with cuts of three layers and branch and
    bound over it (``branching``; at once where the core is small; in turn with search where it does not end), with floors over the ways
    of their regions (``sharing``).

    Parameters
    ----------
    model
        From ``build``.
    settings
        ``siting``: goal and amounts of work. ``budget`` and ``rules`` must be those of ``build``.
    work
        Progress (stages ``siting_search``, ``siting_bound``, ``siting_close``) and stopping.
    near
        Choices of nearly the same problem, or of part of it: search begins with one of them where it is better than greedy.
    enough
        What another problem is known to reach, offences a year: once the bound is no more, this one is not looked into further.
    patient
        Whether branch and bound looks for a first plan of a large model where search finds none (it may take minutes).

    Returns
    -------
    ProvenChoice
        ``value`` and ``bound`` in offences a year within view, gained over all-keep. ``status``: ``optimal``
        (gap <= 1e-9), ``within_gap``, ``stopped`` with note ``work_exhausted`` or ``time_cut``.
        Note ``exact_search_lost``: the process of the exact search was ended from outside; what it had found counts.

    Raises
    ------
    InfeasibleError
        ``no_plan_keeps_all_rules`` with the rules that fight.
    PlannerError
        ``limits_differ`` (another budget or other rules than the model's), ``no_plan_found`` (no plan found, but
        not proven that there is none).
    """
    work = work or Work()
    check_limits(model, settings)
    wish = settings.siting
    plan, crowd = _first_plan(model, wish.seed, work, near, patient=patient or model.small), Crowd(model, wish.seed)
    proof, counts = _search_and_bound(model, plan, crowd, settings, enough, work)
    if not work.stopped and _open(model, proof, enough) and _to_close(model, proof, wish.gap_goal):
        proof, counts["search_rounds"] = _close(model, proof, crowd, counts["search_rounds"], wish, work)
    # what rounds are left after branch and bound may still find a better plan
    if _open(model, proof, enough) and _gap(proof) > wish.gap_goal:
        most = wish.search_rounds
        proof, counts["search_rounds"] = cooling.cooled(model, proof, crowd, counts["search_rounds"], most, work)
    if model.small:  # in a large model looking at every column for every change would take as long as the search
        proof = replace(proof, plan=search.first_of_equals(model, proof.plan))
    counts |= {"tree_nodes": proof.nodes, "core_columns": proof.core_columns, **model.sizes}
    return to_choice(model, proof, wish.gap_goal, counts, stopped=work.stopped)


def check_limits(model: CoverModel, settings: Settings) -> None:
    """Refuse settings whose limits are not the model's."""
    given = model.given.settings
    if settings.budget != given.budget or settings.rules != given.rules:
        raise PlannerError("limits_differ", "budget and rules are not those the model was built with; build it again")


def _gap(proof: Proof) -> float:
    """Gap in whole units."""
    return frames.gap(proof.plan.gain, proof.bound)


def _first_plan(model: CoverModel, seed: int, work: Work, near: Sequence[frames.Choice], *, patient: bool) -> Plan:
    """A plan that keeps all rules, or the refusal."""
    work.step("siting_search")
    plan = search.greedy_plan(model, seed, work)
    for choice in near:
        start = search.of_offers(model, model.column_of.keys() & set(choice.chosen["offer_id"]))
        plan = search.better(plan, search.settle(model, start, search.price_mixes(model)[0], 0, seed))
    reached = reaching.Reached()
    if plan is None and not model.small:
        refusal = conflict.out_of_reach(model, FLOOR_ROUNDS, work)
        reached = reaching.reach(model, seed, work) if refusal is None else reached
        refusal = refusal or conflict.out_of_reach_together(model, reached, work)
        if refusal is not None:
            raise refusal
        plan = reached.plan
    if plan is None and patient:
        plan = closer.feasible_plan(model, FEASIBILITY_NODES, work)
    if plan is not None:
        return plan
    if patient and not work.stopped:
        refusal = conflict.explain(model, FEASIBILITY_NODES, work)
        if refusal.values["proven"]:
            raise refusal
    work.check()
    raise conflict.unfound(model, reached)


def _open(model: CoverModel, proof: Proof, enough: float) -> bool:
    """Whether the bound is above the plan and above what is enough."""
    return proof.bound > proof.plan.gain and proof.bound * model.unit > enough


def _to_close(model: CoverModel, proof: Proof, goal: float) -> bool:
    """Whether branch and bound is wanted: a small model is proven in any case."""
    return model.small or _gap(proof) > goal


def _bounded(model: CoverModel, plan: Plan, crowd: Crowd, wish: SitingSettings, work: Work) -> tuple[Proof, int, int]:
    """The dual, and a plan from its prices; the rounds of search and of the dual that it took."""
    rounds, plain = 0, is_plain(model.net)
    proof = Proof(plan, int(model.net.weight.sum()) - model.base, free(model))
    closer.tell(model, proof, work)
    # exchanges of equals need no prices, and prices are the better the better the plan
    if plain and model.net.pattern_layer.size <= LATE:
        proof, rounds = cooling.cooled(model, proof, crowd, 0, min(wish.search_rounds, cooling.FIRST_COOLING), work)
        plan = proof.plan
    prices, done = found_prices(model, plan.gain, wish.dual_rounds, work)
    bound = bound_at(model, prices)
    check_bound(bound, plan.gain)
    proof = Proof(plan, bound, prices)
    closer.tell(model, proof, work)
    if proof.bound == plan.gain:
        return proof, rounds, done
    far = plain and _gap(proof) > TIGHT  # there exchanges alone do better than what prices like
    if search.floors_of(model).size:  # what is worth most keeps no floor
        price, active = search.dual_price(model, prices), shortlist(model, prices)
        filled = search.settle(model, search.rest(model), price, search.PASSES, wish.seed, active)
        proof = closer.with_plan(proof, filled)
    elif not far and not work.stopped:
        proof = joining.by_kernel(model, proof, wish.seed, work)
        closer.tell(model, proof, work)
    return proof, rounds, done


def _search_and_bound(
    model: CoverModel, plan: Plan, crowd: Crowd, settings: Settings, enough: float, work: Work
) -> tuple[Proof, dict[str, int]]:
    """The dual, search at its prices, the linear program once search has cost as much, search at its prices.

    Where the tree is near it comes at once.
    """
    wish = settings.siting
    proof, rounds, done = _bounded(model, plan, crowd, wish, work)
    soon = _open(model, proof, enough) and closer.soon(model, proof) and _to_close(model, proof, wish.gap_goal)
    if soon and not model.small:
        proof = tightening.by_triples(model, proof, wish.seed, work)
        closer.tell(model, proof, work)
    if soon or not _open(model, proof, enough):
        return proof, {"search_rounds": rounds, "dual_rounds": done}
    least = FLOORED_ROUNDS if search.floors_of(model).size else FIRST_ROUNDS
    waits, first = not closer.cheap(model), max(least, closer.rounds_of_linear_program(model))
    if rounds:  # by now exchanges are near the best where equals are few
        proof, rounds = cooling.cooled(model, proof, crowd, rounds, min(wish.search_rounds, FIRST_ROUNDS), work)
        waits, first = waits or _gap(proof) > TIGHT, first * EXCHANGES
    if search.floors_of(model).size and not model.small:
        most = min(wish.search_rounds, least)
        proof, rounds = cooling.cooled(model, proof, crowd, rounds, most, work, FLOORED_IDLE)
        proof, rounds = _by_regions(model, proof, crowd, rounds, wish, work)
    first = min(wish.search_rounds, first if waits and proof.proven_by == "prices" else least)
    proof, rounds = cooling.cooled(model, proof, crowd, rounds, first, work, max(least, first // IDLE))
    if not _open(model, proof, enough):
        return proof, {"search_rounds": rounds, "dual_rounds": done}
    if not work.stopped and (
        closer.cheap(model) or (_gap(proof) > wish.gap_goal and not closer.all_is_open(model, proof))
    ):
        work.step("siting_close")
        proof = _linear(model, proof, wish, enough, work)
        closer.tell(model, proof, work)
    proof, rounds = cooling.cooled(model, proof, crowd, rounds, min(wish.search_rounds, rounds + CLOSE_ROUNDS), work)
    # the search gets all its rounds where the tree is out of reach, unless cuts say that the bound is as far off
    for nodes, most in ((0, LONG_ROUNDS), (wish.mip_nodes, wish.search_rounds)):
        if not work.stopped and proof.cut is None and not closer.closable(model, proof, nodes):
            proof, rounds = cooling.cooled(model, proof, crowd, rounds, min(wish.search_rounds, most), work)
    return proof, {"search_rounds": rounds, "dual_rounds": done}


def _by_regions(
    model: CoverModel, proof: Proof, crowd: Crowd, rounds: int, wish: SitingSettings, work: Work
) -> tuple[Proof, int]:
    """What the ways of regions prove, and search; from a better plan, which leaves fewer ways, once more."""
    for _ in range(TREES):
        if work.stopped or _gap(proof) <= wish.gap_goal:
            break
        work.step("siting_close")
        proof = sharing.by_regions(model, proof, wish.gap_goal * TREE_GOAL, wish.mip_nodes, wish.seed, work)
        closer.tell(model, proof, work)
        if proof.proven_by == "prices":
            break
        before, most = proof.plan.gain, min(wish.search_rounds, rounds + CLOSE_ROUNDS)
        proof, rounds = cooling.cooled(model, proof, crowd, rounds, most, work)
        if proof.plan.gain <= before:
            break
    return proof, rounds


def _linear(model: CoverModel, proof: Proof, wish: SitingSettings, enough: float, work: Work) -> Proof:
    """The linear program, far from the goal with cuts of floors and rounded rules, else of three layers; the tree proves a small model anyway."""
    if proof.proven_by == "prices":
        cuts = not model.small and _gap(proof) > wish.gap_goal
        proof = closer.by_linear_program(model, proof, wish.seed, work, cuts=cuts)
        if proof.cut is None and _open(model, proof, enough):
            proof = tightening.by_triples(model, proof, wish.seed, work)
    return proof


def _close(
    model: CoverModel, proof: Proof, crowd: Crowd, rounds: int, wish: SitingSettings, work: Work
) -> tuple[Proof, int]:
    """Branch and bound: to the end on a small model, to within the goal on a large one; the rounds of search by then."""
    if proof.proven_by == "tree":
        return proof, rounds  # regions have bounded it: the tree over all columns is far behind
    work.step("siting_close")
    goal, nodes = (0.0, wish.mip_nodes * SMALL_NODES) if model.small else (wish.gap_goal * TREE_GOAL, wish.mip_nodes)
    for _ in range(TREES):
        before = proof.plan.gain
        if proof.bound == before:
            break
        if proof.tight is not None:
            return _in_turn(model, proof, crowd, rounds, goal, nodes, wish, work)
        proof = closer.by_tree(model, proof, goal, nodes, wish.seed, work)
        closer.tell(model, proof, work)
        # a better plan leaves a smaller core, which another tree may close
        if work.stopped or proof.plan.gain <= before or _gap(proof) <= max(goal, wish.gap_goal * TREE_GOAL):
            break
    return proof, rounds


def _in_turn(
    model: CoverModel,
    proof: Proof,
    crowd: Crowd,
    rounds: int,
    goal: float,
    nodes: int,
    wish: SitingSettings,
    work: Work,
) -> tuple[Proof, int]:
    """Our own tree and search in turn, each time twice as long, until the tree is done: from a better plan a smaller one begins."""
    turn, grown, tree = 1, 0, None
    turn_rounds = TURN_ROUNDS if is_plain(model.net) else TURN_ROUNDS // EXCHANGES
    while grown < nodes and _gap(proof) > goal and not work.stopped:
        tree = tree or branching.Tree(model, proof, goal, wish.seed, work)
        part = max(1, turn * TURN_ENTRIES // tree.entries)
        proof = tree.grown(proof, min(part, nodes - grown))
        closer.tell(model, proof, work)
        before = proof.plan.gain
        if _gap(proof) > goal:
            most = min(wish.search_rounds, rounds + turn * turn_rounds)
            proof, rounds = cooling.cooled(model, proof, crowd, rounds, most, work)
        tree, grown, turn = None if proof.plan.gain > before else tree, grown + part, turn * 2
    return proof, rounds


def status_of(gap: float, goal: float) -> frames.Status:
    """The word for a gap."""
    return "optimal" if gap <= OPTIMAL else "within_gap" if gap <= goal else "stopped"


def why_stopped(gap: float, goal: float, *, cut: bool) -> Note:
    """What a plan that is not within the goal says of it: the clock cut it, or its work was done."""
    return Note("time_cut" if cut else "work_exhausted", {"gap": gap, "gap_goal": goal})


def to_choice(model: CoverModel, proof: Proof, goal: float, counts: dict[str, int], *, stopped: bool) -> ProvenChoice:
    """A proof as the table of chosen offers, in order of marginal gain."""
    chosen, kept = tables_of(model, proof.plan.current)
    value, bound = proof.plan.gain * model.unit, proof.bound * model.unit
    gap = frames.gap(value, bound)
    # what the clock cut is not the answer to the question, however good it is
    status: frames.Status = "stopped" if stopped and gap > OPTIMAL else status_of(gap, goal)
    notes: tuple[Note, ...] = ()
    if status == "stopped":
        notes = (why_stopped(gap, goal, cut=stopped),)
    if proof.lost:
        notes = (*notes, Note("exact_search_lost", {"gap": gap}))
    return ProvenChoice(
        chosen, kept, status, value, bound, gap, counts, notes,
        proven_by=proof.proven_by, multipliers=proof.multipliers, cut=proof.cut, tight=proof.tight,
    )  # fmt: skip


def tables_of(model: CoverModel, current: Ints) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The chosen offers in order of marginal gain, and the offers of what stays as it is."""
    ranked = search.order_of_gain(model, current)
    gains = np.array([gain for _, gain in ranked], np.int64)
    chosen = pd.DataFrame(
        {
            "offer_id": pd.Series([model.offer_ids[column] for column, _ in ranked], dtype="str"),
            "rank": np.arange(1, len(ranked) + 1, dtype=np.int64),
            "gain_per_year": gains * model.unit,
            "cumulative_gain_per_year": np.cumsum(gains) * model.unit,
        }
    )
    keep = model.net.group_keep
    kept = sorted([*model.kept, *(model.offer_ids[c] for c in keep[(keep >= 0) & (current == keep)])])
    return frames.check("chosen", chosen), tuple(kept)
