"""Heat-bath search where every column uses the same of one rule: one change out, one in, without trying it first.

The model is the plain one (``planner.siting.dual`` with one rule, no floors, no cliques, one column a group):

    maximise   sum_l w_l y_l                          ``Covers.weight``, ``Exchanges.value``
    subject to y_l <= sum of x_c over columns covering l
               sum_c x_c <= p                         ``Exchanges.chosen`` holds the p columns

A step draws one of the p columns, s, and puts in its place column c with a chance proportional to ``exp(v(s, c) / T)``, where
v(s, c) is what c would cover anew once s is out (Glauber 1963; c = s is one of them, and by far the likeliest when T is low).
``v(s, c) = gain_c + extra_sc``: gain_c is the weight of the uncovered layers of c, extra_sc that of the layers of c that s alone
covers (Resende and Werneck 2004 keep the same two tables for the p-median problem). Both are kept up to date, so that a step
costs one look along two rows, and only an exchange that is made costs the layers in which the two columns differ. Where some of
the p stay, the layers that they cover are no longer asked for (``left_by``).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.siting.net import Codes, Ints, Net, compiled, inner
from planner.work import Work

WINDOW = 8.0  # temperatures below the best: what is worth less has a chance under 1 in 3,000
BLOCK = 64  # columns of which the best is noted, so that only blocks near the best are looked at again; the last one is filled up
STEPS_A_SLICE = 5_000  # between two looks at the clock
NOWHERE = np.int32(-(2**30))  # the gain of what fills it up
MOST_WEIGHT = 2**31 - 1  # of all layers together: gains are kept in 32 bits
Table = NDArray[np.int32]


class Covers(NamedTuple):
    """Which layers each column covers, and the reverse: all that exchanges ask of a plain net."""

    pattern_start: Ints
    pattern_layer: Codes  # ascending within a column
    layer_start: Ints
    layer_pattern: Codes
    weight: Ints  # per layer


class Exchanges(NamedTuple):
    """A plan of p columns and what each exchange is worth."""

    chosen: Ints  # per place of the plan: its column
    times: Codes  # per layer: how often covered
    owner: Codes  # per layer: sum of the places that cover it (covered once: that one)
    gain: Codes  # per column: weight of its uncovered layers; and the rest of the last block
    extra: Table  # places x the same: weight of the layers of the column that this place alone covers
    value: Ints  # one number: covered weight


@inner
def _spread(row: Codes, columns: Codes, first: int, end: int, weight: np.int32) -> None:
    """More weight for the columns of a layer."""
    for q in range(first, end):
        row[columns[q]] += weight


@inner
def _exchange(covers: Covers, plan: Exchanges, place: int, column: int) -> None:
    """Another column in a place; layers that both cover are not touched.

    Arrays by names of their own: handing them on together for each layer, and looking them up in it, took longer than all the rest.
    """
    layers, columns, start, weights = covers.pattern_layer, covers.layer_pattern, covers.layer_start, covers.weight
    times, owner, gain, extra = plan.times, plan.owner, plan.gain, plan.extra
    here, old, covered = extra[place], plan.chosen[place], plan.value[0]
    i, end = covers.pattern_start[old], covers.pattern_start[old + 1]
    j, last = covers.pattern_start[column], covers.pattern_start[column + 1]
    while i < end or j < last:
        if j == last or (i < end and layers[i] < layers[j]):
            layer = layers[i]
            weight, first, stop = np.int32(weights[layer]), start[layer], start[layer + 1]
            owner[layer] -= place
            if times[layer] == 1:
                covered -= weight
                _spread(gain, columns, first, stop, weight)
                _spread(here, columns, first, stop, -weight)
            elif times[layer] == 2:
                _spread(extra[owner[layer]], columns, first, stop, weight)
            times[layer] -= 1
            i += 1
        elif i == end or layers[j] < layers[i]:
            layer = layers[j]
            weight, first, stop = np.int32(weights[layer]), start[layer], start[layer + 1]
            if times[layer] == 0:
                covered += weight
                _spread(gain, columns, first, stop, -weight)
                _spread(here, columns, first, stop, weight)
            elif times[layer] == 1:
                _spread(extra[owner[layer]], columns, first, stop, -weight)
            times[layer] += 1
            owner[layer] += place
            j += 1
        else:
            i += 1
            j += 1
    plan.chosen[place], plan.value[0] = column, covered


def covers_of(net: Net) -> Covers:
    """What the columns of a plain net cover."""
    return Covers(net.pattern_start, net.pattern_layer, net.layer_start, net.layer_pattern, net.weight)


@compiled
def left_by(covers: Covers, fixed: Ints) -> tuple[Covers, Ints]:
    """The layers that some columns leave and the columns that cover any of these, with their numbers in the whole.

    Where most of a plan stays, what is left is a third of it, and so is what a step costs.
    """
    layers, columns = covers.weight.size, covers.pattern_start.size - 1
    stays, size = np.ones(layers, np.bool_), np.zeros(columns, np.int64)
    for column in fixed:
        for k in range(covers.pattern_start[column], covers.pattern_start[column + 1]):
            stays[covers.pattern_layer[k]] = False
    left = np.flatnonzero(stays)
    layer_start = np.zeros(left.size + 1, np.int64)
    for i in range(left.size):
        first, end = covers.layer_start[left[i]], covers.layer_start[left[i] + 1]
        layer_start[i + 1] = layer_start[i] + end - first
        for q in range(first, end):
            size[covers.layer_pattern[q]] += 1
    kept = np.flatnonzero(size)
    number, at, start = np.empty(columns, np.int32), np.zeros(columns, np.int64), np.zeros(kept.size + 1, np.int64)
    for c in range(kept.size):
        number[kept[c]], at[kept[c]] = c, start[c]
        start[c + 1] = start[c] + size[kept[c]]
    layer_pattern, pattern_layer = np.empty(layer_start[-1], np.int32), np.empty(layer_start[-1], np.int32)
    for i in range(left.size):
        first = covers.layer_start[left[i]]
        for q in range(layer_start[i + 1] - layer_start[i]):
            column = covers.layer_pattern[first + q]
            layer_pattern[layer_start[i] + q] = number[column]
            pattern_layer[at[column]] = i
            at[column] += 1
    return Covers(start, pattern_layer, layer_start, layer_pattern, covers.weight[left]), kept


@compiled
def exchanges(covers: Covers, chosen: Ints) -> Exchanges:
    """The tables of a plan."""
    columns, layers = covers.pattern_start.size - 1, covers.weight.size
    room = (columns + BLOCK - 1) // BLOCK * BLOCK
    plan = Exchanges(
        chosen.copy(),
        np.zeros(layers, np.int32),
        np.zeros(layers, np.int32),
        np.full(room, NOWHERE),
        np.zeros((chosen.size, room), np.int32),
        np.zeros(1, np.int64),
    )
    for place in range(chosen.size):
        for k in range(covers.pattern_start[chosen[place]], covers.pattern_start[chosen[place] + 1]):
            plan.times[covers.pattern_layer[k]] += 1
            plan.owner[covers.pattern_layer[k]] += place
    plan.gain[:columns] = 0
    for layer in range(layers):
        first, stop, weight = covers.layer_start[layer], covers.layer_start[layer + 1], np.int32(covers.weight[layer])
        if plan.times[layer]:
            plan.value[0] += weight
        if plan.times[layer] == 0:
            _spread(plan.gain, covers.layer_pattern, first, stop, weight)
        elif plan.times[layer] == 1:
            _spread(plan.extra[plan.owner[layer]], covers.layer_pattern, first, stop, weight)
    return plan


@inner
def _draw(gain: Codes, extra: Codes, heat: float, tops: Codes) -> int:
    """A column with the chance of its worth in a place. ``tops``: room for the best of each block."""
    best = NOWHERE
    for b in range(tops.size):
        top = NOWHERE
        here, there = gain[b * BLOCK : (b + 1) * BLOCK], extra[b * BLOCK : (b + 1) * BLOCK]
        for c in range(BLOCK):
            top = max(top, np.int32(here[c] + there[c]))
        tops[b] = top
        best = max(best, top)
    least = best - min(WINDOW * heat, float(best))
    pick, total = -1, 0.0
    for b in range(tops.size):
        if tops[b] < least:
            continue
        for c in range(b * BLOCK, (b + 1) * BLOCK):
            worth = gain[c] + extra[c]
            if worth >= least:
                chance = math.exp((worth - best) / heat)
                total += chance
                if np.random.random() * total < chance:  # noqa: NPY002 - compiled code has only this generator
                    pick = c
    return pick


@compiled
def _exchanged(
    covers: Covers, plan: Exchanges, best: Ints, value: int, steps: int, hot: float, cold: float, seed: int
) -> int:
    """So many steps from temperature ``hot`` to ``cold`` (weight units).

    ``best`` is overwritten by a better plan, its value returned.
    """
    np.random.seed(seed)  # noqa: NPY002
    cool, heat = (cold / hot) ** (1.0 / max(1, steps)), hot
    tops = np.empty(plan.gain.size // BLOCK, np.int32)
    for _ in range(steps):
        heat *= cool
        place = np.random.randint(plan.chosen.size)  # noqa: NPY002
        column = _draw(plan.gain, plan.extra[place], heat, tops)
        if column != plan.chosen[place]:
            _exchange(covers, plan, place, column)
            if plan.value[0] > value:
                value = plan.value[0]
                best[:] = plan.chosen
    return value


@compiled
def needed(covers: Covers, chosen: Ints) -> Ints:
    """The columns without those, one after another, that cover nothing which the rest does not."""
    times, stays = np.zeros(covers.weight.size, np.int32), np.ones(chosen.size, np.bool_)
    for column in chosen:
        for k in range(covers.pattern_start[column], covers.pattern_start[column + 1]):
            times[covers.pattern_layer[k]] += 1
    for place in range(chosen.size):
        first, end = covers.pattern_start[chosen[place]], covers.pattern_start[chosen[place] + 1]
        stays[place] = False
        for k in range(first, end):
            stays[place] |= times[covers.pattern_layer[k]] == 1
        if not stays[place]:
            for k in range(first, end):
                times[covers.pattern_layer[k]] -= 1
    return chosen[stays]


def is_plain(net: Net) -> bool:
    """Whether every column uses the same of the one rule, has a pattern of its own number, and nothing else holds them apart."""
    columns = net.column_group.size
    return bool(
        net.limit.size == 1
        and net.use_amount.size == columns
        and columns > 0
        and net.use_amount.min() == net.use_amount.max() > 0
        and net.group_keep.size == columns
        and (net.group_keep < 0).all()
        and (net.column_pattern == np.arange(columns)).all()
        and net.cliques == 0
        and net.weight.sum() <= MOST_WEIGHT
    )


def anneal(
    covers: Covers,
    chosen: Ints,
    steps: int,
    hot: float,
    cold: float,
    seed: int,
    work: Work | None,
    last: Ints | None = None,
) -> tuple[Ints, int]:
    """So many steps from a plan, fewer when the work is stopped; the best columns and what they cover.

    ``hot``, ``cold``: temperatures in weight units. ``last`` is overwritten by the columns that the last step leaves.
    """
    plan, best, done, cool = exchanges(covers, chosen), chosen.copy(), 0, (cold / hot) ** (1.0 / max(1, steps))
    value = int(plan.value[0])
    while chosen.size and done < steps and not (work is not None and done and work.stopped):
        number = min(STEPS_A_SLICE, steps - done)
        warm = (hot * cool**done, hot * cool ** (done + number))
        value = _exchanged(covers, plan, best, value, number, *warm, seed + done)
        done += number
    if last is not None:
        last[:] = plan.chosen
    return best, value
