"""Ways of regions: listed as enumeration lists them; and what the program over them proves is never below the optimum."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from every_rule import FIRST_SEED, models
from test_cuts import along_a_line, covers_of, uses_of

from benchmarks import instances, plain
from planner import siting
from planner.settings import Settings, SitingSettings
from planner.siting import bounds, closer, dual, listing, master, pricing, search, sharing
from planner.siting.closer import Proof
from planner.siting.listing import Prices
from planner.siting.model import CoverModel
from planner.siting.region import Region, regions_of
from planner.work import Work

SETTINGS = Settings(siting=SitingSettings(gap_goal=0.0, mip_nodes=100_000))


def sets_of(model: CoverModel, region: Region) -> Iterator[np.ndarray]:
    """Every set of the region's columns with one per group and one install per clique."""
    net = model.net
    by_group = [region.column[net.column_group[region.column] == g] for g in np.unique(net.column_group[region.column])]
    for picked in itertools.product(*[[-1, *columns] for columns in by_group]):
        chosen = np.array([c for c in picked if c >= 0], np.int64)
        spaced = net.column_group[chosen[net.column_spaced[chosen]]]
        cliques = [net.clique_of[net.clique_start[g] : net.clique_start[g + 1]] for g in spaced]
        if not cliques or np.bincount(np.concatenate(cliques), minlength=1).max(initial=0) <= 1:
            yield chosen


def counted(model: CoverModel, region: Region, chosen: np.ndarray) -> tuple[int, np.ndarray]:
    """Weight covered and amounts, from the model's tables alone."""
    net = model.net
    seen = covers_of(model)[chosen].any(axis=0)
    amount = uses_of(model)[chosen].sum(axis=0)
    for floor in np.unique(net.floor[net.floor >= 0]):
        cover = net.need[seen & (net.floor == floor)].sum()
        amount[floor] = max(0, -net.limit[floor] - cover) if floor == region.floor else -cover
    return int(net.weight[seen].sum()), amount


def cases() -> Iterator[tuple[int, CoverModel, Region, Prices]]:
    """Regions small enough to enumerate, and prices; some layers cost more to cover twice than they weigh."""
    for seed, model in models(range(FIRST_SEED, FIRST_SEED + 150)):
        g = np.random.default_rng(seed)
        for region in regions_of(model, np.arange(model.columns)):
            groups = np.bincount(region.group)
            if np.prod(groups + 1) < 1500:
                rule, clique = (np.round(g.random(n) * 3, 2) for n in (model.net.limit.size, model.net.cliques))
                twice = np.round(g.random(model.net.weight.size) * bounds.raised_weight(model, rule), 2)
                twice[np.setdiff1d(np.arange(twice.size), region.layer_of[region.border])] = 0.0
                yield seed, model, region, Prices(rule, clique, twice)


def worth_of(model: CoverModel, chosen: np.ndarray, weight: int, amount: np.ndarray, prices: Prices) -> float:
    """What a way is worth, from the model's tables alone."""
    seen = covers_of(model)[chosen].any(axis=0)
    return float(weight - prices.rule @ amount - prices.twice[seen].sum() - prices.clique @ installs(model, chosen))


def installs(model: CoverModel, chosen: np.ndarray) -> np.ndarray:
    """Installs of some columns in each clique."""
    net, number = model.net, np.zeros(model.net.cliques)
    for group in net.column_group[chosen[net.column_spaced[chosen]]]:
        number[net.clique_of[net.clique_start[group] : net.clique_start[group + 1]]] += 1
    return number


def replaces(model: CoverModel, region: Region, other: np.ndarray, way: np.ndarray) -> bool:
    """Whether a way may stand for another whatever is chosen elsewhere: tried with each set of border layers covered from there.

    The worst of them is the layers that the other alone covers: there it adds least, and the way as much as ever.
    """
    net, cover = model.net, covers_of(model)
    border = np.zeros(net.weight.size, bool)
    border[region.layer_of[region.border]] = True
    theirs, ours = (cover[c].any(axis=0) for c in (other, way))
    left = ~(border & theirs & ~ours)
    floors = [np.where(net.floor == f, net.need, 0) for f in np.unique(net.floor[net.floor >= 0])]
    own = np.where(net.floor == region.floor, net.need, 0)
    met = own[theirs].sum() >= -net.limit[region.floor]
    fine = all(
        n[theirs & left].sum() >= n[ours & left].sum() for n in (net.weight, *floors) if not (met and (n == own).all())
    )
    rules = np.setdiff1d(np.arange(net.limit.size), np.unique(net.floor[net.floor >= 0]))
    spent = uses_of(model)[other].sum(axis=0) <= uses_of(model)[way].sum(axis=0)
    spaced = installs(model, other) <= installs(model, way)
    return bool(fine and spent[rules].all() and spaced[region.crossing].all())


