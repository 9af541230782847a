"""The dual bound: prices on layers, rules and cliques; groups solved exactly; valid at any time.

Model (symbol -> code): x_c in {0, 1} columns, y_l in [0, 1] layers, w_l ``net.weight``, a_rc
``net.use_amount``, b_r ``net.limit``, group(c), d(l) the floor rule of a layer, n_l ``net.need``.

    maximise   sum_l w_l y_l
    subject to y_l <= sum of x_c over columns covering l                      price u_l >= 0
               sum_c a_rc x_c - [r is a floor] sum_{d(l) = r} n_l y_l <= b_r   price mu_r >= 0
               sum of x_c over the installs of a clique <= 1                  price nu_k >= 0
               one column per standing group, at most one per other group

For any prices >= 0 the Lagrangian

    L(u, mu, nu) = sum_l max(0, w_l + mu_d(l) n_l - u_l) + sum_groups max(0 or over c: sum_{l in c} u_l - sum_r mu_r a_rc
                   - sum_k nu_k) + sum_r mu_r b_r + sum_k nu_k

is at least the optimum (0 stands in the maximum only where nothing need be chosen). L is minimised by a deflected
Polyak subgradient (Held, Wolfe and Crowder 1974) from the share of w in ``STARTS`` that proves most at once (w / 2 where
a plan covers much of the weight, w where the budget buys little of it), while the prices of own capital and running cost
are minimised along their own line in every round, by bisection.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from planner.siting.model import CoverModel, Multipliers
from planner.siting.net import Floats, Ints, Net, compiled, inner

STARTS = (0.5, 0.75, 1.0)
STEP_DOWN = 0.85  # a money price falls by no more than this in one round, so that most columns need no look
SLOWEST = 1e-3  # of the pace: below it the dual stands still
LINE_STEPS, FIT_STEPS = 8, 20  # of bisection of a money price: in a round, and where it alone is fitted
DOUBLINGS = 60  # of a money price until it is too dear: more than any price needs
PROGRESS = 1e-5  # of the bound: a round that lowers it by less is one without progress
KEEP_WAY, FALL = 0.7, 0.6  # of the deflection: share of the old direction; of the pace: after rounds without progress


class Track(NamedTuple):
    """What the subgradient carries from round to round."""

    layer: Floats
    rule: Floats
    clique: Floats
    best_layer: Floats
    best_rule: Floats
    best_clique: Floats
    way: Floats  # deflected direction of the layer prices
    best: Floats  # one number


@compiled
def worth_by_column(net: Net, layer: Floats, rule: Floats, clique: Floats, lines: Ints) -> tuple[Floats, Floats]:
    """Per column its priced cover less the rules not in ``lines``; and its amounts of those (lines x columns)."""
    worth = np.zeros(net.column_pattern.size)
    amount = np.zeros((lines.size, net.column_pattern.size))
    cover = np.zeros(net.pattern_start.size - 1)
    for p in range(cover.size):
        total = 0.0
        for k in range(net.pattern_start[p], net.pattern_start[p + 1]):
            total += layer[net.pattern_layer[k]]
        cover[p] = total
    toll = np.zeros(net.group_keep.size)
    for g in range(toll.size):
        for k in range(net.clique_start[g], net.clique_start[g + 1]):
            toll[g] += clique[net.clique_of[k]]
    for c in range(worth.size):
        total = cover[net.column_pattern[c]]
        if net.column_spaced[c]:
            total -= toll[net.column_group[c]]
        for k in range(net.use_start[c], net.use_start[c + 1]):
            r = net.use_rule[k]
            inside = False
            for i in range(lines.size):
                if lines[i] == r:
                    amount[i, c] = net.use_amount[k]
                    inside = True
            if not inside:
                total -= rule[r] * net.use_amount[k]
        worth[c] = total
    return worth, amount


@inner
def _promising(net: Net, worth: Floats, amount: Floats, low: Floats) -> tuple[Ints, Ints]:
    """Columns that can be best of their group while each line's price is at least ``low``: group -> columns."""
    start = np.zeros(net.group_keep.size + 1, np.int64)
    columns = np.empty(worth.size, np.int64)
    number = 0
    for g in range(net.group_keep.size):
        for c in range(net.group_start[g], net.group_start[g + 1]):
            most = worth[c]
            for i in range(low.size):
                most -= low[i] * amount[i, c]
            # saving columns gain with the price, so only columns that use all lines can be ruled out
            saves = False
            for i in range(low.size):
                saves = saves or amount[i, c] < 0
            if most > 0.0 or saves or net.group_keep[g] >= 0:
                columns[number] = c
                number += 1
        start[g + 1] = number
    return start, columns[:number]


