"""Prices of regions: the linear program over the ways so far says them, the ways that are best at them join it (``master``).

Regions begin as listed ones where their best way is soon said for certain; where it is not at some prices the region joins the open columns,
and all begins anew.

Source: column generation, Dantzig and Wolfe 1960.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from planner.siting import listing
from planner.siting.listing import Prices
from planner.siting.master import Bound, Duals, Master, Restricted
from planner.siting.model import CoverModel
from planner.siting.net import Floats, Ints
from planner.siting.program import Answer, Basis, Core, Program, core_of, solve_from, weight_scale
from planner.siting.region import Region
from planner.work import Work

MOST_ENTRIES = 1_000_000  # of the open columns' program: above it its linear program takes too long
LARGE = 100_000  # entries of a region: above it at hardly any prices all its sets can be looked at
TURNS = 12  # of the linear program over the ways so far
NEAR = 2e-4  # of the scale: so near to the linear program's value it ends
# of the scale: so much less than the best way a way may be worth to be looked at, in the first turn and later
WIDE, NARROW = 0.03, 0.007
IDLE = 2  # turns of the linear program without a lower bound


class Terms(NamedTuple):
    """Prices per rule to begin with, and in their place, of floors whose regions are listed, what a unit short costs to begin with and at most."""

    rule: Floats
    short: Floats
    most: Floats


def descend(
    model: CoverModel,
    allowed: Ints,
    regions: Sequence[Region],
    terms: Terms,
    program_of: Callable[[Core], Program],
    plan: Ints,
    scale: float,
    enough: float,
    work: Work,
    hopeless: float = math.inf,
) -> tuple[Master, Bound] | None:
    """The regions that could be listed with their ways so far, and the least bound that prices of the linear program over these prove.

    Parameters
    ----------
    model
        The covering model.
    allowed
        The columns that plans may use.
    regions
        Theirs (``region.regions_of``).
    terms
        Prices to begin with.
    program_of
        The open columns as a program.
    plan
        Its ways are known from the beginning, so that the first linear program has a solution.
    scale
        What steps and ends are shares of.
    enough
        A bound that is low enough to end with.
    work
        Stopping.
    hopeless
        What the bound must come below: once the linear program, which no bound comes below, is worth as much, it ends, with that program.

    Returns
    -------
    tuple of Master and Bound
        None where no region is small enough, or the work was stopped before a bound was known.
    """
    start = _begun(model, regions, terms)
    regions = tuple(r for r in regions if r.layer.size <= LARGE and listing.best_ways(model, r, start, 0.0, work).exact)
    while regions and not work.stopped:
        core = core_of(model, np.setdiff1d(allowed, np.concatenate([r.column for r in regions])))
        program = program_of(core)
        if program.matrix.nnz > MOST_ENTRIES:
            break
        master = Master(model, regions, core, program, _begun(model, regions, terms), terms.most)
        master.keep_plan(plan)
        found = _descended(master, scale, enough, hopeless, work)
        if found is None:
            break
        if isinstance(found, Bound):
            return master, found
        regions = tuple(r for r in regions if r is not found)
    return None


def _begun(model: CoverModel, regions: Sequence[Region], terms: Terms) -> Prices:
    """Prices to begin with where these regions are listed."""
    price = terms.rule.copy()
    listed = [region.floor for region in regions]
    price[listed] = terms.short[listed]
    return Prices(price, np.zeros(model.net.cliques), np.zeros(model.net.weight.size))


def _descended(master: Master, scale: float, enough: float, hopeless: float, work: Work) -> Bound | Region | None:
    """The least bound; or a region whose best way it does not know for certain."""
    best: Bound | None = None
    unsure: Region | None = None
    prices: Duals | None = None
    last: tuple[Restricted, Answer, Basis] | None = None
    value, idle = -math.inf, 0
    for turn in range(TURNS):
        paid = master.start if prices is None else prices.ways
        worth, linear, before, cut = [], [], len(master.known), list[Region]()
        for number, region in enumerate(master.regions):
            width = (NARROW if turn else WIDE) * scale
            found = listing.best_ways(master.model, region, paid, width, work)
            cut += [] if found.exact else [region]
            worth.append(found.most)
            linear.append(found.linear)
            master.keep(number, found.ways)
        if work.stopped:
            break
        if prices is not None and last is not None:
            bound = master.bound(prices, worth)
            idle = 0 if best is None or bound < best.bound - NEAR * scale else idle + 1
            if best is None or bound < best.bound:
                best, unsure = Bound(bound, prices, np.array(worth), np.array(linear), *last), cut[0] if cut else None
            # without new ways the prices stay as well
            if best.bound - value < NEAR * scale or len(master.known) == before or idle == IDLE or bound < enough:
                break
        known = master.restricted()
        answer, basis = solve_from(known.program, last and known.carried(last[0], last[2]), work)
        if work.stopped or not answer.price.size:
            break
        last, value = (known, answer, basis), answer.objective * weight_scale(master.core)
        if value >= hopeless:
            return best and replace(best, known=known, answer=answer, basis=basis)
        prices = master.duals(known, answer)
    return best if unsure is None or work.stopped or (best is not None and best.bound < enough) else unsure
