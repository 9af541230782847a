"""The dual bound: prices on layers, rules and cliques; groups solved exactly; valid at any time.

Model (symbols of ``design`` -> code): x_c in {0, 1} columns, y_l in [0, 1] layers, w_l ``net.weight``, a_rc
``net.use_amount``, b_r ``net.limit``, group(c), d(l) the floor rule of a layer.

    maximise   sum_l w_l y_l
    subject to y_l <= sum of x_c over columns covering l                      price u_l >= 0
               sum_c a_rc x_c - [r is a floor] sum_{d(l) = r} w_l y_l <= b_r   price mu_r >= 0
               sum of x_c over the installs of a clique <= 1                  price nu_k >= 0
               one column per standing group, at most one per other group

For any prices >= 0 the Lagrangian

    L(u, mu, nu) = sum_l max(0, w_l (1 + mu_d(l)) - u_l) + sum_groups max(0 or over c: sum_{l in c} u_l - sum_r mu_r a_rc
                   - sum_k nu_k) + sum_r mu_r b_r + sum_k nu_k

is at least the optimum (0 stands in the maximum only where nothing need be chosen). L is minimised by a deflected
Polyak subgradient from u = w / 2 (Held, Wolfe and Crowder 1974; ``facts``: the start at w / 2 matters), while the prices
of own capital and running cost are minimised exactly along their own line in every round.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from planner.siting.kernels import Codes, Floats, Net, compiled
from planner.siting.model import CoverModel, Multipliers

SAFETY = 1e-9  # relative, of the sum of absolute terms: far above the rounding of a sum in double precision


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
def _column_worth(net: Net, layer: Floats, rule: Floats, clique: Floats, lines: Codes) -> tuple[Floats, Floats]:
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


@compiled
def _pick(net: Net, worth: Floats, amount: Floats, price: float, pick: Codes) -> tuple[float, float]:
    """The best column of each group at a price: total worth and total amount; ``pick`` is filled."""
    total, used = 0.0, 0.0
    for g in range(pick.size):
        best, most = np.int32(-1), 0.0
        for c in range(net.group_start[g], net.group_start[g + 1]):
            value = worth[c] - price * amount[c]
            if value > most or (best < 0 and net.group_keep[g] >= 0):
                best, most = np.int32(c), value
        pick[g] = best
        total += most
        if best >= 0:
            used += amount[best]
    return total, used


@compiled
def _line(
    net: Net, worth: Floats, amount: Floats, limit: float, price: float, steps: int, pick: Codes
) -> tuple[float, float, float, float]:
    """Minimise total(price) + price limit over price >= 0: bracket and the amounts used at its ends."""
    _, used = _pick(net, worth, amount, 0.0, pick)
    if used <= limit:
        return 0.0, 0.0, used, used
    low, used_low = 0.0, used
    high = price * 1.1
    if high <= 0.0:
        high = worth.max() / max(1.0, amount.max())
    if price > 0.0:
        _, used = _pick(net, worth, amount, price * 0.9, pick)
        if used > limit:
            low, used_low = price * 0.9, used
    _, used = _pick(net, worth, amount, high, pick)
    for _ in range(60):
        if used <= limit:
            break
        low, used_low = high, used
        high *= 2.0
        _, used = _pick(net, worth, amount, high, pick)
    used_high = used
    for _ in range(steps):
        middle = 0.5 * (low + high)
        _, used = _pick(net, worth, amount, middle, pick)
        if used > limit:
            low, used_low = middle, used
        else:
            high, used_high = middle, used
    return low, high, used_low, used_high


@compiled
def _tally(net: Net, pick: Codes, share: float, covered: Floats, used: Floats, crowd: Floats) -> None:
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


@compiled
def _evaluate(net: Net, track: Track, lines: Codes, steps: int, covered: Floats, used: Floats, crowd: Floats) -> float:
    """L at the current prices (money prices moved to their best), and the subproblem's solution."""
    worth, amount = _column_worth(net, track.layer, track.rule, track.clique, lines)
    pick = np.empty(net.group_keep.size, np.int32)
    low = high = used_low = used_high = 0.0
    for i in range(lines.size - 1, -1, -1):  # own capital (line 0) last: it is met exactly
        rest = worth.copy()
        for j in range(lines.size):
            if j != i:
                rest -= track.rule[lines[j]] * amount[j]
        limit = float(net.limit[lines[i]])
        low, high, used_low, used_high = _line(net, rest, amount[i], limit, track.rule[lines[i]], steps, pick)
        track.rule[lines[i]] = high
        if i == 0:
            share = 1.0
            total, _ = _pick(net, rest, amount[0], high, pick)
            if used_low > used_high and used_low > limit:
                share = (used_low - limit) / (used_low - used_high)
            _tally(net, pick, share, covered, used, crowd)
            if share < 1.0:
                _pick(net, rest, amount[0], low, pick)
                _tally(net, pick, 1.0 - share, covered, used, crowd)
            bound = total
    for layer in range(net.weight.size):
        weight = float(net.weight[layer])
        if net.floor[layer] >= 0:
            weight *= 1.0 + track.rule[net.floor[layer]]
        bound += max(0.0, weight - track.layer[layer])
    for r in range(net.limit.size):
        bound += track.rule[r] * net.limit[r]
    return bound + track.clique.sum()


