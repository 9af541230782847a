"""Ways to serve one region, listed: every set of its columns that a plan better than a known one may use there.

A region is one floor's part of town: the groups that cover more of its layers than of any other floor's. Prices p of the rules and r of what
a way falls short of its own floor d turn a way W (at most one column per group, at most one install per clique) into

    worth(W) = sum_{l covered} w_l + sum_{e != d} p_e help_e(W) - sum_r p_r amount_r(W) - r max(0, need_d - cover_d(W))

    cover_d(W), help_e(W)  what the layers covered count for the floor d, and for the floors of other regions.

Covered layers count once, so that without its last term a column adds the less the more there is: no way through a set S is worth
more than S and the best positive addition of each other group. Sets below what is asked for are cut off there, and the rest is looked at one by one.

Source: branch and bound on sets of a submodular function (Nemhauser and Wolsey 1981).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from planner.siting.model import CoverModel
from planner.siting.net import Codes, Flags, Floats, Ints, compiled, inner
from planner.siting.program import pattern_matrix

DEPTH = 9  # columns of a way at most: where there may be more the region is too large to be listed
# additions weighed for the best way (a tenth of a second), and for a list (some seconds): a larger region is left to the linear program
FEW, MOST = 2_000_000, 40_000_000
LOOKS = 20  # looks at a column that need not be weighed, which cost as much as one addition
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


class Ways(NamedTuple):
    """Ways of a region, none of them better in all than another."""

    chosen: tuple[Ints, ...]  # columns of the model
    weight: Floats  # covered
    amount: Floats  # way x rule; of floors with the sign of a rule: less what it helps, of its own what it falls short


def regions_of(model: CoverModel, allowed: Ints) -> list[Region]:
    """One region of allowed columns for each floor that asks for something; standing groups and what covers no such floor belong to none."""
    net = model.net
    asked = np.flatnonzero((net.limit < 0) & np.isin(np.arange(net.limit.size), net.floor[net.floor >= 0]))
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
    links = sparse.csr_matrix(
        (np.ones(net.clique_of.size), net.clique_of, net.clique_start), shape=(net.group_keep.size, net.cliques)
    )[net.column_group[columns]]
    links = sparse.csr_matrix(sparse.diags_array(net.column_spaced[columns].astype(np.float64)) @ links)
    links.eliminate_zeros()
    known, clique = np.unique(links.indices, return_inverse=True)
    elsewhere = np.asarray(cover[others].sum(axis=0)).ravel() > 0
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
    )


class _Priced(NamedTuple):
    """A region at prices, as the compiled code reads it."""

    start: Ints
    layer: Codes
    group: Ints
    clique_start: Ints
    clique: Codes
    cliques: int
    weight: Floats  # per layer
    counts: Floats  # per layer: for the region's own floor
    helped: Ints  # per layer: the column of ``Ways`` found for another floor's help (-1: none)
    helps: Floats  # per layer: how much
    others: int  # floors helped
    raised: Floats  # per layer: weight and what it is worth to other floors
    toll: Floats  # per column
    need: float
    help: float
    short: float  # r


def _priced(model: CoverModel, region: Region, rule: Floats) -> _Priced:
    """``rule``: prices, of a region's own floor r."""
    net, own = model.net, region.floor
    floor, need = net.floor[region.layer_of], net.need[region.layer_of].astype(np.float64)
    others = _others(model, region)
    elsewhere = np.isin(floor, others)
    paid = rule.copy()
    paid[np.unique(net.floor[net.floor >= 0])] = 0.0
    most = -float(net.limit[own])
    return _Priced(
        region.start,
        region.layer,
        region.group,
        region.clique_start,
        region.clique,
        region.cliques,
        net.weight[region.layer_of].astype(np.float64),
        np.where(floor == own, need, 0.0),
        np.where(elsewhere, np.searchsorted(others, floor), -1),
        np.where(elsewhere, need, 0.0),
        others.size,
        np.asarray(net.weight[region.layer_of] + np.where(elsewhere, rule[np.maximum(floor, 0)] * need, 0.0)),
        np.asarray(_uses(model)[region.column] @ paid),
        most,
        min(float(region.help), most),
        float(rule[own]),
    )


def _others(model: CoverModel, region: Region) -> Ints:
    """The floors that the region's columns can help."""
    floor = model.net.floor[region.layer_of]
    return np.unique(floor[(floor >= 0) & (floor != region.floor)])


def _uses(model: CoverModel) -> sparse.csr_matrix:
    """Columns x rules, amounts."""
    net = model.net
    return sparse.csr_matrix(
        (net.use_amount.astype(np.float64), net.use_rule, net.use_start), shape=(model.columns, net.limit.size)
    )


def best_way(model: CoverModel, region: Region, rule: Floats) -> float | None:
    """What the best way of a region is worth at these prices; None where it would take too long to say."""
    priced = _priced(model, region, rule)
    none, nothing = np.empty((0, DEPTH), np.int32), np.empty((0, 2 + priced.others))
    worth, _, weighed = _look(priced, -np.inf, FEW, none, nothing)
    return float(worth) if weighed <= FEW and np.isfinite(worth) else None


