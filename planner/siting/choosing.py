"""choose: search, dual bound, closer, and the answer as tables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from planner import frames
from planner.errors import Note, PlannerError
from planner.settings import Settings
from planner.siting import closer, conflict, search
from planner.siting.bounds import bound_at
from planner.siting.closer import Proof
from planner.siting.model import CoverModel, Multipliers
from planner.siting.net import Ints
from planner.siting.pricing import found_prices, shortlist
from planner.siting.search import Plan
from planner.work import Work

FIRST_ROUNDS = 60  # of search before the linear program
CLOSE_GAP, CLOSE_ROUNDS = 0.01, 600  # of the bound: so near, so many more rounds are enough before the tree
FIRST_COOLING, LONGEST_COOLING = 20, 1_000  # rounds
SMALL_NODES = 100  # a small model may take so many times the nodes: it is to be proven
TREES = 2  # one after another, while each finds a better plan
FEASIBILITY_NODES = 5_000
OPTIMAL = 1e-9  # a gap that rounding alone can make
FLOOR_ROUNDS = 300  # of the dual, to prove that a floor is out of reach


@dataclass(frozen=True)
class ProvenChoice(frames.Choice):
    """A choice that carries what proves it: prices for ``verify`` and ``frontier``, and whether the tree was needed."""

    multipliers: Multipliers | None = None
    from_tree: bool = False
    variants: tuple[Any, ...] = ()  # of programmes used or not (``variants.Variant``), where some have charges


def choose(model: CoverModel, settings: Settings, work: Work | None = None) -> ProvenChoice:
    """The best plan found for the limits of the model, with a bound that no plan can pass.

    The model (decision variables, constraints, prices) stands in ``planner.siting.dual``; the method: greedy under
    several price mixes with exchange search, dual bound, heat-bath search from the dual's prices, and, where the
    gap is above ``gap_goal`` or the model is small, linear program and branch and bound on the reduced core.

    Parameters
    ----------
    model
        From ``build``.
    settings
        ``siting``: goal and amounts of work. ``budget`` and ``rules`` must be those of ``build``.
    work
        Progress (stages ``siting_search``, ``siting_bound``, ``siting_close``) and stopping.

    Returns
    -------
    ProvenChoice
        ``value`` and ``bound`` in offences a year within view, gained over all-keep. ``status``: ``optimal``
        (gap <= 1e-9), ``within_gap``, ``stopped`` with note ``work_exhausted`` or ``time_cut``.

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
    plan = _first_plan(model, wish.seed, work)
    proof, counts = _search_and_bound(model, plan, settings, work)
    if not work.stopped and proof.bound > proof.plan.gain and (model.small or _gap(proof) > wish.gap_goal):
        proof = _close(model, proof, settings, work)
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
    return (proof.bound - proof.plan.gain) / max(proof.bound, 1e-9)


def _first_plan(model: CoverModel, seed: int, work: Work) -> Plan:
    """A plan that keeps all rules, or the refusal."""
    work.step("siting_search")
    plan = search.greedy_plan(model, seed, work)
    if plan is None and not model.small:
        refusal = conflict.out_of_reach(model, FLOOR_ROUNDS, work)
        if refusal is not None:
            raise refusal
    plan = plan or closer.feasible_plan(model, FEASIBILITY_NODES, work)
    if plan is not None:
        return plan
    if not work.stopped:
        refusal = conflict.explain(model, FEASIBILITY_NODES, work)
        if refusal.values["proven"]:
            raise refusal
    work.check()
    raise PlannerError("no_plan_found", "no plan was found that keeps all rules, nor a proof that there is none")


