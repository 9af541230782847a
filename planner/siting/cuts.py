"""Cuts: further rules that no plan breaks, from floors and from rules that part of a column fills.

Symbols as in ``planner.siting.dual``.

**Floors**, what every plan must at least spend on one: the linear program meets a floor d with parts of columns, a plan only with whole
ones. For any whole amounts a_c and C(d), the columns that cover a layer of the floor,

    least = min   sum_{c in C(d)} a_c x_c
            s.t.  sum_{d(l) = d} n_l y_l >= -b_d,   y_l <= sum of x_c over columns covering l,
                  at most one column per group, at most one install per clique,   x_c in {0, 1}

is a program so small that it is solved by branch and bound (of columns of one group that serve the floor alike only the cheapest is in
it), and every plan keeps ``sum_{C(d)} a_c x_c >= least``: it keeps the floor, which only columns of C(d) can serve. No limit on money is
in it, so that a cut holds at any budget. A lower bound on ``least``, rounded up, is as valid. Taken is what a column uses of all
priced rules together at their prices: the cut that the linear program breaks most (a cut per rule beside it moved the bound by
0.05 % more and cost three times as much).

Source: cover inequalities of minimum-cover type, here for a floor instead of a knapsack (Nemhauser and Wolsey 1988, II.2).

**Rules rounded**: where a programme pays 500,000 yen in all and 296,000 a site, the linear program lets it pay for 1.69 sites. For a
rule ``sum a_c x_c <= b`` with whole ``a_c >= 0`` and any whole q, k >= 1 every plan keeps

    sum floor(k a_c / q) x_c <= floor(k b / q)

(divide by q / k, round the left side down, and then the right side, since the left is whole); of many q and k the one is taken that a
solution of the linear program breaks most. Source: Chvatal 1973, Gomory 1958.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import sparse

from planner.siting.bounds import SAFETY
from planner.siting.layers import remerge
from planner.siting.matrices import patterns, uses
from planner.siting.model import CoverModel, Multipliers
from planner.siting.net import Flags, Floats, Ints
from planner.siting.program import Core, program_of, solve
from planner.work import Work

CUT_NODES = 50  # of branch and bound for one cut
# columns that serve a floor: of more, spacing is left out (made-up city, 13,000: a fifth of the time, and the same cut)
MOST_SPACED = 5_000
PRICED = 1e-3  # of the bound: what a rule or floor must be worth at the prices to be cut for
PART = 1e-6  # of a column: less of it a solution does not take
FINE = 1_000  # the largest amount: fine enough that rounding to whole amounts loses little
ROUNDINGS = 12  # k of rounded rules, and the number of equal parts of a limit that q is just above
BROKEN = 0.01  # of a rounded rule's limit: by less than that no solution breaks it
Known = dict[int, tuple[Ints, int]]  # floor -> what its cut counts of each column, and its limit


def with_floor_cuts(
    model: CoverModel, prices: Multipliers, bound: int, work: Work, known: Known | None = None
) -> CoverModel:
    """The model and the cuts of its floors that have a price; the model itself where there are none.

    Parameters
    ----------
    model
        The covering model.
    prices
        Prices of a good bound of it: floors and rules without a price are left out, as their cuts would change nothing.
    bound
        That bound, whole units.
    work
        Progress (stage ``siting_close``) and stopping.
    known
        Cuts of the model at other prices and budgets, which hold here as well: they are used again, and new ones join them.

    Returns
    -------
    CoverModel
        The same columns, layers and rules, and a rule ``floor_cut:<floor>`` per cut: ``-sum a_c x_c <= -least``. It has
        the same plans, so that every bound of it is one of ``model``.
    """
    net = model.net
    worth = prices.rule * np.abs(net.limit)
    floors = np.unique(net.floor[net.floor >= 0])
    floors = floors[(worth[floors] > PRICED * bound) & (net.limit[floors] < 0)]
    amount, known = _amount(model, prices, worth > PRICED * bound), {} if known is None else known
    for floor in floors.tolist() if amount.any() else ():
        if floor not in known and not work.stopped:
            work.step("siting_close")
            touching, least = _least(model, floor, amount, work)
            if least > 0 and not work.stopped:
                known[floor] = np.where(touching, -amount, 0), -least
    cuts = [(floor, *known[floor]) for floor in floors.tolist() if floor in known]
    if not cuts:
        return model
    names = [f"floor_cut:{model.rules[floor]}" for floor, _, _ in cuts]
    return _with_rules(model, names, [row for _, row, _ in cuts], [limit for _, _, limit in cuts])


def with_rounded_rules(model: CoverModel, columns: Ints, parts: Floats, rules: Ints) -> CoverModel:
    """The model and, of each rule, the rounded one that a solution breaks most; the model itself where it breaks none.

    Parameters
    ----------
    model
        The covering model, with or without cuts.
    columns, parts
        Columns of a solution of its linear program, and how much of each it takes.
    rules
        Positions of the rules that may be rounded.

    Returns
    -------
    CoverModel
        The same columns, layers and rules, and a rule ``rounded:<rule>`` per cut; it has the same plans.
    """
    some = parts > PART
    columns, parts, amounts = columns[some], parts[some], uses(model.net)
    names, rows, limits = [], [], []
    for rule in rules.tolist():
        amount, limit = amounts[:, [rule]].toarray().ravel(), int(model.net.limit[rule])
        if limit <= 0 or amount.min(initial=0) < 0:
            continue
        found = _most_broken(amount[columns], parts, limit)
        if found is not None:
            q, k = found
            names.append(f"rounded:{model.rules[rule]}")
            rows.append(amount * k // q)
            limits.append(limit * k // q)
    return _with_rules(model, names, rows, limits) if names else model


def _most_broken(amount: Ints, parts: Floats, limit: int) -> tuple[int, int] | None:
    """The divisor q and factor k of the rounded rule that parts of columns break most, measured by its limit (None: none is broken)."""
    factors = range(1, ROUNDINGS + 1)
    tried = {(q, k) for q in np.unique(amount[amount > 0]).tolist() for k in factors}
    tried |= {(limit // (k + 1) + 1, 1) for k in factors}
    broken = {}
    for q, k in sorted(tried):
        most = limit * k // q
        broken[q, k] = (float((amount * k // q) @ parts) - most) / max(1, most)
    worst = max(broken, key=lambda at: broken[at])
    return worst if broken[worst] > BROKEN else None


def _with_rules(model: CoverModel, names: Sequence[str], rows: Sequence[Ints], limits: Sequence[int]) -> CoverModel:
    """The model with more rules: what each counts of every column, and its limit."""
    net = model.net
    longer = sparse.csr_matrix(sparse.hstack([uses(net), sparse.csr_matrix(np.array(rows).T)], format="csr"))
    cut = net._replace(
        use_start=longer.indptr.astype(np.int64),
        use_rule=longer.indices.astype(np.int64),
        use_amount=longer.data.astype(np.int64),
        limit=np.concatenate([net.limit, np.array(limits, np.int64)]),
    )
    return replace(model, net=cut, rules=(*model.rules, *names))


def _amount(model: CoverModel, prices: Multipliers, priced: Flags) -> Ints:
    """Per column what it uses of all rules with a price, at their prices, as whole amounts."""
    spends = np.flatnonzero(priced & (model.net.limit > 0))
    mixed = uses(model.net)[:, spends] @ prices.rule[spends]
    most = float(np.abs(mixed).max(initial=0.0))
    return np.rint(mixed * (FINE / most if most > 0 else 0.0)).astype(np.int64)


def _least(model: CoverModel, floor: int, amount: Ints, work: Work) -> tuple[Flags, int]:
    """Which columns serve a floor, and what every plan must at least use of some amounts to keep it (0: not proven)."""
    net = model.net
    counts = sparse.diags_array(((net.floor == floor) & (net.need > 0)).astype(np.float64))
    serves = sparse.csr_matrix(patterns(net) @ counts)
    matrix = sparse.csr_matrix(serves[net.column_pattern])
    matrix.eliminate_zeros()
    touching = np.diff(matrix.indptr) > 0
    columns = _cheapest(model, matrix, np.flatnonzero(touching), amount)
    served = sparse.csr_matrix(matrix[columns])
    layers = remerge(served.indptr.astype(np.int64), served.indices.astype(np.int32), net.weight, net.floor, net.need)
    core = Core(model, columns, layers)
    program = program_of(core)
    first = layers.weight.size + net.group_keep.size
    others = np.flatnonzero(np.arange(net.limit.size) != floor)
    low, high = np.full(program.low.size, -np.inf), program.high.copy()
    high[first + others] = np.inf  # rules of all columns: they say nothing about some of them
    if columns.size > MOST_SPACED:
        high[first + net.limit.size :] = np.inf
    gain = np.zeros(program.gain.size)
    gain[: columns.size] = -amount[columns]
    answer = solve(replace(program, gain=gain, low=low, high=high), work, nodes=CUT_NODES)
    if answer.status == "infeasible" or not math.isfinite(answer.bound):
        return touching, 0
    return touching, math.ceil(-answer.bound * (1 - SAFETY) - 1e-6)


def _cheapest(model: CoverModel, matrix: sparse.csr_matrix, columns: Ints, amount: Ints) -> Ints:
    """Of the columns of a group that serve a floor alike only the one that uses least; spaced ones apart, which cliques hold."""
    group, spaced = model.net.column_group, model.net.column_spaced
    best: dict[tuple[int, bool, bytes], int] = {}
    for column in columns.tolist():
        serves = matrix.indices[matrix.indptr[column] : matrix.indptr[column + 1]].tobytes()
        key = int(group[column]), bool(spaced[column]), serves
        if key not in best or amount[column] < amount[best[key]]:
            best[key] = column
    return np.sort(np.array(list(best.values()), np.int64))
