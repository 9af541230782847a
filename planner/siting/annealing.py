"""Simulated annealing on a model's net: exchanges between changes that share layers (Kirkpatrick et al. 1983).

A move takes a change out and puts in a column that covers one of its layers (now and then any column), adds a column or
drops a change. It is judged by covered weight less the prices of a bound, so that what a change uses of scarce money
counts, and it must keep every rule. The price of a move is known without making it: gain and loss are kept up to date,
and two patterns are compared only where they meet. Counted in moves, seeded, one thread.
"""

from __future__ import annotations

import math

import numpy as np

from planner.siting import kernels
from planner.siting.kernels import LESS, MORE, NONE, Floats, Ints, Net, State, compiled, inner

FAR = 0.02  # share of the moves that look anywhere
ALONE = 0.1  # share of the moves that only add or only drop


@inner
def _shared(net: Net, state: State, one: int, two: int) -> int:
    """Weight of the layers in both patterns that are covered once."""
    a, b = net.pattern_start[one], net.pattern_start[two]
    a_end, b_end = net.pattern_start[one + 1], net.pattern_start[two + 1]
    total = np.int64(0)
    while a < a_end and b < b_end:
        x, y = net.pattern_layer[a], net.pattern_layer[b]
        if x == y:
            if state.times[x] == 1:
                total += net.weight[x]
            a += 1
            b += 1
        elif x < y:
            a += 1
        else:
            b += 1
    return int(total)


@inner
def _room(net: Net, state: State, out: int | np.int64, into: int | np.int64) -> bool:
    """Whether amounts and cliques let one column go and another come (-1: none)."""
    if into < 0:
        for k in range(net.use_start[out], net.use_start[out + 1]):
            rule = net.use_rule[k]
            if net.use_amount[k] < 0 and state.use[rule] - net.use_amount[k] > net.limit[rule]:
                return False
        return True
    kernels.book(net, state, into, MORE)
    if out >= 0:
        kernels.book(net, state, out, LESS)
    fine = True
    for k in range(net.use_start[into], net.use_start[into + 1]):
        rule = net.use_rule[k]
        if state.use[rule] > net.limit[rule]:
            fine = False
    if out >= 0:
        for k in range(net.use_start[out], net.use_start[out + 1]):
            rule = net.use_rule[k]
            if net.use_amount[k] < 0 and state.use[rule] > net.limit[rule]:
                fine = False
    if net.column_spaced[into]:
        group = net.column_group[into]
        for k in range(net.clique_start[group], net.clique_start[group + 1]):
            if state.clique[net.clique_of[k]] > 1:
                fine = False
    kernels.book(net, state, into, LESS)
    if out >= 0:
        kernels.book(net, state, out, MORE)
    return fine


@inner
def _columns_of(net: Net) -> tuple[Ints, Ints]:
    """Pattern -> its columns."""
    start = np.zeros(net.pattern_start.size, np.int64)
    for pattern in net.column_pattern:
        start[pattern + 1] += 1
    for pattern in range(start.size - 1):
        start[pattern + 1] += start[pattern]
    at = start.copy()
    columns = np.empty(net.column_pattern.size, np.int64)
    for column in range(columns.size):
        columns[at[net.column_pattern[column]]] = column
        at[net.column_pattern[column]] += 1
    return start, columns


@inner
def _near(net: Net, start: Ints, columns: Ints, column: int | np.int64) -> int:
    """A column that covers a random layer of this one, or any column."""
    pattern = net.column_pattern[column]
    size = net.pattern_start[pattern + 1] - net.pattern_start[pattern]
    if size == 0 or np.random.random() < FAR:  # noqa: NPY002
        return int(np.random.randint(net.column_pattern.size))  # noqa: NPY002
    layer = net.pattern_layer[net.pattern_start[pattern] + np.random.randint(size)]  # noqa: NPY002
    degree = net.layer_start[layer + 1] - net.layer_start[layer]
    other = net.layer_pattern[net.layer_start[layer] + np.random.randint(degree)]  # noqa: NPY002
    return int(columns[start[other] + np.random.randint(start[other + 1] - start[other])])  # noqa: NPY002


