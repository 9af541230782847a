"""Money shared among regions: each floor's region by its listed ways, all else by the linear program, one program over both.

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
better than a known one: at prices p of rules and cliques, and q_l <= w_l of covering a layer twice, a plan that uses v covers at
most ``L(p, q) - (best worth in W(e) - worth of v)``, with

    L(p, q) = sum_e max_{v in W(e)} worth_v(p, q) + what the open columns add at prices of their layers + sum_r p_r b_r + sum_k p_k + sum_l q_l

which is a bound itself. Prices come from the linear program over the ways that looked best so far. Why it is so much nearer than the
linear program of ``program``: there half a way serves half a floor, here a floor takes a whole way or help that really comes from elsewhere.

Source: Dantzig and Wolfe 1960, the columns listed at the end as by Baldacci, Christofides and Mingozzi 2008.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from planner import frames
from planner.siting import closer, listing
from planner.siting.borders import Borders, borders, spread_out
from planner.siting.bounds import SAFETY, check_bound, group_best, raised_weight
from planner.siting.closer import Heard, Proof, whole_bound, with_plan
from planner.siting.listing import Prices, Region, Ways
from planner.siting.model import CoverModel
from planner.siting.net import Floats, Ints, floor_worth
from planner.siting.program import (
    Answer,
    Core,
    Program,
    clique_matrix,
    core_of,
    cover_matrix,
    floor_scale,
    program_of,
    rule_matrix,
    solve,
    weight_scale,
)
from planner.siting.search import floors_of
from planner.work import Work

MOST_ENTRIES = (
    1_000_000  # of the open columns' program: above it the linear program takes too long, and ways say little
)
TURNS = 12  # of the linear program over the ways so far
NEAR = 2e-4  # of the bound: so near to the linear program's value it ends
# of the bound: so much less than the best way a way may be worth to be looked at, in the first turn and later
WIDE, NARROW = 0.03, 0.007
# price of a unit short of a floor, in weight a unit of its layers: to begin with, at most
SHORT, MOST_SHORT = 4.0, 40.0
# what a way may be worth less than the best, at first: of what it may in a plan better than the known one, of the bound at most; so many times as
# much each time after, until that is all; what cannot be listed is tried with such parts of it
FIRST, GROWTH, PARTS = 0.5, 2.5, (1.0, 0.7, 0.5)
# the same of the bound where the best plan known is further below it than that: else branch and bound would not come to an end
FAR, FAR_FIRST, FAR_GROWTH = 0.06, 0.006, 1.7
IDLE = 2  # turns of the linear program without a lower bound


@dataclass(frozen=True)
class _Prices:
    """What ways pay, and the prices of the open columns' layers."""

    ways: Prices
    layer: Floats


@dataclass(frozen=True)
class _Bound:
    """L at prices (weight covered, all-keep not yet taken off), and per region its best way's worth."""

    bound: float
    prices: _Prices
    worth: Floats


class _Tree(NamedTuple):
    """Where branch and bound ends, and the seed of improving what it finds."""

    gap: float
    nodes: int
    seed: int


@dataclass(frozen=True)
class _Whole:
    """The program over open columns, their layers, ways and classes at borders (in this order); ``ways``: region and columns of each."""

    program: Program
    ways: list[tuple[int, tuple[int, ...]]]
    borders: Borders

    def start_of(self, first: Floats, chosen: Floats) -> Floats:
        """A solution from its values of open columns and their layers, and of ways."""
        layers = first[first.size - self.borders.open.shape[1] :]
        twice = self.borders.way @ chosen + self.borders.open @ layers - 1.0
        return np.concatenate([first, chosen, np.maximum(twice, 0.0)])


