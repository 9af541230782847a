"""Branch and bound of our own over the linear program with cuts of three layers: HiGHS solves it, from vertex to vertex.

Variables, rules and objective are those of ``planner.siting.dual`` on the core that is left at the prices of the cuts; a node fixes some
columns at 0 or 1. Where the linear program is near (``triples``) a node takes some hundredths of a second and some dozens of nodes prove
what HiGHS's own tree, with its cuts and look-ahead at the root, proves in ten times as long.

A node is left once its linear program is no better than the incumbent. Else columns that it cannot move without passing below the incumbent
are fixed (reduced costs), and it branches on the column whose two sides fall most: known from earlier falls of the column, per share moved,
or looked at by so many steps of the simplex method; a side that falls below the incumbent is shut at once. The side that falls more
comes first. Sources: Land and Doig 1960; reliability branching, Achterberg, Koch and Martin 2005.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.siting.bounds import SAFETY
from planner.siting.closer import Heard, Proof, open_columns, step_of, whole_bound, with_plan
from planner.siting.exchanging import is_plain
from planner.siting.model import CoverModel
from planner.siting.net import Floats, Ints
from planner.siting.program import MIP_GAP, Warm, core_of, cover_matrix, program_of, weight_scale
from planner.siting.triples import rows_of
from planner.work import Work

LOOK_STEPS = 120  # of the simplex method for one side of one column
LOOKS = 20  # columns looked at in the first node, half as many in the next
PATIENCE = 6  # so many without a better one end it, and so many are looked at deep down
WHOLE = 1e-6  # so near to 0 or 1 a column is whole
LIKELY = 0.05  # a column nearer to 0 or 1 is not branched on while there are others
GUESS = 0.03  # share of the weight that a column covers that a branch on it may cost: only to rank columns that were never looked at
LEAST_FALL = 1e-3  # so that a side that does not fall at all does not hide the other
Fixed = NDArray[np.int8]  # per column: -1 at 0, 1 at 1, 0 free


@dataclass
class _Node:
    """What is fixed, what plans within it may cover at most, where its linear program starts from, and how deep it is."""

    fixed: Fixed
    value: float
    basis: Any
    depth: int


class _Branch(NamedTuple):
    """A column and what its sides (at 0, at 1) seem to come to: -inf where a side is proven to hold nothing better."""

    column: int
    down: float
    up: float
    score: float


class Tree:
    """The open nodes, two linear programs (one to solve nodes, one to look ahead), and what is known of each column.

    For a ``proof`` that is ``tight``; a node is left where it holds no plan that is better by more than the ``gap``.
    """

    def __init__(self, model: CoverModel, proof: Proof, gap: float, seed: int, work: Work) -> None:
        assert proof.tight is not None  # noqa: S101 - whoever asks knows
        core = core_of(model, open_columns(model, proof))
        program, cuts = program_of(core), rows_of(core, proof.tight.layers)
        self.columns, self.model, self.gap, self.work = core.columns, model, gap, work
        self.entries = max(1, program.matrix.nnz)  # what a node costs goes by it
        self.unit, self.step = weight_scale(core), step_of(core)
        ruled = not is_plain(model.net)
        self.walk, self.look = Warm(program, work, ruled=ruled), Warm(program, work, devex=True)
        for one in (self.walk, self.look):
            one.add(cuts, -1.0)
        n = core.columns.size
        self.heard = Heard(model, proof, seed, work, self.unit, lambda x: core.columns[x[:n] > 0.5])
        self.weight = np.asarray(cover_matrix(core) @ core.layers.weight) / self.unit
        self.fell, self.times = np.zeros((2, n)), np.zeros((2, n), np.int64)
        self.open = [_Node(np.zeros(n, np.int8), math.inf, None, 0)]
        self.stands: Any = None  # the basis where ``walk`` was left
        self.left = -math.inf  # what plans may cover at most of nodes that were left without an answer

    def grown(self, proof: Proof, nodes: int) -> Proof:
        """The proof after so many more nodes, or fewer where none is open any more or the work is stopped."""
        done = self._run(nodes)
        found = replace(with_plan(proof, self.heard.best), nodes=proof.nodes + done, core_columns=self.columns.size)
        bound = max(found.plan.gain, self._bound())
        return replace(found, bound=bound, proven_by="tree") if bound < found.bound else found

    def _run(self, nodes: int) -> int:
        """So many nodes, depth first; how many were done."""
        done = 0
        while self.open and done < nodes and not self.work.stopped:
            self.work.step("siting_close")
            node = self.open[-1]
            branch = self._entered(node)
            if self._stopped():
                break
            self.open.pop()
            done += 1
            if branch is not None:
                sides = ((branch.down, -1), (branch.up, 1))
                self.open += [self._side(node, branch.column, way) for _, way in sorted(sides, reverse=True)]
            self.heard.bound(max([self._aim, self.left, *(one.value for one in self.open)]))
        return done

    def _bound(self) -> int:
        """What no plan of the core can pass, whole units over all-keep."""
        best = self.heard.best.gain
        values = [self.left, *(one.value for one in self.open)]
        open_to = [whole_bound(value, self.unit, self.model) for value in values if value > -math.inf]
        return max([math.floor(best / (1.0 - self.gap)) if self.gap else best, *open_to])

    def _stopped(self) -> bool:
        """Whether the work was stopped meanwhile: a linear program that was stopped says nothing of its node, which stays open."""
        return self.work.stopped

    @property
    def _aim(self) -> float:
        """A node of less holds no better plan, or none that is better by more than the gap."""
        best = self.heard.best.gain
        better = (best + self.step + self.model.base) / self.unit * (1.0 - SAFETY) - MIP_GAP
        return max(better, (best / (1.0 - self.gap) + self.model.base) / self.unit) if self.gap else better

    def _side(self, node: _Node, column: int, way: int) -> _Node:
        """A node with one more column fixed."""
        fixed = node.fixed.copy()
        fixed[column] = way
        return _Node(fixed, node.value, node.basis, node.depth + 1)

    def _entered(self, node: _Node) -> _Branch | None:
        """Solve a node, fix what can be fixed, and say where it branches (None: it is done with)."""
        value = self.walk.value(node.fixed, self._aim, None if node.basis is self.stands else node.basis)
        while value >= self._aim and not self.work.stopped:
            if value == math.inf:  # HiGHS gave up
                self.left = max(self.left, node.value)
                return None
            x, slope = self.walk.columns()
            settled = (node.fixed == 0) & (slope > value - self._aim + WHOLE)
            node.fixed[settled] = np.where(x[settled] > 0.5, 1, -1)
            node.value, node.basis = min(node.value, value), self.walk.basis()
            self.stands = node.basis
            part = np.where(node.fixed == 0, np.minimum(x, 1.0 - x), 0.0)
            split = np.flatnonzero(part > LIKELY)
            split = split if split.size else np.flatnonzero(part > WHOLE)
            if not split.size:
                self.heard.better(x)
                if value >= self._aim:  # whole, but not a plan that covers as much: the solver's rounding
                    self.left = max(self.left, value)
                return None
            branch = self._best_branch(node, split, x)
            if branch is not None:
                return branch
            value = self.walk.value(node.fixed, self._aim)
        return None

    def _best_branch(self, node: _Node, split: Ints, x: Floats) -> _Branch | None:
        """The column whose sides fall most; None where a side was shut, so that the node is to be solved again."""
        most = max(PATIENCE, LOOKS >> node.depth)
        best, worse = _Branch(-1, 0.0, 0.0, -math.inf), 0
        for column in split[np.argsort(-self._rank(split, x[split]), kind="stable")][:most].tolist():
            known = node.depth > 0 and self.times[:, column].min() > 0
            branch = (self._foreseen if known else self._looked_at)(node, column, float(x[column]))
            if min(branch.down, branch.up) == -math.inf:
                node.fixed[column] = 1 if branch.down == -math.inf else -1
                return None
            best, worse = (branch, 0) if branch.score > best.score else (best, worse + 1)
            if worse >= PATIENCE or self.work.stopped:
                break
        return best

    def _rank(self, split: Ints, part: Floats) -> Floats:
        """What branching on each column promises: the product of both falls, as far as they are known."""
        falls = self.fell[:, split] / np.maximum(self.times[:, split], 1)
        sure = np.maximum(falls[0] * part, LEAST_FALL) * np.maximum(falls[1] * (1.0 - part), LEAST_FALL)
        guess = (GUESS * self.weight[split]) ** 2 * part * (1.0 - part)
        return np.where(self.times[:, split].min(axis=0) > 0, sure, guess)

    def _foreseen(self, node: _Node, column: int, part: float) -> _Branch:
        """A branch as earlier falls of the column foretell it."""
        falls = self.fell[:, column] / self.times[:, column]
        return _scored(node, column, node.value - falls[0] * part, node.value - falls[1] * (1.0 - part))

    def _looked_at(self, node: _Node, column: int, part: float) -> _Branch:
        """A branch after some steps of the simplex method on either side."""
        values, fixed = [], node.fixed.copy()
        for way, moved in ((-1, part), (1, 1.0 - part)):
            fixed[column] = way
            value = min(node.value, self.look.value(fixed, self._aim, node.basis, LOOK_STEPS))
            values.append(value)
            if value > -math.inf:
                side = (way + 1) // 2
                self.fell[side, column] += (node.value - value) / moved
                self.times[side, column] += 1
        return _scored(node, column, *values)


def _scored(node: _Node, column: int, down: float, up: float) -> _Branch:
    """A branch by the product of its falls."""
    score = max(node.value - down, LEAST_FALL) * max(node.value - up, LEAST_FALL)
    return _Branch(column, down, up, score)