def _search_and_bound(model: CoverModel, plan: Plan, settings: Settings, work: Work) -> tuple[Proof, dict[str, int]]:
    """The dual, search at its prices, the linear program (early where it is cheap), search at its prices."""
    wish = settings.siting
    prices, done = found_prices(model, plan.gain, wish.dual_rounds, work)
    proof = Proof(plan, max(bound_at(model, prices), plan.gain), prices)
    _tell(model, proof, work)
    price, active = search.dual_price(model, prices), shortlist(model, prices)
    proof = closer.with_plan(proof, search.settle(model, search.rest(model), price, search.PASSES, wish.seed, active))
    proof, rounds = _search(model, proof, 0, min(wish.search_rounds, FIRST_ROUNDS), wish.seed, work)
    if not closer.cheap(model):
        proof, rounds = _search(model, proof, rounds, wish.search_rounds, wish.seed, work)
    if not work.stopped and proof.bound > proof.plan.gain and (closer.cheap(model) or _gap(proof) > wish.gap_goal):
        work.step("siting_close")
        proof = closer.by_linear_program(model, proof, wish.seed, work)
        _tell(model, proof, work)
    proof, rounds = _search(model, proof, rounds, min(wish.search_rounds, rounds + CLOSE_ROUNDS), wish.seed, work)
    if _gap(proof) > CLOSE_GAP:  # far from closed: the search gets all its rounds before the tree
        proof, rounds = _search(model, proof, rounds, wish.search_rounds, wish.seed, work)
    return proof, {"search_rounds": rounds, "dual_rounds": done}


def _search(model: CoverModel, proof: Proof, done: int, rounds: int, seed: int, work: Work) -> tuple[Proof, int]:
    """Search at the proof's prices, each cooling twice as long as the one before, until so many rounds are done."""
    if done >= rounds:
        return proof, done
    refiller, length = search.Refiller(model, proof.plan, proof.multipliers, seed + done), max(FIRST_COOLING, done)
    while done < rounds and proof.bound > proof.plan.gain and not work.stopped:
        work.step("siting_search", done, rounds)
        length = min(length, LONGEST_COOLING, rounds - done)
        before = proof.plan.gain
        proof = closer.with_plan(proof, refiller.run(length))
        done, length = done + length, length * 2
        if proof.plan.gain > before:
            _tell(model, proof, work)
    return proof, done


def _close(model: CoverModel, proof: Proof, settings: Settings, work: Work) -> Proof:
    """Branch and bound: to the end on a small model, to within the goal on a large one."""
    wish = settings.siting
    work.step("siting_close")
    goal, nodes = (0.0, wish.mip_nodes * SMALL_NODES) if model.small else (wish.gap_goal / 2, wish.mip_nodes)
    for _ in range(TREES):
        before = proof.plan.gain
        proof = closer.by_tree(model, proof, goal, nodes, wish.seed, work)
        _tell(model, proof, work)
        # a better plan leaves a smaller core, which another tree may close
        if work.stopped or proof.plan.gain <= before or _gap(proof) <= max(goal, wish.gap_goal / 2):
            break
    return proof


def _tell(model: CoverModel, proof: Proof, work: Work) -> None:
    """What is known so far, offences a year."""
    work.prove(proof.plan.gain * model.unit, proof.bound * model.unit)


def status_of(gap: float, goal: float) -> frames.Status:
    """The word for a gap."""
    return "optimal" if gap <= OPTIMAL else "within_gap" if gap <= goal else "stopped"


def to_choice(model: CoverModel, proof: Proof, goal: float, counts: dict[str, int], *, stopped: bool) -> ProvenChoice:
    """A proof as the table of chosen offers, in order of marginal gain."""
    chosen, kept = tables_of(model, proof.plan.current)
    value, bound = proof.plan.gain * model.unit, proof.bound * model.unit
    gap = (bound - value) / max(bound, 1e-9)
    # what the clock cut is not the answer to the question, however good it is
    status: frames.Status = "stopped" if stopped and gap > OPTIMAL else status_of(gap, goal)
    notes: tuple[Note, ...] = ()
    if status == "stopped":
        notes = (Note("time_cut" if stopped else "work_exhausted", {"gap": gap, "gap_goal": goal}),)
    return ProvenChoice(
        chosen, kept, status, value, bound, gap, counts, notes, multipliers=proof.multipliers, from_tree=proof.tree
    )


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
