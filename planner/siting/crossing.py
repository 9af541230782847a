"""Crowds of good plans, crossed: one plan's changes in one part of town, another's everywhere else, mended where the two meet.

Where plans are near the best they differ in most sites and hardly in what they cover: each is the best in some part of town and not in
others, and no cooling is lucky everywhere at once. A child has the changes of one plan (variables x_c of ``planner.siting.dual``) in
the columns nearer to one random place than to another, and the other plan's elsewhere; how near they are is counted by steps from
column to column that share a layer, and smoothed, so that no map is needed. The child is cut back to the limits and filled; a short
cooling of the changes nearest to the seam mends it, which costs a part of what cooling them all costs and ends as well. It takes the
place of the parent that it is more like, if it is no worse, so that the crowd keeps plans that differ. A crowd that no child betters
any more is put by and another begins; two that have come as far are united, the best half of each, and crossed on. Sources: search
from crossed plans, Moscato 1989; parents cut and spliced in space, Deaven and Ho 1995 (for clusters of atoms); the nearer parent gives
way, Mahfoud 1992; crowds apart that meet later, Cohoon and others 1987.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from planner.siting import search
from planner.siting.model import CoverModel
from planner.siting.net import Flags, Floats, Ints, Net, compiled
from planner.siting.search import Plan

CROWD = 24  # plans; even, so that half of one and half of another are as many
# children a plan: so many without a better one in its place end a crowd; with 2 those of SanFrancisco, 100 sites, ended at 550 on average, with 5 at 410
PATIENCE = 5
LEAST_SHARE = 0.2  # of a parent's changes that are inside at least, and outside
SMOOTHINGS = 2  # by steps alone a cut is as ragged as a step is wide
PLACES = 32  # from which nearness is counted: two of them make a cut
SEAM_SHARE = 0.3  # of a child's changes that lie at its seam: with 0.15 crowds ended poorer, with all they took four times as long


class Start(NamedTuple):
    """What to search from; it need not keep all rules."""

    current: Ints
    seam: Flags | None = None  # per column: whether it lies where the two parents meet (None: no child)
    parents: tuple[int, int] | None = None


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
        child, seam = crossed(
            self.model, self.plans[one].current, self.plans[two].current, self._across(random), random
        )
        return Start(child, seam, (one, two))

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

    def _across(self, random: np.random.Generator) -> Floats:
        """Per pattern how much sooner it is reached from one place than from another: the lower, the nearer to the one."""
        one, two = random.choice(PLACES, 2, replace=False).tolist()
        for place in {one, two} - self.ranks.keys():
            pattern = np.random.default_rng([self.seed, place]).integers(self.model.net.pattern_start.size - 1)
            rank = ranks_from(self.model.net, int(pattern))
            for _ in range(SMOOTHINGS):
                rank = smoothed(self.model.net, rank)
            self.ranks[place] = rank
        return np.asarray(self.ranks[one] - self.ranks[two])

    def _end(self) -> None:
        """Unite with a crowd that has come as far, or begin another."""
        self.idle = 0
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


def crossed(model: CoverModel, one: Ints, two: Ints, across: Floats, random: np.random.Generator) -> tuple[Ints, Flags]:
    """The changes of one plan where ``across`` (per pattern) is low and those of another where it is high, and what lies at the seam.

    They need not keep all rules. The seam: per column whether it is of the SEAM_SHARE nearest to the cut.
    """
    net, child = model.net, search.rest(model)
    mine, others = (current[(current >= 0) & (current != net.group_keep)] for current in (one, two))
    if not mine.size:
        return two.copy(), np.ones(model.columns, np.bool_)
    at = np.sort(across[net.column_pattern[mine]])
    edge = at[int(random.uniform(LEAST_SHARE, 1.0 - LEAST_SHARE) * at.size)]
    for columns, inside in ((others, False), (mine, True)):
        kept = columns[(across[net.column_pattern[columns]] <= edge) == inside]
        child[net.column_group[kept]] = kept
    away = np.abs(across - edge)[net.column_pattern]
    changed = child[(child >= 0) & (child != net.group_keep)]
    return child, away <= np.quantile(away[changed], SEAM_SHARE)