def ways(model: CoverModel, region: Region, rule: Floats, least: float) -> Ways | None:
    """All ways worth at least so much, less those that another replaces; None where they are too many.

    One way replaces another that covers no more, uses no less of any rule, falls no less short of its floor and helps no other floor more.
    """
    priced = _priced(model, region, rule)
    found, told = np.full((MOST_WAYS, DEPTH), -1, np.int32), np.zeros((MOST_WAYS, 2 + priced.others))
    _, number, weighed = _look(priced, least, MOST, found, told)
    return None if weighed > MOST or number > MOST_WAYS else _counted(model, region, found[:number], told[:number])


def way_of(model: CoverModel, region: Region, columns: Ints) -> Ways:
    """The one way of a plan: its columns in the region."""
    chosen = np.flatnonzero(np.isin(region.column, columns)).astype(np.int32)
    covered = [region.layer[region.start[j] : region.start[j + 1]] for j in chosen]
    at = region.layer_of[np.unique(np.concatenate([np.empty(0, np.int32), *covered]))]
    floor, need = model.net.floor[at], model.net.need[at]
    cover = [need[floor == f].sum() for f in (region.floor, *_others(model, region).tolist())]
    told = np.array([[model.net.weight[at].sum(), *cover]], np.float64)
    return _counted(model, region, chosen.reshape(1, -1), told)


def _counted(model: CoverModel, region: Region, found: Codes, told: Floats) -> Ways:
    """Ways with what they use, less those that another replaces; ``told``: weight and cover of each floor."""
    way, place = np.nonzero(found >= 0)
    used = sparse.csr_matrix((np.ones(way.size), (way, found[way, place])), shape=(len(found), region.column.size))
    amount = np.asarray((used @ _uses(model)[region.column]).todense())
    amount[:, region.floor] = np.maximum(0.0, -model.net.limit[region.floor] - told[:, 1])
    amount[:, _others(model, region)] = -told[:, 2:]
    # whoever replaces another covers more, or as much and uses less, or is the smaller of two equal ones
    order = np.lexsort(((found >= 0).sum(axis=1), amount.sum(axis=1), -told[:, 0]))
    goods = np.column_stack([told[:, 0], -amount[:, (amount != 0).any(axis=0)]])[order]
    kept = order[_undominated(np.ascontiguousarray(goods))]
    return Ways(tuple(region.column[row[row >= 0]] for row in found[kept]), told[kept, 0], amount[kept])


@compiled
def _undominated(goods: Floats) -> Flags:
    """Rows (sorted by the first column, falling) that no earlier kept row equals or exceeds in every column."""
    keep = np.zeros(len(goods), np.bool_)
    kept = np.empty(len(goods), np.int64)
    number = 0
    for i in range(len(goods)):
        replaced = False
        for k in range(number):
            j, c = kept[k], 0
            while c < goods.shape[1] and goods[j, c] >= goods[i, c]:
                c += 1
            if c == goods.shape[1]:
                replaced = True
                break
        if not replaced:
            keep[i] = True
            kept[number] = i
            number += 1
    return keep


class _Stack(NamedTuple):
    """The set at hand and those it grew from, by size."""

    option: Ints  # columns that may still be added
    adds: Floats  # what each would add
    number: Ints  # of them
    turn: Ints  # of which so many have been tried
    worth: Floats
    told: Floats  # weight, cover of the own floor, help to others
    more: Floats  # sum of the best positive addition of each group
    best_of: Floats  # that of each group
    inside: Ints  # the column added last
    times: Codes  # per layer: how often covered
    taken: Codes  # per clique: installs in it


@inner
def _weigh(at: _Priced, stack: _Stack, size: int, options: int) -> None:
    """What each of the options of the set adds, and the best of each group.

    Arrays are taken out of their tuples first: handing these on for every column would take ten times as long.
    """
    start, layer, raised, toll, group, times = at.start, at.layer, at.raised, at.toll, at.group, stack.times
    option, adds, best_of = stack.option[size], stack.adds[size], stack.best_of[size]
    best_of[:] = 0.0
    more = 0.0
    for place in range(options):
        j = option[place]
        add = -toll[j]
        for k in range(start[j], start[j + 1]):
            if times[layer[k]] == 0:
                add += raised[layer[k]]
        adds[place] = add
        if add > best_of[group[j]]:
            more += add - best_of[group[j]]
            best_of[group[j]] = add
    stack.more[size] = more


@inner
def _put(at: _Priced, stack: _Stack, size: int, j: int) -> None:
    """Add a column; the set is of ``size`` then."""
    stack.inside[size] = j
    stack.told[size] = stack.told[size - 1]
    for k in range(at.start[j], at.start[j + 1]):
        layer = at.layer[k]
        if stack.times[layer] == 0:
            stack.told[size, 0] += at.weight[layer]
            stack.told[size, 1] += at.counts[layer]
            if at.helped[layer] >= 0:
                stack.told[size, 2 + at.helped[layer]] += at.helps[layer]
        stack.times[layer] += 1
    for k in range(at.clique_start[j], at.clique_start[j + 1]):
        stack.taken[at.clique[k]] += 1


