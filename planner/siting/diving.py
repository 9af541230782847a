"""A plan from the ways of regions: the linear program takes one whole way after another, and what is left open is filled.

At each turn the way with the largest share, of those that are not whole, is taken and the others of its region are shut out; where the
linear program then has no solution, or none better than what is known, that way is shut out instead. Once each region has one way the
open columns with more than half a share join them, and the plan is filled and improved (``search.settle``).

Source: diving with branching on columns, Sadykov, Vanderbeck, Pessoa, Tahiri and Uchoa 2019.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from planner.siting.closer import Proof, improved, with_plan
from planner.siting.master import Bound, Master
from planner.siting.net import Floats, Ints
from planner.siting.pricing import shortlist
from planner.siting.program import Answer, solve_from, weight_scale
from planner.work import Work

LOOKS = 12  # linear programs: those that led to a plan took 4 or 5, and 60 to none where 12 did not (benchmarks/RESULTS.md, regions bounded from within)
WHOLE = 1e-6  # a share so near to 0 or 1


def dive(master: Master, found: Bound, proof: Proof, seed: int, work: Work) -> Proof:
    """The better plan that the shares of ways lead to, if they do.

    Parameters
    ----------
    master
        The regions.
    found
        The program over the ways so far, its linear program's solution, and where the simplex method ended.
    proof
        The best plan so far.
    seed
        Of improving what is found.
    work
        Stopping.
    """
    columns = whole(master, found, proof.plan.gain, work)
    if columns is None:
        return proof
    active = shortlist(master.model, proof.multipliers)
    return with_plan(proof, improved(master.model, columns, proof.plan, seed, active))


def whole(master: Master, found: Bound, least: float, work: Work) -> Ints | None:
    """The columns of whole ways, one a region, and of the open ones beside them, that the shares of ways lead to.

    None where none is found whose linear program covers more than ``least`` over all-keep.
    """
    known, answer, basis = found.known, found.answer, found.basis
    first, region = master.program.gain.size, np.array([number for number, _ in known.ways])
    most, taken = known.program.most.copy(), list[tuple[Floats, int]]()
    for _ in range(LOOKS):
        share = answer.x[first : first + region.size]
        part = np.where((share > WHOLE) & (share < 1.0 - WHOLE), share, 0.0)
        if answer.status == "optimal" and _gain(master, answer) > least:
            if not part.any():
                return master.columns_of(known, answer.x)
            way = int(part.argmax())
            taken.append((most, way))
            most = most.copy()
            most[first + np.flatnonzero(region == region[way])] = 0.0
            most[first + way] = 1.0
        elif taken:
            before, way = taken.pop()
            most = before.copy()
            most[first + way] = 0.0
        else:
            break
        answer, basis = solve_from(replace(known.program, most=most), basis, work)
        if work.stopped:
            break
    return None


def _gain(master: Master, answer: Answer) -> float:
    """What the linear program covers over all-keep."""
    return answer.objective * weight_scale(master.core) - master.model.base
