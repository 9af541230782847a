"""A crowd of good plans, crossed: one plan's changes in one part of town, another's everywhere else, mended and searched from there.

Where plans are near the best they differ in most sites and hardly in what they cover: each is the best in some part of town and not in
others, and no cooling is lucky everywhere at once. A child has the changes of one plan (variables x_c of ``planner.siting.dual``) in
the ``inside`` columns, those nearest to a random one by steps from column to column that share a layer, and the other plan's outside.
It is cut back to the limits and filled; a short cooling mends the seam. It takes the place of the parent that it is more like, if it
is no worse, so that the crowd keeps plans that differ. A crowd that no child betters any more gives way to one of twice as many
(Harik and Lobo 1999). Sources: search from crossed plans, Moscato 1989; parents cut and spliced
in space, Deaven and Ho 1995 (for clusters of atoms); the nearer parent gives way, Mahfoud 1992.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from planner.siting import search
from planner.siting.model import CoverModel
from planner.siting.net import Ints, Net, compiled
from planner.siting.search import Plan

# plans at first: of 10 all were alike after 100 s, at 255 below the best known plan of SanFrancisco, 100 sites; of 24 they came to 10
CROWD = 24
PATIENCE = 5  # children a plan: so many without a better one in its place end a crowd
LEAST_SHARE = 0.2  # of a parent's changes that are inside at least, and outside


@compiled
def nearest_first(net: Net, pattern: int) -> Ints:
    """All patterns in the order in which they are reached from one, by layers that they share (breadth first); the rest at the end."""
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
    for other in range(patterns):
        if not found[other]:
            order[number] = other
            number += 1
    return order


@dataclass
class Crowd:
    """So many good plans of a model, and who is to be crossed next."""

    model: CoverModel
    seed: int
    size: int = CROWD
    plans: list[Plan] = field(default_factory=list)
    turn: int = 0
    idle: int = 0  # children since the last that was better than whom it replaced
    parents: tuple[int, int] | None = None

    def next(self, best: Ints) -> tuple[Ints, bool]:
        """What to search from, and whether it is a child: else the best plan, in later crowds as many changes at random.

        It need not keep all rules.
        """
        self.turn += 1
        random = np.random.default_rng([self.seed, self.turn])
        if len(self.plans) < self.size:
            self.parents = None
            changes = int((best != self.model.net.group_keep).sum())
            return best if self.size == CROWD else scattered(self.model, changes, random), False
        one, two = random.choice(len(self.plans), 2, replace=False).tolist()
        self.parents = one, two
        return crossed(self.model, self.plans[one].current, self.plans[two].current, random), True

    def take(self, plan: Plan) -> None:
        """What search came to from there: beside the others while there are few, else in place of the parent that it is more like."""
        if self.parents is None:
            self.plans.append(plan)
            return
        self.idle += 1
        nearer = max(self.parents, key=lambda at: int((self.plans[at].current == plan.current).sum()))
        known = any(np.array_equal(plan.current, other.current) for other in self.plans)
        if plan.gain >= self.plans[nearer].gain and not known:
            self.idle = 0 if plan.gain > self.plans[nearer].gain else self.idle
            self.plans[nearer] = plan
        if self.idle >= PATIENCE * self.size:
            self.size, self.plans, self.idle = 2 * self.size, [], 0


def scattered(model: CoverModel, changes: int, random: np.random.Generator) -> Ints:
    """So many columns at random, or fewer where two are of one group."""
    current = search.rest(model)
    columns = random.permutation(model.columns)[:changes]
    current[model.net.column_group[columns]] = columns
    return current


def crossed(model: CoverModel, one: Ints, two: Ints, random: np.random.Generator) -> Ints:
    """The changes of one plan in a random part of the town and those of another outside; they need not keep all rules."""
    net, child = model.net, search.rest(model)
    rank = np.empty(net.pattern_start.size - 1, np.int64)
    order = nearest_first(net, int(random.integers(rank.size)))
    rank[order] = np.arange(rank.size)
    mine, others = (current[(current >= 0) & (current != net.group_keep)] for current in (one, two))
    if not mine.size:
        return two.copy()
    at = np.sort(rank[net.column_pattern[mine]])
    edge = at[int(random.uniform(LEAST_SHARE, 1.0 - LEAST_SHARE) * at.size)]
    for columns, inside in ((others, False), (mine, True)):
        kept = columns[(rank[net.column_pattern[columns]] <= edge) == inside]
        child[net.column_group[kept]] = kept
    return child
