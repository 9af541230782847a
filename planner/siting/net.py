"""A covering model and a plan as flat arrays, and single moves on them, compiled.

Everything is integer: weights, gains, rule uses. The same arrays and seed give the same plan on any machine.
``Net`` is the covering model (read only); ``State`` is one plan and its bookkeeping.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
NONE = np.int64(-1)  # typed, so that compiled functions exist once and not once per literal
MORE, LESS = np.int64(1), np.int64(-1)
F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile with numba; the result is kept on disk beside the source."""
    return cast("F", numba.njit(cache=True, nogil=True)(function))


def inner(function: F) -> F:
    """Compile for calls from compiled code only (no wrapper for Python: half the compile time)."""
    return cast("F", numba.njit(cache=True, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)(function))


class Net(NamedTuple):
    """The covering model. ``start[i]:start[i + 1]`` slices belong to ``i``; -1 means none.

    Columns are sorted by group; several columns may share one pattern (a set of layers).
    """

    pattern_start: Ints
    pattern_layer: Codes  # ascending within a pattern
    pattern_group: Ints
    layer_start: Ints
    layer_pattern: Codes
    weight: Ints  # per layer
    floor: Ints  # per layer: the rule whose floor it counts for
    need: Ints  # per layer: how much it adds to that floor, in the floor's own unit (0: to none)
    column_pattern: Ints
    column_group: Ints
    column_spaced: Flags  # counts in the cliques of its group
    group_start: Ints
    group_keep: Ints  # the column "keep" of a standing group; -1: nothing need be chosen
    use_start: Ints  # column -> rules
    use_rule: Ints
    use_amount: Ints
    limit: Ints  # per rule: sum of amounts <= limit
    clique_start: Ints  # group -> cliques
    clique_of: Codes
    cliques: int


class State(NamedTuple):
    """One plan: which column each group has, and what follows from it."""

    times: Codes  # per layer: how often covered
    gain: Ints  # per pattern: weight of its uncovered layers
    loss: Ints  # per chosen pattern: weight that it alone covers
    owner: Ints  # per layer: sum of the numbers of the patterns that cover it (covered once: that one)
    current: Ints  # per group
    use: Ints  # per rule
    clique: Codes  # per clique: installs in it
    value: Ints  # one number: covered weight
    tabu: Flags  # per group: not to be touched by fill
    active: Ints  # the columns that the search looks at


@inner
def new_state(net: Net, active: Ints) -> State:
    """Nothing chosen anywhere, not even keep."""
    patterns = net.pattern_start.size - 1
    gain = np.zeros(patterns, np.int64)
    for pattern in range(patterns):
        total = np.int64(0)
        for k in range(net.pattern_start[pattern], net.pattern_start[pattern + 1]):
            total += net.weight[net.pattern_layer[k]]
        gain[pattern] = total
    groups = net.group_start.size - 1
    return State(
        np.zeros(net.weight.size, np.int32),
        gain,
        np.zeros(patterns, np.int64),
        np.zeros(net.weight.size, np.int64),
        np.full(groups, -1, np.int64),
        np.zeros(net.limit.size, np.int64),
        np.zeros(net.cliques, np.int32),
        np.zeros(1, np.int64),
        np.zeros(groups, np.bool_),
        active,
    )


@inner
def book(net: Net, state: State, column: int | np.int64, sign: int | np.int64) -> None:
    """Rule and clique uses of putting (1) or taking (-1) a column."""
    for k in range(net.use_start[column], net.use_start[column + 1]):
        state.use[net.use_rule[k]] += sign * net.use_amount[k]
    if net.column_spaced[column]:
        group = net.column_group[column]
        for k in range(net.clique_start[group], net.clique_start[group + 1]):
            state.clique[net.clique_of[k]] += sign


@inner
def _cover(net: Net, state: State, pattern: int, sign: int) -> None:
    """Cover the layers of a pattern once more (1) or once less (-1)."""
    for k in range(net.pattern_start[pattern], net.pattern_start[pattern + 1]):
        layer = net.pattern_layer[k]
        before = state.times[layer]
        state.times[layer] = before + sign
        owner = state.owner[layer]
        state.owner[layer] = owner + sign * pattern
        if sign > 0 and before == 1:
            state.loss[owner] -= net.weight[layer]
        elif sign < 0 and before == 2:
            state.loss[owner - pattern] += net.weight[layer]
        elif before == 0 or before == 1:
            weight = sign * net.weight[layer]
            state.value[0] += weight
            state.loss[pattern] += weight
            if net.floor[layer] >= 0:
                state.use[net.floor[layer]] -= sign * net.need[layer]
            for q in range(net.layer_start[layer], net.layer_start[layer + 1]):
                state.gain[net.layer_pattern[q]] -= weight


@compiled
def switch(net: Net, state: State, group: int | np.int64, column: int | np.int64) -> None:
    """Give a group another column (-1: none)."""
    old = state.current[group]
    if old == column:
        return
    if old >= 0:
        book(net, state, old, LESS)
        if column < 0 or net.column_pattern[column] != net.column_pattern[old]:
            _cover(net, state, net.column_pattern[old], LESS)
    if column >= 0:
        book(net, state, column, MORE)
        if old < 0 or net.column_pattern[column] != net.column_pattern[old]:
            _cover(net, state, net.column_pattern[column], MORE)
    state.current[group] = column


@inner
def amount_of(net: Net, column: int, rule: int) -> int:
    """How much of a rule a column uses."""
    for k in range(net.use_start[column], net.use_start[column + 1]):
        if net.use_rule[k] == rule:
            return int(net.use_amount[k])
    return 0


