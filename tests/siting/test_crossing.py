"""Crossing: parts of town against distances counted plainly, children against their parents, and who gives way to whom."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from benchmarks import instances, plain
from benchmarks.plain import Cover
from planner.settings import Settings, SitingSettings
from planner.siting import crossing, kernels, search
from planner.siting.crossing import Crowd
from planner.siting.dual import free
from planner.siting.model import CoverModel
from planner.siting.net import Ints
from planner.work import Work
from tests.siting.test_exchanging import cover
from tests.siting.test_plain import prices

SETTINGS = Settings(siting=SitingSettings())


def strip(places: int, sites: int) -> CoverModel:
    """Places in a row, each covering its own points and its neighbours' nearest; every other pair of them hangs together with no other."""
    sets = [np.array([at, at + 1], np.int32) for at in range(places)]
    start = np.arange(0, 2 * places + 1, 2)
    weight = np.arange(1, places + 2)
    return plain.build_plain(
        plain.only(start, np.concatenate(sets), weight, np.ones(places, np.int64), sites), SETTINGS
    )


def neighbours(model: CoverModel) -> nx.Graph:
    """Which patterns share a layer, counted plainly."""
    net, graph = model.net, nx.Graph()
    graph.add_nodes_from(range(net.pattern_start.size - 1))
    for layer in range(net.weight.size):
        over = net.layer_pattern[net.layer_start[layer] : net.layer_start[layer + 1]].tolist()
        graph.add_edges_from((over[0], other) for other in over[1:])
        graph.add_edges_from((one, other) for one in over for other in over if one < other)
    return graph


def of_columns(model: CoverModel, columns: Ints) -> search.Plan:
    """A plan of these columns and what it gains."""
    current = search.rest(model)
    current[model.net.column_group[columns]] = columns
    state = kernels.opened(model.net, current, search.every(model))
    return search.Plan(current, int(state.value[0]) - model.base, np.ones(model.columns))


@pytest.mark.parametrize("share", [0.004, 0.02])
@pytest.mark.parametrize("seed", range(3))
def test_patterns_come_in_the_order_of_their_distance(seed: int, share: float) -> None:
    """Every one once; where some cannot be reached, after all others."""
    model = plain.build_plain(cover(seed, 60, 250, 6, share), SETTINGS)
    graph, first = neighbours(model), seed * 7
    order = crossing.nearest_first(model.net, first).tolist()
    assert sorted(order) == list(graph.nodes)
    steps = nx.single_source_shortest_path_length(graph, first)
    far = [steps.get(pattern, graph.number_of_nodes()) for pattern in order]
    assert far == sorted(far)
    assert far[0] == 0
    if share < 0.01:
        assert len(steps) < graph.number_of_nodes()


@pytest.mark.parametrize("seed", range(5))
def test_a_child_is_one_plan_inside_and_the_other_outside(seed: int) -> None:
    """On a strip the part of the town is a piece of it, so that the child changes hands twice at most."""
    model = strip(200, 40)
    column = np.array([model.column_of[str(at)] for at in range(200) if str(at) in model.column_of])
    one, two = of_columns(model, column[0::5]).current, of_columns(model, column[2::5]).current
    child = crossing.crossed(model, one, two, np.random.default_rng(seed))
    chosen = np.array(sorted(int(model.offer_ids[c]) for c in child[child >= 0]))
    mine = chosen % 5 == 0
    assert ((chosen % 5 == 2) | mine).all()
    assert 0.15 * 40 <= mine.sum() <= 0.85 * 40
    assert abs(chosen.size - 40) <= 2
    assert (np.diff(mine.astype(int)) != 0).sum() <= 2


def test_where_both_plans_change_a_place_the_one_inside_counts() -> None:
    model = strip(30, 6)
    plan = of_columns(model, np.arange(0, 30, 5))
    for seed in range(4):
        child = crossing.crossed(model, plan.current, plan.current, np.random.default_rng(seed))
        assert np.array_equal(child, plan.current)
    nothing = search.rest(model)
    child = crossing.crossed(model, nothing, plan.current, np.random.default_rng(0))
    assert np.array_equal(child, plan.current)


def test_a_crowd_grows_from_the_best_plan_and_then_only_crosses() -> None:
    model = strip(300, 5)
    crowd, best = Crowd(model, 3), of_columns(model, np.arange(5) * 9)
    for number in range(crossing.CROWD):
        start, is_child = crowd.next(best.current)
        assert not is_child
        assert start is best.current
        crowd.take(of_columns(model, np.arange(5) * 7 + number))
    for number in range(50):
        child, is_child = crowd.next(best.current)
        assert is_child
        assert np.isin(child[child >= 0], np.concatenate([plan.current for plan in crowd.plans])).all()
        crowd.take(replace(of_columns(model, np.arange(5) + number), gain=number * 100))
    assert len(crowd.plans) == crossing.CROWD


