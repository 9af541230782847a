"""Proof that floors cannot be met together, from the ways of their regions: what they lack has a price, and nothing else counts.

In the master program (``master``) layers weigh nothing, and what floors lack is bought, each floor whole at the same price:

    maximise    - sum_d v_d lack_d,        v_d = WHOLE / -b_d        (b_d < 0 the limit of floor d)
    subject to  its rows, with lack_d >= 0 added to what the floor d has

A plan that keeps all rules lacks nothing, so that at any prices of the other rules the bound L of its regions is at least 0: prices with
L < 0 prove that there is none. It is nearer than the dual of ``reaching``, where cover above what a floor asks for counts as well.

Source: phase one of the simplex method, over the ways of regions.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from planner.siting import search
from planner.siting.descending import Terms, descend
from planner.siting.master import Bound, Master
from planner.siting.model import CoverModel
from planner.siting.net import Floats, Ints
from planner.siting.program import Core, Program, floor_scale, program_of, weight_scale
from planner.siting.region import regions_of
from planner.work import Work

WHOLE = 1e6  # price of a floor not met at all
NOTHING = 1.0  # a lack that cannot be told from none: a millionth of a floor


def looked_into(model: CoverModel, rule: Floats, work: Work) -> tuple[Master, Bound] | None:
    """Regions and the least L that prices of ways prove; below 0 it proves that no plan meets all floors (None: nothing is known of it).

    Parameters
    ----------
    model
        The covering model; with at least one floor.
    rule
        Prices of rules to begin with: what a unit of them is worth to floors, each of them met worth WHOLE. A floor without one begins there.
    work
        Stopping.
    """
    net, floors = model.net, search.floors_of(model)
    floors = floors[net.limit[floors] < 0]
    price = np.zeros(net.limit.size)
    price[floors] = WHOLE / -net.limit[floors]
    weightless = replace(model, net=net._replace(weight=np.zeros_like(net.weight)), base=0)
    every = search.every(model)

    def lacking(core: Core) -> Program:
        """The open columns' program in which floors may lack something."""
        return _lacking(core, floors, price)

    regions, terms = regions_of(weightless, every, lacking=True), Terms(rule, np.where(rule > 0.0, rule, price), price)
    return descend(weightless, every, regions, terms, lacking, search.rest(model), WHOLE, 0.0, work, -NOTHING)


def proven(found: tuple[Master, Bound] | None) -> bool:
    """Whether no plan meets all floors."""
    return found is not None and found[1].bound < 0.0


def _lacking(core: Core, floors: Ints, price: Floats) -> Program:
    """The core's program with a column for what each floor lacks."""
    program, scale = program_of(core), floor_scale(core)[floors]
    first = core.layers.weight.size + core.model.net.group_keep.size
    shape = (program.low.size, floors.size)
    lacks = sparse.csc_matrix((-np.ones(floors.size), (first + floors, np.arange(floors.size))), shape=shape)
    nothing = np.zeros(floors.size)
    return replace(
        program,
        gain=np.concatenate([program.gain, -price[floors] * scale / weight_scale(core)]),
        matrix=sparse.csc_matrix(sparse.hstack([program.matrix, lacks])),
        least=np.concatenate([program.least, nothing]),
        most=np.concatenate([program.most, nothing + np.inf]),
    )
