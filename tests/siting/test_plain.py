"""A plain cover against enumeration, order and threads; the generators; bounds rounded outward; part and heat-bath search."""

from __future__ import annotations

import dataclasses
import itertools
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import towns

from benchmarks import instances, plain
from benchmarks.plain import Cover
from planner import siting
from planner.errors import PlannerError
from planner.settings import Settings, SitingSettings
from planner.siting import bounds, choosing, dual, joining, kernels, part, program, search, sweeping
from planner.siting.rules import Rule
from planner.work import Work

SETTINGS = Settings(siting=SitingSettings(gap_goal=0.0, search_rounds=40, frontier_steps=0))


def case(seed: int) -> Cover:
    """A random small case: up to 14 options, groups of up to three, two budgets, spacing, a floor."""
    random = np.random.default_rng(seed)
    n, m = int(random.integers(3, 15)), int(random.integers(5, 40))
    sets = [np.flatnonzero(random.random(m) < 0.25).astype(np.int32) for _ in range(n)]
    start = np.concatenate([[0], np.cumsum([s.size for s in sets])]).astype(np.int64)
    group = np.sort(random.integers(0, max(2, n // 2), n))
    _, group = np.unique(group, return_inverse=True)
    groups = int(group.max()) + 1
    pairs = [p for p in itertools.combinations(range(groups), 2) if random.random() < 0.15]
    cost, running = random.integers(1, 9, n), random.integers(0, 5, n)
    rules = [
        Rule("municipality_budget", cost, int(cost.sum() // 2)),
        Rule("running_budget", running, int(running.sum() // 2)),
    ]
    district = random.integers(-1, 2, m)
    weight = random.integers(1, 50, m)
    if seed % 2:
        need = int(weight[district == 1].sum()) // 8
        rules.append(Rule("district_floor:1", np.zeros(n, np.int64), -need, "1"))
    return Cover(
        start, np.concatenate(sets), weight, tuple(rules), group, np.array(pairs, np.int64).reshape(-1, 2), district
    )


def enumerated(cover: Cover) -> int | None:
    """The best value over all choices (None: none keeps the rules)."""
    n, best = cover.group.size, None
    for bits in range(1 << n):
        chosen = np.flatnonzero([(bits >> i) & 1 for i in range(n)])
        if not plain.broken_rules(cover, chosen):
            best = max(best or 0, plain.covered_weight(cover, chosen))
    return best


@pytest.mark.parametrize("seed", range(12))
def test_equal_to_enumeration(seed: int) -> None:
    cover = case(seed)
    if cover.group.size > 11:
        cover = shortened(cover, 11)
    best = enumerated(cover)
    model = plain.build_plain(cover, SETTINGS)
    if best is None:
        with pytest.raises(Exception, match="rules"):
            siting.choose(model, SETTINGS)
        return
    choice = siting.choose(model, SETTINGS)
    chosen = np.array([int(i) for i in choice.chosen["offer_id"]], np.int64)
    assert not plain.broken_rules(cover, chosen)
    assert plain.covered_weight(cover, chosen) == round(choice.value) == best
    assert choice.bound == choice.value


def shortened(cover: Cover, n: int) -> Cover:
    """The first options only."""
    _, group = np.unique(cover.group[:n], return_inverse=True)
    groups = int(group.max()) + 1
    pairs = cover.pairs[(cover.pairs < groups).all(axis=1)]
    rules = tuple(Rule(r.name, r.amount[:n], r.limit, r.floor) for r in cover.rules)
    return Cover(cover.start[: n + 1], cover.point[: cover.start[n]], cover.weight, rules, group, pairs, cover.district)


def turned(cover: Cover, seed: int) -> Cover:
    """The same case with its points in another order."""
    order = np.random.default_rng(seed).permutation(cover.weight.size)
    place = np.argsort(order).astype(np.int32)
    point = np.concatenate(
        [np.sort(place[cover.point[a:b]]) for a, b in itertools.pairwise(cover.start.tolist())]
    ).astype(np.int32)
    return Cover(cover.start, point, cover.weight[order], cover.rules, cover.group, cover.pairs, cover.district[order])


def test_order_and_threads_do_not_matter() -> None:
    cover = instances.generated("C:100:1000", 3).cover()

    def run(one: Cover) -> tuple[list[str], float, float]:
        choice = siting.choose(plain.build_plain(one, SETTINGS), SETTINGS)
        return choice.chosen["offer_id"].tolist(), choice.value, choice.bound

    first = run(cover)
    with ThreadPoolExecutor(3) as pool:
        for other in pool.map(run, [cover, cover, cover]):
            assert other == first
    assert run(turned(cover, 1))[1:] == first[1:]


def test_prices_prove_the_bound_in_exact_arithmetic() -> None:
    cover = instances.generated("C:100:1000", 5).cover()
    model = plain.build_plain(cover, SETTINGS)
    net, random = model.net, np.random.default_rng(0)
    for _ in range(5):
        layer, rule = random.random(net.weight.size) * net.weight, random.random(1) * 50
        exact = Fraction(float(rule[0])) * int(net.limit[0])
        for weight, price in zip(net.weight, layer, strict=True):
            exact += max(Fraction(0), int(weight) - Fraction(float(price)))
        for column in range(model.columns):
            layers = net.pattern_layer[net.pattern_start[column] : net.pattern_start[column + 1]]
            worth = sum(Fraction(float(layer[at])) for at in layers)
            cost = int(net.use_amount[net.use_start[column]])
            exact += max(Fraction(0), worth - Fraction(float(rule[0])) * cost)
        bound = bounds.bound_at(model, siting.model.Multipliers(layer, rule, np.zeros(0)))
        assert exact - 1 <= bound <= exact * (1 + Fraction(1, 10**7)) + 1
        assert bound >= exact.__floor__()


def test_gain_and_loss_stay_true_in_a_part_of_the_model() -> None:
    cover = instances.product(100, 1000, 1, ("floors",))
    model = plain.build_plain(cover, SETTINGS)
    some = part.part_of(model, np.arange(0, model.columns, 2))
    plan = search.settle(some.model, search.rest(some.model), search.price_mixes(some.model)[0], 1, 0)
    assert plan is not None
    better = search.Refiller(
        model, search.Plan(some.plan_out(plan.current), plan.gain, plan.price), prices(model), 1
    ).run(20, Work())
    assert better.gain >= plan.gain
    chosen = np.array([int(model.offer_ids[c]) for c in better.current[better.current >= 0]])
    assert plain.covered_weight(cover, chosen) == better.gain
    assert not plain.broken_rules(cover, chosen)
    state = kernels.opened(model.net, better.current, search.every(model))
    without = [plain.covered_weight(cover, np.setdiff1d(chosen, [i])) for i in chosen]
    lost = [int(state.loss[model.net.column_pattern[model.offer_ids.index(str(i))]]) for i in chosen]
    assert [better.gain - w for w in without] == lost


def test_good_plans_are_joined_into_the_best_mixture_of_them() -> None:
    # four options with a point each, of weight 10, 6, 10 and 6; money for two
    one = np.ones(4, np.int64)
    cover = plain.only(np.arange(5), np.arange(4, dtype=np.int32), np.array([10, 6, 10, 6]), one, 2)
    model = plain.build_plain(cover, SETTINGS)
    price = np.ones(4)
    left = search.Plan(np.array([0, -1, -1, 3]), 16, price)
    right = search.Plan(np.array([-1, 1, 2, -1]), 16, price)
    best = joining.joined(model, [left, right], 0, Work())
    assert best is not None
    assert best.gain == 20
    assert best.current.tolist() == [0, -1, 2, -1]
    assert joining.joined(model, [left, left], 0, Work()) is None


def prices(model: siting.CoverModel) -> siting.model.Multipliers:
    """Prices after some rounds of the dual."""
    track = dual.begin(model)
    dual.descend(model.net, track, dual.money_lines(model), 60, 0.0, 0.3, 10)
    return dual.found(track)


def test_a_sweep_never_shows_less_for_more_money_and_bounds_what_it_shows() -> None:
    model = plain.build_plain(instances.generated("C:100:1000", 2).cover(), SETTINGS)
    budgets = [int(model.net.limit[0]) * s // 10 for s in (2, 5, 8, 10, 13)]
    bounds, runs = sweeping.sweep_bounds(model, budgets, None, None, 0.0, Work())
    ready = sweeping.sweeper(model, budgets, runs, None, -1)
    gains = [p.gain for p in sweeping.sweep_plans(ready, 0, Work()) if p is not None]
    assert gains == sorted(gains)
    assert bounds == sorted(bounds)
    assert all(0 < g <= b for g, b in zip(gains, bounds, strict=True))
    exact = siting.choose(sweeping.at_budget(model, budgets[3]), SETTINGS)
    assert gains[3] <= round(exact.value) <= bounds[3]


def test_pairs_become_cliques() -> None:
    links, number = plain.edge_cliques(np.array([[0, 1], [1, 2], [0, 2], [3, 2]]), 5)
    sets = {tuple(links[:, [k]].nonzero()[0].tolist()) for k in range(number)}
    assert sets == {(0, 1, 2), (2, 3)}


def test_generators_are_what_they_were() -> None:
    one = instances.generated("U:100:1000", 1).cover()
    assert (one.point.size, int(one.weight.sum()), one.rules[0].limit) == (9095, 49733, 10)
    other = instances.generated("C:1000:10000", 1)
    assert other.budget == 2016
    case = instances.product(300, 10_000, 1)
    assert (case.group.size, case.point.size, len(case.pairs)) == (4_696, 171_999, 19)


def test_branch_and_bound_tells_its_bound_and_ends_when_stopped() -> None:
    model = plain.build_plain(instances.product(100, 1000, 1, ("floors",)), SETTINGS)
    made = program.program_of(program.core_of(model, search.every(model)))
    work, told = Work(), []

    def hear(bound: float) -> None:
        told.append(bound)
        work.stop()

    answer = program.solve(made, work, nodes=10_000, told=hear)
    whole = program.solve(made, Work(), nodes=10_000)
    assert told
    assert answer.status == "stopped"
    assert whole.status == "optimal"
    assert answer.bound >= whole.objective - 1e-6


def test_a_variant_without_plan_or_proof_leaves_the_others_and_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = towns.rows_of(np.array([1000, 3000]), {"a0": {0: 16}, "a1": {1: 16}})
    offers = [
        towns.offer("own", "a0", "install", "m0", municipality_yen=100),
        towns.offer("paid", "a1", "install", "m1", municipality_yen=100, subsidy_yen=50, programme_id="G"),
    ]
    table = towns.offers_of(offers, [("G", None, None)])
    caps = table.caps.assign(
        fixed_municipality_yen=10, fixed_running_yen_per_year=0, min_total_yen=pd.array([20], dtype="Int64")
    )
    settings = towns.settings_of(150)
    model = siting.build(rows, dataclasses.replace(table, caps=caps), towns.cliques_of(), settings)
    real = choosing.choose

    def lost(problem: siting.CoverModel, *rest: object, **named: object) -> siting.ProvenChoice:
        if "paid" in problem.offer_ids:
            raise PlannerError("no_plan_found", "none")
        return real(problem, *rest, **named)

    monkeypatch.setattr(choosing, "choose", lost)
    choice = siting.choose(model, settings)
    siting.verify(model, choice)
    assert choice.chosen["offer_id"].tolist() == ["own"]
    assert choice.bound >= 3000 * 16 * model.unit - 1e-9  # what the lost variant could have had
