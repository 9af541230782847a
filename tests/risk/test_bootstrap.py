from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from shapely.geometry import LineString

from planner.risk import prior, score, sureness
from planner.risk.bootstrap import refitted
from planner.risk.features import Features
from planner.risk.masses import Records, Support, prior_masses
from planner.risk.shrink import shrink
from planner.settings import RiskSettings

SIDE, BLOCK = 40, 4
ROUNDS = 25


def town(seed):
    """100 square blocks of 16 cells; the first of two place features matters."""
    rng = np.random.default_rng(seed)
    n = SIDE * SIDE
    features = Features(("a", "b"), np.random.default_rng(9).gamma(1.0, 1.0, (n, 2)))
    intensity = 0.3 * np.exp(0.8 * features.values[:, 0])
    row, column = np.divmod(np.arange(n), SIDE)
    label = (row // BLOCK) * (SIDE // BLOCK) + column // BLOCK
    support = Support(features, np.ones(n), label, (row // 10 + column // 10) % 4, 1e4)
    by_year = rng.poisson(intensity[:, None] * np.ones(2)).astype(float)
    totals = np.column_stack([np.bincount(label, column) for column in by_year.T])
    return support, Records(totals, np.zeros_like(by_year), np.zeros(n), np.ones(2)), by_year


def spread(log_masses):
    """Standard deviation of the log mass of a unit beside the others, mean over the units."""
    return float((log_masses - log_masses.mean(axis=1)[:, None]).std(axis=0).mean())


def test_rounds_differ_as_much_as_other_records_of_the_same_town_would():
    support, records, _ = town(0)
    rounds = refitted(support, records, prior_masses(support, records), ROUNDS, 0)
    fits = []
    for seed in range(ROUNDS):
        other = town(seed)[1].totals.sum(axis=1)
        fits.append(prior.from_totals(support.features, support.size, support.label, other).intensity(support.features))
    assert spread(np.log(rounds)) == pytest.approx(spread(np.log(fits)), rel=0.4)


def test_rounds_of_exact_points_differ_and_keep_what_the_trees_say():
    support, records, by_year = town(1)
    records = replace(records, points=by_year, seen=np.ones(len(by_year)))
    found = prior_masses(support, records)
    assert found.prior == "points"
    rounds = refitted(support, records, found, ROUNDS, 0)
    assert 0.001 < spread(np.log(rounds)) < 0.2
    assert np.log(rounds / found.mass).mean(axis=0) == pytest.approx(np.zeros(len(by_year)), abs=0.15)


def test_same_seed_same_rounds_and_each_group_its_own():
    support, records, _ = town(2)
    found = prior_masses(support, records)
    one, again, other = (refitted(support, records, found, 2, group) for group in (0, 0, 1))
    assert (one == again).all()
    assert (one != other).any()
    turn = np.random.default_rng(0).permutation(len(support.size))
    turned = Support(support.features.rows(turn), support.size, support.label[turn], support.fold[turn], 1e4)
    same = replace(found, mass=found.mass[turn])
    assert refitted(turned, records, same, 2, 0) == pytest.approx(one[:, turn], rel=1e-3)


def test_a_prior_that_was_not_fitted_here_has_no_rounds():
    support, records, _ = town(3)
    found = replace(prior_masses(support, records), prior="shipped")
    assert refitted(support, records, found, ROUNDS, 0).shape == (0, SIDE * SIDE)


def test_variances_by_hand():
    one = shrink(np.array([9.0, 3.0]), np.ones(2), 1.0, 12.0, 0.9)
    means = one.mean * np.array([[0.5, 1.0], [1.5, 1.0]])  # a quarter of the squared mean between rounds; nothing
    got = sureness.widened(one, means, 0.9)
    assert got.relative_variance - one.relative_variance == pytest.approx([0.25, 0.0])
    assert got.mean is one.mean
    wide = one.relative_variance[0] + 0.25
    wanted = one.mean[0] * stats.gamma.ppf([0.05, 0.95], 1 / wide, scale=wide)
    assert [got.low[0], got.high[0]] == pytest.approx(wanted)
    # Two units share an area half and half; in the rounds the first gets a quarter and three quarters of it.
    shares = sureness.allocation(np.array([[1.0, 3.0, 7.0], [6.0, 2.0, 1.0]]), np.ones(3), np.array([0, 0, 1]))
    assert shares == pytest.approx([0.25, 0.25, 0.0])


def test_more_rounds_widen_and_move_nothing(build):
    rng = np.random.default_rng(5)
    areas = {f"{r:02}{c:02}": (200 * c, 200 * r, 200 * c + 200, 200 * r + 200) for r in range(11) for c in range(10)}
    streets = {f"h{r}": LineString([(0, 200 * r + 100), (2000, 200 * r + 100)]) for r in range(11)}
    streets |= {f"v{c}": LineString([(200 * c + 70, 0), (200 * c + 70, 400 * c + 200)]) for c in range(5)}
    records = [("bicycle_theft", a, "road", "area", None) for a in areas for _ in range(rng.poisson(4))]
    inputs = build(areas, records, streets=streets)
    without, some = (score(inputs, RiskSettings(bootstrap_rounds=rounds)) for rounds in (0, 10))
    assert some.basis["prior"].to_list() == ["totals"]
    assert (some.expected == without.expected).all()
    assert some.expected.sum() == pytest.approx(len(records) / 3)
    width = (some.high - some.low) - (without.high - without.low)
    assert width.min() >= -1e-9
    assert width.max() > 0
    turned = replace(inputs, incidents=inputs.incidents.iloc[::-1].reset_index(drop=True))
    again = score(turned, RiskSettings(bootstrap_rounds=10))
    assert (again.high == some.high).all()
    assert (again.top_share == some.top_share).all()
