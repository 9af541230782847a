"""Cuts of three layers: what no plan can do with half columns, as rows of the linear program, and the bound that they prove.

Symbols as in ``planner.siting.dual``. The linear program covers three layers whole by half a column between each two of them, which pays
for one and a half columns what takes two. For any three layers S and ``a_c`` of them that column c covers, every plan keeps

    sum_{l in S} y_l - sum_c ceil(a_c / 2) x_c <= 1                               price sigma_S >= 0

since one column that covers some of S, but not all, covers two at most: half the sum of ``y_l <= sum x_c`` and of ``y_l <= 1``, rounded
down. With these prices

    L = sum_l max(0, w_l + mu_d(l) n_l - u_l - sum_{S with l} sigma_S)
        + sum_groups max(0 or over c: sum_{l in c} u_l + sum_S ceil(a_c / 2) sigma_S - sum_r mu_r a_rc - sum_k nu_k)
        + sum_r mu_r b_r + sum_k nu_k + sum_S sigma_S

is a bound of every plan of the columns that it looks at, the core. A plan with other columns is no better than the one known, so that the
larger of both is a bound of the model.

Sources: Caprara and Fischetti 1996, {0, 1/2}-Chvatal-Gomory cuts; Balas and Ng 1989, facets of covering with right-hand side 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from planner.siting.bounds import SAFETY, group_best
from planner.siting.matrices import installs, patterns, uses
from planner.siting.model import CoverModel
from planner.siting.net import Codes, Flags, Floats, Ints, compiled, inner
from planner.siting.part import transpose
from planner.siting.program import Core, core_of, cover_matrix

MOST = 80  # cuts added at once: with more the linear program grows sooner than its value falls
BROKEN = 0.9  # a cut is broken where slack and odd columns come to less than 1; nearly so is not worth a row
SOME = 1e-6  # of a column: less is none
TIGHT = 0.5  # a layer with more slack than this is in no broken cut of any worth
SHARED = 3  # cuts of one round on one column
LOOKS = 20_000_000  # at three layers: more than city cases need, and some tenths of a second


@dataclass(frozen=True)
class Tight:
    """A core with its cuts, and prices for both; ``layers`` are those of the model, three to a cut."""

    columns: Ints
    layers: Ints
    layer: Floats  # per layer of the core
    rule: Floats
    clique: Floats
    cut: Floats


def rows_of(core: Core, layers: Ints) -> sparse.csr_matrix:
    """The cuts as rows ``sum ceil(a / 2) x - sum y >= -1`` of the core's program: cuts x (columns, layers)."""
    m = core.layers.weight.size
    held = core.layers.merged_of[layers]  # -1: none of the core's columns covers it, so that it is never covered
    number, there = np.nonzero(held >= 0)
    shape = (len(layers), m)
    covered = sparse.csr_matrix((np.ones(number.size), (number, held[number, there])), shape=shape)
    return sparse.csr_matrix(sparse.hstack([halves(core.model, core.columns, layers).T, -covered], format="csr"))


def halves(model: CoverModel, columns: Ints, layers: Ints) -> sparse.csr_matrix:
    """Half of how many layers of a cut a column covers, rounded up: columns x cuts."""
    number = len(layers)
    member = sparse.csr_matrix(
        (np.ones(3 * number), (layers.ravel(), np.repeat(np.arange(number), 3))), shape=(model.net.weight.size, number)
    )
    covers = sparse.csr_matrix(patterns(model.net) @ member)
    covers.data = np.ceil(covers.data / 2)
    return sparse.csr_matrix(covers[model.net.column_pattern[columns]])


def bound_of(model: CoverModel, tight: Tight) -> int:
    """What the prices prove for plans of the core: gain over all-keep in whole units, rounded outward as ``bounds.bound_at``."""
    return _worked_out(model, tight)[0]


def left_of(model: CoverModel, tight: Tight, gain: int) -> Ints:
    """The columns of the core that a plan which gains more may use (as ``closer.fixed_core``), and every keep."""
    bound, short, slack = _worked_out(model, tight)
    keep = model.net.group_keep
    stays = (bound - short + slack >= gain) | np.isin(tight.columns, keep[keep >= 0])
    return np.asarray(tight.columns[stays], np.int64)


def _worked_out(model: CoverModel, tight: Tight) -> tuple[int, Floats, float]:
    """L in whole units, what each column of the core is worth less than the best of its group, and the rounding of that."""
    core, net = core_of(model, tight.columns), model.net
    layers = core.layers
    own, rule, clique, cut = (np.maximum(p, 0.0) for p in (tight.layer, tight.rule, tight.clique, tight.cut))
    rows = rows_of(core, tight.layers)
    half, member = rows[:, : tight.columns.size].T, -rows[:, tight.columns.size :]
    amounts, tolls = uses(net)[tight.columns], installs(net, tight.columns).T
    gains, costs = cover_matrix(core) @ own + half @ cut, amounts @ rule + tolls @ clique
    size = gains + abs(amounts) @ rule + tolls @ clique
    worth = np.full(model.columns, -np.inf)
    worth[tight.columns] = gains - costs
    best, most = group_best(model, worth), np.zeros(model.columns)
    most[tight.columns] = size
    raised = layers.weight + (np.where(layers.floor >= 0, rule[layers.floor], 0.0) * layers.need if rule.size else 0.0)
    terms = (np.maximum(raised - own - member.T @ cut, 0.0), best, rule * net.limit, clique, cut)
    total = sum(float(t.sum()) for t in terms)
    scale = sum(float(np.abs(t).sum()) for t in terms) + float(raised.sum() + group_best(model, most).sum())
    short = best[net.column_group[tight.columns]] - worth[tight.columns]
    return int(np.floor(total + SAFETY * scale)) - model.base, short, SAFETY * float(size.max(initial=0.0)) + 1e-6


