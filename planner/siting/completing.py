"""What all but a little is covered: search that makes every layer left dearer, until some plan covers it.

The model is the plain one (``planner.siting.exchanging``). Where nearly all can be covered, the layers left weigh next to nothing
beside those that an exchange moves, so that search by weight sees no difference between plans. Here layers weigh nearly the same at
first, and after every step those left weigh more (row weighting for set covering, Gao, Weise and Li 2015); those lighter than the
mean by less, so that what is left in the end is light:

    maximise sum_l u_l y_l       ``net.weight`` (u_l, raised by r_l a step), ``State``
    watched  sum_l w_l y_l       ``weight`` (w_l, the model's own), ``Left.missing``
    r_l = min(1, w_l / mean)     ``raise_by``, in parts of FINE

A step takes out the column that loses least of u (not one that has just come) and puts in, of the columns that cover a random
layer left, the one that gains most; equals go by how long they have been where they are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from planner.siting import kernels
from planner.siting.exchanging import is_plain
from planner.siting.model import CoverModel
from planner.siting.net import NONE, Ints, Net, State, compiled, inner, switch
from planner.siting.search import Plan
from planner.work import Work

# share of all weight that is left: where the best plans leave more (5e-4), search by weight finds better ones
LITTLE = 3e-4
STEPS_A_SLICE = 5_000  # between two looks at the clock
FINE = 1_000  # parts of what a step adds to a layer of the mean weight or more
FIRST = 2  # what a layer weighs at first, in what a step adds to it
REST = 3  # steps that a column stays once it has come


class Left(NamedTuple):
    """The layers that a plan leaves."""

    layers: Ints  # the first ``number`` of them
    place: Ints  # per layer: where it stands among them (-1: covered)
    number: Ints  # one number
    missing: Ints  # one number: their weight in the model


def is_near(model: CoverModel, plan: Plan) -> bool:
    """Whether equals cover all but a little."""
    all_of_it = int(model.net.weight.sum()) - model.base
    return is_plain(model.net) and all_of_it - plan.gain <= LITTLE * all_of_it


@inner
def _noted(net: Net, state: State, weight: Ints, left: Left, column: int | np.int64) -> None:
    """What a column that came or went changes of the layers left."""
    for k in range(net.pattern_start[column], net.pattern_start[column + 1]):
        layer = net.pattern_layer[k]
        at, number = left.place[layer], left.number[0]
        if state.times[layer] == 0 and at < 0:
            left.layers[number], left.place[layer] = layer, number
            left.number[0] += 1
            left.missing[0] += weight[layer]
        elif state.times[layer] > 0 and at >= 0:
            last = left.layers[number - 1]
            left.layers[at], left.place[last], left.place[layer] = last, at, -1
            left.number[0] -= 1
            left.missing[0] -= weight[layer]


@inner
def _goes(state: State, chosen: Ints, since: Ints, step: int | np.int64) -> int:
    """The place of the column that loses least and has been there longest, but REST steps at least."""
    out, least = -1, np.int64(0)
    for place in range(chosen.size):
        column = chosen[place]
        loss = state.loss[column]
        if since[column] + REST > step:
            continue
        if out < 0 or loss < least or (loss == least and since[column] < since[chosen[out]]):
            out, least = place, loss
    return out if out >= 0 else np.random.randint(chosen.size)  # noqa: NPY002 - compiled code has only this generator


@inner
def _comes(net: Net, state: State, left: Left, since: Ints, gone: int | np.int64) -> int:
    """Of the columns that cover a random layer left, heavy ones more often, the one that gains most and has been away longest."""
    total = np.int64(0)
    for i in range(left.number[0]):
        total += net.weight[left.layers[i]]
    drawn, layer = np.random.random() * total, left.layers[0]  # noqa: NPY002
    for i in range(left.number[0]):
        layer = left.layers[i]
        drawn -= net.weight[layer]
        if drawn < 0:
            break
    best = NONE
    for k in range(net.layer_start[layer], net.layer_start[layer + 1]):
        column = net.layer_pattern[k]
        if column == gone:
            continue
        more = best < 0 or state.gain[column] > state.gain[best]
        if more or (state.gain[column] == state.gain[best] and since[column] < since[best]):
            best = column
    return int(best) if best >= 0 else int(gone)


@compiled
def _completed(
    net: Net, state: State, weight: Ints, raise_by: Ints, left: Left, chosen: Ints, since: Ints, best: Ints, least: int, done: int,
    steps: int, seed: int,
) -> int:  # fmt: skip
    """So many steps; ``best`` is overwritten by a plan that leaves less than ``least``, and what it leaves returned."""
    np.random.seed(seed)  # noqa: NPY002
    for step in range(done, done + steps):
        if least == 0:
            break
        place = _goes(state, chosen, since, step)
        gone = chosen[place]
        switch(net, state, net.column_group[gone], NONE)
        _noted(net, state, weight, left, gone)
        since[gone] = step
        column = _comes(net, state, left, since, gone)
        switch(net, state, net.column_group[column], column)
        _noted(net, state, weight, left, column)
        since[column], chosen[place] = step, column
        if left.missing[0] < least:
            least = left.missing[0]
            best[:] = chosen
        for i in range(left.number[0]):
            layer = left.layers[i]
            net.weight[layer] += raise_by[layer]
            for k in range(net.layer_start[layer], net.layer_start[layer + 1]):
                state.gain[net.layer_pattern[k]] += raise_by[layer]
    return int(least)


def complete(model: CoverModel, start: Plan, steps: int, seed: int, work: Work) -> Plan:
    """The best plan of so many steps from a start, fewer when the work is stopped or all is covered.

    What is learnt of layers that are hard to cover ends with it: another start comes further than going on.
    """
    weight, chosen = model.net.weight, start.current[start.current >= 0]
    raise_by = np.maximum(1, np.rint(FINE * np.minimum(1.0, weight / weight.mean()))).astype(np.int64)
    net = model.net._replace(weight=FIRST * raise_by)
    state = kernels.opened(net, start.current, chosen)
    left, since = _left_of(state, weight), np.full(model.columns, -REST, np.int64)
    best, done, least = chosen.copy(), 0, int(left.missing[0])
    while done < steps and least > 0 and not work.stopped:
        number = min(STEPS_A_SLICE, steps - done)
        least = _completed(net, state, weight, raise_by, left, chosen, since, best, least, done, number, seed + done)
        done += number
    current = np.full_like(start.current, -1)
    current[best] = best
    return replace(start, current=current, gain=int(weight.sum()) - least)


def _left_of(state: State, weight: Ints) -> Left:
    """The layers that a plan leaves."""
    layers = np.flatnonzero(state.times == 0)
    room, place = np.zeros(weight.size, np.int64), np.full(weight.size, -1, np.int64)
    room[: layers.size] = layers
    place[layers] = np.arange(layers.size)
    return Left(room, place, np.array([layers.size], np.int64), np.array([weight[layers].sum()], np.int64))
