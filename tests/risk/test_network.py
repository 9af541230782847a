import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from shapely.geometry import LineString

from planner.risk.network import density, network

CROSS = np.array([LineString([(0, 0), end]) for end in ((100, 0), (-100, 0), (0, 100), (0, -100))], dtype=object)


def quartic(distance, reach):
    return 15 / 16 * (1 - (distance / reach) ** 2) ** 2 / reach if distance < reach else 0.0


def between(low, high, reach):
    return quad(quartic, low, high, args=(reach,))[0]


def test_crossing_by_hand():
    # a record in the middle of one arm of a crossing: 50 m to the centre, then a third of the rest on each other arm
    made = density(network(CROSS), np.array([0]), np.array([0.5]), np.array([1.0]), 80.0)
    own = 2 * between(0, 50, 80)
    beyond = between(50, 80, 80)
    assert made[0] == pytest.approx(own + beyond)  # at the dead end it turns back onto the same arm
    assert made[1:] == pytest.approx([beyond / 3] * 3)


def test_split_at_a_degree_two_joint_changes_nothing():
    whole = np.array([LineString([(0, 0), (100, 0)]), LineString([(100, 0), (200, 0)])], dtype=object)
    parts = np.array([LineString([(x, 0), (x + 50, 0)]) for x in (0, 50, 100, 150)], dtype=object)
    one = density(network(whole), np.array([0]), np.array([0.5]), np.array([1.0]), 90.0)
    two = density(network(parts), np.array([1]), np.array([0.0]), np.array([1.0]), 90.0)
    assert one == pytest.approx([two[:2].sum(), two[2:].sum()])


def test_direction_of_lines_does_not_matter():
    turned = np.array([line.reverse() for line in CROSS], dtype=object)
    one = density(network(CROSS), np.array([2]), np.array([0.25]), np.array([1.0]), 120.0)
    two = density(network(turned), np.array([2]), np.array([0.75]), np.array([1.0]), 120.0)
    assert one == pytest.approx(two)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(20, 400))
def test_no_mass_is_lost_on_any_network(seed, reach):
    rng = np.random.default_rng(seed)
    nodes = rng.uniform(0, 500, (12, 2)).round()
    pairs = {tuple(sorted(rng.choice(12, 2, replace=False))) for _ in range(18)}
    lines = np.array([LineString([nodes[a], nodes[b]]) for a, b in sorted(pairs)], dtype=object)
    lines = np.append(lines, LineString([(0, 0), (30, 0), (30, 30), (0, 0)]))  # a loop
    number = 20
    weight = rng.uniform(0, 3, number)
    made = density(network(lines), rng.integers(0, len(lines), number), rng.random(number), weight, reach)
    assert made.sum() == pytest.approx(weight.sum())
    assert (made >= 0).all()


def test_nothing_recorded_is_nothing():
    made = density(network(CROSS), np.empty(0, dtype=np.int64), np.empty(0), np.empty(0), 80.0)
    assert made.tolist() == [0.0] * 4