@compiled
def _move_layers(net: Net, track: Track, covered: Floats, room: float, keep: float) -> None:
    """One deflected Polyak step of the layer prices, held within [0, weight]."""
    norm = 0.0
    for layer in range(net.weight.size):
        way = keep * track.way[layer] + (1.0 - keep) * (covered[layer] - 1.0)
        track.way[layer] = way
        top = float(net.weight[layer])
        if net.floor[layer] >= 0:
            top *= 1.0 + track.rule[net.floor[layer]]
        if not ((track.layer[layer] >= top and way < 0) or (track.layer[layer] <= 0 and way > 0)):
            norm += way * way
    if norm < 1e-12:
        return
    for layer in range(net.weight.size):
        top = float(net.weight[layer])
        if net.floor[layer] >= 0:
            top *= 1.0 + track.rule[net.floor[layer]]
        track.layer[layer] = min(top, max(0.0, track.layer[layer] - room / norm * track.way[layer]))


@compiled
def _move_rules(
    net: Net, track: Track, lines: Codes, covered: Floats, used: Floats, crowd: Floats, room: float, size: float
) -> None:
    """Polyak steps of the prices of the other rules, of the floors and of the cliques, each block for itself."""
    served = np.zeros(net.limit.size)
    is_floor = np.zeros(net.limit.size, np.bool_)
    for layer in range(net.weight.size):
        r = net.floor[layer]
        if r >= 0:
            is_floor[r] = True
            top = net.weight[layer] * (1.0 + track.rule[r])
            part = min(1.0, track.layer[layer] / top) if top > 0 else 0.0
            served[r] += net.weight[layer] * (1.0 - part + part * min(1.0, covered[layer]))
    slope = np.zeros(net.limit.size)
    scale = np.zeros(net.limit.size)
    norm = 0.0
    for r in range(net.limit.size):
        if (lines == r).any():
            continue
        slope[r] = used[r] - served[r] - net.limit[r]
        scale[r] = 1.0 if is_floor[r] else size / max(1.0, abs(float(net.limit[r])))
        if track.rule[r] > 0 or slope[r] > 0:
            norm += (scale[r] * slope[r]) ** 2
    for r in range(net.limit.size):
        if norm > 1e-12 and scale[r] > 0:
            old = track.rule[r]
            track.rule[r] = max(0.0, old + room / norm * scale[r] ** 2 * slope[r])
            if is_floor[r]:
                for layer in range(net.weight.size):
                    if net.floor[layer] == r:
                        track.layer[layer] *= (1.0 + track.rule[r]) / (1.0 + old)
    norm = 0.0
    for k in range(net.cliques):
        if track.clique[k] > 0 or crowd[k] > 1.0:
            norm += (crowd[k] - 1.0) ** 2
    for k in range(net.cliques):
        if norm > 1e-12:
            track.clique[k] = max(0.0, track.clique[k] + room / norm * (crowd[k] - 1.0))


@compiled
def descend(net: Net, track: Track, lines: Codes, rounds: int, target: float, pace: float, patience: int) -> float:
    """Some rounds of the subgradient; the pace is halved after ``patience`` rounds without progress; returned."""
    since = 0
    size = max(1.0, abs(target))
    for _ in range(rounds):
        covered = np.zeros(net.weight.size)
        used = np.zeros(net.limit.size)
        crowd = np.zeros(net.cliques)
        bound = _evaluate(net, track, lines, 8, covered, used, crowd)
        since = 0 if bound < track.best[0] - 1e-5 * abs(track.best[0]) else since + 1
        if bound < track.best[0]:
            track.best[0] = bound
            track.best_layer[:] = track.layer
            track.best_rule[:] = track.rule
            track.best_clique[:] = track.clique
        if since >= patience:
            pace *= 0.5
            since = 0
            track.layer[:] = track.best_layer
            track.rule[:] = track.best_rule
            track.clique[:] = track.best_clique
            track.way[:] = 0.0
            continue
        if pace < 1e-3:
            break
        room = pace * max(bound - target, 1e-6 * size)
        _move_layers(net, track, covered, room, 0.3)
        _move_rules(net, track, lines, covered, used, crowd, room, size)
    return pace


