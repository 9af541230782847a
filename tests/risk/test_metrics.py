import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import PoissonRegressor

from planner.risk import metrics

ONE = np.ones(10)


def test_hits_by_hand():
    # ten cells, best-scored cell has 4 of 10 events, the most eventful one 5
    observed = np.array([4.0, 5.0, 1.0, 0, 0, 0, 0, 0, 0, 0])
    score = np.array([9.0, 8.0, 1.0, 0, 0, 0, 0, 0, 0, 0])
    got = metrics.hits(score, observed, ONE, 0.1)
    assert (got.hit, got.pai, got.pei) == pytest.approx((0.4, 4.0, 0.8))
    assert metrics.hits(score, observed, ONE, 0.2).pei == pytest.approx(1.0)


def test_equal_scores_share_what_is_taken():
    observed = np.array([3.0, 0, 0, 0, 0, 0, 0, 0, 0, 7.0])
    got = metrics.hits(ONE, observed, ONE, 0.1)
    assert (got.hit, got.pai) == pytest.approx((0.1, 1.0))  # an even surface finds what its area finds


def test_units_of_unlike_size_are_ranked_by_density_and_cut():
    # densities 2, 1, 0.5; half of the 8 units of area: the first unit (1) and 3 of the second's 4
    got = metrics.hits(np.array([2.0, 4.0, 1.5]), np.array([3.0, 4.0, 3.0]), np.array([1.0, 4.0, 3.0]), 0.5)
    assert got.hit == pytest.approx((3 + 4 * 3 / 4) / 10)


def test_no_test_event_says_nothing():
    assert np.isnan(metrics.hits(ONE, 0 * ONE, ONE, 0.1).pai)
    assert np.isnan(metrics.slope(0 * ONE, np.arange(1.0, 11)))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 100_000))
def test_order_of_units_and_monotone_scores_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    score, observed = rng.integers(1, 9, 30).astype(float), rng.poisson(2, 30) + 1.0
    size = np.ones(30)
    turn = rng.permutation(30)
    one = metrics.hits(score, observed, size, 0.2)
    assert metrics.hits(score[turn], observed[turn], size, 0.2) == pytest.approx(one)
    assert metrics.hits(score**3, observed, size, 0.2) == pytest.approx(one)
    assert one.pei <= 1 + 1e-12


def test_slope_is_that_of_a_poisson_regression():
    rng = np.random.default_rng(2)
    predicted = rng.gamma(1.0, 2.0, 4000) + 0.05
    observed = rng.poisson(1.3 * predicted**0.7).astype(float)
    known = PoissonRegressor(alpha=0, tol=1e-10, max_iter=1000).fit(np.log(predicted)[:, None], observed).coef_[0]
    assert metrics.slope(observed, predicted) == pytest.approx(known, rel=1e-3)
    assert metrics.slope(observed, predicted) == pytest.approx(0.7, abs=0.05)


def test_deviance_deciles_and_coverage_by_hand():
    assert metrics.deviance(np.array([2.0, 0.0]), np.array([1.0, 0.5])) == pytest.approx(2 * np.log(2) - 1 + 0.5)
    predicted, observed = metrics.deciles(np.arange(20.0)[::-1], np.arange(20.0))
    assert predicted.tolist() == [1, 5, 9, 13, 17, 21, 25, 29, 33, 37]
    assert observed.tolist() == [37, 33, 29, 25, 21, 17, 13, 9, 5, 1]
    assert metrics.covered(np.array([1.0, 5.0]), np.zeros(2), np.full(2, 3.0)) == 0.5


def test_scores_ignore_the_level():
    rng = np.random.default_rng(0)
    predicted, observed = rng.gamma(1, 1, 50), rng.poisson(1, 50).astype(float)
    one = metrics.scores(predicted, observed, np.ones(50)).as_dict()
    two = metrics.scores(7 * predicted, observed, np.ones(50)).as_dict()
    assert one == pytest.approx(two, nan_ok=True)
