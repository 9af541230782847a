"""Sets of columns of one region, looked at one by one, compiled; what a set is worth stands in ``planner.siting.listing``."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from planner.siting.net import Codes, Flags, Floats, Ints, compiled, inner


class Priced(NamedTuple):
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
    shared: Floats  # u, per layer
    spare: Floats  # per layer: by how much its worth is above u
    over: Floats  # per layer: by how much its worth is below nothing
    border: Flags  # per layer: whether columns elsewhere may cover it
    toll: Floats  # per column
    need: float
    help: float
    short: float  # r
    eased: float  # s
    root: float  # what no way is worth more than, less what columns add at u


@compiled
def undominated(at: Priced, found: Codes, goods: Floats) -> Flags:
    """Ways (those that cover most first) that no earlier kept one replaces.

    ``goods``: of each way its weight, its cover of the own floor, its help to others, and whatever else is the better the more there is. One
    way replaces another that has no more of any, even if all layers at borders that it alone of the two covers are covered from
    elsewhere already. A floor that a way meets by itself is met whatever is covered elsewhere.
    """
    keep, kept, number = np.zeros(len(goods), np.bool_), np.empty(len(goods), np.int64), 0
    mine, seen, lost, pair = np.full(at.weight.size, -1), np.full(at.weight.size, -1), np.zeros(2 + at.others), 0
    for i in range(len(goods)):
        for j in found[i]:
            for k in range(at.start[j], at.start[j + 1] if j >= 0 else 0):
                mine[at.layer[k]] = i
        replaced = False
        for k in range(number):
            j, c = kept[k], 0
            while c < goods.shape[1] and goods[j, c] >= goods[i, c]:
                c += 1
            if c < goods.shape[1]:
                continue
            pair += 1
            _lose(at, found[j], mine, i, seen, pair, lost)
            replaced = goods[j, 0] - lost[0] >= goods[i, 0]
            replaced &= goods[j, 1] >= at.need or goods[j, 1] - lost[1] >= goods[i, 1]
            for c in range(2, lost.size):
                replaced &= goods[j, c] - lost[c] >= goods[i, c]
            if replaced:
                break
        if not replaced:
            keep[i] = True
            kept[number] = i
            number += 1
    return keep


@inner
def _lose(at: Priced, columns: Codes, mine: Ints, i: int, seen: Ints, pair: int, lost: Floats) -> None:
    """What columns cover at borders and way ``i`` does not: weight, cover of the own floor, help to others."""
    lost[:] = 0.0
    for j in columns:
        for k in range(at.start[j], at.start[j + 1] if j >= 0 else 0):
            layer = at.layer[k]
            if at.border[layer] and mine[layer] != i and seen[layer] != pair:
                seen[layer] = pair
                lost[0] += at.weight[layer]
                lost[1] += at.counts[layer]
                if at.helped[layer] >= 0:
                    lost[2 + at.helped[layer]] += at.helps[layer]


class Stack(NamedTuple):
    """The set at hand and those it grew from, by size, and how far looking at them has come."""

    option: Ints  # columns that may still be added
    adds: Floats  # what each would add
    number: Ints  # of them
    turn: Ints  # of which so many have been tried
    worth: Floats  # what no way through the set is worth more than, less what further columns add at u
    spared: Floats  # of that, what layers not covered are worth above u
    told: Floats  # weight, cover of the own floor, help to others
    more: Floats  # sum of the best positive addition of each group
    best_of: Floats  # that of each group
    inside: Ints  # the column added last
    times: Codes  # per layer: how often covered
    taken: Codes  # per clique: installs in it
    size: Ints  # one number: of the set at hand (-1: all sets were looked at)
    fresh: Flags  # one: whether the set at hand has not been looked at
    best: Floats  # one number: the best worth
    found: Ints  # one number: ways that are worth enough
    looks: Ints  # one number: columns and layers looked at


@inner
def _weigh(at: Priced, stack: Stack, size: int, options: int) -> int:
    """What each of the options of the set adds, and the best of each group; returns how many layers were looked at.

    Arrays are taken out of their tuples first: handing these on for every column would take ten times as long.
    """
    start, layer, shared, toll, group, times = at.start, at.layer, at.shared, at.toll, at.group, stack.times
    option, adds, best_of = stack.option[size], stack.adds[size], stack.best_of[size]
    best_of[:] = 0.0
    more, looks = 0.0, best_of.size
    for place in range(options):
        j = option[place]
        add = -toll[j]
        looks += int(start[j + 1] - start[j])
        for k in range(start[j], start[j + 1]):
            if times[layer[k]] == 0:
                add += shared[layer[k]]
        adds[place] = add
        if add > best_of[group[j]]:
            more += add - best_of[group[j]]
            best_of[group[j]] = add
    stack.more[size] = more
    return int(looks)


@inner
def _put(at: Priced, stack: Stack, size: int, j: int) -> None:
    """Add a column; the set is of ``size`` then, and its worth is less by what u leaves out of the column's."""
    stack.inside[size] = j
    stack.spared[size] = stack.spared[size - 1]
    stack.told[size] = stack.told[size - 1]
    for k in range(at.start[j], at.start[j + 1]):
        layer = at.layer[k]
        if stack.times[layer] == 0:
            stack.told[size, 0] += at.weight[layer]
            stack.told[size, 1] += at.counts[layer]
            stack.worth[size] -= at.over[layer]
            stack.spared[size] -= at.spare[layer]
            if at.helped[layer] >= 0:
                stack.told[size, 2 + at.helped[layer]] += at.helps[layer]
        stack.times[layer] += 1
    for k in range(at.clique_start[j], at.clique_start[j + 1]):
        stack.taken[at.clique[k]] += 1


