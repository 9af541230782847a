"""Ways to serve one region, listed: every set of its columns that a plan better than a known one may use there.

A region is one floor's part of town: the groups that cover more of its layers than of any other floor's. Prices p of rules and cliques, q of
covering a layer twice and r of what a way falls short of its own floor d turn a way W (at most one column per group, one install per clique) into

    worth(W) = sum_{l covered} (w_l - q_l) + sum_{e != d} p_e help_e(W) - sum_r p_r amount_r(W) - sum_k p_k installs_k(W) - r max(0, need_d - cover_d(W))

    cover_d(W), help_e(W)  what the layers covered count for the floor d, and for the floors of other regions.

For any s between 0 and r it is no more than with ``- s (need_d - cover_d(W))`` for its last term, and then each layer covered has a worth of its
own. Covered layers count once, so that a column adds the less the more there is, as far as layers are worth something (those that cost are
left out of what it may add): no way through a set S is worth more than S and the best positive addition of each other group. Sets below what is
asked for are cut off there, and the rest is looked at one by one.

Source: branch and bound on sets of a submodular function (Nemhauser and Wolsey 1981).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from planner.siting.model import CoverModel
from planner.siting.net import Codes, Flags, Floats, Ints
from planner.siting.program import clique_matrix, pattern_matrix, rule_matrix
from planner.siting.search import floors_of
from planner.siting.sets import Priced, Stack, begun, look, undominated
from planner.work import Work

DEPTH = 9  # columns of a way at most: where there may be more the region is too large to be listed
# columns and layers looked at for the best way (a tenth of a second), and for a list (one to two seconds): a larger region is left to the linear program
FEW, MOST = 50_000_000, 1_000_000_000
EASINGS = 9  # prices of cover that are tried, from nothing to r
SLICE = 10_000_000  # the same between two looks at the clock
MOST_WAYS = 400_000  # before those that others replace are taken out


class Region(NamedTuple):
    """Columns and layers of one floor's region; slices as in ``Net``, columns, layers, groups and cliques by position."""

    floor: int  # the rule
    column: Ints  # of the model
    start: Ints  # column -> layers
    layer: Codes
    layer_of: Ints  # of the model
    group: Ints
    clique_start: Ints  # column -> cliques it stands in
    clique: Codes
    cliques: int
    help: int  # what columns elsewhere can add to the floor at most
    border: Flags  # per layer: whether columns elsewhere may cover it
    crossing: Ints  # cliques that installs elsewhere stand in as well


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


def regions_of(model: CoverModel, allowed: Ints) -> list[Region]:
    """One region of allowed columns for each floor that asks for something; standing groups and what covers no such floor belong to none."""
    net = model.net
    asked = floors_of(model)
    asked = asked[net.limit[asked] < 0]
    if not asked.size:
        return []
    cover = pattern_matrix(model)[net.column_pattern]
    counts = sparse.csr_matrix(
        (net.need[net.floor >= 0].astype(np.float64), (np.flatnonzero(net.floor >= 0), net.floor[net.floor >= 0])),
        shape=(net.weight.size, net.limit.size),
    )[:, asked]
    by_column = np.asarray((cover @ counts).todense())
    groups = sparse.csr_matrix(
        (np.ones(model.columns), (net.column_group, np.arange(model.columns))),
        shape=(net.group_keep.size, model.columns),
    )
    by_group = np.asarray(groups @ by_column)
    home = np.where((by_group.max(axis=1, initial=0.0) > 0) & (net.group_keep < 0), by_group.argmax(axis=1), -1)
    of_column = home[net.column_group[allowed]]
    return [
        _region(model, cover, int(floor), allowed[of_column == number], allowed[of_column != number])
        for number, floor in enumerate(asked.tolist())
        if (of_column == number).any()
    ]


def _region(model: CoverModel, cover: sparse.csr_matrix, floor: int, columns: Ints, others: Ints) -> Region:
    """The region of these columns; ``others``: all that may be chosen elsewhere."""
    net = model.net
    part = sparse.csr_matrix(cover[columns])
    layer_of, layer = np.unique(part.indices, return_inverse=True)
    _, group = np.unique(net.column_group[columns], return_inverse=True)
    links = sparse.csr_matrix(clique_matrix(model, columns).T)
    links.eliminate_zeros()  # installs alone count
    known, clique = np.unique(links.indices, return_inverse=True)
    elsewhere = np.asarray(cover[others].sum(axis=0)).ravel() > 0
    crossed = np.asarray(clique_matrix(model, others).sum(axis=1)).ravel() > 0
    return Region(
        floor,
        columns,
        part.indptr.astype(np.int64),
        layer.astype(np.int32),
        layer_of.astype(np.int64),
        group.astype(np.int64),
        links.indptr.astype(np.int64),
        clique.astype(np.int32),
        known.size,
        int(net.need[elsewhere & (net.floor == floor)].sum()),
        elsewhere[layer_of],
        known[crossed[known]].astype(np.int64),
    )


