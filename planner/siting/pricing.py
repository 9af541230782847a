"""Prices for a large model from its promising columns, and which columns those are.

At good prices nearly all columns are worth less than what is best in their group, and the subgradient of ``planner.siting.dual``
never picks them. So after a few rounds over all columns it runs on the part of the model that looks best, with the columns that
turn out to be missing added (column generation). What is proven is proven over all columns by ``bounds.bound_at``.
"""

from __future__ import annotations

import numpy as np

from planner.siting import dual
from planner.siting.bounds import bound_at, group_best, quick_worth, raised_weight
from planner.siting.model import CoverModel, Multipliers
from planner.siting.net import Floats, Ints
from planner.siting.part import Part, part_of
from planner.work import Work

SHORTLIST = 6_000  # columns that exchange search looks at
NEW_COLUMNS = 1_000  # added at once
LARGE = 20_000  # columns: in a smaller model all of them are always looked at
FIRST_ROUNDS, FIRST_PATIENCE = 75, 10  # over all columns of a large model
# shares of Polyak's step: from shares of the weights, from prices that are known, once columns were added
PACE, KNOWN_PACE, LATER_PACE = 0.6, 0.3, 0.1
# rounds without progress before the pace falls: one of so many rounds, and no more than so many
PATIENCE, PATIENT = 20, 40
COLUMNS, GENERATIONS = 1_500, 8  # of the part at first; how often columns are added
SLICE = 25  # rounds between two looks at the clock


def largest(values: Floats, most: int) -> Ints:
    """Positions of so many of the largest values, rising; ties go to the first."""
    if values.size <= most:
        return np.arange(values.size)
    least = np.partition(values, values.size - most)[values.size - most]
    above = np.flatnonzero(values > least)
    return np.union1d(above, np.flatnonzero(values == least)[: most - above.size])


def shortlist(model: CoverModel, multipliers: Multipliers, most: int = SHORTLIST) -> Ints:
    """The columns that look best at the prices of a bound, and all of the standing groups."""
    worth = quick_worth(model, multipliers)
    worth[model.net.group_keep[model.net.column_group] >= 0] = np.inf
    return largest(worth, most)


def missing(model: CoverModel, prices: Multipliers, columns: Ints) -> Ints:
    """Columns outside these that are worth more than the best of their group among them: so many of the worst."""
    net = model.net
    worth = quick_worth(model, prices)
    inside = np.full(model.columns, -np.inf)
    inside[columns] = worth[columns]
    excess = worth - group_best(model, inside)[net.column_group]
    excess[columns] = 0.0
    worst = largest(excess, NEW_COLUMNS)
    return np.asarray(worst[excess[worst] > 1e-7 * max(1.0, float(net.weight.max(initial=0)))], np.int64)


def spread(model: CoverModel, merged_of: Ints, rule: Floats, merged: Floats) -> Floats:
    """Prices of merged layers back on the model's layers, by weight.

    A layer that no column of the part covers is worth its whole weight to whoever covers it.
    """
    layer = raised_weight(model, rule)
    inside = merged_of >= 0
    to = merged_of[inside]
    together = np.bincount(to, layer[inside], merged.size)
    layer[inside] = merged[to] * layer[inside] / np.maximum(together[to], 1e-300)
    return layer


def inside(part: Part, prices: Multipliers) -> Multipliers:
    """The whole model's prices on a part's layers."""
    there = part.merged_of >= 0
    layer = np.bincount(part.merged_of[there], prices.layer[there], part.model.net.weight.size)
    return Multipliers(layer.astype(np.float64), prices.rule.copy(), prices.clique.copy())


def found_prices(
    model: CoverModel, gain: int, rounds: int, work: Work, start: Multipliers | None = None
) -> tuple[Multipliers, int]:
    """The best prices that as much work finds as so many rounds over all columns are, and the rounds done.

    ``gain`` is that of a known plan; ``start``: prices to begin with instead of shares of the weights.
    """
    whole = max(1, model.net.pattern_layer.size + model.columns)
    small = model.columns <= LARGE
    pace, patience = (PACE, max(FIRST_PATIENCE, rounds // PATIENT)) if start is None else (KNOWN_PACE, PATIENCE)
    first, patience = rounds, min(PATIENCE, patience)
    if not small:
        first, patience = min(rounds, FIRST_ROUNDS), FIRST_PATIENCE
    prices, done = _descended(model, start, gain, first, work, pace, patience)
    bound, left = bound_at(model, prices), float(rounds - done)
    columns = shortlist(model, prices, COLUMNS)
    for _ in range(GENERATIONS if not small else 0):
        part = part_of(model, columns)
        share = (part.model.net.pattern_layer.size + part.columns.size) / whole
        inner, used = _descended(part.model, inside(part, prices), gain, int(left / share), work, pace)
        left, done, pace = left - used * share, done + used, LATER_PACE
        tried = Multipliers(spread(model, part.merged_of, inner.rule, inner.layer), inner.rule, inner.clique)
        proven = bound_at(model, tried)
        if proven < bound:
            prices, bound = tried, proven
        new = missing(model, tried, part.columns)
        if not new.size or left < SLICE or work.stopped:
            break
        columns = np.union1d(columns, new)
    return min((prices, dual.free(model)), key=lambda p: bound_at(model, p)), done


def _descended(
    model: CoverModel,
    start: Multipliers | None,
    gain: int,
    rounds: int,
    work: Work,
    pace: float,
    patience: int = PATIENCE,
) -> tuple[Multipliers, int]:
    """The best prices of so many rounds (fewer when they stand still or the work is stopped), and the rounds done."""
    track, done, lines = dual.begin(model, start), 0, dual.money_lines(model)
    while done < rounds and pace >= dual.SLOWEST:
        number = min(SLICE, rounds - done)
        pace = dual.descend(model.net, track, lines, number, float(gain + model.base), pace, patience)
        done += number
        work.step("siting_bound", done, rounds)
        if work.stopped:
            break
    return dual.found(track), done