def test_ways_are_those_of_enumeration() -> None:
    tried, kept = 0, 0
    for seed, model, region, prices in cases():
        elsewhere = covers_of(model)[np.setdiff1d(np.arange(model.columns), region.column)].any(axis=0)
        help_ = model.net.need[elsewhere & (model.net.floor == region.floor)].sum()
        assert region.help == help_
        known = [(chosen, *counted(model, region, chosen)) for chosen in sets_of(model, region)]
        useful = [(c, worth_of(model, c, w, a, prices)) for c, w, a in known if a[region.floor] <= help_]
        best = listing.best_ways(model, region, prices, 0.0, Work())
        if not useful:
            assert not best.ways.chosen
            continue
        assert best.exact
        assert best.worth == pytest.approx(max(worth for _, worth in useful), abs=1e-6), seed
        assert _worths(model, best.ways, prices) == pytest.approx([best.worth] * len(best.ways.chosen), abs=1e-6), seed
        least = best.worth - 0.5 * abs(best.worth) - 1.0
        ways = listing.ways(model, region, prices, least, Work())
        assert ways is not None
        for chosen, weight, amount in zip(ways.chosen, ways.weight, ways.amount, strict=True):
            assert (weight, amount.tolist()) == (
                counted(model, region, chosen)[0],
                counted(model, region, chosen)[1].tolist(),
            )
        for chosen, worth in useful:
            if worth >= least + 1e-6:
                assert any(replaces(model, region, way, chosen) for way in ways.chosen), seed
                tried += 1
        kept += len(ways.chosen)
    assert tried > kept > 100  # some ways are left out since others replace them


def _worths(model: CoverModel, ways: listing.Ways, prices: Prices) -> list[float]:
    told = zip(ways.chosen, ways.weight, ways.amount, strict=True)
    return [worth_of(model, chosen, int(weight), amount, prices) for chosen, weight, amount in told]


def test_where_not_all_sets_are_looked_at_no_way_is_worth_more_than_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "FEW", 0)
    near, tried = 0, 0
    for seed, model, region, prices in itertools.islice(cases(), 90):
        told = listing.best_ways(model, region, prices, 0.0, Work())
        some = listing.best_ways(model, region, prices, np.inf, Work()).ways
        monkeypatch.undo()
        best = listing.best_ways(model, region, prices, 0.0, Work())
        monkeypatch.setattr(listing, "FEW", 0)
        if best.exact:
            assert told.most >= best.worth - 1e-6, seed
            assert max(_worths(model, some, prices), default=-np.inf) <= best.worth + 1e-6, seed
            near += told.most < best.worth + 0.01 * abs(best.worth) + 1e-6
            tried += 1
    assert near > 0.5 * tried > 25  # the linear program of most regions says as much as all their sets


def test_a_region_that_is_too_large_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    model = plain.build_plain(along_a_line(), SETTINGS)
    (region,) = regions_of(model, np.arange(model.columns))
    dear = _rules_alone(model, np.array([5.0, 4.0]))
    every = listing.ways(model, region, dear, -np.inf, Work())
    assert every is not None
    largest = max(chosen.size for chosen in every.chosen)
    for name, least in (("MOST", 1000), ("DEPTH", largest - 1), ("MOST_WAYS", 2)):
        monkeypatch.setattr(listing, name, least)
        assert listing.ways(model, region, dear, -np.inf, Work()) is None
        monkeypatch.undo()


def _rules_alone(model: CoverModel, rule: np.ndarray) -> Prices:
    return Prices(rule, np.zeros(model.net.cliques), np.zeros(model.net.weight.size))


def test_ways_are_the_same_however_often_the_clock_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = 0
    for _, model, region, prices in itertools.islice(cases(), 60):
        found = []
        for slice_ in (listing.SLICE, 1):
            monkeypatch.setattr(listing, "SLICE", slice_)
            best = listing.best_ways(model, region, prices, 0.0, Work())
            ways = listing.ways(model, region, prices, best.worth - 5.0, Work())
            assert ways is not None
            found.append((best.most, best.worth, [c.tolist() for c in ways.chosen], ways.weight.tolist()))
        monkeypatch.undo()
        assert found[0] == found[1]
        tried += best.exact
    assert tried > 20


