"""Ways to serve one region, listed: every set of its columns that a plan better than a known one may use there.

Prices p of rules and cliques, q of covering a layer twice and r of what a way falls short of its own floor d turn a way W of a region
(``region``; at most one column per group, one install per clique) into

    worth(W) = sum_{l covered} g_l - sum_r p_r amount_r(W) - sum_k p_k installs_k(W) - r max(0, need_d - cover_d(W))

    g_l = w_l - q_l + p_e n_l   where l counts for the floor e of another region (else without the last)
    cover_d(W)                  what the layers covered count for the floor d

At the prices u of the region's layers and s of its floor's cover that its linear program says, no way through a set S is worth more than S itself,
what layers not covered are worth above u, and the best positive addition of each other group at u: covered layers count once, so that
a column adds the less the more there is (layers that cost have no u; what they cost is taken off where they are covered). Sets below what
is asked for are cut off there, and the rest is looked at one by one.

Source: branch and bound on sets of a submodular function (Nemhauser and Wolsey 1981), with Lagrangian bounds (Beasley 1990).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from planner.siting.matrices import installs, uses
from planner.siting.model import CoverModel
from planner.siting.net import Codes, Flags, Floats, Ints
from planner.siting.region import Region
from planner.siting.search import floors_of
from planner.siting.sets import Priced, Stack, begun, look, undominated
from planner.work import Work

DEPTH = 40  # columns of a way at most: where there may be more the region is too large to be listed
# columns and layers looked at for the best way and for some good ones (hundredths of a second), and for a list (one to two seconds)
FEW, MOST = 5_000_000, 1_000_000_000
SLICE = 10_000_000  # the same between two looks at the clock
SOME_WAYS, MOST_WAYS = 4_000, 400_000  # before those that others replace are taken out


class Prices(NamedTuple):
    """Of rules (of a region's own floor: of what a way falls short), of cliques, and of covering a layer of the model twice."""

    rule: Floats
    clique: Floats
    twice: Floats


class Ways(NamedTuple):
    """Ways of a region, none of them better in all than another."""

    chosen: tuple[Ints, ...]  # columns of the model
    weight: Floats  # covered
    amount: Floats  # way x rule; of floors with the sign of a rule: less what it helps, of its own what it falls short


class Best(NamedTuple):
    """What no way of a region is worth more than, and the best one known; the same where all sets were looked at. And good ones.

    ``linear``: what the region's linear program says of it.
    """

    linear: float
    most: float
    worth: float
    ways: Ways

    @property
    def exact(self) -> bool:
        """Whether no way is better."""
        return self.most == self.worth


def _priced(model: CoverModel, region: Region, prices: Prices, work: Work) -> Priced:
    """The region as compiled code reads it."""
    net, own, rule = model.net, region.floor, prices.rule
    floor, need = net.floor[region.layer_of], net.need[region.layer_of].astype(np.float64)
    others = _others(model, region)
    elsewhere = np.isin(floor, others)
    paid = rule.copy()
    paid[floors_of(model)] = 0.0
    toll: Floats = uses(net)[region.column] @ paid + prices.clique @ installs(net, region.column)
    most, counts = -float(net.limit[own]), np.where(floor == own, need, 0.0)
    help_worth = np.where(elsewhere, rule[np.maximum(floor, 0)] * need, 0.0)
    worth = net.weight[region.layer_of].astype(np.float64) + help_worth - prices.twice[region.layer_of]
    help_most, short = min(float(region.help), most), float(rule[own])
    price, eased = region.within.prices(worth, toll, short, work)
    raised = worth + eased * counts
    shared = np.clip(price, 0.0, np.maximum(raised, 0.0))
    spare = np.maximum(raised, 0.0) - shared
    return Priced(
        region.start,
        region.layer,
        region.group,
        region.clique_start,
        region.clique,
        region.cliques,
        net.weight[region.layer_of].astype(np.float64),
        counts,
        np.where(elsewhere, np.searchsorted(others, floor), -1),
        np.where(elsewhere, need, 0.0),
        others.size,
        shared,
        spare,
        np.maximum(-raised, 0.0),
        region.border,
        toll,
        most,
        help_most,
        short,
        eased,
        float(spare.sum()) - eased * most + max(0.0, eased - short) * help_most,
    )


def _others(model: CoverModel, region: Region) -> Ints:
    """The floors that the region's columns can help."""
    floor = model.net.floor[region.layer_of]
    return np.unique(floor[(floor >= 0) & (floor != region.floor)])


def _looked_at(priced: Priced, least: float, most: int, found: Codes, told: Floats, work: Work) -> tuple[Stack, bool]:
    """What came of looking at all sets, and whether it did: not where they are too many, or the work was stopped."""
    stack, limit = begun(priced, found.shape[1]), 0
    while limit < most and not work.stopped:
        limit = min(most, int(stack.looks[0]) + SLICE)
        if look(priced, stack, least, limit, found, told):
            return stack, True
        if stack.looks[0] <= limit:
            break  # more ways than there is room for, or a way that may be larger
    return stack, False


def best_ways(model: CoverModel, region: Region, prices: Prices, width: float, work: Work) -> Best:
    """The best way of a region at these prices, and others worth at most ``width`` less, as many as are soon found."""
    priced = _priced(model, region, prices, work)
    one, of_one = np.empty((1, DEPTH), np.int32), np.zeros((1, 2 + priced.others))
    stack, whole = _looked_at(priced, -np.inf, FEW, one, of_one, work)
    best, linear = float(stack.best[0]), float(stack.worth[0] + stack.more[0])
    if not np.isfinite(best):
        return Best(linear, linear, best, _kept(model, region, priced, one[:0], of_one[:0]))
    found, told = np.empty((SOME_WAYS, DEPTH), np.int32), np.zeros((SOME_WAYS, 2 + priced.others))
    some, _ = _looked_at(priced, best - width, FEW, found, told, work)
    number = int(some.found[0])
    found, told = np.concatenate([one, found[:number]]), np.concatenate([of_one, told[:number]])
    return Best(linear, best if whole else linear, best, _kept(model, region, priced, found, told))


def ways(model: CoverModel, region: Region, prices: Prices, least: float, work: Work) -> Ways | None:
    """All ways worth at least so much, less those that another replaces; None where they are too many, or the work was stopped.

    One way replaces another that covers no more, uses no less of any rule, has no fewer installs in any clique at a border, falls no less short
    of its floor and helps no other floor more, whatever is covered from elsewhere (``sets.undominated``).
    """
    priced = _priced(model, region, prices, work)
    found, told = np.empty((MOST_WAYS, DEPTH), np.int32), np.zeros((MOST_WAYS, 2 + priced.others))
    stack, whole = _looked_at(priced, least, MOST, found, told, work)
    number = int(stack.found[0])
    return _kept(model, region, priced, found[:number], told[:number]) if whole else None


def _kept(model: CoverModel, region: Region, priced: Priced, found: Codes, told: Floats) -> Ways:
    """The ways found that no other replaces."""
    amount = _amounts(model, region, found, told)
    at_border = _used(region, found) @ installs(model.net, region.column)[region.crossing].T
    # whoever replaces another covers more, or as much and uses less, or is the smaller of two equal ones
    order = np.lexsort(((found >= 0).sum(axis=1), amount.sum(axis=1), -told[:, 0]))
    goods = np.column_stack([told, -amount[:, _bought(model, amount)], -np.asarray(at_border.todense())])
    goods[:, 1] = np.minimum(goods[:, 1], priced.need)
    kept = order[undominated(priced, found[order], np.ascontiguousarray(goods[order]))]
    return Ways(tuple(region.column[row[row >= 0]] for row in found[kept]), told[kept, 0], amount[kept])


def _used(region: Region, found: Codes) -> sparse.csr_matrix:
    """Ways x columns of the region, 1 where chosen."""
    way, place = np.nonzero(found >= 0)
    return sparse.csr_matrix((np.ones(way.size), (way, found[way, place])), shape=(len(found), region.column.size))


def _bought(model: CoverModel, amount: Floats) -> Flags:
    """The rules that are no floor and that some way uses."""
    bought: Flags = np.any(amount != 0, axis=0)
    bought[floors_of(model)] = False
    return bought


def way_of(model: CoverModel, region: Region, columns: Ints) -> Ways:
    """The one way of a plan: its columns in the region."""
    chosen = np.flatnonzero(np.isin(region.column, columns)).astype(np.int32)
    covered = [region.layer[region.start[j] : region.start[j + 1]] for j in chosen]
    at = region.layer_of[np.unique(np.concatenate([np.empty(0, np.int32), *covered]))]
    floor, need = model.net.floor[at], model.net.need[at]
    cover = [need[floor == f].sum() for f in (region.floor, *_others(model, region).tolist())]
    told = np.array([[model.net.weight[at].sum(), *cover]], np.float64)
    return Ways((region.column[chosen],), told[:, 0], _amounts(model, region, chosen.reshape(1, -1), told))


def _amounts(model: CoverModel, region: Region, found: Codes, told: Floats) -> Floats:
    """What ways use of each rule; ``told``: weight and cover of each floor."""
    amount = np.asarray((_used(region, found) @ uses(model.net)[region.column]).todense())
    amount[:, region.floor] = np.maximum(0.0, -model.net.limit[region.floor] - told[:, 1])
    amount[:, _others(model, region)] = -told[:, 2:]
    return amount
