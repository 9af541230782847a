"""Exchanges of equals: the tables against a plain count, the best plan against enumeration, and where they do not apply."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from benchmarks import plain
from benchmarks.plain import Cover, covered_weight
from planner.settings import Settings, SitingSettings
from planner.siting import exchanging, search
from planner.siting.model import CoverModel
from planner.siting.net import Ints
from planner.work import Work

SETTINGS = Settings(siting=SitingSettings())


def cover(seed: int, options: int, points: int, sites: int, share: float = 0.2) -> Cover:
    """Random covers, each option as dear as the others."""
    random = np.random.default_rng(seed)
    sets = [np.flatnonzero(random.random(points) < share).astype(np.int32) for _ in range(options)]
    start = np.concatenate([[0], np.cumsum([s.size for s in sets])]).astype(np.int64)
    weight = random.integers(1, 50, points)
    return plain.only(start, np.concatenate(sets), weight, np.full(options, 3, np.int64), 3 * sites)


def worths(model: CoverModel, chosen: Ints) -> tuple[Ints, Ints]:
    """Counted plainly: gain of each column, and what it would win more in each place."""
    net = model.net
    covers = np.zeros((model.columns, net.weight.size), np.int64)
    for c in range(model.columns):
        covers[c, net.pattern_layer[net.pattern_start[c] : net.pattern_start[c + 1]]] = 1
    times = covers[chosen].sum(axis=0)
    gain = covers @ (net.weight * (times == 0))
    alone = covers[chosen] * (times == 1)
    return gain, (alone * net.weight) @ covers.T


@pytest.mark.parametrize("seed", range(3))
def test_the_tables_stay_what_a_plain_count_gives(seed: int) -> None:
    """After many exchanges, hot enough that most are made; the value and the best plan too."""
    problem = cover(seed, 90, 200, 7)
    model = plain.build_plain(problem, SETTINGS)
    chosen = np.arange(7) * 5
    covers = exchanging.covers_of(model.net)
    plan, best = exchanging.exchanges(covers, chosen), chosen.copy()
    value = exchanging._exchanged(covers, plan, best, 0, 500, 60.0, 30.0, seed)
    assert np.unique(plan.chosen).size == 7
    assert not np.array_equal(np.sort(plan.chosen), chosen)
    gain, extra = worths(model, plan.chosen)
    assert np.array_equal(plan.gain[: model.columns], gain)
    assert np.array_equal(plan.extra[:, : model.columns], extra)
    offer = np.array([int(i) for i in model.offer_ids])
    assert covered_weight(problem, offer[plan.chosen]) == plan.value[0] <= value
    assert covered_weight(problem, offer[best]) == value


def test_finds_what_enumeration_finds() -> None:
    """Small cases from a bad start."""
    for seed in range(5):
        problem = cover(seed, 16, 40, 4)
        model = plain.build_plain(problem, SETTINGS)
        best, value = exchanging.anneal(exchanging.covers_of(model.net), np.arange(4), 3_000, 60.0, 2.0, seed, None)
        most = max(covered_weight(problem, np.array(c)) for c in itertools.combinations(range(16), 4))
        assert value == most
        assert np.unique(best).size == 4


def test_same_seed_same_plan_and_a_stop_keeps_the_best() -> None:
    """Stopped before the second slice."""
    covers = exchanging.covers_of(plain.build_plain(cover(1, 60, 150, 6), SETTINGS).net)
    one, two = (exchanging.anneal(covers, np.arange(6), 8_000, 40.0, 2.0, 7, None) for _ in range(2))
    assert np.array_equal(one[0], two[0])
    assert one[1] == two[1]
    work = Work()
    work.stop()
    short, value = exchanging.anneal(covers, np.arange(6), 8_000, 40.0, 2.0, 7, work)
    first = exchanging.exchanges(covers, short)
    assert int(first.value[0]) == value <= one[1]


def test_only_where_all_columns_are_equals() -> None:
    """Costs, spacing, groups and a second rule need the search for all rules; heat-bath search takes the one that fits."""
    problem = cover(2, 30, 60, 5)
    assert exchanging.is_plain(plain.build_plain(problem, SETTINGS).net)
    dear = dataclasses.replace(problem.rules[0], amount=np.arange(1, 31))
    spaced = np.array([[0, 1]])
    others = (
        dataclasses.replace(problem, rules=(dear,)),
        dataclasses.replace(problem, rules=(problem.rules[0], dataclasses.replace(dear, name="running_budget"))),
        dataclasses.replace(problem, pairs=spaced),
        dataclasses.replace(problem, group=np.arange(30) // 2),
    )
    assert not any(exchanging.is_plain(plain.build_plain(other, SETTINGS).net) for other in others)
    net = plain.build_plain(problem, SETTINGS).net  # exchanges take the number of a column for that of its pattern
    assert not exchanging.is_plain(net._replace(column_pattern=net.column_pattern[::-1].copy()))


def test_as_good_as_the_search_for_all_rules_on_the_same_problem() -> None:
    """A rule that asks nothing makes the other search run."""
    problem = cover(3, 40, 120, 5)
    model = plain.build_plain(problem, SETTINGS)
    start = search.greedy_plan(model, 0, Work())
    assert start is not None
    found, gain = search.heat_bath(model, start.current, start.price, 4_000, search.HOT, search.COLD, 0)
    net = model.net._replace(limit=np.append(model.net.limit, 10**9))  # a rule that asks nothing
    other, same = search.heat_bath(
        dataclasses.replace(model, net=net), start.current, start.price, 4_000, search.HOT, search.COLD, 0
    )
    assert gain == same >= start.gain
    assert (found >= 0).sum() == (other >= 0).sum() == 5


def test_places_that_the_start_leaves_empty_are_filled() -> None:
    """From two columns of five allowed, and where only one of the two may go, the plan has five; the other stays."""
    problem = cover(3, 60, 300, 5)
    model = plain.build_plain(problem, SETTINGS)
    start, loose, last = np.full(model.columns, -1), np.zeros(model.columns, np.bool_), np.full(model.columns, -1)
    start[[7, 9]], loose[7] = [7, 9], True
    for seed in range(3):
        best, gain = search.heat_bath(
            model, start, np.ones(model.columns), 2_000, search.HOT, search.COLD, seed, last=last, loose=loose
        )
        for plan in (best, last):
            assert (plan >= 0).sum() == 5
            assert plan[9] == 9
        offer = np.array([int(model.offer_ids[c]) for c in best[best >= 0]])
        assert covered_weight(problem, offer) == gain


@pytest.mark.parametrize("fixed", [(), (3, 8, 20), tuple(range(40))])
def test_what_some_columns_leave_is_the_net_without_their_layers(fixed: tuple[int, ...]) -> None:
    """Layer by layer and column by column against a table of who covers what."""
    net = plain.build_plain(cover(4, 60, 200, 6, 0.1), SETTINGS).net
    table = np.zeros((60, net.weight.size), np.bool_)
    for column in range(net.pattern_start.size - 1):
        table[column, net.pattern_layer[net.pattern_start[column] : net.pattern_start[column + 1]]] = True
    left = ~table[list(fixed)].any(axis=0)
    small, columns = exchanging.left_by(exchanging.covers_of(net), np.array(fixed, np.int64))
    assert columns.tolist() == np.flatnonzero(table[:, left].any(axis=1)).tolist()
    assert small.weight.tolist() == net.weight[left].tolist()
    for at, column in enumerate(columns):
        layers = small.pattern_layer[small.pattern_start[at] : small.pattern_start[at + 1]]
        assert layers.tolist() == np.flatnonzero(table[column, left]).tolist()
    for at, layer in enumerate(np.flatnonzero(left)):
        over = small.layer_pattern[small.layer_start[at] : small.layer_start[at + 1]]
        assert columns[over].tolist() == np.flatnonzero(table[:, layer]).tolist()


def test_columns_that_add_nothing_are_left_out() -> None:
    """Counted plainly: each of the rest covers something alone, and together they cover the same."""
    for seed in range(3):
        model = plain.build_plain(cover(seed, 60, 80, 30), SETTINGS)
        chosen = np.random.default_rng(seed).permutation(model.columns)[:30]
        rest = exchanging.needed(exchanging.covers_of(model.net), chosen)
        gain, extra = worths(model, chosen)
        fewer, alone = worths(model, rest)
        assert 0 < rest.size < 30
        assert np.array_equal(gain, fewer)
        assert (alone[np.arange(rest.size), rest] > 0).all()
        assert set(np.flatnonzero(extra[np.arange(30), chosen] > 0)) <= set(np.flatnonzero(np.isin(chosen, rest)))
