"""Money shared among regions: each floor's region by its listed ways, all else by the linear program, one program over both (``master``).

Prices come from the linear program over the ways that looked best so far. Then the ways that a plan better than the known one may use are
listed, those worth most first, and branch and bound chooses among them. Why it is so much nearer than the linear program of ``program``:
there half a way serves half a floor, here a floor takes a whole way or help that really comes from elsewhere.

Source: Dantzig and Wolfe 1960, the columns listed at the end as by Baldacci, Christofides and Mingozzi 2008.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from planner import frames
from planner.siting import closer
from planner.siting.bounds import SAFETY, check_bound
from planner.siting.closer import Heard, Proof, whole_bound, with_plan
from planner.siting.descending import descend
from planner.siting.diving import dive
from planner.siting.master import Bound, Master
from planner.siting.model import CoverModel
from planner.siting.net import Floats, Ints, floor_worth
from planner.siting.program import program_of, solve, weight_scale
from planner.siting.region import Region, regions_of
from planner.work import Work

# price of a unit short of a floor to begin with and at most, in weight a unit of its layers
SHORT, MOST_SHORT = 4.0, 40.0
# what a way may be worth less than the best, at first: so much of what it may in a plan better than the known one; so many times as much each
# time after, until that is all; what cannot be listed is tried with such parts of it. Other steps stand in benchmarks/RESULTS.md, borders counted once
FIRST, GROWTH, PARTS = 0.5, 2.5, (1.0, 0.7, 0.5)
# the same of the bound where the best plan known is further below it than that: else branch and bound would not come to an end
FAR, FAR_FIRST, FAR_GROWTH = 0.045, 0.015, 1.7
WIDEST = 0.3  # and where it is further below than that the linear program says more: the town with tight floors, 0.58 instead of 0.47 offences a year
# ways at the first step, and as many more as it has columns: a region with more joins the open columns, which say the same in less
CROWDED = 100


class _Tree(NamedTuple):
    """Where branch and bound ends, and the seed of improving what it finds."""

    gap: float
    nodes: int
    seed: int


def by_regions(model: CoverModel, proof: Proof, gap: float, nodes: int, seed: int, work: Work) -> Proof:
    """A lower bound, and perhaps a better plan, from the ways of regions.

    Parameters
    ----------
    model
        The covering model; without floors nothing is done.
    proof
        The best plan so far and prices of a good bound.
    gap, nodes
        Where branch and bound over ways and open columns ends.
    seed
        Of improving what it finds.
    work
        Progress (stage ``siting_close``) and stopping.

    Returns
    -------
    Proof
        Never worse; ``proven_by`` is ``tree`` where the bound is from here.
    """
    found = _shared(model, proof, work)
    if found is None:
        return proof
    master, bound = found
    room = _room(master, proof, bound)
    if room > WIDEST * bound.bound:
        return proof
    closer.tell(model, _lowered(proof, math.floor(bound.bound) - model.base), work)
    if room > FAR * bound.bound:
        proof = dive(master, bound.known, bound.answer, bound.basis, proof, seed, work)
    return _closed(master, proof, bound, _Tree(gap, nodes, seed), work)


def _shared(model: CoverModel, proof: Proof, work: Work) -> tuple[Master, Bound] | None:
    """The regions to be listed, and what their prices prove; those of which too many ways are worth enough join the open columns."""
    price, worth = np.maximum(proof.multipliers.rule, 0.0), floor_worth(model.net)
    scale = float(proof.bound + model.base)
    allowed = closer.fixed_core(model, proof.multipliers, proof.plan)
    regions, before = regions_of(model, allowed), None
    while True:
        found = descend(
            model, allowed, regions, price, SHORT * worth, MOST_SHORT * worth,
            program_of, proof.plan.current, scale, -math.inf, work,
        )  # fmt: skip
        if found is None:
            return before
        room = _room(found[0], proof, found[1])
        crowded = None if room > WIDEST * found[1].bound else _crowded(*found, _steps(room, found[1])[0], work)
        if crowded is None or work.stopped:
            return found
        before, regions = found, [r for r in regions if r.floor != crowded.floor]


def _steps(room: float, found: Bound) -> tuple[float, float]:
    """What a way may be worth less than the best, at first, and how many times as much each time after."""
    far = room > FAR * found.bound
    return (FAR_FIRST * found.bound, FAR_GROWTH) if far else (FIRST * room, GROWTH)


def _crowded(master: Master, found: Bound, slack: float, work: Work) -> Region | None:
    """A region with so many ways that its columns say the same in less."""
    full = master.listed_down_to(found, slack, work)
    number = np.bincount([n for n, _ in master.known], minlength=len(master.regions))
    return full or next((r for n, r in zip(number, master.regions, strict=True) if n > CROWDED + r.column.size), None)


def _closed(master: Master, proof: Proof, found: Bound, tree: _Tree, work: Work) -> Proof:
    """Branch and bound over the ways worth most, which is soon done and finds better plans, then over all that a better plan may use.

    Where these are too many, over as many as can be listed. Where not even the first can, nothing is changed: cuts prove more then.
    """
    base = master.model.base
    proven = math.floor(found.bound) - base
    room = _room(master, proof, found)
    slack, growth = _steps(room, found)
    while room > 0 and frames.gap(proof.plan.gain, min(proof.bound, proven)) > tree.gap:
        fits = next((part for part in PARTS if not master.listed_down_to(found, part * slack, work)), None)
        if fits is None:
            # by then the prices have proven their bound; not stopped, cuts prove more where nothing can be listed
            return _lowered(proof, proven) if work.stopped else proof
        least = math.floor(found.bound - fits * slack) - base if fits * slack < room else -math.inf
        proof = _by_ways(master, _lowered(proof, proven), found, fits * slack, least, tree, work)
        # where branch and bound did not come to an end it will not among more ways
        if fits < 1.0 or slack >= room or work.stopped or proof.bound > max(least, proof.plan.gain):
            break
        room = _room(master, proof, found)
        slack = min(room, growth * slack)
    return _lowered(proof, proven)


def _room(master: Master, proof: Proof, found: Bound) -> float:
    """How much less than the bound a better plan may cover: at least one unit more than the known one."""
    return found.bound - (proof.plan.gain + master.model.base + 1)


def _by_ways(master: Master, proof: Proof, found: Bound, slack: float, least: float, tree: _Tree, work: Work) -> Proof:
    """Branch and bound over the known ways and the open columns within ``slack``; what no plan with others passes: ``least``."""
    master.keep_plan(proof.plan.current)  # its ways may have been replaced, and branch and bound begins with them
    model, known = master.model, master.restricted()
    program, size = known.program, master.core.columns.size
    worth = master.open_worth(found.prices)
    best = master.open_best(worth)[model.net.column_group[master.core.columns]]
    used = proof.plan.current[proof.plan.current >= 0]
    short = best - worth > slack + SAFETY * np.abs(best) + 1e-6
    program.most[:size][short & ~np.isin(master.core.columns, used)] = 0.0

    def columns_of(x: Floats) -> Ints:
        """The columns of a solution."""
        ways = np.flatnonzero(x[master.program.gain.size :][: len(known.ways)] > 0.5)
        chosen = [np.array(known.ways[way][1], np.int64) for way in ways.tolist()]
        return np.concatenate([master.core.columns[x[:size] > 0.5], *chosen])

    unit = weight_scale(master.core)
    heard = Heard(model, proof, tree.seed, work, unit, columns_of, least)
    own = {(n, tuple(r.column[np.isin(r.column, used)].tolist())) for n, r in enumerate(master.regions)}
    chosen = np.array([float(way in own) for way in known.ways])
    answer = solve(
        program,
        work,
        gap=tree.gap,
        nodes=tree.nodes,
        start=known.start_of(closer.start_vector(master.core, proof.plan), chosen),
        enough=(least + model.base) / unit,
        finds=_room(master, proof, found) > FAR * found.bound,
        told=heard.bound,
        found=heard.better,
    )
    if answer.x.size:
        heard.better(answer.x)
    proof = replace(with_plan(proof, heard.best), nodes=proof.nodes + answer.nodes, lost=answer.status == "lost")
    if math.isfinite(answer.bound) and answer.status != "infeasible":
        proof = _lowered(proof, int(max(least, whole_bound(answer.bound, unit, model))))
    return proof


def _lowered(proof: Proof, bound: int) -> Proof:
    """The proof with a lower bound, if it is one."""
    if bound >= proof.bound:
        return proof
    check_bound(bound, proof.plan.gain, closer.TREE_ROUNDING)
    return replace(proof, bound=max(bound, proof.plan.gain), proven_by="tree")
