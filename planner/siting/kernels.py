"""Compiled search on a plan's arrays: greedy, meeting needs, cutting back, exchanges. Seeded, one thread."""

from __future__ import annotations

import numpy as np

from planner.siting.net import (
    NONE,
    Floats,
    Ints,
    Net,
    State,
    amount_of,
    broken,
    compiled,
    fits,
    gain_of,
    inner,
    keeps_floors,
    loss_of,
    new_state,
    restore,
    switch,
)

ALSO = 0.1  # of a rule wholly mended, for the whole weight: between changes that mend alike the one that covers more


@inner
def fill(net: Net, state: State, price: Floats) -> None:
    """Add the change with the most gain per price until none fits or helps; a plan that keeps all rules keeps them."""
    while True:
        best, score = NONE, 0.0
        for column in state.active:
            pattern = net.column_pattern[column]
            group = net.column_group[column]
            if state.gain[pattern] <= score * price[column] or state.tabu[group]:
                continue
            if state.current[group] != net.group_keep[group] or column == net.group_keep[group]:
                continue
            gain = gain_of(net, state, column)
            if gain > score * price[column] and fits(net, state, column) and keeps_floors(net, state, column):
                best, score = column, gain / price[column]
        if best < 0:
            return
        switch(net, state, net.column_group[best], best)


@inner
def _progress(net: Net, state: State, column: int) -> float:
    """How much of the broken rules a change would mend: 1 for each rule mended wholly."""
    old = state.current[net.column_group[column]]
    mended = 0.0
    for k in range(net.use_start[column], net.use_start[column + 1]):
        rule = net.use_rule[k]
        over = state.use[rule] - net.limit[rule]
        less = -net.use_amount[k]
        if old >= 0:
            less += amount_of(net, old, rule)
        if over > 0 and less > 0:
            mended += min(over, less) / over
    pattern = net.column_pattern[column]
    for k in range(net.pattern_start[pattern], net.pattern_start[pattern + 1]):
        layer = net.pattern_layer[k]
        rule = net.floor[layer]
        if rule >= 0 and state.times[layer] == 0 and state.use[rule] > net.limit[rule]:
            mended += min(1.0, net.need[layer] / (state.use[rule] - net.limit[rule]))
    return mended


@inner
def meet_needs(net: Net, state: State, price: Floats) -> None:
    """While floors or minimum numbers are unmet, add the change that mends most per price."""
    scale = 1.0
    for weight in net.weight:
        scale += weight
    while broken(net, state):
        best, score = NONE, 0.0
        for column in state.active:
            group = net.column_group[column]
            if state.tabu[group] or state.current[group] != net.group_keep[group] or column == net.group_keep[group]:
                continue
            mended = _progress(net, state, column)
            if mended <= 0.0:
                continue
            worth = (mended + ALSO * max(0, state.gain[net.column_pattern[column]]) / scale) / price[column]
            if worth > score and fits(net, state, column):
                best, score = column, worth
        if best < 0:
            return
        switch(net, state, net.column_group[best], best)


@inner
def trim(net: Net, state: State) -> None:
    """While limits are overrun, undo the change that loses least per relief."""
    while True:
        best, score = NONE, np.inf
        for group in range(state.current.size):
            column = state.current[group]
            keep = net.group_keep[group]
            if column == keep:
                continue
            relief = 0.0
            for k in range(net.use_start[column], net.use_start[column + 1]):
                rule = net.use_rule[k]
                over = state.use[rule] - net.limit[rule]
                if over > 0 and net.use_amount[k] > 0:
                    relief += min(over, net.use_amount[k]) / over
            if relief > 0.0:
                worth = (loss_of(net, state, group) + 1.0) / relief
                if worth < score:
                    best, score = group, worth
        if best < 0:
            return
        switch(net, state, best, net.group_keep[best])


