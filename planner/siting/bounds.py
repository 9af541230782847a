"""What given prices prove: the bound L of ``planner.siting.dual`` recomputed from the model alone, in numpy and scipy.

Any prices prove a bound, however they were found: which columns look best, and the price of own capital at other budgets, come from
compiled code, but nothing is proven by that. A sum is rounded outward here; bounds of branch and bound are in
``closer`` and ``cuts``, those of single places in ``advising``.
"""

from __future__ import annotations

import numpy as np

from planner.errors import PlannerError
from planner.siting.dual import best_prices, worth_by_column
from planner.siting.matrices import links, patterns, uses
from planner.siting.model import CoverModel, Multipliers
from planner.siting.net import Flags, Floats

LEAST_PRICE = 0.2  # of a known price of own capital: what another budget's is not looked for below
SAFETY = 1e-9  # relative, of the sum of absolute terms: far above the rounding of a sum in double precision


def check_bound(bound: float, value: float, slack: float = 0.0) -> None:
    """Refuse a bound below what a known plan reaches: one of the two is wrong, and to lift the bound would hide which.

    Raises
    ------
    PlannerError
        ``bound_below_plan`` (an internal fault), more than ``slack`` below.
    """
    if bound < value - slack * max(1.0, abs(value)):
        raise PlannerError("bound_below_plan", f"bound {bound} below {value}", bound=bound, value=value)


def group_best(model: CoverModel, worth: Floats) -> Floats:
    """Per group the best worth of its columns (at least 0 where nothing need be chosen)."""
    net = model.net
    if not worth.size:
        return np.zeros(0)
    best = np.maximum.reduceat(worth, net.group_start[:-1])
    return np.where(net.group_keep < 0, np.maximum(best, 0.0), best)


def quick_worth(model: CoverModel, prices: Multipliers) -> Floats:
    """``column_worth`` compiled: for choosing columns, where nothing is proven by it."""
    none = np.empty(0, np.int64)
    return np.asarray(worth_by_column(model.net, prices.layer, prices.rule, prices.clique, none)[0])


def column_worth(model: CoverModel, prices: Multipliers) -> tuple[Floats, Floats]:
    """Per column: priced cover less priced rules and cliques; and the sum of the absolute terms. Plain scipy."""
    net = model.net
    cover = np.asarray(patterns(net) @ prices.layer)[net.column_pattern]
    toll = np.asarray(links(net) @ prices.clique)[net.column_group] * net.column_spaced
    amounts = uses(net)
    return cover - amounts @ prices.rule - toll, cover + abs(amounts) @ prices.rule + toll


def bound_at(
    model: CoverModel, multipliers: Multipliers, municipality_yen: int | None = None, among: Flags | None = None
) -> int:
    """The bound on the gain over all-keep that given prices prove, recomputed from the model alone.

    Parameters
    ----------
    model
        The covering model.
    multipliers
        Any prices; negative ones are raised to 0 (the bound is valid for every choice).
    municipality_yen
        Another own-capital limit than the model's.
    among
        Per column whether it may be chosen (None: all; what may stay as it is must be among them).

    Returns
    -------
    int
        In whole units (``model.unit`` offences a year), rounded outward by ``SAFETY`` times the sum of absolute terms,
        then down to a whole unit, which is valid because all weights are whole.
    """
    prices = Multipliers(*(np.maximum(p, 0.0) for p in (multipliers.layer, multipliers.rule, multipliers.clique)))
    worth, size = column_worth(model, prices)
    if among is not None:
        worth = np.where(among, worth, -np.inf)
    budget = int(model.net.limit[0]) if municipality_yen is None else municipality_yen
    return _sum_up(model, prices, budget, group_best(model, worth), float(group_best(model, size).sum()))


def raised_weight(model: CoverModel, rule: Floats) -> Floats:
    """Per layer its weight and what it is worth to its floor at the prices of the rules."""
    net = model.net
    if not rule.size:
        return net.weight.astype(np.float64)
    return np.asarray(net.weight + np.where(net.floor >= 0, rule[np.maximum(net.floor, 0)], 0.0) * net.need)


def _sum_up(model: CoverModel, prices: Multipliers, budget: int, best: Floats, size: float) -> int:
    """The terms of L added up and rounded outward; ``best``: what groups are worth, ``size``: at least the sum of their absolute terms."""
    net = model.net
    limit = net.limit.astype(np.float64)
    limit[0] = budget
    raised = raised_weight(model, prices.rule)
    terms = (np.maximum(raised - prices.layer, 0.0), best, prices.rule * limit, prices.clique)
    total = sum(float(t.sum()) for t in terms)
    scale = sum(float(np.abs(t).sum()) for t in terms) + size
    return int(np.floor(total + SAFETY * scale)) - model.base


def refitted(model: CoverModel, multipliers: Multipliers) -> Multipliers:
    """The same prices, that of own capital fitted to the model's limit."""
    clear = _without_own(multipliers)
    price, budget = float(multipliers.rule[0]), np.array([float(model.net.limit[0])])
    worth, amount = quick_worth(model, clear), _own_amount(model)
    rule = clear.rule
    rule[0] = best_prices(model.net, worth, amount.reshape(1, -1), budget, price, LEAST_PRICE * price)[0]
    return Multipliers(multipliers.layer, rule, multipliers.clique)


def _without_own(multipliers: Multipliers) -> Multipliers:
    """The prices with own capital free."""
    rule = multipliers.rule.copy()
    rule[0] = 0.0
    return Multipliers(multipliers.layer, rule, multipliers.clique)


def _own_amount(model: CoverModel) -> Floats:
    """What each column takes of own capital."""
    amount = np.zeros(model.columns)
    first = np.flatnonzero(model.net.use_rule == 0)
    amount[np.searchsorted(model.net.use_start, first, side="right") - 1] = model.net.use_amount[first]
    return amount


def line_bounds(model: CoverModel, multipliers: Multipliers, budgets: list[int]) -> list[int]:
    """``bound_at`` at other own-capital limits, the price of own capital re-fitted to each, all others as they are."""
    net, (worth, size) = model.net, column_worth(model, _without_own(multipliers))
    amount = _own_amount(model)
    price = float(multipliers.rule[0])
    prices = best_prices(net, worth, amount.reshape(1, -1), np.array(budgets, np.float64), price, LEAST_PRICE * price)
    most = float(group_best(model, size + prices.max(initial=0.0) * np.abs(amount)).sum())
    # what is worth nothing at the least price, uses own capital and is in no standing group is worth nothing to any group at any of them
    stands = net.group_keep[net.column_group] >= 0
    some = np.flatnonzero((worth - prices.min(initial=np.inf) * amount > 0.0) | (amount < 0) | stands)
    first = np.flatnonzero(np.diff(net.column_group[some], prepend=-1))
    least = np.where(net.group_keep[net.column_group[some[first]]] < 0, 0.0, -np.inf)
    bounds = []
    for budget, own in zip(budgets, prices, strict=True):
        rule = multipliers.rule.copy()
        rule[0] = own
        best = np.maximum(np.maximum.reduceat(worth[some] - own * amount[some], first), least) if some.size else least
        bounds.append(_sum_up(model, Multipliers(multipliers.layer, rule, multipliers.clique), budget, best, most))
    return bounds
