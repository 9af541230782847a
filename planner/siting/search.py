"""Good plans: greedy under several price mixes, exchange search, heat-bath search. Seeded, one thread.

Model (symbol -> code): a plan is one column per group, x_c = 1 where ``Plan.current[net.column_group[c]] == c`` (-1: none, only
where ``net.group_keep`` is -1); y_l = 1 where ``State.times[l] > 0``. Objective and constraints are those of ``planner.siting.dual``:

    maximise   sum_l w_l y_l                                          ``net.weight``, ``State.value``
    subject to sum_c a_rc x_c - [r is a floor] sum n_l y_l <= b_r     ``net.use_amount``, ``net.need``, ``net.limit``, ``State.use``
               at most one install in each clique                     ``net.clique_of``, ``State.clique``

What a column costs (``Plan.price``, p_c) is a mix of its shares of scarce rules, or sum_r mu_r a_rc + sum_k nu_k at the prices of a
bound. Greedy takes the largest gain per price (Khuller, Moss and Naor 1999) and exchanges end in a local optimum; heat-bath search
is in ``planner.siting.refilling``, children of two plans in ``planner.siting.crossing``, search for a plan that covers all in
``planner.siting.completing``. None of it proves anything: bounds come from ``dual`` and ``closer``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from planner.errors import PlannerError
from planner.siting import kernels
from planner.siting.bounds import quick_worth
from planner.siting.exchanging import anneal, covers_of, is_plain, left_by, needed
from planner.siting.model import CoverModel, Multipliers
from planner.siting.net import Flags, Floats, Ints, Net, is_broken, rank
from planner.siting.part import part_of
from planner.siting.pricing import shortlist
from planner.siting.refilling import own_value, refill
from planner.work import Work

PASSES = 20  # exchange search ends by itself; this only bounds it
START_PASSES, START_COLUMNS = 2, 6_000  # exchanges before any price is known; in a larger model they wait for prices
PART_COLUMNS, MOST_COLUMNS = 2_000, 8_000  # that heat-bath search looks at: at first, at most
# for every so many rounds more as many columns are added as at first: best plans use some that look poor
PART_ROUNDS = 200
ENDS = 8  # plans of earlier coolings that are kept, to be joined
LOOKS = 200_000  # columns looked at in one round of search
EXCHANGES = 200  # in one round where all columns use the same: as long, about
FEW = 1_000  # steps that do not pay for the tables of exchanges
TABLE = 16_000_000  # entries of what exchanges are worth (64 MB): as many columns as it holds are looked at
STEPS_A_SLICE = 5_000  # between two looks at the clock
STEPS_A_COLUMN = 1  # in one round: a model of few columns has few plans
HOT, COLD = 0.03, 0.002  # first and last temperature, in shares of what one change of the plan covers
# the same in a model with floors, which hold a plan where it is; without floors colder coolings find more
HOT_FLOORED, COLD_FLOORED = 0.1, 0.004
# what a unit that a floor is short of counts when columns are drawn for it, in the weight of a unit of its layers, in every other cooling:
# in all of them plans of 2,000 sites were 0.8 % poorer, in none two of seven floored cases missed their best plan in 60 s
SERVED = 12.0
SEAM = 0.006, 0.0012  # the same where the parents of a child meet
FINE = 1_000  # parts of a unit of weight where floors have a price, which need not be whole
SEED_STEP = 7_919  # a prime above the number of coolings: those of one seed share no seed with those of the next
MORE = 0.5  # chance that a step takes out another change, where columns do not all use the same


@dataclass(frozen=True)
class Plan:
    """One column per group (-1: none), its gain over all-keep in whole units, and the price mix that made it."""

    current: Ints
    gain: int
    price: Floats


def rest(model: CoverModel) -> Ints:
    """All-keep."""
    return np.array(model.net.group_keep, np.int64)


def every(model: CoverModel) -> Ints:
    """All columns."""
    return np.arange(model.columns)


def of_offers(model: CoverModel, offer_ids: Iterable[str]) -> Ints:
    """The plan of these offers, all else as it is.

    Raises
    ------
    PlannerError
        ``offer_not_in_model``: an offer of the list is no column (another model's, or one that another replaces).
    """
    wanted, current = set(offer_ids), rest(model)
    lost = sorted(wanted - model.column_of.keys())
    if lost:
        raise PlannerError(
            "offer_not_in_model", f"no such columns: {lost[:5]}", number=len(lost), offers=", ".join(lost[:5])
        )
    columns = np.array([model.column_of[offer] for offer in wanted], np.int64)
    current[model.net.column_group[columns]] = columns
    return current


def price_mixes(model: CoverModel) -> list[Floats]:
    """Prices per column: each scarce rule alone, all together, and none (pure gain)."""
    net = model.net
    share = np.zeros((net.limit.size, model.columns))
    column = np.repeat(np.arange(model.columns), np.diff(net.use_start))
    fine = (net.use_amount > 0) & (net.limit[net.use_rule] >= 0)
    share[net.use_rule[fine], column[fine]] = net.use_amount[fine] / np.maximum(1, net.limit[net.use_rule[fine]])
    scarce = [r for r in range(net.limit.size) if share[r].any()]
    own = [r for r in scarce if model.rules[r] in ("municipality_budget", "running_budget")]
    mixes = [share[r] for r in own]
    if len(own) > 1:
        mixes.append(share[own].sum(axis=0))
    if len(scarce) > len(own):
        mixes.append(share[scarce].sum(axis=0))
    if not is_plain(net):  # there the one rule's price is the same for all
        mixes.append(np.ones(model.columns))
    return [_floored(mix) for mix in mixes]


def dual_price(model: CoverModel, multipliers: Multipliers) -> Floats:
    """What each column costs at the prices of a bound: rules and cliques, no layers."""
    prices = Multipliers(np.zeros_like(multipliers.layer), multipliers.rule, multipliers.clique)
    return _floored(np.maximum(0.0, -quick_worth(model, prices)))


def floor_price(model: CoverModel, multipliers: Multipliers) -> Floats:
    """The prices of floors, 0 for other rules."""
    price = np.zeros(model.net.limit.size)
    floors = floors_of(model)
    price[floors] = np.maximum(0.0, multipliers.rule[floors])
    return price


def floors_of(model: CoverModel) -> Ints:
    """Positions of the floor rules."""
    return np.unique(model.net.floor[model.net.floor >= 0])


def _floored(price: Floats) -> Floats:
    """Prices kept above 0, so that free columns come first and nothing divides by 0."""
    return np.asarray(np.maximum(price, 1e-6 * max(float(price.max(initial=0.0)), 1e-9)), np.float64)


def settle(
    model: CoverModel, start: Ints, price: Floats, passes: int, seed: int, active: Ints | None = None
) -> Plan | None:
    """A start cut back to the limits, filled and improved; None when a floor or minimum stays unmet."""
    state = kernels.opened(model.net, start, every(model) if active is None else active)
    fine = kernels.rework(model.net, state, price, passes, seed)
    return Plan(state.current.copy(), int(state.value[0]) - model.base, price) if fine else None


def in_order_of_worth(model: CoverModel, prices: Multipliers) -> Ints:
    """The columns of ``shortlist``, worth most at the prices first, each against keep."""
    worth, active = quick_worth(model, prices), shortlist(model, prices)
    keep = model.net.group_keep[model.net.column_group]
    worth -= np.where(keep >= 0, worth[keep], 0.0)
    return np.asarray(active[np.argsort(-worth[active], kind="stable")], np.int64)


def by_worth(model: CoverModel, prices: Multipliers, seed: int) -> Plan | None:
    """A plan from the prices of a bound: first what is worth most at them, as far as it fits, then filled and improved.

    What two columns both cover is shared out by the prices already, so that no gain is looked at (Lagrangian heuristic, Beasley 1993).
    """
    state, price = kernels.opened(model.net, rest(model), shortlist(model, prices)), dual_price(model, prices)
    kernels.take(model.net, state, in_order_of_worth(model, prices))
    fine = kernels.rework(model.net, state, price, PASSES, seed)
    return Plan(state.current.copy(), int(state.value[0]) - model.base, price) if fine else None


def better(one: Plan | None, two: Plan | None) -> Plan | None:
    """The plan with more gain (the first on a tie)."""
    if one is None or (two is not None and two.gain > one.gain):
        return two
    return one


def greedy_plan(model: CoverModel, seed: int, work: Work) -> Plan | None:
    """The best of greedy under every price mix, with exchanges where looking at all columns again is cheap."""
    best: Plan | None = None
    passes = START_PASSES if model.columns <= START_COLUMNS else 0
    for price in price_mixes(model):
        if work.stopped and best is not None:
            break
        best = better(best, settle(model, rest(model), price, passes, seed))
    return best


def steps_of(rounds: int, model: CoverModel) -> int:
    """Steps of heat-bath search in so many rounds."""
    most = EXCHANGES if is_plain(model.net) else LOOKS // max(1, model.columns)
    return max(1, rounds * min(most, STEPS_A_COLUMN * model.columns))


def part_size(model: CoverModel, rounds: int) -> int:
    """Columns that search looks at once so many rounds are done."""
    if is_plain(model.net):
        return TABLE // max(1, int(model.net.limit[0] // model.net.use_amount.max(initial=1)))
    return min(MOST_COLUMNS, PART_COLUMNS * max(1, rounds // PART_ROUNDS))


def heats_of(model: CoverModel) -> tuple[float, float]:
    """First and last temperature of a cooling."""
    return (HOT_FLOORED, COLD_FLOORED) if floors_of(model).size else (HOT, COLD)


class Refiller:
    """Heat-bath search at the prices of a bound on the columns that look best at them; keeps the best plan and good others."""

    def __init__(
        self, model: CoverModel, plan: Plan, prices: Multipliers, seed: int, columns: int = PART_COLUMNS
    ) -> None:
        self._model, self._prices, self._seed = model, prices, seed
        self._floor_price = floor_price(model, prices)
        self.turn, self.columns = 0, 0
        self.plan = replace(plan, price=dual_price(model, prices))
        self.last = self.plan  # where the last cooling ended
        self.found = self.plan  # the best plan of the last cooling
        self.ends: list[Plan] = []
        self.look_at(columns)

    def look_at(self, columns: int) -> None:
        """Search on so many columns and those of the best plan from now on."""
        self.columns = columns
        used = self.plan.current[self.plan.current >= 0]
        self._part = part_of(self._model, np.union1d(shortlist(self._model, self._prices, columns), used))
        self._price = self.plan.price[self._part.columns]

    def run(self, rounds: int, work: Work, start: Ints | None = None, seam: Flags | None = None) -> Plan:
        """So many rounds in one cooling, fewer when the work is stopped.

        From the best plan, or from a ``start`` that is cut back to the limits and filled first (the best plan where it cannot keep all
        rules); of a child of two plans only what lies at the ``seam`` (per column), and less hot.
        """
        self.turn += 1
        seed = (self._seed * SEED_STEP + self.turn) % 2**31
        steps, model = steps_of(rounds, self._part.model), self._part.model
        begun = self._part.plan_in(self._mended(start, seed))
        last, heats = begun.copy(), heats_of(model) if seam is None else SEAM
        loose = None if seam is None else seam[self._part.columns]
        best, gain = heat_bath(
            model, begun, self._price, steps, *heats, seed, work, self._floor_price,
            last=last, loose=loose, served=SERVED * (self.turn % 2),
        )  # fmt: skip
        self.last = Plan(self._part.plan_out(last), kernels.covered_by(model.net, last) - model.base, self.plan.price)
        self.found = Plan(self._part.plan_out(best), gain, self.plan.price)
        for plan in (self.found, self.last):
            self.take(plan)
        return self.plan

    def _mended(self, start: Ints | None, seed: int) -> Ints:
        """A start cut back to the limits and filled; no start, or one that cannot keep all rules: the best plan."""
        net = self._model.net
        if start is not None and is_plain(net) and (start >= 0).sum() * net.use_amount[0] <= net.limit[0]:
            return start  # exchanges fill it themselves
        plan = None if start is None else settle(self._model, start, self.plan.price, 0, seed, self._part.columns)
        return (plan or self.plan).current

    def take(self, plan: Plan) -> None:
        """Keep a plan among the best few: where coolings end differs even where nothing better is found."""
        if plan.gain > self.plan.gain:
            self.plan = plan
        if not any(np.array_equal(plan.current, end.current) for end in self.ends):
            self.ends = sorted([*self.ends, plan], key=lambda end: -end.gain)[:ENDS]


def heat_bath(
    model: CoverModel,
    start: Ints,
    price: Floats,
    steps: int,
    hot: float,
    cold: float,
    seed: int,
    work: Work | None = None,
    floor_price: Floats | None = None,
    *,
    soft: bool = False,
    last: Ints | None = None,
    loose: Flags | None = None,
    served: float = 0.0,
) -> tuple[Ints, int]:
    """So many steps of ``refilling`` from a plan, fewer when the work is stopped; the best plan and its gain (-1: none keeps all rules).

    Temperatures are shares of what one change of the plan covers. ``floor_price``: per rule, 0 for all but floors; ``soft``: the start
    may break floors, and where no step keeps them all the plan that the last one leaves is returned.
    ``last`` is overwritten by the plan that the last step leaves (where it breaks a floor: by the best). ``loose``: per
    column whether a step may take it out (None: all). ``served``: see ``refilling.refill``.
    """
    net, unit, best = model.net, 1, start.copy()
    if is_plain(net) and steps > FEW:
        return _exchanged(net, start, steps, hot, cold, seed, work, last, loose)
    lift = np.zeros(net.limit.size, np.int64)
    if floor_price is not None and floor_price.any():
        unit, lift = FINE, np.rint(floor_price * FINE).astype(np.int64)
        raised = net.weight * FINE + np.where(net.floor >= 0, lift[net.floor] * net.need, 0)
        net, price = net._replace(weight=raised), price * FINE
    state = kernels.opened(net, best, every(model))
    fine = not is_broken(net, state)
    if not model.columns or not (fine or soft):
        return best, -1
    value = own_value(state, lift)
    whole = int(state.value[0]) if soft else value
    one = max(1.0, (whole - unit * model.base) / max(1, int((state.current != net.group_keep).sum())))
    best[:] = state.current
    value = value if fine else -1
    loose = np.ones(model.columns, np.bool_) if loose is None else loose
    more, cool, done = 0.0 if _even(model) else MORE, (cold / hot) ** (1.0 / max(1, steps)), 0
    while done < steps and not (work is not None and done and work.stopped):
        number = min(STEPS_A_SLICE, steps - done)
        warm = (hot * one * cool**done, hot * one * cool ** (done + number))
        value = refill(net, state, price, best, value, number, *warm, seed + done, more, lift, loose, served)
        done += number
    if soft and value < 0:
        best[:] = state.current
    if last is not None:
        last[:] = best if is_broken(net, state) else state.current
    return best, value // unit - model.base if value >= 0 else -1


def _exchanged(
    net: Net,
    start: Ints,
    steps: int,
    hot: float,
    cold: float,
    seed: int,
    work: Work | None,
    last: Ints | None,
    loose: Flags | None,
) -> tuple[Ints, int]:
    """``heat_bath`` in a plain net. Places that the start leaves empty take any column: steps exchange it like the others."""
    whole, fixed = covers_of(net), start[:0]
    covers, columns, chosen = whole, np.arange(start.size), start[start >= 0]
    one = max(1.0, kernels.covered_by(net, start) / max(1, chosen.size))
    if loose is not None:
        fixed = chosen[~loose[chosen]]
        covers, columns = left_by(whole, fixed)
    begun = np.isin(columns, chosen)
    empty = int(net.limit[0] // net.use_amount[0]) - fixed.size - int(begun.sum())
    begun[np.flatnonzero(~begun)[: max(0, empty)]] = True
    ended = np.flatnonzero(begun)
    found, _ = anneal(covers, ended, steps, hot * one, cold * one, seed, work, ended)
    chosen, best = needed(whole, np.concatenate([fixed, columns[found]])), np.full(start.size, -1, np.int64)
    best[chosen] = chosen
    if last is not None:
        chosen = np.concatenate([fixed, columns[ended]])
        last[:] = -1
        last[chosen] = chosen
    return best, kernels.covered_by(net, best)


def _even(model: CoverModel) -> bool:
    """Whether all columns use the same, so that exchanges one for one are enough."""
    net = model.net
    return bool((net.use_rule == 0).all() and net.use_amount.size == model.columns and np.ptp(net.use_amount) == 0)


def first_of_equals(model: CoverModel, plan: Plan) -> Plan:
    """The plan with ties settled by the order of the tables, so that it does not hang on how it was found."""
    state = kernels.opened(model.net, plan.current, every(model))
    kernels.settle_ties(model.net, state)
    return replace(plan, current=state.current.copy(), gain=int(state.value[0]) - model.base)


def order_of_gain(model: CoverModel, plan: Ints) -> list[tuple[int, int]]:
    """The chosen changes from all-keep, the largest marginal gain first: (column, gain)."""
    net = model.net
    state = kernels.opened(net, rest(model), every(model))
    columns = np.asarray(plan[plan != net.group_keep], np.int64)
    gains = rank(net, state, columns)
    return list(zip(columns.tolist(), gains.tolist(), strict=True))
