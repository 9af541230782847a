"""Crowds of good plans, crossed: one plan's changes in one part of town, another's everywhere else, mended where the two meet.

Where plans are near the best they differ in most sites and hardly in what they cover: each is the best in some part of town and not in
others, and no cooling is lucky everywhere at once. A child has the changes of one plan (variables x_c of ``planner.siting.dual``) in
the columns nearer to one random place than to another, and the other plan's elsewhere, the same share of both, so that it has as many
changes as they; how near columns are is counted by steps from column to column that share a layer, and smoothed, so that no map is
needed. It is cut back to the limits and filled; a short cooling of the changes nearest to the seam mends it, which costs a part of what
cooling them all costs. It takes the place of the parent that it is more like, if it is no worse, so that the crowd keeps plans that
differ. A crowd that no child betters any more is put by and another begins; two that have come as far are united, the best half of
each. Their plans fit one another only here and there: of several cuts through a pair the one that covers most is taken, and once
seams alone better nothing more, children are cooled everywhere and longer. Sources: search from crossed plans, Moscato 1989; parents cut
and spliced in space, Deaven and Ho 1995 (for clusters of atoms); the nearer parent gives way, Mahfoud 1992; crowds apart that meet
later, Cohoon and others 1987; the cut where two plans fit, Whitley, Hains and Howe 2009 (for tours).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from planner.siting import kernels, search
from planner.siting.model import CoverModel
from planner.siting.net import Flags, Floats, Ints, Net, compiled
from planner.siting.search import Plan

CROWD = 24  # plans; even, so that half of one and half of another are as many
# children a plan: so many without a better one in its place end a crowd; with 2 those of SanFrancisco, 100 sites, ended at 550 on average, with 5 at 410
PATIENCE = 5
LEAST_SHARE = 0.2  # of a parent's changes that are inside at least, and outside
# of so many cuts through plans of united crowds the best is taken that leaves a child such a share of changes at least which each parent has not
CUTS, APART = 16, 0.08
SMOOTHINGS = 2  # by steps alone a cut is as ragged as a step is wide
PLACES = 32  # from which nearness is counted: two of them make a cut
SEAM_SHARE = 0.3  # of a child's changes that lie at its seam: with 0.15 crowds ended poorer, with all they took four times as long


class Start(NamedTuple):
    """What to search from; it need not keep all rules. What is no child has no parents and no seam, and is cooled everywhere."""

    current: Ints
    seam: Flags | None = None  # per column: whether it may be taken out, since the parents meet there
    parents: tuple[int, int] | None = None


class Cut(NamedTuple):
    """A child before it is mended, and where its parents meet."""

    child: Ints
    across: Floats  # per pattern how much nearer it is to one place than to another
    edge: float  # where it changes hands


@compiled
def ranks_from(net: Net, pattern: int) -> Floats:
    """How many patterns are reached before each, from one, by layers that they share (breadth first); the rest at the end."""
    patterns, layers = net.pattern_start.size - 1, net.weight.size
    order, found, seen = np.empty(patterns, np.int64), np.zeros(patterns, np.bool_), np.zeros(layers, np.bool_)
    order[0], found[pattern], number = pattern, True, 1
    for at in range(patterns):
        if at == number:
            break
        for k in range(net.pattern_start[order[at]], net.pattern_start[order[at] + 1]):
            layer = net.pattern_layer[k]
            if seen[layer]:
                continue
            seen[layer] = True
            for q in range(net.layer_start[layer], net.layer_start[layer + 1]):
                other = net.layer_pattern[q]
                if not found[other]:
                    order[number], found[other] = other, True
                    number += 1
    rank = np.empty(patterns)
    for at in range(number):
        rank[order[at]] = at
    for other in range(patterns):
        if not found[other]:
            rank[other] = number
            number += 1
    return rank


@compiled
def smoothed(net: Net, rank: Floats) -> Floats:
    """Per pattern the mean of its layers, each the mean of the patterns that cover it."""
    layers, out = np.zeros(net.weight.size), np.zeros(rank.size)
    for layer in range(layers.size):
        first, end = net.layer_start[layer], net.layer_start[layer + 1]
        for q in range(first, end):
            layers[layer] += rank[net.layer_pattern[q]] / (end - first)
    for pattern in range(rank.size):
        first, end = net.pattern_start[pattern], net.pattern_start[pattern + 1]
        for k in range(first, end):
            out[pattern] += layers[net.pattern_layer[k]] / (end - first)
    return out


@dataclass
class Crowd:
    """So many good plans of a model, who is to be crossed next, and the crowds before."""

    model: CoverModel
    seed: int
    plans: list[Plan] = field(default_factory=list)
    turn: int = 0
    deep: bool = False  # seams alone better nothing more
    idle: int = 0  # children since the last that was better than whom it replaced
    united: int = 0  # how often crowds were united on the way to this one
    earlier: list[tuple[int, list[Plan]]] = field(default_factory=list)  # crowds put by, and how often they were united
    ranks: dict[int, Floats] = field(default_factory=dict)  # of all patterns from each place, smoothed

    def next(self, best: Ints) -> Start:
        """A child; while the crowd grows the best plan, or, in later crowds, as many changes at random."""
        self.turn += 1
        random = np.random.default_rng([self.seed, self.turn])
        if len(self.plans) < CROWD:
            changes = int((best != self.model.net.group_keep).sum())
            return Start(scattered(self.model, changes, random) if self.earlier else best)
        one, two = random.choice(CROWD, 2, replace=False).tolist()
        parents = self.plans[one], self.plans[two]
        cuts = [self._cut(*parents, random) for _ in range(CUTS if self.united else 1)]
        cut = max(cuts, key=lambda cut: self._fit(cut.child, parents)) if self.united else cuts[0]
        seam = np.ones(self.model.columns, np.bool_) if self.deep else seam_of(self.model, cut)
        return Start(cut.child, seam, (one, two))

    def take(self, start: Start, plan: Plan) -> None:
        """What search came to from there: beside the others while there are few, else in place of the parent that it is more like."""
        if start.parents is None:
            self.plans.append(plan)
            return
        self.idle += 1
        nearer = max(start.parents, key=lambda at: int((self.plans[at].current == plan.current).sum()))
        known = any(np.array_equal(plan.current, other.current) for other in self.plans)
        if plan.gain >= self.plans[nearer].gain and not known:
            self.idle = 0 if plan.gain > self.plans[nearer].gain else self.idle
            self.plans[nearer] = plan
        if self.idle >= PATIENCE * CROWD:
            self._end()

    def _cut(self, one: Plan, two: Plan, random: np.random.Generator) -> Cut:
        """Two plans cut between two random places."""
        places = random.choice(PLACES, 2, replace=False).tolist()
        for place in set(places) - self.ranks.keys():
            pattern = np.random.default_rng([self.seed, place]).integers(self.model.net.pattern_start.size - 1)
            rank = ranks_from(self.model.net, int(pattern))
            for _ in range(SMOOTHINGS):
                rank = smoothed(self.model.net, rank)
            self.ranks[place] = rank
        return crossed(self.model, one.current, two.current, self.ranks[places[0]] - self.ranks[places[1]], random)

    def _fit(self, child: Ints, parents: tuple[Plan, Plan]) -> float:
        """What a child covers as it is, less what it spends more than the dearer parent (least where it is a parent over again).

        At the prices of the rules, which the parents keep: else the best would be those that overrun their limits furthest.
        """
        changed = child != self.model.net.group_keep
        if min(int((changed & (child != parent.current)).sum()) for parent in parents) < APART * changed.sum():
            return -np.inf
        most = max(self._spent(parent.current, parent.price) for parent in parents)
        over = max(0.0, self._spent(child, parents[0].price) - most)
        return kernels.covered_by(self.model.net, child) - over

    def _spent(self, current: Ints, price: Floats) -> float:
        """What the changes of a plan cost at prices."""
        return float(price[current[(current >= 0) & (current != self.model.net.group_keep)]].sum())

    def _end(self) -> None:
        """Cool deeper where crowds have met, or else unite with one that has come as far, or begin another."""
        self.idle = 0
        if self.united and not self.deep:
            self.deep = True
            return
        self.deep = False
        if self.earlier and self.earlier[-1][0] == self.united:
            _, others = self.earlier.pop()
            self.plans = [*_best_half(others), *_best_half(self.plans)]
            self.united += 1
        else:
            self.earlier.append((self.united, self.plans))
            self.plans, self.united = [], 0


def _best_half(plans: list[Plan]) -> list[Plan]:
    """Those that gain most."""
    return sorted(plans, key=lambda plan: -plan.gain)[: CROWD // 2]


def scattered(model: CoverModel, changes: int, random: np.random.Generator) -> Ints:
    """So many columns at random, or fewer where two are of one group."""
    current = search.rest(model)
    columns = random.permutation(model.columns)[:changes]
    current[model.net.column_group[columns]] = columns
    return current


def crossed(model: CoverModel, one: Ints, two: Ints, across: Floats, random: np.random.Generator) -> Cut:
    """The changes of one plan where ``across`` (per pattern) is low and those of another where it is high, the same share of both.

    The child has no more changes than the larger parent; other rules it need not keep.
    """
    net, child = model.net, search.rest(model)
    mine, others = (_in_order(model, current, across) for current in (one, two))
    if not (mine.size and others.size):
        return Cut((one if mine.size else two).copy(), across, 0.0)
    share = random.uniform(LEAST_SHARE, 1.0 - LEAST_SHARE)
    inside, outside = mine[: int(share * mine.size)], others[int(share * others.size) :]
    for columns in (outside, inside):
        child[net.column_group[columns]] = columns
    border = across[net.column_pattern[np.concatenate([inside[-1:], outside[:1]])]]
    return Cut(child, across, float(border.mean()))


def _in_order(model: CoverModel, current: Ints, across: Floats) -> Ints:
    """The changes of a plan, from one place to the other."""
    columns = current[(current >= 0) & (current != model.net.group_keep)]
    return np.asarray(columns[np.argsort(across[model.net.column_pattern[columns]], kind="stable")], np.int64)


def seam_of(model: CoverModel, cut: Cut) -> Flags:
    """Per column whether it is of the SEAM_SHARE of a child's changes nearest to its cut, or as near."""
    away = np.abs(cut.across - cut.edge)[model.net.column_pattern]
    changed = cut.child[(cut.child >= 0) & (cut.child != model.net.group_keep)]
    if not changed.size:
        return np.ones(model.columns, np.bool_)
    return np.asarray(away <= np.quantile(away[changed], SEAM_SHARE), np.bool_)