@compiled
def fits(net: Net, state: State, column: int) -> bool:
    """Whether the change to this column breaks no upper limit that it adds to."""
    group = net.column_group[column]
    old = state.current[group]
    for k in range(net.use_start[column], net.use_start[column + 1]):
        rule = net.use_rule[k]
        extra = net.use_amount[k]
        if old >= 0:
            extra -= amount_of(net, old, rule)
        if extra > 0 and state.use[rule] + extra > net.limit[rule]:
            return False
    if old >= 0:
        for k in range(net.use_start[old], net.use_start[old + 1]):
            rule = net.use_rule[k]
            extra = amount_of(net, column, rule) - net.use_amount[k]
            if extra > 0 and state.use[rule] + extra > net.limit[rule]:
                return False
    if net.column_spaced[column] and (old < 0 or not net.column_spaced[old]):
        for k in range(net.clique_start[group], net.clique_start[group + 1]):
            if state.clique[net.clique_of[k]] > 0:
                return False
    return True


@compiled
def gain_of(net: Net, state: State, column: int | np.int64) -> int:
    """Covered weight won by the change to this column (negative: lost)."""
    pattern = net.column_pattern[column]
    old = state.current[net.column_group[column]]
    gain = state.gain[pattern]
    if old < 0:
        return int(gain)
    pattern_old = net.column_pattern[old]
    if pattern_old == pattern:
        return 0
    q = net.pattern_start[pattern]
    end = net.pattern_start[pattern + 1]
    for k in range(net.pattern_start[pattern_old], net.pattern_start[pattern_old + 1]):
        layer = net.pattern_layer[k]
        while q < end and net.pattern_layer[q] < layer:
            q += 1
        if state.times[layer] == 1 and not (q < end and net.pattern_layer[q] == layer):
            gain -= net.weight[layer]
    return int(gain)


@inner
def _cover_floors(net: Net, state: State, pattern: int, sign: int) -> None:
    """``_cover`` for floors alone: what is taken back at once needs no gains."""
    for k in range(net.pattern_start[pattern], net.pattern_start[pattern + 1]):
        layer = net.pattern_layer[k]
        before = state.times[layer]
        state.times[layer] = before + sign
        if net.floor[layer] >= 0 and before == (0 if sign > 0 else 1):
            state.use[net.floor[layer]] -= sign * net.need[layer]


@inner
def keeps_floors(net: Net, state: State, column: int | np.int64) -> bool:
    """Whether a plan that keeps all rules keeps its floors with the change to this column.

    An upper limit is broken by what is added (``fits``); a floor by what is lost: the layers that only the column before covered.
    """
    old = state.current[net.column_group[column]]
    if old < 0:
        return True
    pattern, before, lost = net.column_pattern[column], net.column_pattern[old], False
    for k in range(net.pattern_start[before], net.pattern_start[before + 1]):
        layer = net.pattern_layer[k]
        lost = lost or (net.floor[layer] >= 0 and state.times[layer] == 1)
    if not lost:
        return True
    _cover_floors(net, state, before, LESS)
    _cover_floors(net, state, pattern, MORE)
    fine = not broken(net, state)
    _cover_floors(net, state, pattern, LESS)
    _cover_floors(net, state, before, MORE)
    return fine


@inner
def loss_of(net: Net, state: State, group: int) -> int:
    """Covered weight lost when a changed group goes back to keep or to nothing."""
    if net.group_keep[group] >= 0:
        return -gain_of(net, state, net.group_keep[group])
    return int(state.loss[net.column_pattern[state.current[group]]])


@inner
def broken(net: Net, state: State) -> bool:
    """Whether any rule is broken (cliques cannot be)."""
    for rule in range(net.limit.size):
        if state.use[rule] > net.limit[rule]:
            return True
    return False


@compiled
def is_broken(net: Net, state: State) -> bool:
    """``broken`` for Python."""
    return bool(broken(net, state))


@compiled
def floor_worth(net: Net) -> Floats:
    """Per rule what a unit of the layers that count for it weighs in the mean (0 where it is no floor)."""
    weight, need = np.zeros(net.limit.size), np.zeros(net.limit.size)
    for layer in range(net.weight.size):
        if net.floor[layer] >= 0:
            weight[net.floor[layer]] += net.weight[layer]
            need[net.floor[layer]] += net.need[layer]
    return weight / np.maximum(need, 1.0)


@compiled
def rank(net: Net, state: State, columns: Ints) -> Ints:
    """Choose the columns one by one, the largest gain first; they are sorted so, and their gains returned."""
    gains = np.zeros(columns.size, np.int64)
    for i in range(columns.size):
        best, most = i, np.int64(0)
        for j in range(i, columns.size):
            gain = gain_of(net, state, columns[j])
            if j == i or gain > most:
                best, most = j, gain
        chosen = columns[best]
        for j in range(best, i, -1):  # the others keep their order, so that ties go to the first
            columns[j] = columns[j - 1]
        columns[i] = chosen
        gains[i] = most
        switch(net, state, net.column_group[chosen], chosen)
    return gains


@compiled
def restore(net: Net, state: State, plan: Ints) -> None:
    """Back to a plan, by difference."""
    for group in range(plan.size):
        if state.current[group] != plan[group]:
            switch(net, state, group, NONE)
    for group in range(plan.size):
        if state.current[group] != plan[group]:
            switch(net, state, group, plan[group])
