"""Programmes with charges used or not: the same model with the columns and the limits of one combination.

With z_g in {0, 1} for each programme g of ``CoverModel.charges`` (symbols otherwise as in ``planner.siting.dual``)

    x_c <= z_g for the columns that g pays for (alone or beside another)            ``uses``
    sum_c a_rc x_c <= b_r - sum_g f_rg z_g   for own capital and running cost, f what the use of g costs
    -sum_c subsidy_cg x_c <= -least_g z_g                                           rule ``programme_min:g``

For given z (``used``) that is the model without the columns of unused programmes and with lower limits. The model itself, with no
limit lowered, is a relaxation of all combinations: any prices prove a bound of each of them over its own columns (``bound_using``).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from planner.siting.bounds import bound_at
from planner.siting.model import CoverModel, Multipliers
from planner.siting.net import Flags, Ints
from planner.siting.part import Part, part_of
from planner.siting.pricing import spread
from planner.siting.rules import LEAST

NONE = -(2**62)  # bound of what has no plan


def among(model: CoverModel, used: Collection[str]) -> Flags:
    """Per column whether it needs no other programme of those with charges."""
    out = sum(1 << i for i, charge in enumerate(model.charges) if charge.programme not in used)
    return np.asarray((model.uses & out) == 0, np.bool_)


def limits(model: CoverModel, used: Collection[str]) -> Ints:
    """The limits once these programmes are used."""
    limit = model.net.limit.copy()
    for charge in (c for c in model.charges if c.programme in used):
        lower = {
            "municipality_budget": charge.own_yen,
            "running_budget": charge.running_yen_per_year,
            f"{LEAST}{charge.programme}": charge.least_yen,
        }
        for at, name in enumerate(model.rules):
            limit[at] -= lower.get(name, 0)
    return limit


def possible(model: CoverModel, used: Collection[str]) -> bool:
    """Whether these programmes can be used at all: what must stand needs no other, and no rule is broken by the least use of it."""
    net, fine = model.net, among(model, used)
    if not fine[net.group_keep[net.group_keep >= 0]].all():
        return False
    column = np.repeat(np.arange(model.columns), np.diff(net.use_start))
    here = fine[column]
    amount = np.zeros((net.limit.size, model.columns), np.int64)
    amount[net.use_rule[here], column[here]] = net.use_amount[here]
    if not model.columns:
        return bool((limits(model, used) >= 0).all())
    amount[:, ~fine] = np.iinfo(np.int32).max * np.int64(2**20)
    least = np.minimum.reduceat(amount, net.group_start[:-1], axis=1)
    least[:, net.group_keep < 0] = np.minimum(least[:, net.group_keep < 0], 0)
    floors = np.unique(net.floor[net.floor >= 0])
    broken = least.sum(axis=1) > limits(model, used)
    broken[floors] = False
    return not broken.any()


def using(model: CoverModel, used: Collection[str]) -> Part | None:
    """The part of the model in which just these of its programmes with charges are used (None: what must stand needs another).

    Parameters
    ----------
    model
        A model, or a part of one, in which nothing is settled yet (``used`` is None).
    used
        Ids of programmes.
    """
    fine = among(model, used)
    if not fine[model.net.group_keep[model.net.group_keep >= 0]].all():
        return None
    part = part_of(model, np.flatnonzero(fine))
    charged = sum(c.own_yen for c in model.charges if c.programme in used)
    settled = replace(
        part.model,
        net=part.model.net._replace(limit=limits(model, used)),
        used=tuple(sorted(used)),
        charged_yen=charged,
    )
    return replace(part, model=settled)


def bound_using(model: CoverModel, prices: Multipliers, used: Collection[str]) -> int:
    """What prices of the whole model prove of the plans that use just these programmes, whole units over all-keep."""
    if not possible(model, used):
        return NONE
    lowered = replace(model, net=model.net._replace(limit=limits(model, used)))
    return bound_at(lowered, prices, among=among(model, used))


def outside(part: Part, prices: Multipliers) -> Multipliers:
    """Prices of a part for the whole model."""
    return Multipliers(spread(part.whole, part.merged_of, prices.rule, prices.layer), prices.rule, prices.clique)