def test_a_stop_ends_the_list_of_ways() -> None:
    _, model, region, prices = next(cases())
    work = Work()
    work.stop()
    assert not listing.best_ways(model, region, prices, 0.0, work).exact
    assert listing.ways(model, region, prices, -np.inf, work) is None


def test_a_stop_keeps_what_the_prices_of_regions_have_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    model = plain.build_plain(instances.product(300, 2000, 4), SETTINGS)
    plan = search.greedy_plan(model, 0, Work())
    assert plan is not None
    prices, _ = pricing.found_prices(model, plan.gain, 200, Work())
    proof, work, descended = Proof(plan, bounds.bound_at(model, prices), prices), Work(), sharing.descend
    found: list[tuple[master.Master, master.Bound]] = []

    def then_stopped(*told: Any) -> tuple[master.Master, master.Bound] | None:
        """As it is, with a stop right after it."""
        one = descended(*told)
        assert one is not None
        found.append(one)
        work.stop()
        return one

    monkeypatch.setattr(sharing, "descend", then_stopped)
    stopped = sharing.by_regions(model, proof, 0.0, 100, 0, work)
    assert stopped.plan.gain == plan.gain
    assert 5326 <= stopped.bound == int(found[-1][1].bound) - model.base < proof.bound  # there is a plan of 5,326


@pytest.mark.parametrize("crowd", [(sharing.CROWDED, sharing.CROWD), (0, 0)])
def test_what_is_proven_is_never_below_the_optimum(crowd: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """On random problems with every rule, from prices that prove nothing much; also where all regions but one join the open columns."""
    monkeypatch.setattr(sharing, "CROWDED", crowd[0])
    monkeypatch.setattr(sharing, "CROWD", crowd[1])
    closed, better, tried = 0, 0, 0
    for seed, model in models(range(FIRST_SEED, FIRST_SEED + (60 if crowd == (0, 0) else 120))):
        plan = search.greedy_plan(model, 0, Work())
        if plan is None or not regions_of(model, np.arange(model.columns)):
            continue
        proof = closer.by_tree(model, _loose(model, plan), 0.0, 100_000, 0, Work())
        assert proof.plan.gain == proof.bound, seed
        found = sharing.by_regions(model, _loose(model, plan), 0.0, 100_000, 0, Work())
        assert plan.gain <= found.plan.gain <= proof.plan.gain <= found.bound <= _loose(model, plan).bound, seed
        closed += found.bound == proof.bound
        better += found.bound < _loose(model, plan).bound
        tried += 1
    share, least = (0.5, 5) if crowd == (0, 0) else (0.9, 20)
    assert better > least / 2
    assert closed > share * tried > least


def _loose(model: CoverModel, plan: search.Plan) -> Proof:
    prices = dual.free(model)
    return Proof(plan, bounds.bound_at(model, prices), prices)


def test_regions_prove_more_than_the_linear_program() -> None:
    """Two districts, some cameras see both: what they see counts once, and the optimum is proven."""
    model = plain.build_plain(along_a_line(), SETTINGS)
    best = siting.choose(model, SETTINGS)
    assert best.status == "optimal"
    plan = search.greedy_plan(model, 0, Work())
    assert plan is not None
    proof = closer.by_linear_program(model, _loose(model, plan), 0, Work())
    heard: list[tuple[float, float]] = []
    found = sharing.by_regions(model, proof, 0.0, 100_000, 0, Work(prove=lambda *told: heard.append(told)))
    assert proof.bound > found.bound == found.plan.gain == round(best.value)
    assert found.proven_by == "tree"
    assert all(value <= round(best.value) <= bound for value, bound in heard)


def test_a_stop_keeps_what_is_proven() -> None:
    model = plain.build_plain(along_a_line(), SETTINGS)
    plan = search.greedy_plan(model, 0, Work())
    assert plan is not None
    work = Work()
    work.stop()
    loose = _loose(model, plan)
    assert sharing.by_regions(model, loose, 0.0, 100, 0, work) == loose


def test_a_model_without_floors_is_left_alone() -> None:
    line = along_a_line()
    bare = plain.only(line.start, line.point, line.weight, line.rules[0].amount, 80)
    model = plain.build_plain(bare, SETTINGS)
    plan = search.greedy_plan(model, 0, Work())
    assert plan is not None
    loose = _loose(model, plan)
    assert sharing.by_regions(model, loose, 0.0, 100, 0, Work()) is loose