@inner
def _pick(
    net: Net, start: Ints, columns: Ints, worth: Floats, amount: Floats, price: float, pick: Ints
) -> tuple[float, float]:
    """The best column of each group at a price: total worth and total amount; ``pick`` is filled."""
    total, used = 0.0, 0.0
    for g in range(pick.size):
        best, most = -1, 0.0
        for k in range(start[g], start[g + 1]):
            c = columns[k]
            value = worth[c] - price * amount[c]
            if value > most or (best < 0 and net.group_keep[g] >= 0):
                best, most = c, value
        pick[g] = best
        total += most
        if best >= 0:
            used += amount[best]
    return total, used


@inner
def _line(
    net: Net,
    start: Ints,
    columns: Ints,
    worth: Floats,
    amount: Floats,
    limit: float,
    price: float,
    least: float,
    steps: int,
    pick: Ints,
) -> tuple[float, float, float, float]:
    """Minimise total(price) + price limit over price >= least: bracket and the amounts used at its ends."""
    _, used = _pick(net, start, columns, worth, amount, least, pick)
    if used <= limit:
        return least, least, used, used
    low, used_low = least, used
    high = price * 1.1
    if high <= 0.0:
        for c in columns:
            if amount[c] > 0:
                high = max(high, worth[c] / amount[c])
        high = max(high, 1e-12)
    _, used = _pick(net, start, columns, worth, amount, high, pick)
    for _ in range(DOUBLINGS):
        if used <= limit:
            break
        low, used_low = high, used
        high *= 2.0
        _, used = _pick(net, start, columns, worth, amount, high, pick)
    used_high = used
    for _ in range(steps):
        middle = 0.5 * (low + high)
        _, used = _pick(net, start, columns, worth, amount, middle, pick)
        if used > limit:
            low, used_low = middle, used
        else:
            high, used_high = middle, used
    return low, high, used_low, used_high


@inner
def _copy(source: Floats, target: Floats) -> None:
    """Element by element (array assignment takes seconds to compile)."""
    for i in range(source.size):
        target[i] = source[i]


@inner
def _tally(net: Net, pick: Ints, share: float, covered: Floats, used: Floats, crowd: Floats) -> None:
    """Add a share of the picked columns to cover, rule uses and cliques."""
    for g in range(pick.size):
        c = pick[g]
        if c < 0:
            continue
        p = net.column_pattern[c]
        for k in range(net.pattern_start[p], net.pattern_start[p + 1]):
            covered[net.pattern_layer[k]] += share
        for k in range(net.use_start[c], net.use_start[c + 1]):
            used[net.use_rule[k]] += share * net.use_amount[k]
        if net.column_spaced[c]:
            for k in range(net.clique_start[g], net.clique_start[g + 1]):
                crowd[net.clique_of[k]] += share