def test_a_child_replaces_the_parent_that_it_is_more_like() -> None:
    """If it is no worse, and no other plan is the same."""
    model = strip(100, 4)
    left, right = of_columns(model, np.array([1, 3, 5, 7])), of_columns(model, np.array([60, 70, 80, 90]))
    crowd = Crowd(model, 0, size=2)
    for plan in (left, right):
        crowd.next(left.current)
        crowd.take(plan)
    assert crowd.next(left.current)[1]
    worse = replace(of_columns(model, np.array([1, 60, 70, 80])), gain=right.gain - 1)
    crowd.take(worse)
    assert crowd.plans == [left, right]
    child = replace(worse, gain=right.gain)
    crowd.take(child)
    assert crowd.plans == [left, child]
    crowd.take(replace(child, gain=child.gain + 1))
    assert crowd.plans == [left, child]


def test_a_crowd_that_no_child_betters_gives_way_to_a_larger_one_from_nowhere() -> None:
    """As good is not better: plans that only take turns end it too. A better one in time keeps it."""
    model = strip(300, 5)
    crowd, best = Crowd(model, 3), of_columns(model, np.arange(5) * 9).current
    plans = [of_columns(model, np.arange(5) * 7 + number) for number in range(60)]
    for number in range(crossing.CROWD):
        crowd.next(best)
        crowd.take(replace(plans[number], gain=1_000))
    patience = crossing.PATIENCE * crossing.CROWD
    for number in range(patience - 1):
        crowd.next(best)
        crowd.take(replace(plans[number % 60], gain=1_000))
    crowd.next(best)
    crowd.take(replace(of_columns(model, np.arange(5) * 8), gain=2_000))
    for _ in range(patience - 1):
        crowd.next(best)
        crowd.take(replace(plans[0], gain=1))
    assert len(crowd.plans) == crossing.CROWD
    crowd.next(best)
    crowd.take(replace(plans[0], gain=1))
    assert crowd.plans == []
    starts = [crowd.next(best) for _ in range(3)]
    assert not any(is_child for _, is_child in starts)
    assert all(4 <= (start >= 0).sum() <= 5 for start, _ in starts)
    assert not np.array_equal(starts[0][0], starts[1][0])
    for number in range(2 * crossing.CROWD):
        assert not crowd.next(best)[1]
        crowd.take(plans[number])
    assert crowd.next(best)[1]


def test_what_is_scattered_is_one_column_a_group_and_differs_by_seed() -> None:
    case = instances.product(100, 1000, 1, ("floors",))
    model = plain.build_plain(case, SETTINGS)
    one, two = (crossing.scattered(model, 20, np.random.default_rng(seed)) for seed in (1, 2))
    for current in (one, two):
        chosen = np.flatnonzero(current != model.net.group_keep)
        assert 10 <= chosen.size <= 20
        assert (model.net.column_group[current[chosen]] == chosen).all()
    assert not np.array_equal(one, two)


def offers(model: CoverModel, current: Ints) -> Ints:
    """The numbers of the options that a plan changes."""
    return np.array([int(model.offer_ids[c]) for c in current[current >= 0]])


def product() -> tuple[Cover, CoverModel]:
    case = instances.product(100, 1000, 1, ("floors",))
    return case, plain.build_plain(case, SETTINGS)


def test_a_child_that_breaks_rules_is_mended_before_it_is_searched_from() -> None:
    """With every rule of the product's case but floors: what a cooling leaves keeps them all, and gains what is said."""
    case, model = product()
    random = np.random.default_rng(0)
    plans = [search.settle(model, search.rest(model), random.random(model.columns), 0, 0) for _ in range(2)]
    assert plans[0] is not None
    assert plans[1] is not None
    children = [crossing.crossed(model, plans[0].current, plans[1].current, np.random.default_rng(n)) for n in range(9)]
    assert any(plain.broken_rules(case, offers(model, child)) for child in children)
    refiller = search.Refiller(model, plans[0], prices(model), 1)
    for child in children:
        refiller.run(5, Work(), child)
        for plan in (refiller.last, refiller.plan):
            chosen = offers(model, plan.current)
            assert plain.covered_weight(case, chosen) == plan.gain
            assert not plain.broken_rules(case, chosen)
    assert refiller.plan.gain >= plans[0].gain


def test_a_cooling_of_a_child_begins_at_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """After one step all but one of its changes are left, and the best plan stays the best."""
    model = plain.build_plain(cover(3, 400, 2_000, 40, 0.01), SETTINGS)
    best = search.greedy_plan(model, 0, Work())
    assert best is not None
    child = of_columns(model, np.setdiff1d(search.every(model), best.current)[::9][:40]).current
    refiller = search.Refiller(model, best, free(model), 1)
    monkeypatch.setattr(search, "steps_of", lambda _rounds, _model: 1)
    refiller.run(1, Work(), child)
    assert ((refiller.last.current == child) & (child >= 0)).sum() >= 39
    assert np.array_equal(refiller.plan.current, best.current)
