"""Cuts from floors: no plan breaks them, and what they prove lies between the optimum and the bound without them."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
import towns
from every_rule import FIRST_SEED, models

from benchmarks import plain
from planner import siting
from planner.settings import Settings, SitingSettings
from planner.siting import bounds, closer, cuts, pricing, search, sweeping
from planner.siting.model import Multipliers
from planner.siting.rules import Rule
from planner.work import Work


def priced(model, floor: float, money: float) -> Multipliers:
    """Made-up prices: any prices must give valid cuts."""
    net = model.net
    rule = np.where(net.limit > 0, money, 0.0)
    rule[np.unique(net.floor[net.floor >= 0])] = floor
    return Multipliers(np.zeros(net.weight.size), rule, np.zeros(net.cliques))


def uses_of(model) -> np.ndarray:
    """Columns x rules."""
    table = np.zeros((model.columns, model.net.limit.size), np.int64)
    owner = np.repeat(np.arange(model.columns), np.diff(model.net.use_start))
    table[owner, model.net.use_rule] = model.net.use_amount
    return table


def covers_of(model) -> np.ndarray:
    """Columns x layers."""
    net = model.net
    table = np.zeros((net.pattern_start.size - 1, net.weight.size), bool)
    table[np.repeat(np.arange(len(table)), np.diff(net.pattern_start)), net.pattern_layer] = True
    return table[net.column_pattern]


def plans_within_floors(model):
    """All choices of at most one column per group that keep every floor (no other rule: a cut may not need them)."""
    net, covers = model.net, covers_of(model)
    groups = [range(a, b) for a, b in itertools.pairwise(net.group_start.tolist())]
    for picked in itertools.product(*[[-1, *g] for g in groups]):
        plan = np.array([c for c in picked if c >= 0], np.int64)
        seen = covers[plan].any(axis=0)
        if all(net.need[seen & (net.floor == f)].sum() >= -net.limit[f] for f in np.unique(net.floor[net.floor >= 0])):
            yield plan


def by_hand():
    """One district whose floor asks for 10 of 12: m1 and m2 see 6 each and cost 300 each, m3 sees 4 and costs 100."""
    levels = {"a1": {0: 16}, "a2": {1: 16}, "a3": {2: 16}}
    rows = towns.rows_of([6, 6, 4], levels, ["D1"] * 3)
    offers = [
        towns.offer(f"o{i}", f"a{i}", "install", f"m{i}", municipality_yen=yen)
        for i, yen in ((1, 300), (2, 300), (3, 100))
    ]
    settings = towns.settings_of(900, rules={"districts": [{"id": "D1", "floor_share": 0.6}]})
    return siting.build(rows, towns.offers_of(offers), towns.cliques_of(), settings)


def test_the_least_money_of_a_floor_by_hand() -> None:
    # 0.6 of 16 is 9.6: m3 and one of the others see 10 for 400; the linear program needs 100 + 5.6 / 6 of 300 = 380
    model = by_hand()
    cut = cuts.with_floor_cuts(model, priced(model, 1.0, 1.0), 1, Work())
    amount, limit = uses_of(cut)[:, -1], cut.net.limit[-1]
    assert cut.rules[-1] == "floor_cut:district_floor:D1"
    assert limit / amount.min() == pytest.approx(400 / 300, rel=2e-3)  # whole amounts of up to 1,000


def test_without_a_price_there_are_no_cuts() -> None:
    model = by_hand()
    assert cuts.with_floor_cuts(model, priced(model, 0.0, 1.0), 1, Work()) is model
    assert cuts.with_floor_cuts(model, priced(model, 1.0, 0.0), 1, Work()) is model


def test_no_plan_of_a_random_problem_breaks_a_cut() -> None:
    plans, tight = 0, 0
    for seed, model in models(range(FIRST_SEED, FIRST_SEED + 150)):
        cut = cuts.with_floor_cuts(model, priced(model, 1.0, 1.0 + seed % 3), 1, Work())
        if cut is model or int(np.prod(np.diff(model.net.group_start) + 1)) > 3000:
            continue
        rules = model.net.limit.size
        amount, limit = uses_of(cut)[:, rules:], cut.net.limit[rules:]
        left = [limit - amount[plan].sum(axis=0) for plan in plans_within_floors(model)]
        assert all((one >= 0).all() for one in left), seed
        plans += len(left)
        tight += bool(left and model.net.cliques == 0 and np.min(left, axis=0).min() == 0)
    assert plans > 500
    assert tight > 5  # a cut says all there is to say: some plan meets it exactly


def test_a_rule_that_parts_of_sites_fill_by_hand() -> None:
    """There are 500,000 yen and a site costs 296,000: 1 and 0.69 of two sites spend it, of whole ones it buys one."""
    levels = {f"a{i}": {i: 16} for i in range(3)}
    offers = [towns.offer(f"o{i}", f"a{i}", "install", f"m{i}", municipality_yen=296_000) for i in range(3)]
    settings = towns.settings_of(500_000)
    model = siting.build(towns.rows_of([6, 6, 4], levels), towns.offers_of(offers), towns.cliques_of(), settings)
    columns = np.arange(model.columns)
    cut = cuts.with_rounded_rules(model, columns, np.array([1.0, 0.69, 0.0]), np.array([0]))
    assert cut.rules[-1] == "rounded:municipality_budget"
    amount, limit = uses_of(cut)[:, -1], cut.net.limit[-1]
    assert set(amount // limit) == {1}  # each site alone fills it
    # what whole sites fill breaks nothing
    assert cuts.with_rounded_rules(model, columns, np.array([1.0, 0.0, 0.0]), np.array([0])) is model


def test_no_plan_of_a_random_problem_breaks_a_rounded_rule() -> None:
    plans, tight = 0, 0
    for seed, model in models(range(FIRST_SEED, FIRST_SEED + 150)):
        if int(np.prod(np.diff(model.net.group_start) + 1)) > 3000:
            continue
        parts = np.random.default_rng(seed).random(model.columns)
        rules = model.net.limit.size
        cut = cuts.with_rounded_rules(model, np.arange(model.columns), parts, np.arange(rules))
        if cut is model:
            continue
        amount, limit = uses_of(cut)[:, rules:], cut.net.limit[rules:]
        assert (parts @ amount > limit).all(), seed
        others = np.setdiff1d(np.arange(rules), model.net.floor)  # floors are kept by all of them
        own, most = uses_of(model)[:, others], model.net.limit[others]
        kept = [plan for plan in plans_within_floors(model) if (own[plan].sum(axis=0) <= most).all()]
        left = [limit - amount[plan].sum(axis=0) for plan in kept]
        assert all((one >= 0).all() for one in left), seed
        plans += len(left)
        tight += bool(left and (np.min(left, axis=0) == 0).any())
    assert plans > 300
    assert tight > 5


def test_rounded_rules_bring_the_bound_nearer() -> None:
    """Few sites of two prices under two limits, as small towns have them: between the optimum and the linear program, often below it."""
    nearer = 0
    for seed in range(30):
        g = np.random.default_rng(seed)
        size = g.integers(3, 9, 30)
        start = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
        point = np.concatenate([g.choice(80, n, replace=False) for n in size]).astype(np.int32)
        dear = g.random(30) < 0.6
        rules = (
            Rule("municipality_budget", np.where(dear, 146, 15).astype(np.int64), 430),
            Rule("programme_total:waku", np.where(dear, 0, 296).astype(np.int64), 500),
        )
        own = np.arange(30), np.zeros((0, 2), np.int64), np.full(80, -1, np.int64)
        cover = plain.Cover(start, point, g.integers(1, 30, 80).astype(np.int64), rules, *own)
        settings = Settings(siting=SitingSettings(gap_goal=0.0, mip_nodes=100_000))
        model = plain.build_plain(cover, settings)
        best, plan = round(siting.choose(model, settings).value), search.greedy_plan(model, 0, Work())
        assert plan is not None
        prices, _ = pricing.found_prices(model, plan.gain, 400, Work())
        _, bound, _, _ = closer.linear_prices(model, prices, plan, Work())
        proof = closer.by_linear_program(
            model, closer.Proof(plan, bounds.bound_at(model, prices), prices), 0, Work(), cuts=True
        )
        assert best <= proof.bound <= bound, seed
        nearer += proof.bound < bound and proof.bound - best < 0.8 * (bound - best)
        # own money is left as it is where the cuts are to hold at other budgets, and they do
        cut, found = closer.linear_cuts(model, prices, bound, plan, Work(), {})
        assert "rounded:municipality_budget" not in cut.rules
        more = sweeping.at_budget(model, 600)
        assert bounds.bound_at(sweeping.at_budget(cut, 600), found[0]) >= round(
            siting.choose(more, more.given.settings).value
        )
    assert nearer > 10


def along_a_line():
    """Forty cameras along 80 points in two districts, of which the dear half has little and must be seen to 40 %."""
    g = np.random.default_rng(5)
    size = g.integers(3, 8, 40)
    start = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    first = g.integers(0, 80 - size)
    point = np.concatenate([np.arange(a, a + n) for a, n in zip(first, size, strict=True)]).astype(np.int32)
    weight = np.where(np.arange(80) < 40, g.integers(20, 60, 80), g.integers(1, 10, 80)).astype(np.int64)
    cost = np.where(first < 40, g.integers(5, 12, 40), g.integers(12, 21, 40)).astype(np.int64)
    district = (np.arange(80) >= 40).astype(np.int64)
    need = int(0.4 * weight[40:].sum())
    rules = (Rule("municipality_budget", cost, 80), Rule("district_floor:1", 0 * cost, -need, "1"))
    return plain.Cover(start, point, weight, rules, np.arange(40), np.zeros((0, 2), np.int64), district)


def test_the_bound_with_cuts_lies_between_optimum_and_linear_program() -> None:
    settings = Settings(siting=SitingSettings(gap_goal=0.0, mip_nodes=100_000))
    model = plain.build_plain(along_a_line(), settings)
    best = siting.choose(model, settings)
    assert best.status == "optimal"
    plan = search.greedy_plan(model, 0, Work())
    assert plan is not None
    start, _ = pricing.found_prices(model, plan.gain, 400, Work())
    prices, bound, _, _ = closer.linear_prices(model, start, plan, Work())
    proof = closer.by_linear_program(model, closer.Proof(plan, bound, prices), 0, Work(), cuts=True)
    assert proof.cut is not None
    assert bounds.bound_at(*proof.cut) == proof.bound < bound
    assert proof.bound >= round(best.value) >= proof.plan.gain
    tree = closer.by_tree(model, proof, 0.0, 100_000, 0, Work())
    assert (tree.plan.gain, tree.bound) == (round(best.value), round(best.value))


def test_a_frontier_with_floors_is_cut_for_and_its_plans_are_joined() -> None:
    """At every budget between the best plan that there is and the bound; nearer to both than prices and one round of search come."""
    cover = along_a_line()
    model = plain.build_plain(cover, Settings(siting=SitingSettings(gap_goal=0.0, mip_nodes=100_000)))
    budgets = list(range(44, 101, 4))
    told, runs = sweeping.sweep_bounds(model, budgets, None, None, 0.0, Work())
    ready = sweeping.sweeper(model, budgets, runs, None, -1)
    first = sweeping.sweep_plans(ready, 0, Work())
    joined = sweeping.join_plans(ready, first, told, 0.0, 0, Work())
    closed, lower = sweeping.close_plans(ready, joined, told, 0.0, 0, Work())
    exact = [round(siting.choose(sweeping.at_budget(model, yen), model.given.settings).value) for yen in budgets]
    of_prices = np.min([bounds.line_bounds(model, run.prices, budgets) for run in runs.values()], axis=0)
    for number, (before, after) in enumerate(zip(first, joined, strict=True)):
        assert before is not None
        assert after is not None
        assert before.gain <= after.gain <= exact[number] <= told[number] <= of_prices[number]
        chosen = np.array([int(model.offer_ids[c]) for c in after.current[after.current >= 0]])
        rules = (replace(cover.rules[0], limit=budgets[number]), *cover.rules[1:])
        assert plain.broken_rules(replace(cover, rules=rules), chosen) == ()
        assert plain.covered_weight(cover, chosen) == after.gain
    gains = [plan.gain for plan in joined if plan is not None]
    assert gains == sorted(gains)
    assert any(a is not b for a, b in zip(first, joined, strict=True))
    assert (np.array(told) < of_prices).any()
    # so few columns that branch and bound ends everywhere
    assert lower == exact == [plan.gain if plan is not None else 0 for plan in closed]
