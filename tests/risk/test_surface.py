import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.risk.surface import Grid


def square(side=40, cell=10.0):
    return Grid(0.0, 0.0, cell, np.ones((side, side), dtype=bool))


def test_linear_binning_by_hand():
    # (12.5, 20): between the centres 5 and 15 in the east (3/4 to 15), 15 and 25 in the north (half each)
    got = square(4).bin(np.array([12.5]), np.array([20.0]))
    assert got[1, 0] == pytest.approx(0.125)
    assert got[1, 1] == pytest.approx(0.375)
    assert got[2, 1] == pytest.approx(0.375)
    assert got.sum() == pytest.approx(1.0)


def test_filter_against_the_direct_sum_far_from_the_edge():
    rng = np.random.default_rng(1)
    grid = square(80)
    east, north = rng.uniform(300, 500, 60), rng.uniform(300, 500, 60)
    got = grid.spread(grid.bin(east, north), 40.0)
    x, y = grid.centres()
    d2 = (x[:, None] - east) ** 2 + (y[:, None] - north) ** 2
    direct = (np.exp(-d2 / (2 * 40.0**2)) / (2 * np.pi * 40.0**2)).sum(axis=1) * 10.0**2
    assert np.abs(got[grid.mask] - direct).max() < 0.02 * direct.max()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(5, 120))
def test_mass_stays_in_the_study_area(seed, bandwidth):
    rng = np.random.default_rng(seed)
    mask = np.zeros((30, 30), dtype=bool)
    mask[5:25, 3:20] = True
    mask[5:12, 20:27] = True
    grid = Grid(0.0, 0.0, 10.0, mask)
    binned = rng.poisson(0.3, mask.shape) * mask
    got = grid.spread(binned.astype(float), bandwidth)
    assert got.sum() == pytest.approx(binned.sum())
    assert (got[~mask] == 0).all()


def test_an_even_layer_stays_even_up_to_the_edge():
    mask = np.zeros((30, 30), dtype=bool)
    mask[4:20, 4:25] = True
    grid = Grid(0.0, 0.0, 10.0, mask)
    assert grid.level(3.0 * mask, 50.0)[mask] == pytest.approx(np.full(mask.sum(), 3.0))


def test_reading_between_centres_and_beyond_the_rim():
    grid = square(3)
    picture = np.array([[0.0, 10, 20], [0, 10, 20], [0, 10, 20]])
    got = grid.read(picture, np.array([10.0, 15.0, 500.0]), np.array([15.0, 15.0, 15.0]))
    assert got == pytest.approx([5.0, 10.0, 20.0])


def test_cells_of_points():
    mask = np.array([[True, False], [True, True]])
    grid = Grid(100.0, 200.0, 10.0, mask)
    got = grid.cell_of(np.array([105.0, 115.0, 105.0, 115.0, 99.0]), np.array([205.0, 205.0, 215.0, 215.0, 205.0]))
    assert got.tolist() == [0, -1, 1, 2, -1]
