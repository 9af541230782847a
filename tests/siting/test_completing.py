"""Covering all: what is left against a plain count, covers that are known to exist, and where the search is not tried."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from benchmarks import plain
from benchmarks.plain import Cover
from planner.settings import Settings, SitingSettings
from planner.siting import closer, completing, search
from planner.siting.closer import Proof
from planner.siting.dual import free
from planner.siting.exchanging import covers_of
from planner.siting.matrices import patterns
from planner.siting.model import CoverModel
from planner.work import Work
from tests.siting.test_exchanging import cover

SETTINGS = Settings(siting=SitingSettings())


def planted(seed: int, sites: int, others: int, points: int) -> Cover:
    """Options among which so many share all points out among them: they cover all, and nobody says which they are."""
    random = np.random.default_rng(seed)
    shares = np.array_split(random.permutation(points), sites)
    size = points * 6 // (5 * sites)  # larger ones, which greedy prefers
    sets = shares + [random.choice(points, size, replace=False) for _ in range(others)]
    sets = [np.sort(sets[i]).astype(np.int32) for i in random.permutation(len(sets))]
    start = np.concatenate([[0], np.cumsum([s.size for s in sets])]).astype(np.int64)
    weight = random.integers(1, 1_000, points)
    return plain.only(start, np.concatenate(sets), weight, np.full(len(sets), 3, np.int64), 3 * sites)


def greedy(model: CoverModel) -> search.Plan:
    plan = search.greedy_plan(model, 0, Work())
    assert plan is not None
    return plan


@pytest.mark.parametrize("seed", range(4))
def test_a_cover_that_exists_is_found(seed: int) -> None:
    """Greedy leaves something; the plan found covers all and uses no more columns."""
    model = plain.build_plain(planted(seed, 8, 60, 200), SETTINGS)
    start, all_of_it = greedy(model), int(model.net.weight.sum())
    assert start.gain < all_of_it
    found = completing.complete(model, start, start, 200_000, seed, Work())
    assert found.gain == all_of_it
    assert (found.current >= 0).sum() <= 8


@pytest.mark.parametrize("seed", range(4))
def test_the_gain_is_what_a_plain_count_gives(seed: int) -> None:
    """Where no cover exists too: the best of its steps, by the weights of the model."""
    model = plain.build_plain(cover(seed, 60, 150, 6), SETTINGS)
    start = greedy(model)
    found = completing.complete(model, start, start, 3_000, seed, Work())
    state = search.kernels.opened(model.net, found.current, search.every(model))
    assert int(state.value[0]) == found.gain >= start.gain
    assert (found.current >= 0).sum() == (start.current >= 0).sum()


def test_the_same_seed_gives_the_same_plan_and_the_model_keeps_its_weights() -> None:
    model = plain.build_plain(cover(1, 60, 150, 6), SETTINGS)
    weight, start = model.net.weight.copy(), greedy(model)
    one, two = (completing.complete(model, start, start, 2_000, 5, Work()) for _ in range(2))
    assert np.array_equal(one.current, two.current)
    assert np.array_equal(model.net.weight, weight)


def test_what_is_left_is_kept_up_to_date() -> None:
    """After many steps the layers left, their weights and what columns gain and lose by them are those of a plain count."""
    model = plain.build_plain(cover(2, 90, 300, 7), SETTINGS)
    covers, chosen = covers_of(model.net), np.arange(7) * 5
    raise_by = covers.weight % 5 + 1
    left, best = completing._left(covers, completing.FIRST * raise_by, chosen), chosen.copy()
    since = np.full(model.columns, -1, np.int64)
    completing._completed(covers, left, raise_by, chosen, since, best, int(left.missing[0]), 0, 500, 1)
    matrix = patterns(model.net).toarray().astype(np.int64)
    times = matrix[chosen].sum(axis=0)
    there, number = np.flatnonzero(times == 0), int(left.number[0])
    assert np.array_equal(np.sort(left.layers[:number]), there)
    assert np.array_equal(left.place[left.layers[:number]], np.arange(number))
    assert (left.place[times > 0] == -1).all()
    assert left.missing[0] == covers.weight[there].sum()
    assert np.array_equal(left.times, times)
    assert np.array_equal(left.gain, matrix @ (left.dear * (times == 0)))
    assert np.array_equal(left.loss[chosen], matrix[chosen] @ (left.dear * (times == 1)))


@pytest.mark.parametrize("seed", range(4))
def test_plans_that_leave_little_cover_all_where_they_cover_what_is_asked(seed: int) -> None:
    """What is not asked for has all the columns of another layer that has to be covered; nothing else is left out."""
    model = plain.build_plain(cover(seed, 40, 200, 6), SETTINGS)
    covers, matrix = covers_of(model.net), patterns(model.net).toarray() > 0
    for least in np.quantile(covers.weight, [0.0, 0.3, 0.8]).astype(np.int64):
        asked = completing._is_asked(covers, int(least))
        must = np.flatnonzero(covers.weight >= least)
        for layer in range(covers.weight.size):
            narrower = [o for o in must if o != layer and not (matrix[:, o] & ~matrix[:, layer]).any()]
            alike = [o for o in narrower if (matrix[:, o] == matrix[:, layer]).all()]
            spared = bool(set(narrower) - set(alike)) or any(o < layer or covers.weight[layer] < least for o in alike)
            assert asked[layer] == (not spared)
        less = completing._asked(model.net, int(least))
        assert np.array_equal(less.weight, covers.weight[asked])
        shape = (model.columns, less.weight.size)
        kept = sparse.csr_matrix(
            (np.ones(less.pattern_layer.size), less.pattern_layer, less.pattern_start), shape=shape
        )
        assert np.array_equal(kept.toarray() > 0, matrix[:, asked])


def test_it_is_tried_only_where_all_but_a_little_is_covered_and_no_bound_is_lower() -> None:
    model = plain.build_plain(planted(0, 8, 60, 200), SETTINGS)
    all_of_it, plan = int(model.net.weight.sum()), greedy(model)
    near = search.Plan(plan.current, round(all_of_it * (1 - completing.LITTLE / 2)), plan.price)
    assert completing.is_near(model, near)
    assert closer.all_is_open(model, Proof(near, all_of_it, free(model)))
    assert not closer.all_is_open(model, Proof(near, all_of_it - 1, free(model)))
    far = search.Plan(plan.current, round(all_of_it * (1 - completing.LITTLE * 2)), plan.price)
    assert not completing.is_near(model, far)