@inner
def _exchange(net: Net, state: State, price: Floats, group: int) -> bool:
    """One change out, the best in, or a greedy refill; kept only if better (or equal and cheaper)."""
    before, paid, plan = state.value[0], state.use[0], state.current.copy()
    switch(net, state, group, net.group_keep[group])
    best, most = NONE, before - state.value[0]
    for column in state.active:
        if state.gain[net.column_pattern[column]] > most:
            g = net.column_group[column]
            if state.current[g] == net.group_keep[g] and column != net.group_keep[g]:
                gain = gain_of(net, state, column)
                if gain > most and fits(net, state, column):
                    best, most = column, gain
    if best >= 0:
        switch(net, state, net.column_group[best], best)
        if not broken(net, state):
            fill(net, state, price)
            return True
        switch(net, state, net.column_group[best], net.group_keep[net.column_group[best]])
    state.tabu[group] = True
    meet_needs(net, state, price)
    fine = not broken(net, state)
    if fine:
        fill(net, state, price)
    state.tabu[group] = False
    if fine and state.value[0] > before:
        return True
    if not (fine and state.value[0] == before and state.use[0] < paid):
        restore(net, state, plan)
    return False


@inner
def improve(net: Net, state: State, price: Floats, passes: int) -> None:
    """Exchange search over all changed groups, from a random one on, until nothing gets better."""
    for _ in range(passes):
        better = False
        groups = state.current.size
        turn = np.random.randint(groups) if groups else 0  # noqa: NPY002 - compiled code has only this generator
        for i in range(groups):
            group = (i + turn) % groups
            if state.current[group] != net.group_keep[group] and _exchange(net, state, price, group):
                better = True
        if not better:
            return


@inner
def tidy(net: Net, state: State) -> None:
    """Undo changes that gain nothing and that no rule needs."""
    for group in range(state.current.size):
        column = state.current[group]
        keep = net.group_keep[group]
        if column == keep or loss_of(net, state, group) > 0:
            continue
        switch(net, state, group, keep)
        if broken(net, state):
            switch(net, state, group, column)


@compiled
def settle_ties(net: Net, state: State) -> None:
    """Where another change would do exactly as well in the place of one, take the first of them in the tables."""
    for group in range(state.current.size):
        column, keep, before = state.current[group], net.group_keep[group], state.value[0]
        if column == keep:
            continue
        switch(net, state, group, keep)
        lost = before - state.value[0]
        for other in range(column):
            there = net.column_group[other]
            if state.current[there] != net.group_keep[there] or other == net.group_keep[there]:
                continue
            if gain_of(net, state, other) != lost or not fits(net, state, other):
                continue
            switch(net, state, there, np.int64(other))
            if not broken(net, state):
                break
            switch(net, state, there, net.group_keep[there])
        if state.value[0] != before or broken(net, state):
            switch(net, state, group, column)


@compiled
def opened(net: Net, plan: Ints, active: Ints) -> State:
    """The state of a plan, cut back where it overruns a limit or a clique."""
    state = new_state(net, active)
    for group in range(plan.size):
        if net.group_keep[group] >= 0:
            switch(net, state, group, net.group_keep[group])
    for group in range(plan.size):
        column = plan[group]
        if column >= 0 and column != state.current[group]:
            free = True
            if net.column_spaced[column]:
                for k in range(net.clique_start[group], net.clique_start[group + 1]):
                    free = free and state.clique[net.clique_of[k]] == 0
            if free:
                switch(net, state, group, column)
    trim(net, state)
    return state


@compiled
def covered_by(net: Net, plan: Ints) -> int:
    """The weight that a plan covers (a column per group, -1: none), without opening its state."""
    value, seen = np.int64(0), np.zeros(net.weight.size, np.bool_)
    for column in plan:
        if column < 0:
            continue
        pattern = net.column_pattern[column]
        for k in range(net.pattern_start[pattern], net.pattern_start[pattern + 1]):
            layer = net.pattern_layer[k]
            if not seen[layer]:
                seen[layer] = True
                value += net.weight[layer]
    return int(value)


@compiled
def take(net: Net, state: State, order: Ints) -> None:
    """Put columns in one after another where their group is as it was and they fit."""
    for column in order:
        group = net.column_group[column]
        if state.current[group] == net.group_keep[group] and fits(net, state, column):
            switch(net, state, group, column)


@compiled
def rework(net: Net, state: State, price: Floats, passes: int, seed: int) -> bool:
    """Meet what is needed, fill, improve, tidy; whether all rules are kept."""
    np.random.seed(seed)  # noqa: NPY002
    meet_needs(net, state, price)
    if broken(net, state):
        return False
    fill(net, state, price)
    improve(net, state, price, passes)
    tidy(net, state)
    return not broken(net, state)
