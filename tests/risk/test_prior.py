import numpy as np
import pytest

from planner.risk import prior
from planner.risk.estimate import Records, Support, estimate
from planner.risk.features import Features, Layer, measure
from planner.risk.surface import Grid
from planner.risk.update import update

NAMES = ("a", "b")


def city(seed=0, side=60, block=4):
    """Square cells with two made-up place features of which only the first matters."""
    rng = np.random.default_rng(seed)
    n = side * side
    features = Features(NAMES, rng.gamma(1.0, 1.0, (n, 2)))
    intensity = 0.3 * np.exp(0.8 * features.values[:, 0])
    row, column = np.divmod(np.arange(n), side)
    label = (row // block) * (side // block) + column // block
    fold = ((row // 15) + 2 * (column // 15)) % 4
    return rng, features, intensity, label, fold


def test_log_linear_finds_the_coefficients():
    rng, features, intensity, _, _ = city()
    size = rng.uniform(0.5, 2.0, len(intensity))
    model = prior.fit_log_linear(features, rng.poisson(size * intensity).astype(float), size, 1e-3)
    assert model.coefficients == pytest.approx([0.8, 0.0], abs=0.04)
    assert np.exp(model.intercept) == pytest.approx(0.3, rel=0.08)


def test_a_tenth_of_the_points_tells_the_same_intensity():
    rng, features, intensity, _, _ = city()
    number = rng.poisson(intensity * 0.1).astype(float)
    model = prior.fit_log_linear(features, number, np.full(len(intensity), 0.1), 1e-3)
    assert model.intensity(features).sum() == pytest.approx(intensity.sum(), rel=0.1)


def test_units_whose_points_are_unknown_say_nothing():
    rng, features, intensity, _, _ = city()
    number = rng.poisson(intensity).astype(float)
    shown = np.arange(len(number)) % 2 == 0
    lied = np.where(shown, number, 999.0)
    one = prior.fit_log_linear(features, number * shown, shown.astype(float), 30.0)
    two = prior.fit_log_linear(features, lied, shown.astype(float), 30.0)
    assert two.coefficients == pytest.approx(one.coefficients)


def test_trees_learn_as_much_from_square_metres_as_from_cells():
    rng, features, intensity, _, _ = city()
    number = rng.poisson(intensity).astype(float)
    cells = prior.fit_trees(features, number, np.ones(len(number)), features)
    metres = prior.fit_trees(features, number, np.full(len(number), 2500.0), features)
    assert metres * 2500 == pytest.approx(cells)
    assert np.corrcoef(np.log(metres), np.log(intensity))[0, 1] > 0.9


def test_block_totals_alone_tell_what_is_inside():
    rng, features, intensity, label, _ = city()
    totals = np.bincount(label, rng.poisson(20 * intensity)).astype(float)
    model = prior.from_totals(features, np.ones(len(label)), label, totals)
    assert model.coefficients[0] == pytest.approx(0.8, abs=0.15)
    assert model.coefficients[1] == pytest.approx(0.0, abs=0.1)


def test_spread_totals_adds_up_and_leaves_empty_areas_alone():
    got = prior.spread_totals(np.array([1.0, 3.0, 2.0]), np.array([0, 0, 2]), np.array([8.0, 5.0, 6.0]))
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
    even = prior.spread_totals(np.ones(len(label)), label, totals.sum(axis=1)) / 3
    shown = rng.binomial(by_year.astype(int), 0.2).astype(float)

    def error(mean):
        return np.abs(mean - intensity).mean()

    from_totals = estimate(support, Records(totals, np.zeros_like(by_year), none, np.ones(3)))
    from_points = estimate(support, Records(totals, shown, none + 0.2, np.ones(3)))
    assert error(from_totals.mean) < 0.6 * error(even)
    assert error(from_points.mean) < 0.6 * error(even)
    assert from_points.prior == "points"
    assert 0.8 < from_points.calibration.slope < 1.2


def test_points_of_the_last_year_only_are_heard_though_nothing_can_be_held_out():
    rng, features, intensity, label, fold = city(3)
    by_year = rng.poisson(intensity[:, None] * np.ones(3)).astype(float)
    totals = np.column_stack([np.bincount(label, column) for column in by_year.T])
    support = Support(features, np.ones(len(label)), label, fold, 1e4)
    known = Records(totals, by_year * [0, 0, 1], np.full(len(label), 1 / 3), np.ones(3))
    found = estimate(support, known)
    assert found.prior == "points"
    assert found.early_mass is None
    assert np.abs(found.mean - intensity).mean() < 0.6 * np.abs(totals.sum() / 3 / len(label) - intensity).mean()


def test_what_points_turn_on_larger_cells_keeps_the_places_inside_each():
    rng, features, intensity, label, fold = city(3)
    by_year = rng.poisson(intensity[:, None] * np.array([3.0, 3.0, 3.0])).astype(float)
    by_year[:, -1] = rng.poisson(3 * intensity ** (0.9) * intensity.mean() ** 0.1)  # the last year is more even
    totals = np.column_stack([np.bincount(label, column) for column in by_year.T])
    cell = np.arange(len(label)) // 4
    support = Support(features, np.ones(len(label)), label, fold, 1e4, cell=cell)
    found = estimate(support, Records(totals, by_year, np.ones(len(label)), np.ones(3)))
    assert found.calibration.slope < 1
    before, after = (np.bincount(cell, mean) for mean in (found.updated.mean, found.mean))
    turned = np.polyfit(np.log(before), np.log(after), 1)[0]
    assert found.calibration.slope < turned < 1
    assert found.mean / after[cell] == pytest.approx(found.updated.mean / before[cell])
    assert (np.argsort(before) == np.argsort(after)).all()


def test_features_are_relative_to_the_town():
    grid = Grid(0.0, 0.0, 50.0, np.ones((20, 20), dtype=bool))
    east, north = grid.centres()
    rng = np.random.default_rng(0)
    one = Layer(rng.uniform(0, 1000, 40), rng.uniform(0, 1000, 40), np.ones(40))
    ten = Layer(one.east_m, one.north_m, np.full(40, 10.0))
    got = measure(grid, {"shop": one, "none": Layer(*[np.empty(0)] * 3)}, east, north)
    more = measure(grid, {"shop": ten, "none": Layer(*[np.empty(0)] * 3)}, east, north)
    assert got.values == pytest.approx(more.values)
    assert (got.only(("none_0", "none_400")).values == 0).all()


def test_shipped_models_name_their_source_and_only_places():
    for kind in ("street", "burglary"):
        model = prior.shipped(kind)
        assert all(name.split("_")[0] in ("eat", "shop", "school", "bar") for name in model.names)
    assert prior.shipped_dispersion() > 0
