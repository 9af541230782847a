import numpy as np
import pytest

from benchmarks.risk_estimate import estimate
from planner.risk.features import Features
from planner.risk.masses import Records, Support
from planner.risk.nests import exponent, nests, tempered, transferred

BLOCKS, SIDE_M = 48, 400.0  # per side; each of 4 x 4 units


def city(inside, seed=0, records=160_000):
    """One feature: of the district (6 x 6 blocks), the block and the unit; only the district's part counts in full."""
    rng = np.random.default_rng(seed)
    row, column = (at.ravel() for at in np.mgrid[: 4 * BLOCKS, : 4 * BLOCKS])
    label = (row // 4) * BLOCKS + column // 4
    district = (row // 24) * 8 + column // 24
    parts = rng.normal(size=64)[district], 0.7 * rng.normal(size=BLOCKS**2)[label], 0.7 * rng.normal(size=len(row))
    intensity = np.exp(parts[0] + inside * (parts[1] + parts[2]))
    mean = intensity * (records / intensity.sum())
    totals = np.bincount(label, rng.poisson(mean)).astype(float)
    features = Features(("place",), sum(parts)[:, None])
    return features, label, totals, mean, (column + 0.5) * SIDE_M / 4, (row + 0.5) * SIDE_M / 4


def test_nests_are_squares_of_whole_blocks():
    _, label, _, _, east, north = city(1.0)
    four, nine = nests(label, east, north, SIDE_M**2)
    assert len(np.unique(four)) == BLOCKS**2 / 4
    assert len(np.unique(nine)) == BLOCKS**2 / 9
    for nest in (four, nine):
        assert len(np.unique(np.column_stack([label, nest]), axis=0)) == BLOCKS**2


@pytest.mark.parametrize(("inside", "low", "high"), [(1.0, 0.93, 1.0), (0.4, 0.4, 0.8), (1.6, 1.0, 1.0)])
def test_what_holds_between_districts_only_is_held_back_inside_blocks(inside, low, high):
    features, label, totals, _, east, north = city(inside)
    found = exponent(features, np.ones(len(label)), label, totals, nests(label, east, north, SIDE_M**2))
    assert low <= found <= high


def test_holding_back_comes_nearer_to_the_truth_inside_blocks():
    features, label, totals, mean, east, north = city(0.4)
    size = np.ones(len(label))
    support = Support(
        features, size, label, (east > 9600).astype(int), SIDE_M**2, nests=nests(label, east, north, SIDE_M**2)
    )
    records = Records(totals[:, None] / 3 * np.ones(3), np.zeros((len(size), 3)), np.zeros(len(size)), np.ones(3))
    bare = Support(features, size, label, support.fold, SIDE_M**2)

    def off(one):
        found = estimate(one, records)
        assert found.prior == "totals"
        return np.abs(np.log(found.mean / (mean / 3))).mean()

    assert off(support) < 0.9 * off(bare)


def test_tempering_keeps_areas_and_order():
    rng = np.random.default_rng(1)
    label = np.repeat(np.arange(10), 8)
    size, mass = rng.uniform(0.5, 2, 80), rng.gamma(1, 1, 80)
    soft = tempered(mass, size, label, 0.5)
    assert np.bincount(label, soft) == pytest.approx(np.bincount(label, mass))
    for area in range(10):
        own = label == area
        assert (np.argsort(soft[own] / size[own]) == np.argsort(mass[own] / size[own])).all()
    assert tempered(mass, size, label, 1.0) == pytest.approx(mass)
    even = tempered(mass, size, label, 0.0) / size
    assert even == pytest.approx((np.bincount(label, mass) / np.bincount(label, size))[label])


def test_one_block_to_a_nest_says_nothing():
    features, label, totals, _, _, _ = city(0.4)
    assert exponent(features, np.ones(len(label)), label, totals, (label,)) == 1.0


@pytest.mark.parametrize("sharp", [1.0, 1.6])
def test_a_model_learned_elsewhere_is_held_back_by_the_totals_of_the_areas_here(sharp):
    _, label, totals, mean, east, _ = city(1.0)
    size, part = np.ones(len(label)), (east > 9600).astype(int)
    made = transferred(mean**sharp, size, label, totals, part)
    assert np.bincount(part, made) == pytest.approx(np.bincount(part, mean**sharp))
    level = [np.log(np.bincount(label, one)) for one in (mean, made)]
    assert np.polyfit(level[0], level[1], 1)[0] == pytest.approx(1.0, abs=0.1)


def test_a_model_that_is_too_flat_here_is_not_sharpened_and_no_record_says_nothing():
    _, label, totals, mean, _, _ = city(1.0)
    size, part = np.ones(len(label)), np.zeros(len(label), dtype=int)
    assert transferred(mean**0.5, size, label, totals, part) == pytest.approx(mean**0.5)
    assert transferred(mean**2, size, label, 0 * totals, part) == pytest.approx(mean**2)
