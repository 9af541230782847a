"""The master program of regions: plans are solutions that count what they cover; what its prices prove is never below the optimum."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from every_rule import FIRST_SEED, models
from scipy import sparse
from test_cuts import covers_of

from benchmarks import plain
from planner.settings import Settings
from planner.siting import bounds, closer, dual, listing, search
from planner.siting.borders import borders, spread_out
from planner.siting.closer import Proof
from planner.siting.kernels import covered_by
from planner.siting.listing import Prices
from planner.siting.master import Duals, Master
from planner.siting.model import CoverModel
from planner.siting.net import floor_worth
from planner.siting.program import core_of, program_of, solve_from, weight_scale
from planner.siting.region import Region, regions_of
from planner.siting.rules import Rule
from planner.work import Work


def masters(model: CoverModel) -> Iterator[Master]:
    """With every region listed, and with only some of them; nothing is known of ways."""
    every = np.arange(model.columns)
    regions = regions_of(model, every)
    none = Prices(np.zeros(model.net.limit.size), np.zeros(model.net.cliques), np.zeros(model.net.weight.size))
    for listed in {
        tuple(r.floor for r in regions),
        tuple(r.floor for r in regions[:1]),
        tuple(r.floor for r in regions[1:]),
    }:
        some: tuple[Region, ...] = tuple(r for r in regions if r.floor in listed)
        if some:
            core = core_of(model, np.setdiff1d(every, np.concatenate([r.column for r in some])))
            yield Master(model, some, core, program_of(core), none, 40.0 * floor_worth(model.net))


def plans(model: CoverModel, number: int) -> list[search.Plan]:
    found = [search.greedy_plan(model, seed, Work()) for seed in range(number)]
    best = closer.feasible_plan(model, 1000, Work())
    return [plan for plan in (*found, best) if plan is not None]


def test_a_plan_is_a_solution_that_counts_what_it_covers() -> None:
    tried, twice = 0, 0
    for seed, model in models(range(FIRST_SEED, FIRST_SEED + 90)):
        known = plans(model, 3)
        for master in masters(model) if known else ():
            for plan in known:
                master.keep_plan(plan.current)
            program = master.restricted()
            for plan in known:
                used = plan.current[plan.current >= 0]
                own = {(n, tuple(r.column[np.isin(r.column, used)].tolist())) for n, r in enumerate(master.regions)}
                chosen = np.array([float(way in own) for way in program.ways])
                x = program.start_of(closer.start_vector(master.core, plan), chosen)
                counted = program.program.gain @ x * weight_scale(master.core)
                assert counted == pytest.approx(covered_by(model.net, plan.current)), seed
                rows = program.program.matrix @ x
                assert (rows >= program.program.low - 1e-9).all(), seed
                assert (rows <= program.program.high + 1e-9).all(), seed
                assert (x <= program.program.most + 1e-9).all(), seed
                tried += 1
                twice += x[x.size - program.borders.weight.size :].sum() > 0
    assert tried > 100
    assert twice > 10  # and some would have been counted twice


def test_any_prices_prove_a_bound() -> None:
    tried = 0
    for seed, model in models(range(FIRST_SEED, FIRST_SEED + 60)):
        known = plans(model, 1)
        if not known:
            continue
        loose = Proof(known[0], bounds.bound_at(model, dual.free(model)), dual.free(model))
        best = closer.by_tree(model, loose, 0.0, 100_000, 0, Work()).plan.gain + model.base
        g = np.random.default_rng(seed)
        for master in (one for one in masters(model) for _ in range(6)):
            rule = g.random(model.net.limit.size) * g.choice([0.1, 1.0, 3.0])
            raised = bounds.raised_weight(model, rule)
            twice = np.zeros(raised.size)
            twice[master.at_borders] = g.random(master.at_borders.size) * raised[master.at_borders]
            layer = g.random(master.core.layers.weight.size) * master.core.layers.weight
            duals = Duals(Prices(rule, g.random(model.net.cliques), twice), layer)
            worth = [listing.best_ways(model, region, duals.ways, 0.0, Work()).most for region in master.regions]
            assert master.bound(duals, worth) >= best - 1e-6, seed
            tried += 1
    assert tried > 100


def test_a_program_is_solved_the_same_from_the_end_of_one_with_fewer_ways() -> None:
    tried = 0
    for seed, model in models(range(FIRST_SEED, FIRST_SEED + 90)):
        known = plans(model, 1)
        for master in masters(model) if known else ():
            master.keep_plan(known[0].current)
            before = master.restricted()
            _, basis = solve_from(before.program, None, Work())
            for number, region in enumerate(master.regions):
                ways = listing.ways(model, region, master.start, 0.0, Work())
                if ways is not None:
                    master.keep(number, ways)
            more = master.restricted()
            cold, _ = solve_from(more.program, None, Work())
            warm, _ = solve_from(more.program, more.carried(before, basis), Work())
            assert (warm.status, warm.objective) == (cold.status, pytest.approx(cold.objective)), seed
            tried += len(more.ways) > len(before.ways)
    assert tried > 20


def two_districts() -> CoverModel:
    """Points 0 and 1 of one district, 2 and 3 of another; cameras see 0 1, 1 2, 2 3 and 1 2 3."""
    points = [[0, 1], [1, 2], [2, 3], [1, 2, 3]]
    cover = plain.Cover(
        np.array([0, 2, 4, 6, 9]),
        np.concatenate(points).astype(np.int32),
        np.array([4, 8, 16, 32]),
        (
            Rule("municipality_budget", np.ones(4, np.int64), 2),
            Rule("district_floor:0", np.zeros(4, np.int64), -8, floor="0"),
            Rule("district_floor:1", np.zeros(4, np.int64), -16, floor="1"),
        ),
        np.arange(4),
        np.zeros((0, 2), np.int64),
        np.array([0, 0, 1, 1]),
    )
    return plain.build_plain(cover, Settings())


def test_what_is_seen_from_two_regions_is_taken_off_once() -> None:
    model = two_districts()
    regions = regions_of(model, np.arange(model.columns))
    by_offer = model.column_of
    first, last = by_offer["0"], by_offer["3"]
    nothing = core_of(model, np.zeros(0, np.int64))
    at = np.unique(np.concatenate([r.layer_of[r.border] for r in regions]))
    seen = covers_of(model)[[first, last]][:, at]
    cover = sparse.csr_matrix(np.vstack([seen, np.zeros((1, at.size))]))  # of two ways, and of one that has no column
    found = borders(model, nothing, at, np.array([0, 1, 1]), cover)
    assert found.weight.tolist() == [8]  # the first camera sees point 1, and so does the last
    assert found.way.toarray().tolist() == [[1.0, 1.0, 0.0]]
    assert found.most.tolist() == [1.0]
    price = spread_out(found, np.array([6.0]), model.net.weight.astype(float))
    assert sorted(price[price > 0].tolist()) == [6.0]
    dear = spread_out(found, np.array([60.0]), model.net.weight.astype(float))
    assert dear.max() == 8.0  # no dearer than what it is worth
