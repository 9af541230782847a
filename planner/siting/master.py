"""The master program of regions: ways and open columns together, and what its prices prove.

Symbols as in ``planner.siting.dual`` and ``listing``; R the regions that can be listed, W(e) the ways of region e, "open" the columns of no
such region, z_l how often layer l is covered by more than one of them (``borders``):

    maximise    sum_{e in R} sum_{v in W(e)} w_v t_v  +  sum_l w_l y_l  -  sum_l w_l z_l
    subject to  sum_{v in W(e)} t_v = 1                                   each e in R
                y_l <= sum of x_c over open columns covering l            each layer l of the open columns
                sum_e sum_v a_rv t_v + sum_c a_rc x_c <= b_r              each rule r
                sum_v short_v t_v <= sum_{f != e} sum_v help_ev t_v + sum_{d(l) = e} n_l (y_l - z_l)        each e in R
                cover of open columns + sum_e sum_v help_dv t_v - sum_{d(l) = d} n_l z_l >= need_d          each floor d of no listed region
                installs of ways and open columns in a clique <= 1;  groups of the open columns
                t, x in {0, 1}, 0 <= y <= 1, z as ``borders`` has it

Every plan is a solution of it and counts the same, so that its bound is one of the model. A way may be left out where a plan with it is no
better than a known one: at prices p of rules and cliques, and q_l <= w_l + p_d(l) n_l of covering a layer twice, a plan that uses v covers at
most ``L(p, q) - (best worth in W(e) - worth of v)``, with

    L(p, q) = sum_e max_{v in W(e)} worth_v(p, q) + what the open columns add at prices of their layers + sum_r p_r b_r + sum_k p_k + sum_l q_l

which is a bound itself.

Source: Dantzig and Wolfe 1960.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from planner.siting import listing
from planner.siting.borders import Borders, borders, spread_out
from planner.siting.bounds import SAFETY, group_best, raised_weight
from planner.siting.listing import Prices, Ways
from planner.siting.matrices import installs, patterns, uses
from planner.siting.model import CoverModel
from planner.siting.net import Floats, Ints
from planner.siting.program import (
    AT_LEAST,
    BASIC,
    Answer,
    Basis,
    Core,
    Program,
    cover_matrix,
    floor_scale,
    weight_scale,
)
from planner.siting.region import Region
from planner.siting.search import floors_of
from planner.work import Work


@dataclass(frozen=True)
class Duals:
    """What ways pay, and the prices of the open columns' layers."""

    ways: Prices
    layer: Floats


@dataclass(frozen=True)
class Restricted:
    """The program over open columns, their layers, ways and classes at borders (in this order); ``ways``: region and columns of each."""

    program: Program
    ways: list[tuple[int, tuple[int, ...]]]
    borders: Borders

    def start_of(self, first: Floats, chosen: Floats) -> Floats:
        """A solution from its values of open columns and their layers, and of ways."""
        layers = first[first.size - self.borders.open.shape[1] :]
        twice = self.borders.way @ chosen + self.borders.open @ layers - 1.0
        return np.concatenate([first, chosen, np.maximum(twice, 0.0)])

    def carried(self, before: Restricted, basis: Basis) -> Basis:
        """The basis of a program with fewer ways, for this one: classes at borders are found anew, and begin as if none were covered twice."""
        number = self.borders.most.size
        first, rows = self.program.gain.size - len(self.ways) - number, self.program.low.size - number
        known = dict(zip(before.ways, basis.column[first:].tolist(), strict=False))
        of_ways = [known.get(way, AT_LEAST) for way in self.ways]
        columns = np.concatenate([basis.column[:first], of_ways, np.full(number, AT_LEAST)])
        return Basis(columns.astype(np.int8), np.concatenate([basis.row[:rows], np.full(number, BASIC, np.int8)]))


@dataclass(frozen=True)
class Bound:
    """L at prices (weight covered, all-keep not yet taken off), per region its best way's worth, and what its linear program says of that."""

    bound: float
    prices: Duals
    worth: Floats
    linear: Floats
    known: Restricted
    answer: Answer
    basis: Basis


