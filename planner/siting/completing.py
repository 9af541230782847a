"""What all but a little is covered: search that makes every layer left dearer, until some plan covers it.

The model is the plain one (``planner.siting.exchanging``). Where nearly all can be covered, the layers left weigh next to nothing
beside those that an exchange moves, so that search by weight sees no difference between plans. Here every step makes the layers left
dearer (row weighting for set covering, Gao, Weise and Li 2015). A plan that leaves less than the best so far covers every layer that
weighs as much as that one leaves in all: these are all alike, lighter ones are cheaper, and a layer that is covered wherever one of
these is need not be looked at (row dominance, Beasley 1987):

    maximise sum_l u_l y_l       ``Left.dear`` (u_l, raised by r_l a step)
    watched  sum_l w_l y_l       ``Covers.weight`` (w_l, the model's own), ``Left.missing``
    r_l = min(1, w_l / least)    ``_raises``, in parts of FINE; ``least``: what the best plan so far leaves

A step takes out the column that loses least of u and puts in, of the columns that cover a random layer left, the one that gains
most; equals go by how long they have been where they are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from planner.siting import kernels
from planner.siting.exchanging import Covers, covers_of, is_plain
from planner.siting.matrices import patterns
from planner.siting.model import CoverModel
from planner.siting.net import Codes, Flags, Ints, Net, compiled, inner
from planner.siting.part import transpose
from planner.siting.search import Plan
from planner.work import Work

# share of all weight that is left: where the best plans leave more (5e-4), search by weight finds better ones
LITTLE = 3e-4
STEPS_A_SLICE = 5_000  # between two looks at the clock
FINE = 1_000  # parts of what a step adds to a layer that has to be covered
FIRST = 2  # what a layer weighs at first, in what a step adds to it


class Left(NamedTuple):
    """The layers under a plan, and what each column would change."""

    dear: Ints  # per layer: u
    times: Codes  # per layer: how often covered
    owner: Ints  # per layer: sum of the columns that cover it (covered once: that one)
    gain: Ints  # per column: u of its uncovered layers
    loss: Ints  # per chosen column: u that it alone covers
    layers: Ints  # the uncovered layers, the first ``number`` of them
    place: Ints  # per layer: where it stands among them (-1: covered)
    number: Ints  # one number
    missing: Ints  # one number: their weight in the model


def is_near(model: CoverModel, plan: Plan) -> bool:
    """Whether equals cover all but a little."""
    all_of_it = int(model.net.weight.sum()) - model.base
    return is_plain(model.net) and all_of_it - plan.gain <= LITTLE * all_of_it


@inner
def _raise(covers: Covers, left: Left, layer: int | np.int64, more: int | np.int64) -> None:
    """The columns that cover a layer gain so much more by it."""
    for q in range(covers.layer_start[layer], covers.layer_start[layer + 1]):
        left.gain[covers.layer_pattern[q]] += more


@inner
def _goes(covers: Covers, left: Left, column: int | np.int64) -> None:
    """Take a column out."""
    for k in range(covers.pattern_start[column], covers.pattern_start[column + 1]):
        layer = covers.pattern_layer[k]
        left.times[layer] -= 1
        left.owner[layer] -= column
        if left.times[layer] == 0:
            _raise(covers, left, layer, left.dear[layer])
            number = left.number[0]
            left.layers[number], left.place[layer] = layer, number
            left.number[0] += 1
            left.missing[0] += covers.weight[layer]
        elif left.times[layer] == 1:
            left.loss[left.owner[layer]] += left.dear[layer]
    left.loss[column] = 0


@inner
def _comes(covers: Covers, left: Left, column: int | np.int64) -> None:
    """Put a column in."""
    for k in range(covers.pattern_start[column], covers.pattern_start[column + 1]):
        layer = covers.pattern_layer[k]
        left.times[layer] += 1
        if left.times[layer] == 1:
            _raise(covers, left, layer, -left.dear[layer])
            left.loss[column] += left.dear[layer]
            at, last = left.place[layer], left.layers[left.number[0] - 1]
            left.layers[at], left.place[last], left.place[layer] = last, at, -1
            left.number[0] -= 1
            left.missing[0] -= covers.weight[layer]
        elif left.times[layer] == 2:
            left.loss[left.owner[layer]] -= left.dear[layer]
        left.owner[layer] += column


@compiled
def _left(covers: Covers, dear: Ints, chosen: Ints) -> Left:
    """The layers under a plan."""
    columns, number = covers.pattern_start.size - 1, dear.size
    left = Left(
        dear,
        np.zeros(number, np.int32),
        np.zeros(number, np.int64),
        np.zeros(columns, np.int64),
        np.zeros(columns, np.int64),
        np.arange(number),
        np.arange(number),
        np.full(1, number),
        np.full(1, covers.weight.sum()),
    )
    for layer in range(number):
        _raise(covers, left, layer, dear[layer])
    for column in chosen:
        _comes(covers, left, column)
    return left


@inner
def _worst(left: Left, chosen: Ints, since: Ints) -> int:
    """The place of the column that loses least and has been there longest."""
    out, least = 0, left.loss[chosen[0]]
    for place in range(1, chosen.size):
        column = chosen[place]
        loss = left.loss[column]
        if loss < least or (loss == least and since[column] < since[chosen[out]]):
            out, least = place, loss
    return out


@inner
def _best(covers: Covers, left: Left, since: Ints, gone: int | np.int64) -> int:
    """Of the columns that cover a random layer left, dear ones more often, the one that gains most and has been away longest."""
    total = np.int64(0)
    for i in range(left.number[0]):
        total += left.dear[left.layers[i]]
    drawn, layer = np.random.random() * total, left.layers[0]  # noqa: NPY002 - compiled code has only this generator
    for i in range(left.number[0]):
        layer = left.layers[i]
        drawn -= left.dear[layer]
        if drawn < 0:
            break
    best = gone
    for k in range(covers.layer_start[layer], covers.layer_start[layer + 1]):
        column = np.int64(covers.layer_pattern[k])
        if column == gone:
            continue
        more = best == gone or left.gain[column] > left.gain[best]
        if more or (left.gain[column] == left.gain[best] and since[column] < since[best]):
            best = column
    return int(best)


@compiled
def _completed(
    covers: Covers, left: Left, raise_by: Ints, chosen: Ints, since: Ints, best: Ints, least: int, done: int, steps: int, seed: int
) -> int:  # fmt: skip
    """So many steps; ``best`` is overwritten by a plan that leaves less than ``least``, and what it leaves returned."""
    np.random.seed(seed)  # noqa: NPY002
    for step in range(done, done + steps):
        if least == 0:
            break
        place = _worst(left, chosen, since)
        gone = chosen[place]
        _goes(covers, left, gone)
        since[gone] = step
        column = _best(covers, left, since, gone)
        _comes(covers, left, column)
        since[column], chosen[place] = step, column
        if left.missing[0] < least:
            least = left.missing[0]
            best[:] = chosen
        for i in range(left.number[0]):
            layer = left.layers[i]
            left.dear[layer] += raise_by[layer]
            _raise(covers, left, layer, raise_by[layer])
    return int(least)


def complete(model: CoverModel, start: Plan, known: Plan, steps: int, seed: int, work: Work) -> Plan:
    """The best plan of so many steps from a start, fewer when the work is stopped or all is covered, to pass a known plan.

    What is learnt of layers that are hard to cover ends with it: another start comes further than going on.
    """
    least = int(model.net.weight.sum()) - model.base - known.gain
    covers, chosen = _asked(model.net, least), start.current[start.current >= 0]
    left = _left(covers, FIRST * _raises(covers, least), chosen)
    best, done, since, missing = chosen.copy(), 0, np.full(model.columns, -1, np.int64), int(left.missing[0])
    while done < steps and missing > 0 and not work.stopped:
        number, raise_by = min(STEPS_A_SLICE, steps - done), _raises(covers, min(missing, least))
        missing = _completed(covers, left, raise_by, chosen, since, best, missing, done, number, seed + done)
        done += number
    current = np.full_like(start.current, -1)
    current[best] = best
    return replace(start, current=current, gain=kernels.covered_by(model.net, current) - model.base)


def _raises(covers: Covers, least: int) -> Ints:
    """What a step adds to each layer left, to find a plan that leaves less than so much."""
    parts: Ints = np.rint(FINE * np.minimum(1.0, covers.weight / max(1, least))).astype(np.int64)
    return np.maximum(1, parts)


def _asked(net: Net, least: int) -> Covers:
    """Without the layers that any plan covers which leaves less than so much: they ask for no more than another that has to be covered."""
    asked = np.flatnonzero(_is_asked(covers_of(net), least))
    kept = patterns(net)[:, asked]
    start, layers = kept.indptr.astype(np.int64), kept.indices.astype(np.int32)
    return Covers(start, layers, *transpose(start, layers, asked.size), net.weight[asked])


@compiled
def _is_asked(covers: Covers, least: int) -> Flags:
    """Per layer whether no other that weighs ``least`` at least has all its columns among this one's (of two alike one is asked)."""
    start, columns, weight = covers.layer_start, covers.layer_pattern, covers.weight
    asked = np.ones(weight.size, np.bool_)
    for layer in range(weight.size):
        first, end = start[layer], start[layer + 1]
        if weight[layer] < least or first == end:
            continue
        for k in range(covers.pattern_start[columns[first]], covers.pattern_start[columns[first] + 1]):
            other = covers.pattern_layer[k]
            size = start[other + 1] - start[other]
            if other == layer or not asked[other] or size < end - first:
                continue
            if size == end - first and weight[other] >= least and other < layer:
                continue
            q, i = start[other], first
            while i < end and q < start[other + 1]:
                if columns[q] > columns[i]:
                    break
                i += columns[q] == columns[i]
                q += 1
            asked[other] = i < end
    return asked
