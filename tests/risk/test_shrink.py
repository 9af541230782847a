import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from planner.risk.shrink import ALPHA_RANGE, shrink, shrunk_mean


def brute_alpha(number, mean):
    """The same maximum from scipy's own negative binomial on a fine grid."""
    grid = np.geomspace(0.05, 50, 40_001)
    values = sum(stats.nbinom.logpmf(n, grid, grid / (grid + m)) for n, m in zip(number, mean, strict=True))
    return grid[np.argmax(values)]


def test_two_areas_by_hand():
    # 1 and 11 records in 2 years on equal streets: rate 3 a year each, 6 expected in the period.
    # Posterior mean (alpha + n) / (alpha / 3 + 2); with equal exposure the two add up to 6 whatever alpha is.
    got = shrink(np.array([1.0, 11.0]), np.array([100.0, 100.0]), 2.0, 12.0, 0.9)
    alpha = brute_alpha([1, 11], [6, 6])
    assert got.alpha == pytest.approx(alpha, rel=1e-3)
    assert got.mean == pytest.approx([(alpha + 1) / (alpha / 3 + 2), (alpha + 11) / (alpha / 3 + 2)], rel=1e-3)
    assert got.mean.sum() == pytest.approx(6.0, rel=1e-12)
    assert 0.5 < got.mean[0] < 3 < got.mean[1] < 5.5
    assert got.uniform.tolist() == [3.0, 3.0]


def test_unequal_exposure_follows_the_formula_then_keeps_the_total():
    number, exposure, years = np.array([0.0, 7.0, 2.0]), np.array([1.0, 2.0, 5.0]), 3.0
    got = shrink(number, exposure, years, 12.0, 0.9)  # 9 placed, 3 without an area
    alpha = brute_alpha(number, 9 * exposure / 8)
    plain = (alpha + number) / (alpha / (9 / 3 / 8 * exposure) + years)
    assert got.mean == pytest.approx(plain * 4.0 / plain.sum(), rel=1e-3)
    assert got.mean.sum() == pytest.approx(12 / 3, rel=1e-12)
    assert got.uniform == pytest.approx([0.5, 1.0, 2.5])


def test_equal_counts_are_pooled_but_not_certain():
    got = shrink(np.full(4, 5.0), np.ones(4), 1.0, 20.0, 0.9)
    assert got.alpha == ALPHA_RANGE[1]
    assert got.pooled
    assert got.mean == pytest.approx(np.full(4, 5.0))
    # All that is unknown is the common rate, known from 20 records: a Poisson interval of 20, a quarter each.
    low, high = stats.gamma.ppf([0.05, 0.95], 20) / 4
    assert got.low == pytest.approx(np.full(4, low), rel=1e-3)
    assert got.high == pytest.approx(np.full(4, high), rel=1e-3)


def test_one_area_has_the_interval_of_its_own_count():
    got = shrink(np.array([9.0]), np.array([3.0]), 3.0, 9.0, 0.9)
    assert got.mean[0] == pytest.approx(3.0)
    assert [got.low[0], got.high[0]] == pytest.approx(stats.gamma.ppf([0.05, 0.95], 9) / 3, rel=1e-3)


def test_nothing_recorded_is_zero_with_a_ceiling():
    got = shrink(np.zeros(2), np.array([1.0, 3.0]), 2.0, 0.0, 0.9)
    assert got.mean.tolist() == got.low.tolist() == [0.0, 0.0]
    assert got.high.sum() == pytest.approx(stats.gamma.ppf(0.95, 0.5) / 2)
    assert got.high[1] == pytest.approx(3 * got.high[0])


def test_records_without_area_alone_are_spread_by_exposure():
    got = shrink(np.zeros(2), np.array([1.0, 3.0]), 2.0, 8.0, 0.9)
    assert got.mean == pytest.approx([1.0, 3.0])
    assert (got.low < got.mean).all()
    assert (got.mean < got.high).all()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=12),
    st.integers(0, 20),
    st.floats(0.2, 10),
)
def test_estimates_lie_between_own_count_and_common_rate(numbers, unplaced, years):
    number = np.array(numbers, dtype=float)
    total = number.sum() + unplaced
    got = shrink(number, np.ones(len(number)), years, total, 0.9)
    assert got.mean.sum() == pytest.approx(total / years, rel=1e-9)
    assert (got.low <= got.high + 1e-12).all()
    assert (got.low >= 0).all()
    if number.sum():
        own = number / years * total / number.sum()
        both = np.stack([own, got.uniform])
        assert (got.mean >= both.min(axis=0) * (1 - 1e-9)).all()
        assert (got.mean <= both.max(axis=0) * (1 + 1e-9)).all()
        order = np.argsort(number, kind="stable")
        assert (np.diff(got.mean[order]) >= -1e-9).all()


def test_known_intensity_nearer_than_raw_counts_and_covered_by_the_interval():
    rng = np.random.default_rng(20)
    inside, areas, shrunk_error, raw_error = 0, 0, 0.0, 0.0
    for _ in range(25):
        exposure = rng.uniform(500, 6000, 100)
        true = rng.gamma(1.5, exposure / exposure.mean() * 1.2 / 1.5)  # 1.2 a year in the mean area
        number = rng.poisson(true * 3.0).astype(float)
        got = shrink(number, exposure, 3.0, number.sum(), 0.9)
        inside += int(((got.low <= true) & (true <= got.high)).sum())
        areas += len(true)
        shrunk_error += float(((got.mean - true) ** 2).sum())
        raw_error += float(((number / 3.0 - true) ** 2).sum())
    assert 0.87 <= inside / areas <= 0.97
    assert shrunk_error < 0.8 * raw_error


@pytest.mark.parametrize(("number", "total"), [([1.0, 11.0, 0.0], 15.0), ([0.0, 0.0, 0.0], 4.0)])
def test_the_mean_alone_is_that_of_the_whole(number, total):
    number, exposure = np.array(number), np.array([1.0, 2.0, 5.0])
    assert (shrunk_mean(number, exposure, 2.0, total) == shrink(number, exposure, 2.0, total, 0.9).mean).all()