@inner
def _try(
    net: Net, state: State, price: Floats, out: int | np.int64, into: int | np.int64, least: float, floors: bool
) -> bool:
    """Make the exchange (-1: nothing out, or nothing in) if it is worth at least ``least`` and keeps the rules."""
    paid = 0.0
    if out >= 0:
        paid -= price[out]
        paid += price[into]
    out_group = net.column_group[out] if out >= 0 else NONE
    group = net.column_group[into] if into >= 0 else NONE
    within = out >= 0 and group == out_group
    standing = (out >= 0 and net.group_keep[out_group] >= 0) or (into >= 0 and net.group_keep[group] >= 0)
    if not standing:
        worth = -paid
        if within:
            if state.gain[net.column_pattern[into]] - paid < least:
                return False
            worth += kernels.gain_of(net, state, into)
        else:
            if into >= 0:
                worth += state.gain[net.column_pattern[into]]
                if worth < least:
                    return False
            if out >= 0:
                worth -= state.loss[net.column_pattern[out]]
                if into >= 0:
                    worth += _shared(net, state, net.column_pattern[out], net.column_pattern[into])
        if worth < least:
            return False
    if not _room(net, state, out, into):
        return False
    before = state.value[0]
    if out >= 0 and not within:
        kernels.switch(net, state, out_group, net.group_keep[out_group])
    if into >= 0:
        kernels.switch(net, state, group, into)
    if (standing and state.value[0] - before - paid < least) or (floors and kernels.broken(net, state)):
        if into >= 0:
            kernels.switch(net, state, group, out if within else net.group_keep[group])
        if out >= 0 and not within:
            kernels.switch(net, state, out_group, out)
        return False
    return True


@compiled
def anneal(
    net: Net, state: State, price: Floats, best: Ints, value: int, moves: int, hot: float, cold: float, seed: int
) -> int:
    """So many moves from a plan that keeps all rules, from temperature ``hot`` down to ``cold`` (weight units).

    ``best`` is overwritten by a better plan; its covered weight is returned.
    """
    np.random.seed(seed)  # noqa: NPY002
    start, columns = _columns_of(net)
    floors = False
    for layer in range(net.floor.size):
        floors = floors or net.floor[layer] >= 0
    changed = np.empty(state.current.size, np.int64)
    place = np.full(state.current.size, -1, np.int64)
    number = 0
    for group in range(state.current.size):
        if state.current[group] != net.group_keep[group]:
            changed[number] = group
            place[group] = number
            number += 1
    cool = (cold / hot) ** (1.0 / max(1, moves))
    heat = hot
    for _ in range(moves):
        heat *= cool
        least = heat * math.log(1.0 - np.random.random())  # noqa: NPY002
        out = NONE
        chance = np.random.random()  # noqa: NPY002
        if number:
            out = state.current[changed[np.random.randint(number)]]  # noqa: NPY002
        into = _near(net, start, columns, out) if number else np.random.randint(columns.size)  # noqa: NPY002
        group = net.column_group[into]
        if state.current[group] == into or into == net.group_keep[group]:
            continue
        if state.current[group] != net.group_keep[group]:
            out = state.current[group]
        elif chance < ALONE:
            out = NONE
        if state.value[0] > value and least < 0:  # what may be left is kept first
            value = state.value[0]
            best[:] = state.current
        if not _try(net, state, price, out, into, least, floors):
            continue
        for end in (out, into):
            if end < 0:
                continue
            group = net.column_group[end]
            there = state.current[group] != net.group_keep[group]
            if there and place[group] < 0:
                changed[number] = group
                place[group] = number
                number += 1
            elif not there and place[group] >= 0:
                last = changed[number - 1]
                changed[place[group]] = last
                place[last] = place[group]
                place[group] = -1
                number -= 1
    if state.value[0] > value:
        value = state.value[0]
        best[:] = state.current
    return int(value)
