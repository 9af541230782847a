"""What the benchmark makes of prior masses: updated by area and unit, turned by the last year."""

import numpy as np
import pytest

from benchmarks.risk_estimate import estimate
from benchmarks.risk_update import spread_totals, update
from planner.risk.masses import Records, Support
from tests.risk.test_prior import city


def test_spread_totals_adds_up_and_leaves_empty_areas_alone():
    got = spread_totals(np.array([1.0, 3.0, 2.0]), np.array([0, 0, 2]), np.array([8.0, 5.0, 6.0]))
    assert got.tolist() == [2.0, 6.0, 6.0]


def test_update_keeps_the_total_and_is_positive_everywhere():
    rng, _, intensity, label, _ = city()
    totals = np.bincount(label, rng.poisson(intensity)).astype(float)
    none = np.zeros(len(label))
    got = update(np.ones(len(label)), label, totals, none, none)
    assert got.mean.sum() == pytest.approx(totals.sum())
    assert (got.mean > 0).all()
    per_area = np.bincount(label, got.mean)
    expected = totals.sum() / len(totals)
    wanted = (totals + got.area_alpha) / (expected + got.area_alpha)
    assert per_area / per_area.sum() == pytest.approx(wanted / wanted.sum())


def test_points_move_mass_inside_the_area_only():
    rng, _, intensity, label, _ = city()
    number = rng.poisson(3 * intensity).astype(float)
    totals = np.bincount(label, number)
    blind = update(np.ones(len(label)), label, totals, 0 * number, 0 * number)
    sighted = update(np.ones(len(label)), label, totals, number, np.ones(len(label)))
    assert np.bincount(label, sighted.mean) == pytest.approx(np.bincount(label, blind.mean))
    truth = 3 * intensity
    assert ((sighted.mean - truth) ** 2).sum() < 0.7 * ((blind.mean - truth) ** 2).sum()


def test_shuffled_units_give_the_same_estimate():
    rng, features, intensity, label, fold = city()
    by_year = rng.poisson(intensity[:, None] * np.ones(3)).astype(float)
    totals = np.column_stack([np.bincount(label, column) for column in by_year.T])
    turn = rng.permutation(len(label))
    none = np.zeros((len(label), 3))

    def run(order):
        support = Support(features.rows(order), np.ones(len(order)), label[order], fold[order], 1e4)
        return estimate(support, Records(totals, none[order], none[order, 0], np.ones(3)))

    one, two = run(np.arange(len(label))), run(turn)
    assert one.prior == "totals"
    assert two.mean == pytest.approx(one.mean[turn], rel=1e-4)


def test_places_and_points_beat_even_spreading_on_a_known_city():
    rng, features, intensity, label, fold = city(3)
    by_year = rng.poisson(intensity[:, None] * np.ones(3)).astype(float)
    totals = np.column_stack([np.bincount(label, column) for column in by_year.T])
    none = np.zeros(len(label))
    support = Support(features, np.ones(len(label)), label, fold, 1e4)
    even = spread_totals(np.ones(len(label)), label, totals.sum(axis=1)) / 3
    shown = rng.binomial(by_year.astype(int), 0.2).astype(float)

    def error(mean):
        return np.abs(mean - intensity).mean()

    from_totals = estimate(support, Records(totals, np.zeros_like(by_year), none, np.ones(3)))
    from_points = estimate(support, Records(totals, shown, none + 0.2, np.ones(3)))
    assert error(from_totals.mean) < 0.6 * error(even)
    assert error(from_points.mean) < 0.6 * error(even)
    assert from_points.prior == "points"
    assert 0.8 < from_points.calibration.slope < 1.2


def test_what_points_turn_on_larger_cells_keeps_the_places_inside_each():
    rng, features, intensity, label, fold = city(3)
    by_year = rng.poisson(intensity[:, None] * np.array([3.0, 3.0, 3.0])).astype(float)
    by_year[:, -1] = rng.poisson(3 * intensity ** (0.9) * intensity.mean() ** 0.1)  # the last year is more even
    totals = np.column_stack([np.bincount(label, column) for column in by_year.T])
    cell = np.arange(len(label)) // 4
    support = Support(features, np.ones(len(label)), label, fold, 1e4)
    found = estimate(support, Records(totals, by_year, np.ones(len(label)), np.ones(3)), cell)
    assert found.calibration.slope < 1
    before, after = (np.bincount(cell, mean) for mean in (found.updated.mean, found.mean))
    turned = np.polyfit(np.log(before), np.log(after), 1)[0]
    assert found.calibration.slope < turned < 1
    assert found.mean / after[cell] == pytest.approx(found.updated.mean / before[cell])
    assert (np.argsort(before) == np.argsort(after)).all()
