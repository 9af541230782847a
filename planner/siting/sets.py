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
    raised: Floats  # per layer: weight and what it is worth to other floors
    toll: Floats  # per column
    need: float
    help: float
    short: float  # r


@compiled
def undominated(goods: Floats) -> Flags:
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
def _weigh(at: Priced, stack: _Stack, size: int, options: int) -> int:
    """What each of the options of the set adds, and the best of each group; returns how many layers were looked at.

    Arrays are taken out of their tuples first: handing these on for every column would take ten times as long.
    """
    start, layer, raised, toll, group, times = at.start, at.layer, at.raised, at.toll, at.group, stack.times
    option, adds, best_of = stack.option[size], stack.adds[size], stack.best_of[size]
    best_of[:] = 0.0
    more, looks = 0.0, 0
    for place in range(options):
        j = option[place]
        add = -toll[j]
        looks += int(start[j + 1] - start[j])
        for k in range(start[j], start[j + 1]):
            if times[layer[k]] == 0:
                add += raised[layer[k]]
        adds[place] = add
        if add > best_of[group[j]]:
            more += add - best_of[group[j]]
            best_of[group[j]] = add
    stack.more[size] = more
    return looks


@inner
def _put(at: Priced, stack: _Stack, size: int, j: int) -> None:
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
def _take(at: Priced, stack: _Stack, size: int) -> None:
    """Take the column that made the set of ``size``."""
    j = stack.inside[size]
    for k in range(at.start[j], at.start[j + 1]):
        stack.times[at.layer[k]] -= 1
    for k in range(at.clique_start[j], at.clique_start[j + 1]):
        stack.taken[at.clique[k]] -= 1


@inner
def _spread(at: Priced, stack: _Stack, size: int, least: float) -> int:
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


@inner
def _begun(at: Priced, deep: int) -> _Stack:
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
def _own(at: Priced, stack: _Stack, size: int) -> float:
    """What the set is worth as a way (minus infinity: its floor cannot be met)."""
    missing = max(0.0, at.need - stack.told[size, 1])
    return -np.inf if missing > at.help else float(stack.worth[size] - at.short * missing)


@compiled
def look(at: Priced, least: float, most: int, found: Codes, told: Floats) -> tuple[float, int, int]:
    """The best worth, how many ways are worth at least ``least`` (into ``found`` and ``told``), and how many columns and layers were looked at.

    Where ``found`` has no rows only the best is wanted, and ``least`` rises to each. Ended above ``most`` looks, more ways than rows, or
    where a set could be larger than ``found`` has columns (told as too many looks).
    """
    deep = found.shape[1]
    stack = _begun(at, deep)
    best, ways_found, looks, size = -np.inf, 0, at.layer.size, 0
    fresh = True  # the set at hand has not been looked at
    while size >= 0:
        if fresh:
            fresh, own = False, _own(at, stack, size)
            if own >= least:
                best = max(best, own)
                if len(found) == 0:
                    least = own
                elif ways_found == len(found):
                    return best, ways_found + 1, looks
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
        if looks > most or size == deep:
            return best, ways_found, most + 1
        stack.worth[size + 1] = stack.worth[size] + stack.adds[size, place]
        size += 1
        _put(at, stack, size, stack.option[size - 1, place])
        looks += _spread(at, stack, size, least)
        fresh = True
    return best, ways_found, looks
