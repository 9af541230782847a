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
from planner.siting.descending import Terms, descend
from planner.siting.diving import dive
from planner.siting.master import Bound, Master
from planner.siting.model import CoverModel
from planner.siting.net import Ints, floor_worth
from planner.siting.program import program_of, solve, weight_scale
from planner.siting.region import Region, regions_of
from planner.work import Work

# price of a unit short of a floor to begin with and at most, in weight a unit of its layers
SHORT, MOST_SHORT = 4.0, 40.0
# what a way may be worth less than the best, at first: so much of what it may in a plan better than the known one; so many times as much each
# time after, until that is all; what cannot be listed is tried with such parts of it. Other steps stand in benchmarks/RESULTS.md, borders counted once
FIRST, GROWTH, PARTS = 0.5, 2.5, (0.7, 0.5)
# the same of the bound where the best plan known is further below it than that: else branch and bound would not come to an end
FAR, FAR_FIRST, FAR_GROWTH = 0.045, 0.015, 1.7
FINDS = 0.035  # of the bound: where the plan is further below it HiGHS looks for better ones as well; elsewhere that costs it 40 %
WIDEST = 0.3  # of the bound: where the plan is further below it the linear program says more: the town with tight floors, 0.58 instead of 0.47 offences a year
# ways, and so many more a column: a region with more that may be wanted joins the open columns; where its linear program says of the best way
# what is true but for so much of a step, columns say the same as ways, and fewer ways are too many (benchmarks/RESULTS.md, regions bounded from within)
CROWDED, CROWD, TIGHT, TIGHT_CROWD = 100, 8, 0.05, 1


class Found(NamedTuple):
    """Regions with their ways so far, and the bound that prices prove."""

    master: Master
    bound: Bound

    @property
    def proven(self) -> int:
        """The bound in whole units over all-keep."""
        return math.floor(self.bound.bound) - self.master.model.base


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
    allowed = closer.fixed_core(model, proof.multipliers, proof.plan)
    regions = regions_of(model, allowed)
    found = _descended(model, allowed, regions, proof, work)
    if found is None or _room(proof, found) > WIDEST * found.bound.bound:
        return proof
    far = _room(proof, found) > FAR * found.bound.bound
    better = dive(found.master, found.bound, proof, seed, work) if far else proof
    slack, growth = (FAR_FIRST * found.bound.bound, FAR_GROWTH) if far else (FIRST * _room(better, found), GROWTH)
    first, tree = True, _Tree(gap, nodes, seed)
    while _room(better, found) > 0 and frames.gap(better.plan.gain, min(better.bound, found.proven)) > gap:
        slack = min(slack, _room(better, found))
        regions, found, full = _uncrowded(model, allowed, regions, found, slack, better, work)
        fits = _fits(found, slack, work) if full else 1.0
        if fits is None:  # where nothing can be listed, and no stop is why, cuts prove more
            return _lowered(better, found.proven) if work.stopped or not first else with_plan(proof, better.plan)
        better = _lowered(better, found.proven)
        closer.tell(model, better, work)
        least = (
            math.floor(found.bound.bound - fits * slack) - model.base
            if fits * slack < _room(better, found)
            else -math.inf
        )
        better = _by_ways(found, better, fits * slack, least, tree, work)
        # where branch and bound did not come to an end it will not among more ways
        if fits < 1.0 or slack >= _room(better, found) or work.stopped or better.bound > max(least, better.plan.gain):
            break
        first, slack = False, growth * slack
    return _lowered(better, found.proven)


def _descended(model: CoverModel, allowed: Ints, regions: list[Region], proof: Proof, work: Work) -> Found | None:
    """The regions with the ways that are best at prices, and what these prove."""
    rule, worth = np.maximum(proof.multipliers.rule, 0.0), floor_worth(model.net)
    terms, scale = Terms(rule, SHORT * worth, MOST_SHORT * worth), float(proof.bound + model.base)
    found = descend(model, allowed, regions, terms, program_of, proof.plan.current, scale, -math.inf, work)
    return None if found is None else Found(*found)


def _uncrowded(
    model: CoverModel, allowed: Ints, regions: list[Region], found: Found, slack: float, proof: Proof, work: Work
) -> tuple[list[Region], Found, bool]:
    """Regions listed down to ``slack``; those with so many ways that their columns say the same in less join the open columns.

    True where some region that stays has too many ways to be listed, or the work was stopped.
    """
    while True:
        full, crowded = _crowded(found, slack, work)
        if crowded is None:
            return regions, found, False
        fewer = [r for r in regions if r.floor != crowded.floor]
        again = _descended(model, allowed, fewer, proof, work) if fewer and not work.stopped else None
        if again is None:
            return regions, found, full or not _listed(found, slack, work)
        regions, found = fewer, again


def _crowded(found: Found, slack: float, work: Work) -> tuple[bool, Region | None]:
    """The first region that cannot be listed down to ``slack`` (True), or has too many ways; those whose columns lose nothing come first."""
    tight = found.bound.linear - found.bound.worth <= TIGHT * slack
    found.master.known.clear()  # what was best at other prices is not wanted
    for n in np.argsort(~tight, kind="stable").tolist():
        region, number = found.master.regions[n], found.master.listed_down_to(n, found.bound, slack, work)
        if number is None or number > CROWDED + (TIGHT_CROWD if tight[n] else CROWD) * region.column.size:
            return number is None, region
    return False, None


def _listed(found: Found, slack: float, work: Work) -> bool:
    """Whether all regions could be listed down to ``slack``."""
    regions = range(len(found.master.regions))
    return all(found.master.listed_down_to(n, found.bound, slack, work) is not None for n in regions)


def _fits(found: Found, slack: float, work: Work) -> float | None:
    """The part of ``slack`` that ways can be listed down to."""
    return next((part for part in PARTS if _listed(found, part * slack, work)), None)


def _room(proof: Proof, found: Found) -> float:
    """How much less than the bound a better plan may cover: at least one unit more than the known one."""
    return found.bound.bound - (proof.plan.gain + found.master.model.base + 1)


def _by_ways(found: Found, proof: Proof, slack: float, least: float, tree: _Tree, work: Work) -> Proof:
    """Branch and bound over the known ways and the open columns within ``slack``; what no plan with others passes: ``least``."""
    master = found.master
    master.keep_plan(proof.plan.current)  # its ways may have been replaced, and branch and bound begins with them
    model, known = master.model, master.restricted()
    program, size = known.program, master.core.columns.size
    worth = master.open_worth(found.bound.prices)
    best = master.open_best(worth)[model.net.column_group[master.core.columns]]
    used = proof.plan.current[proof.plan.current >= 0]
    short = best - worth > slack + SAFETY * np.abs(best) + 1e-6
    program.most[:size][short & ~np.isin(master.core.columns, used)] = 0.0

    unit = weight_scale(master.core)
    heard = Heard(model, proof, tree.seed, work, unit, lambda x: master.columns_of(known, x), least)
    own = {(n, tuple(r.column[np.isin(r.column, used)].tolist())) for n, r in enumerate(master.regions)}
    chosen = np.array([float(way in own) for way in known.ways])
    answer = solve(
        program,
        work,
        gap=tree.gap,
        nodes=tree.nodes,
        start=known.start_of(closer.start_vector(master.core, proof.plan), chosen),
        enough=(least + model.base) / unit,
        finds=_room(proof, found) > FINDS * found.bound.bound,
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