def broken(core: Core, x: Floats) -> Ints:
    """Cuts that fractional columns and layers break most: three layers of the model each, at most ``MOST``."""
    n, m = core.columns.size, core.layers.weight.size
    columns, y = x[:n], x[n : n + m]
    used = np.flatnonzero(columns > SOME)
    cover = sparse.csr_matrix(cover_matrix(core).T)
    # of a layer: what its columns come to above what it is covered, and what it is covered less than whole
    loose = np.maximum(cover @ columns - y, 0.0) + 2 * np.maximum(1.0 - y, 0.0)
    here = sparse.csr_matrix(cover[:, used])
    several = np.flatnonzero((loose < TIGHT) & (np.diff(here.indptr) > 1))
    here = sparse.csr_matrix(here[several])
    # layers that the same used columns cover are one: the tightest stands for them, with fewest columns in all
    key = np.asarray(here @ np.random.default_rng(1996).random(used.size))
    order = np.lexsort((np.diff(cover.indptr)[several], np.round(loose[several], 6), key))
    fresh = np.ones(order.size, np.bool_)
    fresh[1:] = np.diff(key[order]) > SOME * SOME
    chosen = np.sort(order[fresh])
    here = sparse.csr_matrix(here[chosen])
    here.sort_indices()
    start, column = here.indptr.astype(np.int64), here.indices.astype(np.int32)
    first, owner = transpose(start, column, used.size)
    found = _triples(start, column, first, owner, loose[several[chosen]], columns[used], BROKEN, MOST)
    head = np.full(m, -1, np.int64)  # the first of the model's layers that are one in the core
    inside = np.flatnonzero(core.layers.merged_of >= 0)
    head[core.layers.merged_of[inside][::-1]] = inside[::-1]
    return head[several[chosen[found]]]


@compiled
def _triples(
    start: Ints, column: Codes, first: Ints, owner: Codes, loose: Floats, x: Floats, broken: float, most: int
) -> Ints:
    """Three rows each whose slack and odd columns come to less than ``broken``, the least first, spread over the columns."""
    rows = start.size - 1
    size, number, looks = 1024, 0, 0
    found, weight = np.empty((size, 3), np.int64), np.empty(size)
    seen, shared, near = np.full(rows, -1, np.int64), np.zeros(rows), np.empty(rows, np.int64)
    odd = np.zeros(x.size, np.bool_)
    for a in range(rows):
        close = _near(a, start, column, first, owner, x, (1 - broken) / 2, seen, shared, near)
        for i in range(close):
            b = near[i]
            both = loose[a] + loose[b]
            if both >= broken:
                continue
            both += _turn(a, start, column, x, odd)
            both += _turn(b, start, column, x, odd)
            for j in range(i + 1, close):
                c = near[j]
                total = both + loose[c]
                for k in range(start[c], start[c + 1]):
                    total += -x[column[k]] if odd[column[k]] else x[column[k]]
                if total < broken:
                    if number == size:
                        found, weight = np.concatenate((found, found)), np.concatenate((weight, weight))
                        size *= 2
                    found[number, 0], found[number, 1], found[number, 2], weight[number] = a, b, c, total
                    number += 1
            looks += close - i
            _turn(b, start, column, x, odd)
            _turn(a, start, column, x, odd)
        if looks > LOOKS:
            break
    return _spread(found[:number][np.argsort(weight[:number], kind="mergesort")], start, column, x.size, most)


@inner
def _near(
    row: int, start: Ints, column: Codes, first: Ints, owner: Codes, x: Floats, least: float,
    seen: Ints, shared: Floats, near: Ints,
) -> int:  # fmt: skip
    """Later rows that share more than ``least`` with a row, into ``near``: of two that share less the rest of any three is odd."""
    count = 0
    for k in range(start[row], start[row + 1]):
        for t in range(first[column[k]], first[column[k] + 1]):
            other = owner[t]
            if other > row:
                if seen[other] != row:
                    seen[other], shared[other] = row, 0.0
                    near[count] = other
                    count += 1
                shared[other] += x[column[k]]
    close = 0
    for i in range(count):
        if shared[near[i]] > least:
            near[close] = near[i]
            close += 1
    return close


@inner
def _turn(row: int, start: Ints, column: Codes, x: Floats, odd: Flags) -> float:
    """Turn the columns of a row from even to odd and back; by how much the odd ones grow."""
    more = 0.0
    for k in range(start[row], start[row + 1]):
        c = column[k]
        odd[c] = not odd[c]
        more += x[c] if odd[c] else -x[c]
    return more


@inner
def _spread(found: Ints, start: Ints, column: Codes, columns: int, most: int) -> Ints:
    """The first of these, without those most of whose columns are in ``SHARED`` of them already."""
    taken, times, kept = np.empty((most, 3), np.int64), np.zeros(columns, np.int64), 0
    for three in found:
        full, held = 0, 0
        for r in three:
            for k in range(start[r], start[r + 1]):
                held += 1
                full += times[column[k]] >= SHARED
        if 2 * full <= held:
            for r in three:
                for k in range(start[r], start[r + 1]):
                    times[column[k]] += 1
            taken[kept] = three
            kept += 1
            if kept == most:
                break
    return taken[:kept]
