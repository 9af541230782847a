import numpy as np
import pytest

from planner.risk import prior
from planner.risk.features import Features, Layer, measure
from planner.risk.masses import Records, Support, prior_masses
from planner.risk.surface import Grid

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


def test_points_of_the_last_year_only_are_heard_though_nothing_can_be_held_out():
    rng, features, intensity, label, fold = city(3)
    by_year = rng.poisson(intensity[:, None] * np.ones(3)).astype(float)
    totals = np.column_stack([np.bincount(label, column) for column in by_year.T])
    support = Support(features, np.ones(len(label)), label, fold, 1e4)
    found = prior_masses(support, Records(totals, by_year * [0, 0, 1], np.full(len(label), 1 / 3), np.ones(3)))
    assert found.prior == "points"
    assert found.early_mass is None
    mass = found.mass * (intensity.sum() / found.mass.sum())
    assert np.abs(mass - intensity).mean() < 0.6 * np.abs(intensity.mean() - intensity).mean()


def test_the_early_mass_is_that_of_all_years_but_the_last():
    rng, features, intensity, label, fold = city(4)
    by_year = rng.poisson(intensity[:, None] * np.ones(3)).astype(float)
    totals = np.column_stack([np.bincount(label, column) for column in by_year.T])
    support = Support(features, np.ones(len(label)), label, fold, 1e4)
    for seen in (0.0, 1.0):
        whole = Records(totals, by_year * seen, np.full(len(label), seen), np.ones(3))
        found, before = prior_masses(support, whole), prior_masses(support, whole.until(2))
        assert found.prior == before.prior == ("points" if seen else "totals")
        assert (found.early_mass == before.mass).all()
        assert (found.early_mass != found.mass).any()


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