@dataclass(frozen=True)
class _Shared:
    """The regions that are listed, the program of the open columns, and the ways known so far."""

    model: CoverModel
    regions: tuple[Region, ...]
    core: Core
    program: Program
    start: Prices  # to begin with
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

    def listed_down_to(self, found: _Bound, slack: float, work: Work) -> bool:
        """List every way that is worth so much less than the best; whether it was done."""
        for number, region in enumerate(self.regions):
            least = float(found.worth[number]) - slack
            ways = listing.ways(self.model, region, found.prices.ways, least - SAFETY * abs(least) - 1e-6, work)
            if ways is None:
                return False
            self.keep(number, ways)
        return True

    def whole(self) -> _Whole:
        """The program over the known ways."""
        ways = list(self.known)
        weight = np.array([self.known[way][0] for way in ways])
        amount = np.array([self.known[way][1] for way in ways]) / self.scale
        rule, clique = self.rows
        one = sparse.csr_matrix((np.ones(len(ways)), ([n for n, _ in ways], np.arange(len(ways)))))
        at = borders(self.model, self.core, self.at_borders, ways)
        rule, clique = self.rows
        empty = sparse.csr_matrix((rule, len(ways)))
        beside = sparse.vstack([empty, sparse.csr_matrix(amount.T), self.installs(ways)])
        floored = np.flatnonzero(at.floor >= 0)
        per = at.need[floored] / self.scale[at.floor[floored]]
        less = sparse.csr_matrix(
            (per, (rule + at.floor[floored], floored)), shape=(clique + self.model.net.cliques, at.floor.size)
        )
        first, size = self.program.gain.size, self.program.gain.size + len(ways)
        columns = sparse.csr_matrix((at.floor.size, self.core.columns.size))
        blocks: list[list[Any]] = [
            [self.program.matrix, beside, less],
            [sparse.csc_matrix((one.shape[0], first)), one, None],
            [sparse.hstack([columns, at.open]), at.way, -sparse.identity(at.floor.size)],
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
            np.zeros(size + at.floor.size),
            np.concatenate([np.ones(size), at.most]),
            np.concatenate([self.program.whole, np.arange(first, size)]),
        )
        return _Whole(program, ways, at)

    def installs(self, ways: Sequence[tuple[int, tuple[int, ...]]]) -> sparse.csr_matrix:
        """Cliques x ways: installs."""
        row = np.repeat(np.arange(len(ways)), [len(columns) for _, columns in ways])
        chosen = np.array([column for _, columns in ways for column in columns], np.int64)
        used = sparse.csr_matrix((np.ones(row.size), (np.arange(row.size), row)), shape=(row.size, len(ways)))
        return sparse.csr_matrix(clique_matrix(self.model, chosen) @ used)

    def prices(self, whole: _Whole, answer: Answer) -> _Prices:
        """Prices of the linear program; what falls short costs at most ``MOST_SHORT``, so that no way is shut out by one turn."""
        price = np.abs(answer.price) * weight_scale(self.core)
        rule, clique = self.rows
        of_rule, listed = price[rule:clique] / self.scale, self.listed
        of_rule[listed] = np.minimum(of_rule[listed], MOST_SHORT * floor_worth(self.model.net)[listed])
        end = self.program.low.size
        twice = spread_out(whole.borders, price[end + len(self.regions) :], raised_weight(self.model, of_rule))
        return _Prices(Prices(of_rule, price[clique:end], twice), price[: self.core.layers.weight.size])

    def open_worth(self, prices: _Prices) -> Floats:
        """Per open column its layers at their prices less what it uses."""
        paid = prices.ways.rule.copy()
        paid[floors_of(self.model)] = 0.0
        uses = paid @ rule_matrix(self.model, self.core.columns)
        toll = prices.ways.clique @ clique_matrix(self.model, self.core.columns)
        return np.asarray(cover_matrix(self.core) @ prices.layer - uses - toll)

    def open_best(self, worth: Floats) -> Floats:
        """Per group the best of its open columns (at least 0 where nothing need be chosen)."""
        every = np.full(self.model.columns, -np.inf)
        every[self.core.columns] = worth
        return group_best(self.model, every)

    def bound(self, prices: _Prices, worth: Sequence[float]) -> float:
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


