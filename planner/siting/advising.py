"""advise: what each chosen site could be exchanged for, and what each place left out would change.

With x* the plan found and value(x) its covered weight, two things are said of every group g (a mount or a standing camera):

* **best single exchange**, by trying all: the largest value(x) over plans x that keep every rule and differ from x* by
  at most one change undone and at most one change made; for a chosen g the one undone is that of g and the one made
  stands elsewhere, for any other g the one made is at g. It is the best of these plans, not the best plan.
* **bound**: what no plan without (with) a change at g can exceed. With the Lagrangian L of ``dual`` at the proven prices
  and worth(c) the priced worth of column c, such a plan gains at most

      L - max over c of worth(c) + worth(keep of g)          without a change at g
      L - max over c of worth(c) + max over c != keep of worth(c)     with one

  because L solves each group by itself and 0 or keep is what a group without a change has.

So the true loss by giving up a site lies between value - bound and value - value(best single exchange).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from planner import frames
from planner.siting import bounds, search
from planner.siting.choosing import ProvenChoice
from planner.siting.model import CoverModel
from planner.siting.net import Flags, Ints, Net, State, broken, compiled, gain_of, inner, loss_of, new_state, switch
from planner.siting.pricing import found_prices, inside
from planner.siting.using import using
from planner.work import Work

NOTHING = np.int64(-(2**62))  # value change where no plan keeps the rules


class Best(NamedTuple):
    """Per place the best exchange so far: value change, column that comes in (-1: none), its own capital, who leaves."""

    change: Ints
    column: Ints
    paid: Ints
    leaver: Ints


class Trials(NamedTuple):
    """The best per leaving group, the best per group that comes in, and per column its gain with the plan as it is."""

    going: Best
    coming: Best
    gain: Ints
    shut: Flags  # groups at which nothing may be done


@inner
def _none_yet(size: int) -> Best:
    """Nothing tried."""
    return Best(
        np.full(size, NOTHING, np.int64),
        np.full(size, -1, np.int64),
        np.zeros(size, np.int64),
        np.full(size, -1, np.int64),
    )


@inner
def _keep_it(best: Best, at: int, change: int, column: int, paid: int, leaver: int) -> None:
    best.change[at], best.column[at], best.paid[at], best.leaver[at] = change, column, paid, leaver


@inner
def _own_capital(net: Net, column: int) -> int:
    """What a column uses of the first rule."""
    for k in range(net.use_start[column], net.use_start[column + 1]):
        if net.use_rule[k] == 0:
            return int(net.use_amount[k])
    return 0


@inner
def _is_better(best: Best, at: int, change: int, paid: int) -> bool:
    """A larger value, or an equal one for less own capital (a change that gains nothing is no exchange)."""
    return bool(
        change > best.change[at] or (change == best.change[at] and best.column[at] >= 0 and paid < best.paid[at])
    )


@inner
def _book_floors(net: Net, state: State, column: int, old: int, more: Ints) -> None:
    """What the change from one column to another adds to the rules that are floors."""
    pattern = net.column_pattern[column]
    q, end = net.pattern_start[pattern], net.pattern_start[pattern + 1]
    for k in range(q, end):
        layer = net.pattern_layer[k]
        if net.floor[layer] >= 0 and state.times[layer] == 0:
            more[net.floor[layer]] -= net.need[layer]
    if old < 0:
        return
    pattern = net.column_pattern[old]
    for k in range(net.pattern_start[pattern], net.pattern_start[pattern + 1]):
        layer = net.pattern_layer[k]
        while q < end and net.pattern_layer[q] < layer:
            q += 1
        kept = q < end and net.pattern_layer[q] == layer
        if net.floor[layer] >= 0 and state.times[layer] == 1 and not kept:
            more[net.floor[layer]] += net.need[layer]


@inner
def _keeps_rules(net: Net, state: State, column: int, floored: bool, more: Ints) -> bool:  # noqa: FBT001 - compiled
    """Whether no rule is broken once the change to this column is made (``more``: room for one number per rule)."""
    group = net.column_group[column]
    old = state.current[group]
    more[:] = 0
    for k in range(net.use_start[column], net.use_start[column + 1]):
        more[net.use_rule[k]] += net.use_amount[k]
    if old >= 0:
        for k in range(net.use_start[old], net.use_start[old + 1]):
            more[net.use_rule[k]] -= net.use_amount[k]
    if floored:
        _book_floors(net, state, column, old, more)
    for rule in range(more.size):
        if state.use[rule] + more[rule] > net.limit[rule]:
            return False
    if net.column_spaced[column] and (old < 0 or not net.column_spaced[old]):
        for k in range(net.clique_start[group], net.clique_start[group + 1]):
            if state.clique[net.clique_of[k]] > 0:
                return False
    return True


@inner
def _try_columns(net: Net, state: State, who: int, leaver: int, start: int, table: Trials) -> None:
    """Every change elsewhere, the leaver being undone."""
    floored = bool((net.floor >= 0).any())
    more = np.zeros(net.limit.size, np.int64)
    if not broken(net, state):
        table.going.change[who] = state.value[0] - start
    for column in range(net.column_group.size):
        group = net.column_group[column]
        keep = net.group_keep[group]
        if column == keep or state.current[group] != keep or table.shut[group]:
            continue
        won = gain_of(net, state, column) if keep >= 0 else state.gain[net.column_pattern[column]]
        if leaver < 0:
            table.gain[column] = won
        change = state.value[0] + won - start
        if change < table.going.change[who] and change < table.coming.change[group]:
            continue
        paid = _own_capital(net, column)
        goes, comes = _is_better(table.going, who, change, paid), _is_better(table.coming, group, change, paid)
        if (goes or comes) and _keeps_rules(net, state, column, floored, more):
            if goes:
                _keep_it(table.going, who, change, column, paid, who)
            if comes:
                _keep_it(table.coming, group, change, column, paid, who)


@compiled
def _trials(net: Net, plan: Ints, leaving: Ints, barred: int, start: int) -> Trials:
    """Every single exchange that keeps all rules; value changes are against ``start``.

    ``leaving``: groups whose change may be undone, -1: none is. ``barred``: a group at which nothing may be done (-1: none).
    """
    state = new_state(net, np.empty(0, np.int64))
    for group in range(plan.size):
        switch(net, state, group, plan[group])
    shut = np.zeros(plan.size, np.bool_)
    table = Trials(_none_yet(leaving.size), _none_yet(plan.size), np.zeros(net.column_group.size, np.int64), shut)
    if barred >= 0:
        shut[barred] = True
    losses = np.zeros(leaving.size, np.int64)
    for i in range(leaving.size):
        losses[i] = 0 if leaving[i] < 0 else loss_of(net, state, leaving[i])
    for i in np.argsort(losses):  # who is missed least first: later ones seldom do better
        leaver = leaving[i]
        if leaver < 0:
            _try_columns(net, state, i, leaver, start, table)
            continue
        switch(net, state, leaver, net.group_keep[leaver])
        shut[leaver] = True
        _try_columns(net, state, i, leaver, start, table)
        shut[leaver] = False
        switch(net, state, leaver, plan[leaver])
    return table


@compiled
def _used(net: Net, plan: Ints) -> Ints:
    """What a plan uses of each rule."""
    state = new_state(net, np.empty(0, np.int64))
    for group in range(plan.size):
        switch(net, state, group, plan[group])
    return state.use


@dataclass
class _Found:
    """The best exchange for one group: its value change (None: no single one keeps the rules) and the two offers."""

    change: int | None = None
    offer: str = ""
    other: str = ""

    def take(self, change: int, offer: str, other: str = "") -> None:
        """Keep the better of two."""
        if change != NOTHING and (self.change is None or change > self.change):
            self.change, self.offer, self.other = change, offer, other


class _Side:
    """The plan in one variant of the problem (``variants``; itself alone where there are none)."""

    def __init__(
        self, model: CoverModel, choice: ProvenChoice, chosen: Mapping[str, str], start: int, work: Work
    ) -> None:
        self.model, self.chosen = model, chosen
        net = model.net
        column = model.column_of
        group_of = model.given.offers.table.set_index("offer_id")["group_id"]
        self.groups = group_of.loc[[model.offer_ids[c] for c in net.group_start[:-1]]].tolist()
        self.place = {g: i for i, g in enumerate(self.groups)}
        self.missing = [g for g, offer in chosen.items() if offer not in column]
        self.plan = search.rest(model)
        for group, offer in chosen.items():
            if offer in column:
                self.plan[self.place[group]] = column[offer]
        self.start = start + model.base
        self.spaced = [
            (model.offer_ids[c], set(net.clique_of[net.clique_start[g] : net.clique_start[g + 1]].tolist()))
            for g, c in enumerate(self.plan.tolist())
            if c >= 0 and net.column_spaced[c]
        ]
        prices = choice.multipliers
        if prices is None:  # a choice inside another has none of its own
            prices, _ = found_prices(model, self.start, model.given.settings.siting.dual_rounds, work)
        self.prices = prices
        self.worth, size = bounds.column_worth(model, prices)
        bound, best = bounds.bound_at(model, prices), bounds.group_best(model, self.worth)
        self.limit = min(bound, round(choice.bound / model.unit))
        # what is proven is less than one unit above the bound, which was rounded down: so are the bounds of single places
        most = bound + 1 - best + bounds.SAFETY * float(size.max(initial=0.0)) + 1e-6
        stays = net.group_keep >= 0
        keep = np.zeros(best.size)
        keep[stays] = self.worth[net.group_keep[stays]]
        self.worth[net.group_keep[stays]] = -np.inf
        change = np.maximum.reduceat(self.worth, net.group_start[:-1]) if best.size else best
        self.without = np.minimum(np.ceil(most + keep) - 1, self.limit)
        self.with_it = np.minimum(np.ceil(most + change) - 1, self.limit)

    def exchange(self, chosen: Mapping[str, _Found], others: Mapping[str, _Found]) -> Ints:
        """Try all exchanges; better ones are put into the two tables; the gains of the columns are returned."""
        barred = self.place.get(self.missing[0], -1) if self.missing else -1
        leaving = [] if self.missing else [self.place[g] for g in chosen]
        names = self.missing or ["", *chosen]
        going, coming, gain, _ = _trials(
            self.model.net, self.plan, np.array([-1, *leaving], np.int64), barred, self.start
        )
        for i, name in enumerate(names):
            if name:
                chosen[name].take(int(going.change[i]), self._offer(going.column[i]))
        for i, group in enumerate(self.groups):
            if group in others and coming.column[i] >= 0:
                leaver = self.chosen.get(names[coming.leaver[i]], "")
                others[group].take(int(coming.change[i]), self._offer(coming.column[i]), leaver)
        return gain

    def _offer(self, column: int) -> str:
        """The offer of a column; "" for none."""
        return self.model.offer_ids[column] if column >= 0 else ""


def advise(model: CoverModel, choice: ProvenChoice, work: Work | None = None) -> frames.Advice:
    """The best single exchange and the bound of every place (see above), over all variants of the problem.

    Parameters
    ----------
    model
        From ``build``.
    choice
        From ``choose``, ``robust`` or ``phases``. One without prices gets them here.
    work
        Stopping of the search for such prices. The exchanges themselves are a count that takes a second.

    Returns
    -------
    frames.Advice
        Values in offences a year. Places whose offers are all out, banned or film nothing that counts are not among
        ``left_out``; ``replaced`` counts those that the model dropped for the one told of (``CoverModel.dropped``).
    """
    group_of = model.given.offers.table.set_index("offer_id")["group_id"]
    chosen = {str(group_of[offer]): str(offer) for offer in choice.chosen["offer_id"]}
    work, start = work or Work(), round(choice.value / model.unit)
    solved = [(v.model, v.choice) for v in choice.variants if v.choice is not None]
    sides = [_Side(one, its, chosen, start, work) for one, its in solved]
    # what was not solved is bounded as part of the whole, in which programmes cost nothing
    left = [v.prices for v in choice.variants if v.choice is None] or ([] if solved else [choice.multipliers])
    bounding = [_Side(model, replace(choice, multipliers=prices), chosen, start, work) for prices in left[:1]]
    own, sides = _own_first(model, choice, sides, bounding, chosen, start, work)
    others = {g: _Found() for i, g in enumerate(own.groups) if g not in chosen and np.isfinite(own.with_it[i])}
    leavers = {g: _Found() for g in chosen}
    gain = own.exchange(leavers, others)
    for side in sides[1:]:
        if len(side.missing) < 2:
            side.exchange(leavers, others)
    unit = model.unit
    exchanges = [
        (
            chosen[g],
            f.offer,
            None if f.change is None else f.change * unit,
            _most([*sides, *bounding], "without", g) * unit,
        )
        for g, f in leavers.items()
    ]
    used = _used(own.model.net, own.plan)
    replaced = model.dropped["by"].value_counts().to_dict()
    rows = [_left_out(own, g, f, gain, used, _most([*sides, *bounding], "with_it", g)) for g, f in others.items()]
    left_out = [(*row, replaced.get(row[1], 0)) for row in rows]
    return frames.Advice(_table("exchanges", exchanges), _table("left_out", left_out))


def _own_first(
    model: CoverModel,
    choice: ProvenChoice,
    sides: list[_Side],
    bounding: list[_Side],
    chosen: Mapping[str, str],
    start: int,
    work: Work,
) -> tuple[_Side, list[_Side]]:
    """The side in which just the programmes are used that pay for the plan, and all sides, that one first.

    A plan in years or one that is safe against chance may be of another variant than the best plan, and of one not solved.
    """
    if not model.charges:
        return bounding[0], bounding
    columns = [model.column_of[offer] for offer in chosen.values()]
    bits = int(np.bitwise_or.reduce(model.uses[columns], initial=0))
    used = tuple(sorted(c.programme for i, c in enumerate(model.charges) if bits >> i & 1))
    for side in sides:
        if side.model.used == used:
            return side, [side, *(other for other in sides if other is not side)]
    part = using(model, used)
    assert part is not None, used  # noqa: S101 - the plan stands in it
    prices = inside(part, bounding[0].prices) if bounding else None
    own = _Side(part.model, replace(choice, multipliers=prices), chosen, start, work)
    return own, [own, *sides]


def _most(sides: Sequence[_Side], what: str, group: str) -> int:
    """The largest bound of all variants; a variant that lacks the place has a plan without a change there only."""
    found = []
    for side in sides:
        if group in side.place:
            found.append(getattr(side, what)[side.place[group]])
        elif what == "without":
            found.append(side.limit)
    return int(max(found))


def _left_out(side: _Side, group: str, found: _Found, gain: Ints, used: Ints, bound: int) -> tuple[Any, ...]:
    """A place's most promising offer, and what keeps it out: a row of ``left_out`` but for what the offer replaces."""
    net, unit = side.model.net, side.model.unit
    at = side.place[group]
    first, last = int(net.group_start[at]), int(net.group_start[at + 1])
    column = first + int(np.argmax(side.worth[first:last]))
    if found.offer in side.model.offer_ids[first:last]:
        column = first + side.model.offer_ids[first:last].index(found.offer)
    blocked, near = _in_the_way(side, at, column, used)
    change = None if found.change is None else found.change * unit
    offer = side.model.offer_ids[column]
    return group, offer, gain[column] * unit, " ".join(blocked), near, found.other, change, bound * unit


def _in_the_way(side: _Side, group: int, column: int, used: Ints) -> tuple[list[str], str]:
    """The rules that adding a column to the plan would break, and the first chosen site that is too near."""
    net, model = side.model.net, side.model
    amount = np.zeros(net.limit.size, np.int64)
    for sign, c in ((1, column), (-1, int(side.plan[group]))):
        if c >= 0:
            at = slice(net.use_start[c], net.use_start[c + 1])
            amount[net.use_rule[at]] += sign * net.use_amount[at]
    blocked = [model.rules[r] for r in np.flatnonzero((amount > 0) & (used + amount > net.limit))]
    if net.column_spaced[column]:
        mine = set(net.clique_of[net.clique_start[group] : net.clique_start[group + 1]].tolist())
        for offer, theirs in side.spaced:
            if mine & theirs:
                return ["spacing", *blocked], offer
    return blocked, ""


def _table(name: str, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """Rows as one of the tables of ``frames``."""
    empty = frames.empty(name, 0)
    frame = pd.DataFrame(rows, columns=empty.columns).astype(empty.dtypes.to_dict())
    return pd.DataFrame(frames.check(name, frame))