@inner
def _take(at: Priced, stack: Stack, size: int) -> None:
    """Take out the column that made the set of ``size`` (the empty one was made by none)."""
    if size == 0:
        return
    j = stack.inside[size]
    for k in range(at.start[j], at.start[j + 1]):
        stack.times[at.layer[k]] -= 1
    for k in range(at.clique_start[j], at.clique_start[j + 1]):
        stack.taken[at.clique[k]] -= 1


@inner
def _spread(at: Priced, stack: Stack, size: int, least: float) -> int:
    """The options of the set of ``size``: those left of the set before, of other groups, fit for the cliques and near enough.

    Returns how many columns and layers were looked at.
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
    looks = stack.number[size - 1] - stack.turn[size - 1] + _weigh(at, stack, size, left)
    adds, best_of, reached = stack.adds[size], stack.best_of[size], stack.worth[size] + stack.more[size]
    near = 0
    for place in range(left):
        if reached + adds[place] - best_of[group[option[place]]] >= least:
            option[near], adds[near] = option[place], adds[place]
            near += 1
    stack.turn[size], stack.number[size] = 0, near
    return int(looks)


@compiled
def begun(at: Priced, deep: int) -> Stack:
    """The empty set, its options with the best first."""
    n, groups = at.toll.size, at.group.max() + 1
    stack = Stack(
        np.empty((deep + 1, n), np.int64),
        np.empty((deep + 1, n)),
        np.zeros(deep + 1, np.int64),
        np.zeros(deep + 1, np.int64),
        np.zeros(deep + 1),
        np.zeros(deep + 1),
        np.zeros((deep + 1, 2 + at.others)),
        np.zeros(deep + 1),
        np.zeros((deep + 1, groups)),
        np.empty(deep + 1, np.int64),
        np.zeros(at.weight.size, np.int32),
        np.zeros(at.cliques, np.int32),
        np.zeros(1, np.int64),
        np.ones(1, np.bool_),
        np.full(1, -np.inf),
        np.zeros(1, np.int64),
        np.full(1, at.layer.size, np.int64),
    )
    stack.worth[0] = at.root
    stack.spared[0] = at.spare.sum()
    stack.number[0] = n
    stack.option[0] = np.arange(n)
    _weigh(at, stack, 0, n)
    order = np.argsort(-stack.adds[0])
    stack.adds[0] = stack.adds[0][order]
    stack.option[0] = order
    return stack


@inner
def _own(at: Priced, stack: Stack, size: int) -> float:
    """What the set is worth as a way (minus infinity: its floor cannot be met)."""
    lacks = at.need - stack.told[size, 1]
    missing = max(0.0, lacks)
    if missing > at.help:
        return -np.inf
    above = max(0.0, at.eased - at.short) * at.help
    return float(stack.worth[size] - stack.spared[size] - above + at.eased * lacks - at.short * missing)


@inner
def _noted(stack: Stack, size: int, found: Codes, told: Floats) -> bool:
    """Put the set among the ways found, or in their place where there is room for one; whether there was room."""
    row = stack.found[0] if len(found) > 1 else 0
    if row == len(found):
        return False
    found[row, :size] = stack.inside[1 : size + 1]
    found[row, size:] = -1
    told[row] = stack.told[size]
    stack.found[0] = row + 1
    return True


@compiled
def look(at: Priced, stack: Stack, least: float, most: int, found: Codes, told: Floats) -> bool:
    """Look at sets until all were looked at (True) or more than ``most`` columns and layers were (False); it may go on from there.

    Ways worth at least ``least`` are put into ``found`` and ``told``; where these have one row only the best is wanted, and each raises
    ``least``. More ways than rows, or a set that could be larger than ``found`` has columns, end it with False as well.
    """
    deep, rows = found.shape[1], len(found)
    size, fresh, looks, best = stack.size[0], stack.fresh[0], stack.looks[0], stack.best[0]
    if rows == 1:
        least = max(least, best)
    ended = True
    while size >= 0:
        if fresh:
            fresh, own = False, _own(at, stack, size)
            if own >= least:
                best = max(best, own)
                if not _noted(stack, size, found, told):
                    ended = False
                    break
                if rows == 1:
                    least = own
        if stack.turn[size] >= stack.number[size]:
            _take(at, stack, size)
            size -= 1
            continue
        place = stack.turn[size]
        group = at.group[stack.option[size, place]]
        near = stack.worth[size] + stack.adds[size, place] + stack.more[size] - stack.best_of[size, group] >= least
        if near and (looks > most or size == deep):
            ended = False
            break
        stack.turn[size] += 1
        if not near:
            continue
        stack.worth[size + 1] = stack.worth[size] + stack.adds[size, place]
        size += 1
        _put(at, stack, size, stack.option[size - 1, place])
        looks += _spread(at, stack, size, least)
        fresh = True
    stack.size[0], stack.fresh[0], stack.looks[0], stack.best[0] = size, fresh, looks, best
    return ended
