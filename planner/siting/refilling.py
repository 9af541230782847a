"""Heat-bath search: take a change out, then put back what fits, each column with the chance of its worth (Glauber 1963).

One step takes a random change out of the plan and fills the room again. A fitting column with gain g and price p comes
with a chance proportional to ``exp((g - p) / T)``, so that no step is refused: at a low temperature, where nearly every
exchange drawn at random is, each step still is the best of all exchanges of one change, or near it. Gains are kept up to
date, so that a step costs one look at every column. Counted in steps, seeded, one thread.
"""

from __future__ import annotations

import math

import numpy as np

from planner.siting.net import Floats, Ints, Net, State, broken, compiled, fits, gain_of, inner, switch

WINDOW = 8.0  # temperatures below the best: what is worth less has a chance under 1 in 3,000


@inner
def _draw(net: Net, state: State, price: Floats, heat: float) -> int:
    """A column that fits and gains, with the chance of its worth (-1: there is none)."""
    top = -np.inf
    for column in state.active:
        gain = state.gain[net.column_pattern[column]]
        group = net.column_group[column]
        if gain <= 0 or gain - price[column] <= top or state.current[group] != net.group_keep[group]:
            continue
        worth = gain_of(net, state, column)
        if worth > 0 and worth - price[column] > top and fits(net, state, column):
            top = worth - price[column]
    if top == -np.inf:
        return -1
    pick, total, least = -1, 0.0, top - WINDOW * heat
    for column in state.active:
        gain = state.gain[net.column_pattern[column]]
        group = net.column_group[column]
        if gain <= 0 or gain - price[column] < least or state.current[group] != net.group_keep[group]:
            continue
        worth = gain_of(net, state, column)
        if worth <= 0 or worth - price[column] < least or not fits(net, state, column):
            continue
        chance = math.exp((worth - price[column] - top) / heat)
        total += chance
        if np.random.random() * total < chance:  # noqa: NPY002 - compiled code has only this generator
            pick = column
    return int(pick)


@inner
def _neighbour(net: Net, state: State, column: int | np.int64) -> int:
    """A changed group whose column shares a random layer with this one (-1: none there)."""
    pattern = net.column_pattern[column]
    size = net.pattern_start[pattern + 1] - net.pattern_start[pattern]
    if size == 0:
        return -1
    for _ in range(4):
        layer = net.pattern_layer[net.pattern_start[pattern] + np.random.randint(size)]  # noqa: NPY002
        if state.times[layer] == 1:
            group = net.pattern_group[state.owner[layer]]
            if state.current[group] != net.group_keep[group]:
                return int(group)
    return -1


@inner
def _take_out(net: Net, state: State, changed: Ints, number: int, pairs: float, out: Ints, was: Ints) -> int:
    """One changed group back to keep or nothing, with some chance two near each other; how many, and what they had."""
    if number == 0:
        return 0
    out[0] = changed[np.random.randint(number)]  # noqa: NPY002
    was[0] = state.current[out[0]]
    switch(net, state, out[0], net.group_keep[out[0]])
    if number == 1 or np.random.random() >= pairs:  # noqa: NPY002
        return 1
    second = _neighbour(net, state, was[0])
    if second < 0:
        second = changed[np.random.randint(number)]  # noqa: NPY002
    if second == out[0]:
        return 1
    out[1] = second
    was[1] = state.current[second]
    switch(net, state, second, net.group_keep[second])
    return 2


@compiled
def refill(
    net: Net,
    state: State,
    price: Floats,
    best: Ints,
    value: int,
    steps: int,
    hot: float,
    cold: float,
    seed: int,
    pairs: float,
) -> int:
    """So many steps from a plan that keeps all rules, from temperature ``hot`` down to ``cold`` (weight units).

    A share ``pairs`` of the steps takes two changes out that share layers. ``best`` is overwritten by a better plan; its
    covered weight is returned.
    """
    np.random.seed(seed)  # noqa: NPY002
    groups = state.current.size
    changed, put = np.empty(groups, np.int64), np.empty(groups, np.int64)
    out, was = np.empty(2, np.int64), np.empty(2, np.int64)
    cool = (cold / hot) ** (1.0 / max(1, steps))
    heat = hot
    for _ in range(steps):
        heat *= cool
        number = 0
        for group in range(groups):
            if state.current[group] != net.group_keep[group]:
                changed[number] = group
                number += 1
        went = _take_out(net, state, changed, number, pairs, out, was)
        came = 0
        column = _draw(net, state, price, heat)
        while column >= 0:
            put[came] = net.column_group[column]
            came += 1
            switch(net, state, net.column_group[column], column)
            column = _draw(net, state, price, heat)
        if broken(net, state):
            for i in range(came):
                switch(net, state, put[i], net.group_keep[put[i]])
            for i in range(went - 1, -1, -1):
                switch(net, state, out[i], was[i])
        elif state.value[0] > value:
            value = int(state.value[0])
            best[:] = state.current
    return value