@inner
def _take(at: _Priced, stack: _Stack, size: int) -> None:
    """Take the column that made the set of ``size``."""
    j = stack.inside[size]
    for k in range(at.start[j], at.start[j + 1]):
        stack.times[at.layer[k]] -= 1
    for k in range(at.clique_start[j], at.clique_start[j + 1]):
        stack.taken[at.clique[k]] -= 1


@inner
def _spread(at: _Priced, stack: _Stack, size: int, least: float) -> int:
    """The options of the set of ``size``: those left of the set before, of other groups, fit for the cliques and near enough.

    Returns how many additions that was worth.
    """
    group, clique_start, clique, taken = at.group, at.clique_start, at.clique, stack.taken
    before, added, option = stack.option[size - 1], stack.adds[size - 1], stack.option[size]
    # nothing adds more than it did to the smaller set
    most_of, most = stack.best_of[size - 1], stack.worth[size] + stack.more[size - 1]
    last, left = group[stack.inside[size]], 0
    most -= most_of[last]
    for place in range(stack.turn[size - 1], stack.number[size - 1]):
        j = before[place]
        fits = group[j] != last and most + added[place] - most_of[group[j]] >= least
        for k in range(clique_start[j], clique_start[j + 1]):
            fits = fits and taken[clique[k]] == 0
        if fits:
            option[left] = j
            left += 1
    _weigh(at, stack, size, left)
    adds, best_of, reached = stack.adds[size], stack.best_of[size], stack.worth[size] + stack.more[size]
    near = 0
    for place in range(left):
        if reached + adds[place] - best_of[group[option[place]]] >= least:
            option[near], adds[near] = option[place], adds[place]
            near += 1
    stack.turn[size], stack.number[size] = 0, near
    return left + int(stack.number[size - 1] - stack.turn[size - 1]) // LOOKS


@inner
def _begun(at: _Priced, deep: int) -> _Stack:
    """The empty set, its options with the best first."""
    n, groups = at.toll.size, at.group.max() + 1
    stack = _Stack(
        np.empty((deep + 1, n), np.int64),
        np.empty((deep + 1, n)),
        np.zeros(deep + 1, np.int64),
        np.zeros(deep + 1, np.int64),
        np.zeros(deep + 1),
        np.zeros((deep + 1, 2 + at.others)),
        np.zeros(deep + 1),
        np.zeros((deep + 1, groups)),
        np.empty(deep + 1, np.int64),
        np.zeros(at.weight.size, np.int32),
        np.zeros(at.cliques, np.int32),
    )
    stack.number[0] = n
    stack.option[0] = np.arange(n)
    _weigh(at, stack, 0, n)
    order = np.argsort(-stack.adds[0])
    stack.adds[0] = stack.adds[0][order]
    stack.option[0] = order
    return stack


@inner
def _own(at: _Priced, stack: _Stack, size: int) -> float:
    """What the set is worth as a way (minus infinity: its floor cannot be met)."""
    missing = max(0.0, at.need - stack.told[size, 1])
    return -np.inf if missing > at.help else float(stack.worth[size] - at.short * missing)


@compiled
def _look(at: _Priced, least: float, most: int, found: Codes, told: Floats) -> tuple[float, int, int]:
    """The best worth, how many ways are worth at least ``least`` (into ``found`` and ``told``), and how many additions were weighed.

    Where ``found`` has no rows only the best is wanted, and ``least`` rises to each. Ended above ``most`` additions, more ways than rows,
    or where a set could be larger than ``found`` has columns (told as too many additions).
    """
    deep = found.shape[1]
    stack = _begun(at, deep)
    best, ways_found, weighed, size = -np.inf, 0, at.toll.size, 0
    fresh = True  # the set at hand has not been looked at
    while size >= 0:
        if fresh:
            fresh, own = False, _own(at, stack, size)
            if own >= least:
                best = max(best, own)
                if len(found) == 0:
                    least = own
                elif ways_found == len(found):
                    return best, ways_found + 1, weighed
                else:
                    found[ways_found, :size] = stack.inside[1 : size + 1]
                    told[ways_found] = stack.told[size]
                    ways_found += 1
        if stack.turn[size] >= stack.number[size]:
            if size > 0:
                _take(at, stack, size)
            size -= 1
            continue
        place = stack.turn[size]
        stack.turn[size] += 1
        group = at.group[stack.option[size, place]]
        if stack.worth[size] + stack.adds[size, place] + stack.more[size] - stack.best_of[size, group] < least:
            continue
        if weighed > most or size == deep:
            return best, ways_found, most + 1
        stack.worth[size + 1] = stack.worth[size] + stack.adds[size, place]
        size += 1
        _put(at, stack, size, stack.option[size - 1, place])
        weighed += _spread(at, stack, size, least)
        fresh = True
    return best, ways_found, weighed
