"""What all but a little is covered: search that makes every layer left dearer, until some plan covers it.

The model is the plain one (``planner.siting.exchanging``). Where nearly all can be covered, the layers left weigh next to nothing
beside those that an exchange moves, so that search by weight sees no difference between plans. Here layers weigh nearly the same at
first, and after every step those left weigh more (row weighting for set covering, Gao, Weise and Li 2015). Any plan that leaves less
than the best so far covers every layer that weighs as much as that one leaves in all: these are all alike, lighter ones weigh less:

    maximise sum_l u_l y_l       ``Rows.dear`` (u_l, raised by r_l a step)
    watched  sum_l w_l y_l       ``Covers.weight`` (w_l, the model's own), ``Rows.missing``
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


class Rows(NamedTuple):
    """The layers under a plan, and what each column would change."""

    dear: Ints  # per layer: u
    times: Codes  # per layer: how often covered
    owner: Ints  # per layer: sum of the columns that cover it (covered once: that one)
    gain: Ints  # per column: u of its uncovered layers
    loss: Ints  # per chosen column: u that it alone covers
    left: Ints  # the uncovered layers, the first ``number`` of them
    place: Ints  # per layer: where it stands among them (-1: covered)
    number: Ints  # one number
    missing: Ints  # one number: their weight in the model


def is_near(model: CoverModel, plan: Plan) -> bool:
    """Whether equals cover all but a little."""
    all_of_it = int(model.net.weight.sum()) - model.base
    return is_plain(model.net) and all_of_it - plan.gain <= LITTLE * all_of_it


@inner
def _raise(covers: Covers, rows: Rows, layer: int | np.int64, more: int | np.int64) -> None:
    """A layer that is left grows dearer by so much, for the columns that cover it (or they gain nothing by it any more)."""
    for q in range(covers.layer_start[layer], covers.layer_start[layer + 1]):
        rows.gain[covers.layer_pattern[q]] += more


@inner
def _goes(covers: Covers, rows: Rows, column: int | np.int64) -> None:
    """Take a column out."""
    for k in range(covers.pattern_start[column], covers.pattern_start[column + 1]):
        layer = covers.pattern_layer[k]
        rows.times[layer] -= 1
        rows.owner[layer] -= column
        if rows.times[layer] == 0:
            _raise(covers, rows, layer, rows.dear[layer])
            number = rows.number[0]
            rows.left[number], rows.place[layer] = layer, number
            rows.number[0] += 1
            rows.missing[0] += covers.weight[layer]
        elif rows.times[layer] == 1:
            rows.loss[rows.owner[layer]] += rows.dear[layer]
    rows.loss[column] = 0


@inner
def _comes(covers: Covers, rows: Rows, column: int | np.int64) -> None:
    """Put a column in."""
    for k in range(covers.pattern_start[column], covers.pattern_start[column + 1]):
        layer = covers.pattern_layer[k]
        rows.times[layer] += 1
        if rows.times[layer] == 1:
            _raise(covers, rows, layer, -rows.dear[layer])
            rows.loss[column] += rows.dear[layer]
            at, last = rows.place[layer], rows.left[rows.number[0] - 1]
            rows.left[at], rows.place[last], rows.place[layer] = last, at, -1
            rows.number[0] -= 1
            rows.missing[0] -= covers.weight[layer]
        elif rows.times[layer] == 2:
            rows.loss[rows.owner[layer]] -= rows.dear[layer]
        rows.owner[layer] += column


@compiled
def _rows(covers: Covers, dear: Ints, chosen: Ints) -> Rows:
    """The layers under a plan."""
    columns, layers = covers.pattern_start.size - 1, dear.size
    rows = Rows(
        dear,
        np.zeros(layers, np.int32),
        np.zeros(layers, np.int64),
        np.zeros(columns, np.int64),
        np.zeros(columns, np.int64),
        np.arange(layers),
        np.arange(layers),
        np.full(1, layers),
        np.full(1, covers.weight.sum()),
    )
    for layer in range(layers):
        _raise(covers, rows, layer, dear[layer])
    for column in chosen:
        _comes(covers, rows, column)
    return rows


@inner
def _worst(rows: Rows, chosen: Ints, since: Ints) -> int:
    """The place of the column that loses least and has been there longest."""
    out, least = 0, rows.loss[chosen[0]]
    for place in range(1, chosen.size):
        column = chosen[place]
        loss = rows.loss[column]
        if loss < least or (loss == least and since[column] < since[chosen[out]]):
            out, least = place, loss
    return out


@inner
def _best(covers: Covers, rows: Rows, since: Ints, gone: int | np.int64) -> int:
    """Of the columns that cover a random layer left, dear ones more often, the one that gains most and has been away longest."""
    total = np.int64(0)
    for i in range(rows.number[0]):
        total += rows.dear[rows.left[i]]
    drawn, layer = np.random.random() * total, rows.left[0]  # noqa: NPY002 - compiled code has only this generator
    for i in range(rows.number[0]):
        layer = rows.left[i]
        drawn -= rows.dear[layer]
        if drawn < 0:
            break
    best = gone
    for k in range(covers.layer_start[layer], covers.layer_start[layer + 1]):
        column = np.int64(covers.layer_pattern[k])
        if column == gone:
            continue
        more = best == gone or rows.gain[column] > rows.gain[best]
        if more or (rows.gain[column] == rows.gain[best] and since[column] < since[best]):
            best = column
    return int(best)


@compiled
def _completed(
    covers: Covers, rows: Rows, raise_by: Ints, chosen: Ints, since: Ints, best: Ints, least: int, done: int, steps: int, seed: int
) -> int:  # fmt: skip
    """So many steps; ``best`` is overwritten by a plan that leaves less than ``least``, and what it leaves returned."""
    np.random.seed(seed)  # noqa: NPY002
    for step in range(done, done + steps):
        if least == 0:
            break
        place = _worst(rows, chosen, since)
        gone = chosen[place]
        _goes(covers, rows, gone)
        since[gone] = step
        column = _best(covers, rows, since, gone)
        _comes(covers, rows, column)
        since[column], chosen[place] = step, column
        if rows.missing[0] < least:
            least = rows.missing[0]
            best[:] = chosen
        for i in range(rows.number[0]):
            layer = rows.left[i]
            rows.dear[layer] += raise_by[layer]
            _raise(covers, rows, layer, raise_by[layer])
    return int(least)


def complete(model: CoverModel, start: Plan, known: Plan, steps: int, seed: int, work: Work) -> Plan:
    """The best plan of so many steps from a start, fewer when the work is stopped or all is covered, to pass a known plan.

    What is learnt of layers that are hard to cover ends with it: another start comes further than going on.
    """
    least = int(model.net.weight.sum()) - model.base - known.gain
    covers, chosen = _asked(model.net, least), start.current[start.current >= 0]
    rows = _rows(covers, FIRST * _raises(covers, least), chosen)
    best, done, since, left = chosen.copy(), 0, np.full(model.columns, -1, np.int64), int(rows.missing[0])
    while done < steps and left > 0 and not work.stopped:
        number, raise_by = min(STEPS_A_SLICE, steps - done), _raises(covers, min(left, least))
        left = _completed(covers, rows, raise_by, chosen, since, best, left, done, number, seed + done)
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
