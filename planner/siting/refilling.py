"""Heat-bath search: take a change out, then put back what fits, each column with the chance of its worth (Glauber 1963).

One step takes a random change out of the plan and fills the room again. A fitting column with gain g and price p comes
with a chance proportional to ``exp((g - p) / T)``, so that no step is refused: at a low temperature, where nearly every
exchange drawn at random is, each step still is the best of all exchanges of one change, or near it. Gains are kept up to
date, so that a step costs one look at every column. Counted in steps, seeded, one thread.

Floors lift what their layers are worth: the weights of the net are ``w_l + t_d n_l`` with t_d (``lift``) the price of floor d, so that
columns which a floor needs come as often as others; the best plan is the best by its own weight w. While a floor is not met only
columns that help it are put back: else hardly a step in the region of a tight floor would keep it. A step that breaks a rule is undone,
except one that breaks only floors: if it leaves them shorter than before, by S at what covering as much is worth, it is undone with the
chance ``1 - exp(-S / T)`` (strategic oscillation, Glover 1977).
"""

from __future__ import annotations

import math

import numpy as np

from planner.siting.net import Flags, Floats, Ints, Net, State, compiled, fits, floor_worth, gain_of, inner, switch

MOST_OUT = 3  # changes taken out in one step
NEAR = 0.5  # chance that a further change is looked for near the one before: as often near as anywhere
DRAWS = 4  # layers drawn to find a neighbour: where as few as half are shared, it is missed once in 16 times
WINDOW = 8.0  # temperatures below the best: what is worth less has a chance under 1 in 3,000


@inner
def _least(net: Net, active: Ints) -> Ints:
    """Per rule the least that any of the columns uses (0 where one uses none)."""
    least = np.full(net.limit.size, np.iinfo(np.int64).max)
    number = np.zeros(net.limit.size, np.int64)
    for column in active:
        for k in range(net.use_start[column], net.use_start[column + 1]):
            rule = net.use_rule[k]
            least[rule] = min(least[rule], net.use_amount[k])
            number[rule] += 1
    for rule in range(least.size):
        if number[rule] < active.size:
            least[rule] = min(0, least[rule])
    return least


@inner
def _full(net: Net, state: State, least: Ints) -> bool:
    """Whether not even the column that uses least of a rule fits any more."""
    for rule in range(least.size):
        if least[rule] > 0 and state.use[rule] + least[rule] > net.limit[rule]:
            return True
    return False


@inner
def _serving(net: Net, active: Ints) -> tuple[Ints, Ints]:
    """The columns that cover layers of each floor: rule -> columns."""
    rules = net.limit.size
    serves = np.zeros((rules, active.size), np.bool_)
    for i in range(active.size):
        pattern = net.column_pattern[active[i]]
        for k in range(net.pattern_start[pattern], net.pattern_start[pattern + 1]):
            if net.floor[net.pattern_layer[k]] >= 0:
                serves[net.floor[net.pattern_layer[k]], i] = True
    start = np.zeros(rules + 1, np.int64)
    start[1:] = np.cumsum(serves.sum(axis=1))
    return start, active[np.nonzero(serves)[1]]


@inner
def _lacking(net: Net, state: State, start: Ints) -> int:
    """One of the floors that are not met (-1: all are)."""
    pick, number = -1, 0
    for rule in range(net.limit.size):
        if start[rule + 1] > start[rule] and state.use[rule] > net.limit[rule]:
            number += 1
            if np.random.randint(number) == 0:  # noqa: NPY002 - compiled code has only this generator
                pick = rule
    return pick


@inner
def _helps(net: Net, state: State, column: int | np.int64, rule: int) -> int:
    """How much a column adds to a floor."""
    pattern, added = net.column_pattern[column], 0
    for k in range(net.pattern_start[pattern], net.pattern_start[pattern + 1]):
        layer = net.pattern_layer[k]
        if net.floor[layer] == rule and state.times[layer] == 0:
            added += net.need[layer]
    return int(added)


@inner
def _draw(
    net: Net,
    state: State,
    columns: Ints,
    rule: int,
    dear: float,
    price: Floats,
    heat: float,
    near: Ints,
    worths: Floats,
) -> int:
    """One of the columns that fits and gains, with the chance of its worth (-1: there is none).

    For a floor (``rule``, else -1) it must help it, and is worth ``dear`` more for each unit by which the floor is less short.
    ``near``, ``worths``: room for the columns that were within the window of the best so far when they were looked at.
    """
    top, number, window = -np.inf, 0, WINDOW * heat
    short = state.use[rule] - net.limit[rule] if rule >= 0 else 0
    for column in columns:
        gain = state.gain[net.column_pattern[column]]
        if gain <= 0 or gain - price[column] + dear * short < top - window:
            continue
        group = net.column_group[column]
        if state.current[group] != net.group_keep[group]:
            continue
        helps = min(short, _helps(net, state, column, rule)) if rule >= 0 else 0
        if rule >= 0 and helps == 0:
            continue
        worth = gain_of(net, state, column)
        if worth > 0 and worth - price[column] + dear * helps >= top - window and fits(net, state, column):
            near[number], worths[number] = column, worth - price[column] + dear * helps
            top = max(top, worths[number])
            number += 1
    pick, total = -1, 0.0
    for i in range(number):
        if worths[i] < top - window:
            continue
        chance = math.exp((worths[i] - top) / heat)
        total += chance
        if np.random.random() * total < chance:  # noqa: NPY002 - compiled code has only this generator
            pick = near[i]
    return int(pick)