@inner
def _evaluate(net: Net, track: Track, lines: Ints, steps: int, covered: Floats, used: Floats, crowd: Floats) -> float:
    """L at the current prices (money prices moved along their lines), and the subproblem's solution."""
    worth, amount = worth_by_column(net, track.layer, track.rule, track.clique, lines)
    least = np.zeros(lines.size)
    for i in range(lines.size):
        least[i] = STEP_DOWN * track.rule[lines[i]]
    start, columns = _promising(net, worth, amount, least)
    pick = np.empty(net.group_keep.size, np.int64)
    rest = np.empty(worth.size)
    bound = 0.0
    # own capital (line 0) last: the plans at both ends of its bracket are mixed to meet it
    for i in range(lines.size - 1, -1, -1):
        for c in columns:
            rest[c] = worth[c]
            for j in range(lines.size):
                if j != i:
                    rest[c] -= track.rule[lines[j]] * amount[j, c]
        limit, price = float(net.limit[lines[i]]), track.rule[lines[i]]
        low, high, used_low, used_high = _line(
            net, start, columns, rest, amount[i], limit, price, least[i], steps, pick
        )
        track.rule[lines[i]] = high
        if i == 0:
            share = 1.0
            bound, _ = _pick(net, start, columns, rest, amount[0], high, pick)
            if used_low > used_high and used_low > limit:
                share = (used_low - limit) / (used_low - used_high)
            _tally(net, pick, share, covered, used, crowd)
            if share < 1.0:
                _pick(net, start, columns, rest, amount[0], low, pick)
                _tally(net, pick, 1.0 - share, covered, used, crowd)
    for layer in range(net.weight.size):
        weight = float(net.weight[layer])
        if net.floor[layer] >= 0:
            weight += track.rule[net.floor[layer]] * net.need[layer]
        bound += max(0.0, weight - track.layer[layer])
    for r in range(net.limit.size):
        bound += track.rule[r] * net.limit[r]
    for k in range(net.cliques):
        bound += track.clique[k]
    return bound


@compiled
def best_prices(net: Net, worth: Floats, amount: Floats, budgets: Floats, price: float, least: float) -> Floats:
    """The price of own capital, not below ``least``, that proves most at each budget, all other prices fixed."""
    pick = np.empty(net.group_keep.size, np.int64)
    low = np.full(1, least)
    start, columns = _promising(net, worth, amount, low)
    best = np.zeros(budgets.size)
    for i in range(budgets.size):
        _, price, _, _ = _line(net, start, columns, worth, amount[0], budgets[i], price, least, FIT_STEPS, pick)
        best[i] = price
    return best


@inner
def _move_layers(net: Net, track: Track, covered: Floats, room: float, keep: float) -> None:
    """One deflected Polyak step of the layer prices, held within [0, weight]."""
    norm = 0.0
    for layer in range(net.weight.size):
        way = keep * track.way[layer] + (1.0 - keep) * (covered[layer] - 1.0)
        track.way[layer] = way
        top = float(net.weight[layer])
        if net.floor[layer] >= 0:
            top += track.rule[net.floor[layer]] * net.need[layer]
        if not ((track.layer[layer] >= top and way < 0) or (track.layer[layer] <= 0 and way > 0)):
            norm += way * way
    if norm < 1e-12:
        return
    for layer in range(net.weight.size):
        top = float(net.weight[layer])
        if net.floor[layer] >= 0:
            top += track.rule[net.floor[layer]] * net.need[layer]
        track.layer[layer] = min(top, max(0.0, track.layer[layer] - room / norm * track.way[layer]))