def by_regions(model: CoverModel, proof: Proof, gap: float, nodes: int, seed: int, work: Work) -> Proof:
    """A lower bound, and perhaps a better plan, from the ways of regions.

    Parameters
    ----------
    model
        The covering model; without floors nothing is done.
    proof
        The best plan so far and prices of a good bound.
    gap, nodes
        Where branch and bound over ways and open columns ends.
    seed
        Of improving what it finds.
    work
        Progress (stage ``siting_close``) and stopping.

    Returns
    -------
    Proof
        Never worse; ``proven_by`` is ``tree`` where the bound is from here.
    """
    allowed = closer.fixed_core(model, proof.multipliers, proof.plan)
    regions, start = _begun(model, allowed, proof, work)
    while regions and not work.stopped:
        core = core_of(model, np.setdiff1d(allowed, np.concatenate([r.column for r in regions])))
        program = program_of(core)
        if program.matrix.nnz > MOST_ENTRIES:
            break
        shared = _Shared(model, regions, core, program, start)
        shared.keep_plan(proof.plan.current)  # so that the first linear program has a solution
        found = _descended(shared, proof, work)
        if found is None:
            break
        if isinstance(found, _Bound):
            return _closed(shared, proof, found, _Tree(gap, nodes, seed), work)
        regions = tuple(r for r in regions if r is not found)  # too large to be listed: it joins the open columns
    return proof


def _begun(model: CoverModel, allowed: Ints, proof: Proof, work: Work) -> tuple[tuple[Region, ...], Prices]:
    """The regions small enough, and prices to begin with: of a bound, of floors what falling short of them costs."""
    price = np.maximum(proof.multipliers.rule, 0.0)
    regions, worth = listing.regions_of(model, allowed), floor_worth(model.net)
    for region in regions:
        price[region.floor] = SHORT * worth[region.floor]
    prices = Prices(price, np.zeros(model.net.cliques), np.zeros(model.net.weight.size))
    small = tuple(r for r in regions if listing.best_way(model, r, prices, work) is not None)
    for floor in {r.floor for r in regions} - {r.floor for r in small}:
        price[floor] = max(0.0, float(proof.multipliers.rule[floor]))
    return small, prices


def _descended(shared: _Shared, proof: Proof, work: Work) -> _Bound | Region | None:
    """The least bound that prices of the linear program over the ways so far prove; or a region that is too large for it."""
    best: _Bound | None = None
    prices: _Prices | None = None
    value, idle = -math.inf, 0
    for turn in range(TURNS):
        paid = shared.start if prices is None else prices.ways
        worth, before = [], len(shared.known)
        for number, region in enumerate(shared.regions):
            found = listing.best_way(shared.model, region, paid, work)
            if found is None:
                return region if best is None else best
            worth.append(found)
            width = (NARROW if turn else WIDE) * proof.bound
            ways = listing.ways(shared.model, region, paid, found - width, work)
            ways = ways or listing.ways(shared.model, region, paid, found - SAFETY * abs(found), work)
            if ways is None:
                return region if best is None else best
            shared.keep(number, ways)
        if prices is not None:
            bound = shared.bound(prices, worth)
            idle = 0 if best is None or bound < best.bound * (1.0 - NEAR) else idle + 1
            if best is None or bound < best.bound:
                best = _Bound(bound, prices, np.array(worth))
            # without new ways the prices stay as well
            if best.bound - value < NEAR * best.bound or len(shared.known) == before or idle == IDLE:
                return best
        whole = shared.whole()
        answer = solve(whole.program, work, relaxed=True, simplex=True)
        if work.stopped or not answer.price.size:
            return best
        value = answer.objective * weight_scale(shared.core)
        prices = shared.prices(whole, answer)
    return best