def _priced(model: CoverModel, region: Region, prices: Prices) -> Priced:
    """The region as compiled code reads it."""
    net, own, rule = model.net, region.floor, prices.rule
    floor, need = net.floor[region.layer_of], net.need[region.layer_of].astype(np.float64)
    others = _others(model, region)
    elsewhere = np.isin(floor, others)
    paid = rule.copy()
    paid[floors_of(model)] = 0.0
    toll: Floats = paid @ rule_matrix(model, region.column) + prices.clique @ clique_matrix(model, region.column)
    most, counts = -float(net.limit[own]), np.where(floor == own, need, 0.0)
    help_worth = np.where(elsewhere, rule[np.maximum(floor, 0)] * need, 0.0)
    worth = net.weight[region.layer_of].astype(np.float64) + help_worth - prices.twice[region.layer_of]
    eased = _eased(region, worth, counts, toll, most, float(rule[own]))
    raised = worth + eased * counts
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
        np.maximum(raised, 0.0),
        np.maximum(-raised, 0.0),
        region.border,
        toll,
        most,
        min(float(region.help), most),
        float(rule[own]),
        eased,
    )


def _eased(region: Region, worth: Floats, counts: Floats, toll: Floats, need: float, short: float) -> float:
    """The price s of cover at which the empty set and the best column of each group are worth least."""
    tried = short * np.linspace(0.0, 1.0, EASINGS)
    raised = np.maximum(worth + tried[:, None] * counts, 0.0)
    shape = (toll.size, worth.size)
    cover = sparse.csr_matrix((np.ones(region.layer.size), region.layer, region.start), shape=shape)
    adds = np.asarray(cover @ raised.T).T - toll
    order = np.argsort(region.group, kind="stable")
    first = np.flatnonzero(np.diff(region.group[order], prepend=-1))
    most = np.maximum.reduceat(np.maximum(adds[:, order], 0.0), first, axis=1).sum(axis=1)
    return float(tried[np.argmin(most - tried * need)])


def _others(model: CoverModel, region: Region) -> Ints:
    """The floors that the region's columns can help."""
    floor = model.net.floor[region.layer_of]
    return np.unique(floor[(floor >= 0) & (floor != region.floor)])


def _looked_at(priced: Priced, least: float, most: int, found: Codes, told: Floats, work: Work) -> Stack | None:
    """What came of looking at all sets; None where they are too many, or the work was stopped."""
    stack, limit = begun(priced, found.shape[1]), 0
    while limit < most and not work.stopped:
        limit = min(most, int(stack.looks[0]) + SLICE)
        if look(priced, stack, least, limit, found, told):
            return stack
        if stack.looks[0] <= limit:
            return None  # more ways than there is room for, or a way that may be larger
    return None


def best_way(model: CoverModel, region: Region, prices: Prices, work: Work) -> float | None:
    """What the best way of a region is worth at these prices; None where it would take too long to say, or the work was stopped."""
    priced = _priced(model, region, prices)
    none, nothing = np.empty((0, DEPTH), np.int32), np.empty((0, 2 + priced.others))
    stack = _looked_at(priced, -np.inf, FEW, none, nothing, work)
    return float(stack.best[0]) if stack is not None and np.isfinite(stack.best[0]) else None


def ways(model: CoverModel, region: Region, prices: Prices, least: float, work: Work) -> Ways | None:
    """All ways worth at least so much, less those that another replaces; None where they are too many, or the work was stopped.

    One way replaces another that covers no more, uses no less of any rule, has no fewer installs in any clique at a border, falls no less short
    of its floor and helps no other floor more, whatever is covered from elsewhere (``sets.undominated``).
    """
    priced = _priced(model, region, prices)
    found, told = np.full((MOST_WAYS, DEPTH), -1, np.int32), np.zeros((MOST_WAYS, 2 + priced.others))
    stack = _looked_at(priced, least, MOST, found, told, work)
    if stack is None:
        return None
    number = int(stack.found[0])
    found, told = found[:number], told[:number]
    amount = _amounts(model, region, found, told)
    at_border = _used(region, found) @ clique_matrix(model, region.column)[region.crossing].T
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
    amount = np.asarray((_used(region, found) @ rule_matrix(model, region.column).T).todense())
    amount[:, region.floor] = np.maximum(0.0, -model.net.limit[region.floor] - told[:, 1])
    amount[:, _others(model, region)] = -told[:, 2:]
    return amount