@dataclass(frozen=True)
class Master:
    """The regions that are listed, the program of the open columns, and the ways known so far."""

    model: CoverModel
    regions: tuple[Region, ...]
    core: Core
    program: Program
    start: Prices  # to begin with
    most: Floats  # per rule what falling short of it costs at most
    known: dict[tuple[int, tuple[int, ...]], tuple[float, Floats]] = field(default_factory=dict)

    @property
    def scale(self) -> Floats:
        """Per rule what its row is divided by."""
        floors = floors_of(self.model)
        scale = self.model.rule_unit.astype(np.float64)
        scale[floors] = floor_scale(self.core)[floors]
        return scale

    @property
    def listed(self) -> Ints:
        """Floors of the regions."""
        return np.array([region.floor for region in self.regions], np.int64)

    @cached_property
    def at_borders(self) -> Ints:
        """Layers that columns of more than one side may cover."""
        return np.unique(np.concatenate([r.layer_of[r.border] for r in self.regions]))

    @cached_property
    def border_cover(self) -> sparse.csr_matrix:
        """Columns of the model x layers at borders, 1 where covered."""
        return sparse.csr_matrix(patterns(self.model.net)[:, self.at_borders])[self.model.net.column_pattern]

    @cached_property
    def installs(self) -> sparse.csr_matrix:
        """Cliques x columns of the model, 1 for each install."""
        return installs(self.model.net, np.arange(self.model.columns))

    @property
    def rows(self) -> tuple[int, int]:
        """The first rule's row and the first clique's."""
        first = self.core.layers.weight.size + self.model.net.group_keep.size
        return first, first + self.model.net.limit.size

    def keep(self, number: int, ways: Ways) -> None:
        """Ways of a region to choose from."""
        for chosen, weight, amount in zip(ways.chosen, ways.weight, ways.amount, strict=True):
            self.known[number, tuple(chosen.tolist())] = (float(weight), amount)

    def keep_plan(self, current: Ints) -> None:
        """The ways of a plan."""
        for number, region in enumerate(self.regions):
            self.keep(number, listing.way_of(self.model, region, current))

    def listed_down_to(self, number: int, found: Bound, slack: float, work: Work) -> int | None:
        """List every way of a region that is worth so much less than the best; how many (None: too many, or the work was stopped)."""
        least = float(found.worth[number]) - slack
        ways = listing.ways(
            self.model, self.regions[number], found.prices.ways, least - SAFETY * abs(least) - 1e-6, work
        )
        if ways is None:
            return None
        self.keep(number, ways)
        return len(ways.chosen)

    def restricted(self) -> Restricted:
        """The program over the known ways."""
        ways = list(self.known)
        weight = np.array([self.known[way][0] for way in ways])
        amount = np.array([self.known[way][1] for way in ways]) / self.scale
        region, used = np.array([number for number, _ in ways]), self._used(ways)
        one = sparse.csr_matrix((np.ones(region.size), (region, np.arange(region.size))))
        at = borders(self.model, self.core, self.at_borders, region, used @ self.border_cover)
        rule, clique = self.rows
        empty = sparse.csr_matrix((rule, len(ways)))
        beside = sparse.vstack([empty, sparse.csr_matrix(amount.T), self.installs @ used.T])
        floored = np.flatnonzero(at.floor >= 0)
        per = at.need[floored] / self.scale[at.floor[floored]]
        less = sparse.csr_matrix(
            (per, (rule + at.floor[floored], floored)), shape=(clique + self.model.net.cliques, at.floor.size)
        )
        first, size = self.program.gain.size, self.program.gain.size + len(ways)
        number = self.core.columns.size
        beside_open = [sparse.csr_matrix((at.floor.size, n)) for n in (number, first - number - at.open.shape[1])]
        blocks: list[list[Any]] = [
            [self.program.matrix, beside, less],
            [sparse.csc_matrix((one.shape[0], first)), one, None],
            [sparse.hstack([beside_open[0], at.open, beside_open[1]]), at.way, -sparse.identity(at.floor.size)],
        ]
        high = self.program.high.copy()
        high[rule + self.listed] = 0.0
        ones, low = np.ones(one.shape[0]), np.full(at.floor.size, -np.inf)
        scale = weight_scale(self.core)
        program = Program(
            np.concatenate([self.program.gain, weight / scale, -at.weight / scale]),
            sparse.csc_matrix(sparse.bmat(blocks, format="csc")),
            np.concatenate([self.program.low, ones, low]),
            np.concatenate([high, ones, np.ones(at.floor.size)]),
            np.concatenate([self.program.least, np.zeros(len(ways) + at.floor.size)]),
            np.concatenate([self.program.most, np.ones(len(ways)), at.most]),
            np.concatenate([self.program.whole, np.arange(first, size)]),
        )
        return Restricted(program, ways, at)

    def columns_of(self, known: Restricted, x: Floats) -> Ints:
        """The columns of a solution: of whole ways, and of the open ones those with more than half a share."""
        first = self.program.gain.size
        ways = np.flatnonzero(x[first : first + len(known.ways)] > 0.5)
        chosen = [np.array(known.ways[way][1], np.int64) for way in ways.tolist()]
        return np.concatenate([self.core.columns[x[: self.core.columns.size] > 0.5], *chosen])

    def _used(self, ways: Sequence[tuple[int, tuple[int, ...]]]) -> sparse.csr_matrix:
        """Ways x columns of the model, 1 where chosen."""
        row = np.repeat(np.arange(len(ways)), [len(columns) for _, columns in ways])
        column = np.array([column for _, columns in ways for column in columns], np.int64)
        return sparse.csr_matrix((np.ones(row.size), (row, column)), shape=(len(ways), self.model.columns))

    def duals(self, known: Restricted, answer: Answer) -> Duals:
        """Prices of the linear program; what falls short costs at most ``most``, so that no way is shut out by one turn."""
        price = np.abs(answer.price) * weight_scale(self.core)
        rule, clique = self.rows
        of_rule, listed = price[rule:clique] / self.scale, self.listed
        of_rule[listed] = np.minimum(of_rule[listed], self.most[listed])
        end = self.program.low.size
        twice = spread_out(known.borders, price[end + len(self.regions) :], raised_weight(self.model, of_rule))
        return Duals(Prices(of_rule, price[clique:end], twice), price[: self.core.layers.weight.size])

    def open_worth(self, prices: Duals) -> Floats:
        """Per open column its layers at their prices less what it uses."""
        paid, net = prices.ways.rule.copy(), self.model.net
        paid[floors_of(self.model)] = 0.0
        toll = prices.ways.clique @ installs(net, self.core.columns)
        return np.asarray(cover_matrix(self.core) @ prices.layer - uses(net)[self.core.columns] @ paid - toll)

    def open_best(self, worth: Floats) -> Floats:
        """Per group the best of its open columns (at least 0 where nothing need be chosen)."""
        every = np.full(self.model.columns, -np.inf)
        every[self.core.columns] = worth
        return group_best(self.model, every)

    def bound(self, prices: Duals, worth: Sequence[float]) -> float:
        """L, rounded outward."""
        layers, limit = self.core.layers, self.model.net.limit.astype(np.float64)
        limit[self.listed] = 0.0
        paid, to = prices.ways, layers.merged_of
        raised = layers.weight + np.where(layers.floor >= 0, paid.rule[np.maximum(layers.floor, 0)] * layers.need, 0.0)
        twice = np.bincount(to[to >= 0], paid.twice[to >= 0], raised.size)
        best = self.open_best(self.open_worth(prices))
        left = np.maximum(raised - twice - prices.layer, 0.0)
        terms = (left, best, paid.rule * limit, paid.clique, paid.twice, np.array(worth))
        size = sum(float(np.abs(t).sum()) for t in terms) + float(raised.sum())
        return sum(float(t.sum()) for t in terms) + SAFETY * size