def _closed(shared: _Shared, proof: Proof, found: _Bound, tree: _Tree, work: Work) -> Proof:
    """Branch and bound over the ways worth most, which is soon done and finds better plans, then over all that a better plan may use.

    Where these are too many, over as many as can be listed. Where not even the first can, nothing is changed: cuts prove more then.
    """
    base = shared.model.base
    proven = math.floor(found.bound) - base
    room = found.bound - (proof.plan.gain + base + 1)  # a better plan covers at least one unit more
    far = room > FAR * found.bound
    slack, growth = (FAR_FIRST * found.bound, FAR_GROWTH) if far else (FIRST * room, GROWTH)
    while room > 0 and frames.gap(proof.plan.gain, min(proof.bound, proven)) > tree.gap:
        fits = next((part for part in PARTS if shared.listed_down_to(found, part * slack, work)), None)
        if fits is None:
            # by then the prices have proven their bound; not stopped, cuts prove more where nothing can be listed
            return _lowered(proof, proven) if work.stopped else proof
        least = math.floor(found.bound - fits * slack) - base if fits * slack < room else -math.inf
        proof = _by_ways(shared, _lowered(proof, proven), found, fits * slack, least, tree, work)
        if fits < 1.0 or slack >= room or work.stopped:
            break
        room = found.bound - (proof.plan.gain + base + 1)
        slack = min(room, growth * slack)
    return _lowered(proof, proven)


def _by_ways(
    shared: _Shared, proof: Proof, found: _Bound, slack: float, least: float, tree: _Tree, work: Work
) -> Proof:
    """Branch and bound over the known ways and the open columns within ``slack``; what no plan with others passes: ``least``."""
    shared.keep_plan(proof.plan.current)  # its ways may have been replaced, and branch and bound begins with them
    model, whole = shared.model, shared.whole()
    room = found.bound - (proof.plan.gain + model.base + 1)
    program, size = whole.program, shared.core.columns.size
    worth = shared.open_worth(found.prices)
    best = shared.open_best(worth)[model.net.column_group[shared.core.columns]]
    used = proof.plan.current[proof.plan.current >= 0]
    short = best - worth > slack + SAFETY * np.abs(best) + 1e-6
    program.most[:size][short & ~np.isin(shared.core.columns, used)] = 0.0

    def columns_of(x: Floats) -> Ints:
        """The columns of a solution."""
        ways = np.flatnonzero(x[shared.program.gain.size :][: len(whole.ways)] > 0.5)
        chosen = [np.array(whole.ways[way][1], np.int64) for way in ways.tolist()]
        return np.concatenate([shared.core.columns[x[:size] > 0.5], *chosen])

    unit = weight_scale(shared.core)
    heard = Heard(model, proof, tree.seed, work, unit, columns_of, least)
    own = {(n, tuple(r.column[np.isin(r.column, used)].tolist())) for n, r in enumerate(shared.regions)}
    chosen = np.array([float(way in own) for way in whole.ways])
    answer = solve(
        program,
        work,
        gap=tree.gap,
        nodes=tree.nodes,
        start=whole.start_of(closer.start_vector(shared.core, proof.plan), chosen),
        enough=(least + model.base) / unit,
        finds=room > FAR * found.bound,
        told=heard.bound,
        found=heard.better,
    )
    if answer.x.size:
        heard.better(answer.x)
    proof = replace(with_plan(proof, heard.best), nodes=proof.nodes + answer.nodes, lost=answer.status == "lost")
    if math.isfinite(answer.bound) and answer.status != "infeasible":
        proof = _lowered(proof, int(max(least, whole_bound(answer.bound, unit, model))))
    return proof


def _lowered(proof: Proof, bound: int) -> Proof:
    """The proof with a lower bound, if it is one."""
    if bound >= proof.bound:
        return proof
    check_bound(bound, proof.plan.gain, closer.TREE_ROUNDING)
    return replace(proof, bound=max(bound, proof.plan.gain), proven_by="tree")