@inner
def _short(net: Net, state: State, dear: Floats) -> float:
    """What the floors lack, at what covering as much is worth (infinite where another rule is broken)."""
    short = 0.0
    for rule in range(net.limit.size):
        over = state.use[rule] - net.limit[rule]
        if over > 0:
            if dear[rule] == 0.0:
                return float(np.inf)
            short += dear[rule] * over
    return short


@compiled
def own_value(state: State, lift: Ints) -> int:
    """The covered weight without what the floors lift it by."""
    value = np.int64(state.value[0])
    for rule in range(lift.size):
        if lift[rule] > 0:
            value += lift[rule] * state.use[rule]
    return int(value)


@inner
def _neighbour(net: Net, state: State, column: int | np.int64) -> int:
    """A changed group whose column shares a random layer with this one (-1: none there)."""
    pattern = net.column_pattern[column]
    size = net.pattern_start[pattern + 1] - net.pattern_start[pattern]
    if size == 0:
        return -1
    for _ in range(DRAWS):
        layer = net.pattern_layer[net.pattern_start[pattern] + np.random.randint(size)]  # noqa: NPY002
        if state.times[layer] == 1:
            group = net.pattern_group[state.owner[layer]]
            if state.current[group] != net.group_keep[group]:
                return int(group)
    return -1


@inner
def _take_out(net: Net, state: State, changed: Ints, number: int, more: float, out: Ints, was: Ints) -> int:
    """A changed group back to keep or nothing, with some chance more of them, near or anywhere; how many, and what they had."""
    went = 0
    while went < min(number, out.size) and (went == 0 or np.random.random() < more):  # noqa: NPY002
        group = -1
        if went and np.random.random() < NEAR:  # noqa: NPY002
            group = _neighbour(net, state, was[went - 1])
        if group < 0:
            group = changed[np.random.randint(number)]  # noqa: NPY002
        if state.current[group] == net.group_keep[group]:
            break
        out[went], was[went] = group, state.current[group]
        switch(net, state, group, net.group_keep[group])
        went += 1
    return went


@inner
def _changed(net: Net, state: State, loose: Flags, changed: Ints) -> int:
    """How many groups are changed from keep or nothing to a column that is loose; ``changed`` begins with them."""
    number = 0
    for group in range(changed.size):
        if state.current[group] != net.group_keep[group] and loose[state.current[group]]:
            changed[number] = group
            number += 1
    return number


@inner
def _relisted(changed: Ints, number: int, out: Ints, put: Ints) -> int:
    """The same after some groups went out and others came: a step costs no look at every group."""
    for group in out:
        for k in range(number):
            if changed[k] == group:
                number -= 1
                changed[k] = changed[number]
                break
    for group in put:
        changed[number] = group
        number += 1
    return number


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
    more: float,
    lift: Ints,
    loose: Flags,
    served: float,
) -> int:
    """So many steps from a plan that keeps all rules but floors, from temperature ``hot`` to ``cold`` (weight units).

    It takes out changes to columns that are ``loose``, their neighbours and what came since. With chance ``more`` a step takes a second
    change out, and a third again. While a floor is not met, each unit by which a column makes it less short counts ``served`` times the
    weight of such a unit. ``best`` is overwritten by a better plan; its
    covered weight without ``lift`` (per rule, of the weight units: more than 0 only for floors) is returned.
    """
    np.random.seed(seed)  # noqa: NPY002
    groups = state.current.size
    changed, put = np.empty(groups, np.int64), np.empty(groups, np.int64)
    out, was = np.empty(MOST_OUT, np.int64), np.empty(MOST_OUT, np.int64)
    near, worths = np.empty(state.active.size, np.int64), np.empty(state.active.size)
    least = _least(net, state.active)
    (start, serving), dear = _serving(net, state.active), floor_worth(net)
    cool = (cold / hot) ** (1.0 / max(1, steps))
    heat, short = hot, _short(net, state, dear)
    number = _changed(net, state, loose, changed)
    for _ in range(steps):
        heat *= cool
        went = _take_out(net, state, changed, number, more, out, was)
        came = 0
        while not _full(net, state, least):
            rule = _lacking(net, state, start)
            columns = state.active if rule < 0 else serving[start[rule] : start[rule + 1]]
            column = _draw(net, state, columns, rule, served * dear[max(rule, 0)], price, heat, near, worths)
            if column < 0:
                break
            put[came] = net.column_group[column]
            came += 1
            switch(net, state, net.column_group[column], column)
        left = _short(net, state, dear)
        if left > short and (left == np.inf or np.random.random() >= math.exp((short - left) / heat)):  # noqa: NPY002
            for i in range(came):
                switch(net, state, put[i], net.group_keep[put[i]])
            for i in range(went - 1, -1, -1):
                switch(net, state, out[i], was[i])
            continue
        short, number = left, _relisted(changed, number, out[:went], put[:came])
        if short == 0.0 and own_value(state, lift) > value:
            value = own_value(state, lift)
            best[:] = state.current
    return value