@inner
def _move_rules(
    net: Net, track: Track, lines: Ints, covered: Floats, used: Floats, crowd: Floats, room: float, size: float
) -> None:
    """Polyak steps of the prices of the other rules, of the floors and of the cliques, each block for itself."""
    served = np.zeros(net.limit.size)
    is_floor = np.zeros(net.limit.size, np.bool_)
    foreign = np.zeros(net.limit.size, np.bool_)  # a floor in another unit than the weights
    for layer in range(net.weight.size):
        r = net.floor[layer]
        if r >= 0:
            is_floor[r] = True
            foreign[r] = foreign[r] or net.need[layer] != net.weight[layer]
            top = net.weight[layer] + track.rule[r] * net.need[layer]
            part = min(1.0, track.layer[layer] / top) if top > 0 else 0.0
            served[r] += net.need[layer] * (1.0 - part + part * min(1.0, covered[layer]))
    exact = np.zeros(net.limit.size, np.bool_)
    slope = np.zeros(net.limit.size)
    scale = np.zeros(net.limit.size)
    norm = 0.0
    for i in range(lines.size):
        exact[lines[i]] = True
    for r in range(net.limit.size):
        if exact[r]:
            continue
        slope[r] = used[r] - served[r] - net.limit[r]
        scale[r] = 1.0 if is_floor[r] and not foreign[r] else size / max(1.0, abs(float(net.limit[r])))
        if track.rule[r] > 0 or slope[r] > 0:
            norm += (scale[r] * slope[r]) ** 2
    for r in range(net.limit.size):
        if norm > 1e-12 and scale[r] > 0:
            old = track.rule[r]
            track.rule[r] = max(0.0, old + room / norm * scale[r] ** 2 * slope[r])
            if is_floor[r]:
                for layer in range(net.weight.size):
                    if net.floor[layer] == r:
                        before = net.weight[layer] + old * net.need[layer]
                        after = net.weight[layer] + track.rule[r] * net.need[layer]
                        track.layer[layer] = track.layer[layer] / before * after if before > 0 else 0.5 * after
    norm = 0.0
    for k in range(net.cliques):
        if track.clique[k] > 0 or crowd[k] > 1.0:
            norm += (crowd[k] - 1.0) ** 2
    for k in range(net.cliques):
        if norm > 1e-12:
            track.clique[k] = max(0.0, track.clique[k] + room / norm * (crowd[k] - 1.0))


@compiled
def descend(net: Net, track: Track, lines: Ints, rounds: int, target: float, pace: float, patience: int) -> float:
    """Some rounds of the subgradient; the pace is halved after ``patience`` rounds without progress; returned."""
    since = 0
    size = max(1.0, abs(target))
    for _ in range(rounds):
        covered = np.zeros(net.weight.size)
        used = np.zeros(net.limit.size)
        crowd = np.zeros(net.cliques)
        bound = _evaluate(net, track, lines, LINE_STEPS, covered, used, crowd)
        since = 0 if bound < track.best[0] - PROGRESS * abs(track.best[0]) else since + 1
        if bound < track.best[0]:
            track.best[0] = bound
            _copy(track.layer, track.best_layer)
            _copy(track.rule, track.best_rule)
            _copy(track.clique, track.best_clique)
        if since >= patience:
            pace *= FALL
            since = 0
            _copy(track.best_layer, track.layer)
            _copy(track.best_rule, track.rule)
            _copy(track.best_clique, track.clique)
            _copy(np.zeros(track.way.size), track.way)
            continue
        if pace < SLOWEST:
            break
        room = pace * max(bound - target, 1e-6 * size)
        _move_layers(net, track, covered, room, KEEP_WAY)
        _move_rules(net, track, lines, covered, used, crowd, room, size)
    return pace


def begin(model: CoverModel, start: Multipliers | None = None) -> Track:
    """A track at given prices, or at that share of the layers' weights that proves most at once."""
    net = model.net
    if start is not None:
        return _track(model, start)
    tracks = [
        _track(model, Multipliers(share * net.weight, np.zeros(net.limit.size), np.zeros(net.cliques)))
        for share in STARTS
    ]
    for track in tracks:
        descend(net, track, money_lines(model), 1, 0.0, 0.0, 2)
    return min(tracks, key=lambda track: float(track.best[0]))


def _track(model: CoverModel, start: Multipliers) -> Track:
    """A track at given prices."""
    now = [start.layer.copy(), start.rule.copy(), start.clique.copy()]
    return Track(*now, *(a.copy() for a in now), np.zeros(model.net.weight.size), np.array([np.inf]))


def money_lines(model: CoverModel) -> Ints:
    """The rules whose prices are minimised along their own line in each round: own capital first."""
    return np.array(
        [i for i, name in enumerate(model.rules) if name in ("municipality_budget", "running_budget")], np.int32
    )


def free(model: CoverModel) -> Multipliers:
    """Prices of nothing: they prove that no plan covers more than all there is."""
    net = model.net
    return Multipliers(np.zeros(net.weight.size), np.zeros(net.limit.size), np.zeros(net.cliques))


def found(track: Track) -> Multipliers:
    """The best prices so far."""
    return Multipliers(track.best_layer.copy(), track.best_rule.copy(), track.best_clique.copy())
