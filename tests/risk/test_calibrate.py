import numpy as np
import pytest
from scipy import stats

from planner.risk.calibrate import NONE, Scatter, calibration, scatter


def test_a_too_sharp_prediction_is_turned():
    rng = np.random.default_rng(0)
    true = rng.gamma(1.0, 2.0, 20_000) + 0.01
    curve = calibration(true**1.5, rng.poisson(true).astype(float), np.ones(len(true)))
    assert curve.slope == pytest.approx(1 / 1.5, abs=0.03)
    made = curve.apply(true**1.5)
    assert made.sum() == pytest.approx((true**1.5).sum())
    again = calibration(made, rng.poisson(true).astype(float), np.ones(len(true)))
    assert again.slope == pytest.approx(1.0, abs=0.05)


def test_order_stays():
    rng = np.random.default_rng(1)
    true = rng.gamma(0.5, 2.0, 5000) + 1e-4
    curve = calibration(true**2, rng.poisson(true).astype(float), np.ones(len(true)))
    wide = np.geomspace(1e-9, 1e4, 500)
    assert (np.diff(curve.apply(wide)) > 0).all()


@pytest.mark.parametrize(("power", "moved"), [(0.95, False), (1.06, False), (0.8, True), (1.25, True)])
def test_a_slope_within_the_range_changes_nothing(power, moved):
    rng = np.random.default_rng(2)
    true = rng.gamma(1.0, 2.0, 20_000) + 0.01
    curve = calibration(true**power, rng.poisson(true).astype(float), np.ones(len(true)))
    assert curve.slope == pytest.approx(1 / power, abs=0.03)
    assert (curve.apply(true) != pytest.approx(true)) == moved


@pytest.mark.parametrize(("records", "moved"), [(150, False), (15_000, True)])
def test_a_slope_that_may_be_chance_moves_nothing(records, moved):
    said = np.geomspace(0.5, 8, 30)
    came = np.round(said**1.15 * records / (said**1.15).sum())
    curve = calibration(said, came, np.ones(30))
    assert curve.slope == pytest.approx(1.15, abs=0.03)
    assert (len(curve.knots) > 0) == moved


@pytest.mark.parametrize(
    ("records", "elsewhere", "low", "high"),
    [(400_000, False, 1.038, 1.042), (400_000, True, 1.021, 1.024), (150, False, 1.0, 1.035)],
)
def test_a_slope_is_followed_as_far_as_it_is_sure(records, elsewhere, low, high):
    said = np.geomspace(0.5, 8, 2000)
    came = said**1.05 * records / (said**1.05).sum()
    curve = calibration(said, came, np.ones(len(said))).leaning(elsewhere=elsewhere)
    made = curve.apply(said)
    assert low < np.polyfit(np.log(said), np.log(made), 1)[0] < high
    assert made.sum() == pytest.approx(said.sum())


def test_a_bent_curve_is_held_back_on_the_way_it_bends_and_none_stays_none():
    said = np.geomspace(0.5, 8, 2000)
    bent = calibration(said, said**1.4, np.ones(len(said)))
    assert len(bent.knots) > 2
    whole, held = (np.log(one.apply(said)) for one in (bent, bent.leaning()))
    part = np.polyfit(whole - np.log(said), held - np.log(said), 1)[0]
    assert 0.7 < part < 0.8
    assert (np.diff(held) > 0).all()
    assert NONE.leaning() is NONE


def test_few_records_bend_nothing():
    curve = calibration(np.arange(1.0, 50), np.ones(49), np.ones(49))
    assert curve is NONE
    assert curve.apply(np.array([1.0, 5.0])).tolist() == [1.0, 5.0]


def test_scatter_finds_the_dispersion_of_each_level_also_from_a_share_of_the_records():
    rng = np.random.default_rng(2)
    mean = np.repeat([0.5, 20.0], 20_000)
    alpha = np.repeat([1.0, 0.1], 20_000)
    number = rng.poisson(mean * rng.gamma(1 / alpha, alpha))
    found = scatter(mean, number.astype(float), np.ones(len(mean)))
    assert found.at(np.array([0.5, 20.0])) == pytest.approx([1.0, 0.1], rel=0.1)
    half = scatter(mean, rng.binomial(number, 0.5).astype(float), np.full(len(mean), 0.5))
    assert half.at(np.array([0.5, 20.0])) == pytest.approx([1.0, 0.1], rel=0.15)


@pytest.mark.parametrize("mean", [0.05, 0.4, 1.0, 4.0, 60.0])
def test_intervals_cover_near_their_share(mean):
    rng = np.random.default_rng(3)
    seen = rng.poisson(mean * rng.gamma(2.0, 0.5, 40_000))
    noise = Scatter(np.zeros(1), np.array([0.5]))
    low, high = noise.interval(np.array([mean]), np.array([mean]), 0.9)
    share = ((low <= seen) & (seen <= high)).mean()
    law = stats.nbinom(2, 2 / (2 + mean))
    assert share > min(0.84, law.pmf(0))
    assert share < max(0.96, law.pmf(0) + 0.01)


@pytest.mark.parametrize(("mean", "low", "high"), [(0.02, 0, 0), (0.3, 0, 1), (1.0, 0, 2), (100.0, 84, 116)])
def test_an_interval_from_0_has_its_whole_chance_above(mean, low, high):
    nearly_poisson = Scatter(np.zeros(1), np.array([1e-6]))
    found = nearly_poisson.interval(np.array([mean]), np.array([mean]), 0.9)
    assert [int(one[0]) for one in found] == [low, high]


def test_levels_with_few_records_lean_on_the_line_of_all():
    rng = np.random.default_rng(4)
    mean = np.concatenate([np.full(20_000, 0.5), np.full(8, 3.0)])
    leaning, alone = [], []
    for _ in range(20):
        number = rng.poisson(mean * rng.gamma(2.0, 0.5, len(mean)))
        leaning.append(scatter(mean, number.astype(float), np.ones(len(mean))).at(np.array([3.0]))[0])
        alone.append((((number[-8:] - 3.0) ** 2).mean() - 3.0) / 9.0)
    assert np.mean(leaning) == pytest.approx(0.5, abs=0.12)
    assert np.std(leaning) < 0.5 * np.std(alone)
