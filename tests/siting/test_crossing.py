"""Crossing: parts of town against distances counted plainly, children against their parents, and who gives way to whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from benchmarks import instances, plain
from benchmarks.plain import Cover
from planner.settings import Settings, SitingSettings
from planner.siting import crossing, kernels, search
from planner.siting.crossing import Crowd, Start
from planner.siting.dual import free
from planner.siting.model import CoverModel
from planner.siting.net import Floats, Ints
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


def across(model: CoverModel, seed: int) -> Floats:
    """How much nearer patterns are to one random place than to another."""
    patterns = model.net.pattern_start.size - 1
    one, two = np.random.default_rng(seed).choice(patterns, 2, replace=False).tolist()
    return np.asarray(crossing.ranks_from(model.net, one) - crossing.ranks_from(model.net, two))


@pytest.mark.parametrize("share", [0.004, 0.02])
@pytest.mark.parametrize("seed", range(3))
def test_patterns_come_in_the_order_of_their_distance(seed: int, share: float) -> None:
    """Every one once; where some cannot be reached, after all others."""
    model = plain.build_plain(cover(seed, 60, 250, 6, share), SETTINGS)
    graph, first = neighbours(model), seed * 7
    rank = crossing.ranks_from(model.net, first)
    assert sorted(rank.tolist()) == list(graph.nodes)
    order = np.argsort(rank).tolist()
    steps = nx.single_source_shortest_path_length(graph, first)
    far = [steps.get(pattern, graph.number_of_nodes()) for pattern in order]
    assert far == sorted(far)
    assert far[0] == 0
    if share < 0.01:
        assert len(steps) < graph.number_of_nodes()


def test_smoothing_makes_neighbours_alike() -> None:
    """On a strip the mean of a place and its neighbours, by hand; what is the same everywhere stays."""
    model = strip(6, 2)
    net = model.net
    assert net.weight.size == 7  # the first and the last point have one place, all others two
    rank = np.array([0.0, 8.0, 0.0, 0.0, 0.0, 4.0])
    at = [rank[0], 4.0, 4.0, 0.0, 0.0, 2.0, rank[5]]
    expected = [(at[p] + at[p + 1]) / 2 for p in range(6)]
    pattern = net.column_pattern[[model.column_of[str(p)] for p in range(6)]]
    given = np.empty(6)
    given[pattern] = rank
    assert np.allclose(crossing.smoothed(net, given)[pattern], expected)
    assert np.allclose(crossing.smoothed(net, np.full(6, 3.0)), 3.0)


@pytest.mark.parametrize("seed", range(5))
def test_a_child_is_one_plan_inside_and_the_other_outside(seed: int) -> None:
    """On a strip that is cut across the child changes hands once, and what lies there is at the seam."""
    model = strip(200, 40)
    column = np.array([model.column_of[str(at)] for at in range(200) if str(at) in model.column_of])
    one, two = of_columns(model, column[0::5]).current, of_columns(model, column[2::5]).current
    along = np.array([int(offer) for offer in model.offer_ids])
    cut = crossing.crossed(model, one, two, along, np.random.default_rng(seed))
    child, seam = cut.child, crossing.seam_of(model, cut)
    chosen = np.array(sorted(int(model.offer_ids[c]) for c in child[child >= 0]))
    mine = chosen % 5 == 0
    assert ((chosen % 5 == 2) | mine).all()
    assert 0.15 * 40 <= mine.sum() <= 0.85 * 40
    assert chosen.size == 40
    (edge,) = np.flatnonzero(np.diff(mine.astype(int)))
    loose = np.array([seam[model.column_of[str(at)]] for at in chosen])
    assert 0.3 * chosen.size <= loose.sum() <= 0.3 * chosen.size + 1
    assert loose[edge]
    assert loose[edge + 1]


def test_where_both_plans_change_a_place_the_one_inside_counts() -> None:
    model = strip(30, 6)
    plan = of_columns(model, np.arange(0, 30, 5))
    for seed in range(4):
        cut = crossing.crossed(model, plan.current, plan.current, across(model, seed), np.random.default_rng(seed))
        assert np.array_equal(cut.child, plan.current)
    nothing = search.rest(model)
    for parents in ((nothing, plan.current), (plan.current, nothing)):
        cut = crossing.crossed(model, *parents, across(model, 0), np.random.default_rng(0))
        assert np.array_equal(cut.child, plan.current)


@pytest.mark.parametrize(("sizes", "most"), [((30, 30), 30), ((10, 31), 31), ((31, 10), 31), ((1, 2), 2), ((1, 1), 1)])
def test_a_child_has_no_more_changes_than_its_larger_parent(sizes: tuple[int, int], most: int) -> None:
    """And at the cut of two alike as many."""
    model = strip(200, 40)
    for seed in range(40):
        random = np.random.default_rng(seed)
        columns = random.permutation(model.columns)
        one, two = (
            of_columns(model, columns[at : at + size]).current for at, size in zip((0, 100), sizes, strict=True)
        )
        child = crossing.crossed(model, one, two, across(model, seed), random).child
        assert min(sizes) <= (child >= 0).sum() <= most


def test_of_many_cuts_through_united_crowds_the_best_is_taken() -> None:
    """What the child covers, counted plainly, unless it is a parent over again; a crowd by itself takes the first."""
    model = plain.build_plain(cover(3, 400, 2_000, 40, 0.01), SETTINGS)
    random = np.random.default_rng(0)
    plans = [of_columns(model, random.permutation(model.columns)[:40]) for _ in range(crossing.CROWD)]
    means = []
    for united in (0, 1):
        crowd = Crowd(model, 5, list(plans), united=united)
        starts = [crowd.next(plans[0].current) for _ in range(20)]
        means.append(np.mean([of_columns(model, s.current[s.current >= 0]).gain for s in starts]))
        for start in starts:
            assert start.parents is not None
            for at in start.parents if united else ():
                assert (~np.isin(start.current[start.current >= 0], plans[at].current)).sum() >= 3  # 8 in 100 of 40
    assert means[1] > 1.02 * means[0]


def grown(crowd: Crowd, best: Ints, plans: Sequence[search.Plan]) -> list[Start]:
    """What a crowd that these plans join says to search from meanwhile."""
    starts = []
    for plan in plans:
        starts.append(crowd.next(best))
        crowd.take(starts[-1], plan)
    return starts


def alike(model: CoverModel, gain: int, first: int = 0) -> list[search.Plan]:
    """A crowd of plans that differ and gain the same."""
    plans = [of_columns(model, np.arange(5) * 7 + first + number) for number in range(crossing.CROWD)]
    return [replace(plan, gain=gain) for plan in plans]


def test_a_crowd_grows_from_the_best_plan_and_then_only_crosses() -> None:
    model = strip(300, 5)
    crowd, best = Crowd(model, 3), of_columns(model, np.arange(5) * 9).current
    for start in grown(crowd, best, alike(model, 0)):
        assert start.seam is None
        assert start.current is best
    for number in range(50):
        start = crowd.next(best)
        assert start.seam is not None
        assert np.isin(start.current[start.current >= 0], np.concatenate([plan.current for plan in crowd.plans])).all()
        crowd.take(start, replace(of_columns(model, np.arange(5) + number), gain=number * 100))
    assert len(crowd.plans) == crossing.CROWD


def test_a_child_replaces_the_parent_that_it_is_more_like() -> None:
    """If it is no worse, and no other plan is the same."""
    model = strip(100, 4)
    left, right = of_columns(model, np.array([1, 3, 5, 7])), of_columns(model, np.array([60, 70, 80, 90]))
    crowd, start = Crowd(model, 0, [left, right]), Start(left.current, np.ones(model.columns, np.bool_), (1, 0))
    worse = replace(of_columns(model, np.array([1, 60, 70, 80])), gain=right.gain - 1)
    crowd.take(start, worse)
    assert crowd.plans == [left, right]
    child = replace(worse, gain=right.gain)
    crowd.take(start, child)
    assert crowd.plans == [left, child]
    crowd.take(start, replace(child, gain=child.gain + 1))
    assert crowd.plans == [left, child]


def ended(crowd: Crowd, best: Ints) -> None:
    """Children until the crowd ends: as good as the others is not better."""
    for number in range(crossing.PATIENCE * crossing.CROWD):
        plan = replace(of_columns(crowd.model, np.arange(5) + number), gain=min(plan.gain for plan in crowd.plans))
        crowd.take(crowd.next(best), plan)


def test_a_crowd_that_no_child_betters_gives_way_to_one_from_nowhere() -> None:
    """As good is not better: plans that only take turns end it too. A better one in time keeps it."""
    model = strip(300, 5)
    crowd, best = Crowd(model, 3), of_columns(model, np.arange(5) * 9).current
    grown(crowd, best, alike(model, 1_000))
    for number in range(crossing.PATIENCE * crossing.CROWD - 1):
        crowd.take(crowd.next(best), replace(of_columns(model, np.arange(5) + number), gain=1_000))
    crowd.take(crowd.next(best), replace(of_columns(model, np.arange(5) * 8), gain=2_000))
    for _ in range(crossing.PATIENCE * crossing.CROWD - 1):
        crowd.take(crowd.next(best), replace(crowd.plans[0], gain=1))
    assert len(crowd.plans) == crossing.CROWD
    crowd.take(crowd.next(best), replace(crowd.plans[0], gain=1))
    assert crowd.plans == []
    starts = grown(crowd, best, alike(model, 0))
    assert all(start.seam is None and 4 <= (start.current >= 0).sum() <= 5 for start in starts)
    assert not np.array_equal(starts[0].current, starts[1].current)
    assert crowd.next(best).seam is not None


def test_two_crowds_that_have_come_as_far_are_united() -> None:
    """The best half of each; the third waits for a fourth, and both for the two that they become."""
    model = strip(300, 5)
    crowd, best = Crowd(model, 3), of_columns(model, np.arange(5) * 9).current
    for gain in (100, 200):
        plans = alike(model, gain, gain)
        grown(crowd, best, [replace(plan, gain=gain + at) for at, plan in enumerate(plans)])
        for _ in range(crossing.PATIENCE * crossing.CROWD):
            crowd.take(crowd.next(best), replace(plans[0], gain=1))
    half = crossing.CROWD // 2
    assert sorted(plan.gain for plan in crowd.plans) == [
        *range(100 + half, 100 + 2 * half),
        *range(200 + half, 200 + 2 * half),
    ]
    assert crowd.united == 1
    ended(crowd, best)  # it is cooled deeper first
    for gain in (300, 400):
        ended(crowd, best)
        assert crowd.plans == []
        grown(crowd, best, alike(model, gain))
        assert [united for united, _ in crowd.earlier] == [1, *[0] * (gain // 100 - 3)]
    for came_to in ((1, False), (1, True), (2, False)):
        ended(crowd, best)
        assert (crowd.united, crowd.deep) == came_to
    assert crowd.earlier == []


def test_a_child_that_spends_more_than_its_parents_pays_for_it() -> None:
    """With rules: what it covers, counted plainly, less what it spends above the dearer parent at the prices; a parent over again is worst."""
    case, model = product()
    random = np.random.default_rng(1)
    plans = []
    for _ in range(6):
        plan = search.settle(model, search.rest(model), random.random(model.columns), 0, 0)
        assert plan is not None
        plans.append(plan)

    def spent(current: Ints, price: Floats) -> float:
        return float(sum(price[c] for c in current if c >= 0 and c not in set(model.net.group_keep)))

    dearer = 0
    for _ in range(20):
        price = random.uniform(1.0, 200.0, model.columns)
        priced = [replace(plan, price=price) for plan in plans]
        crowd, (one, two, other) = Crowd(model, 2, priced, united=1), random.choice(6, 3, replace=False)
        child = plans[other].current
        over = spent(child, price) - max(spent(plans[at].current, price) for at in (one, two))
        dearer += over > 0
        expected = plain.covered_weight(case, offers(model, child)) + model.base - max(0.0, over)
        assert crowd._fit(child, (priced[one], priced[two])) == pytest.approx(expected)
        assert crowd._fit(child, (priced[one], priced[other])) == -np.inf
    assert 0 < dearer < 20


def test_a_united_crowd_is_cooled_deeper_before_it_ends() -> None:
    """Once seams better nothing more, children are cooled everywhere; then it is put by, and the next begins at seams."""
    model = strip(300, 5)
    crowd, best = Crowd(model, 3), of_columns(model, np.arange(5) * 9).current
    for gain in (100, 200):
        grown(crowd, best, alike(model, gain, gain))
        assert not crowd.next(best).seam.all()
        ended(crowd, best)
    assert (crowd.united, crowd.deep) == (1, False)
    assert not crowd.next(best).seam.all()
    ended(crowd, best)
    assert (crowd.united, crowd.deep, len(crowd.plans)) == (1, True, crossing.CROWD)
    assert crowd.next(best).seam.all()
    ended(crowd, best)
    assert (crowd.united, crowd.deep, crowd.plans) == (0, False, [])


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
    cuts = [
        crossing.crossed(model, plans[0].current, plans[1].current, across(model, n), np.random.default_rng(n))
        for n in range(9)
    ]
    assert any(plain.broken_rules(case, offers(model, cut.child)) for cut in cuts)
    refiller = search.Refiller(model, plans[0], prices(model), 1)
    for cut in cuts:
        refiller.run(5, Work(), cut.child, crossing.seam_of(model, cut))
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


@pytest.mark.parametrize("rules", [False, True])
def test_only_the_seam_of_a_child_is_cooled(*, rules: bool) -> None:
    """What lies elsewhere stays; at the seam something moves."""
    model = product()[1] if rules else plain.build_plain(cover(3, 400, 2_000, 40, 0.01), SETTINGS)
    plan = search.greedy_plan(model, 0, Work())
    assert plan is not None
    changed = plan.current[(plan.current >= 0) & (plan.current != model.net.group_keep)]
    seam = np.zeros(model.columns, np.bool_)
    seam[changed[: changed.size // 2]] = True
    stays = changed[changed.size // 2 :]
    last = plan.current.copy()
    search.heat_bath(model, plan.current, plan.price, 2_000, search.HOT, search.HOT, 1, Work(), last=last, loose=seam)
    group = model.net.column_group
    assert (last != plan.current).any()
    kept = last[group[stays]] == stays
    assert kept.all() if not rules else kept.mean() > 0.5