def begin(model: CoverModel, start: Multipliers | None = None) -> Track:
    """A track at given prices, or at half the weight of each layer."""
    net = model.net
    if start is None:
        start = Multipliers(net.weight / 2.0, np.zeros(net.limit.size), np.zeros(net.cliques))
    now = [start.layer.copy(), start.rule.copy(), start.clique.copy()]
    best = np.array([np.inf])
    return Track(*now, *(a.copy() for a in now), np.zeros(net.weight.size), best)


def money_lines(model: CoverModel) -> Codes:
    """The rules whose prices are minimised exactly in each round: own capital first."""
    return np.array(
        [i for i, name in enumerate(model.rules) if name in ("municipality_budget", "running_budget")], np.int32
    )


def found(track: Track) -> Multipliers:
    """The best prices so far."""
    return Multipliers(track.best_layer.copy(), track.best_rule.copy(), track.best_clique.copy())


def group_best(model: CoverModel, worth: Floats) -> Floats:
    """Per group the best worth of its columns (at least 0 where nothing need be chosen)."""
    net = model.net
    if not worth.size:
        return np.zeros(0)
    best = np.maximum.reduceat(worth, net.group_start[:-1])
    return np.where(net.group_keep < 0, np.maximum(best, 0.0), best)


def column_worth(model: CoverModel, prices: Multipliers) -> Floats:
    """Per column: priced cover less priced rules and cliques, by plain numpy."""
    net = model.net
    sums = np.concatenate([[0.0], np.cumsum(prices.layer[net.pattern_layer])])
    cover = sums[net.pattern_start[1:]] - sums[net.pattern_start[:-1]]
    paid = np.bincount(
        np.repeat(np.arange(model.columns), np.diff(net.use_start)),
        weights=prices.rule[net.use_rule] * net.use_amount,
        minlength=model.columns,
    )
    toll = np.bincount(
        np.repeat(np.arange(net.group_keep.size), np.diff(net.clique_start)),
        weights=prices.clique[net.clique_of],
        minlength=net.group_keep.size,
    )
    return np.asarray(cover[net.column_pattern] - paid - toll[net.column_group] * net.column_spaced, np.float64)


def bound_at(model: CoverModel, multipliers: Multipliers, municipality_yen: int | None = None) -> int:
    """The bound on the gain over all-keep that given prices prove, recomputed from the model alone.

    Parameters
    ----------
    model
        The covering model.
    multipliers
        Any prices; negative ones are raised to 0 (the bound is valid for every choice).
    municipality_yen
        Another own-capital limit than the model's.

    Returns
    -------
    int
        Rounded outward by ``SAFETY`` times the sum of absolute terms, then down to a whole unit, which is valid
        because all weights are whole.
    """
    net = model.net
    prices = Multipliers(*(np.maximum(p, 0.0) for p in (multipliers.layer, multipliers.rule, multipliers.clique)))
    limit = net.limit.astype(np.float64)
    if municipality_yen is not None:
        limit[0] = municipality_yen
    raised = net.weight * (1.0 + np.where(net.floor >= 0, prices.rule[np.maximum(net.floor, 0)], 0.0))
    groups = group_best(model, column_worth(model, prices))
    terms = (np.maximum(raised - prices.layer, 0.0), groups, prices.rule * limit, prices.clique)
    total = sum(float(t.sum()) for t in terms)
    scale = sum(float(np.abs(t).sum()) for t in terms) + float(prices.layer[net.pattern_layer].sum())
    return int(np.floor(total + SAFETY * scale)) - model.base


def line_bounds(model: CoverModel, multipliers: Multipliers, budgets: list[int]) -> list[int]:
    """``bound_at`` at other own-capital limits, the price of own capital re-fitted to each."""
    lines = money_lines(model)[:1]
    clear = multipliers.rule.copy()
    clear[0] = 0.0
    worth, amount = _column_worth(model.net, multipliers.layer, clear, multipliers.clique, lines)
    pick = np.empty(model.net.group_keep.size, np.int32)
    bounds, price = [], float(multipliers.rule[0])
    for budget in budgets:
        _, price, _, _ = _line(model.net, worth, amount[0], float(budget), price, 25, pick)
        rule = multipliers.rule.copy()
        rule[0] = price
        bounds.append(bound_at(model, Multipliers(multipliers.layer, rule, multipliers.clique), budget))
    return bounds
