import numpy as np
import pandas as pd
import pytest
from scipy import stats

from planner.risk.shrink import shrink
from planner.risk.sureness import draw_areas, first_blocks, ranks

AREAS, YEARS, CITIES = 120, 3, 40


@pytest.fixture(scope="module")
def cities():
    """What is said of cities of known intensity, and what is true: block, said share, true rank, rank and interval ends."""
    parts = []
    for seed in range(CITIES):
        rng = np.random.default_rng(seed)
        exposure = rng.uniform(500, 6000, AREAS)
        true = rng.gamma(1.5, exposure / exposure.mean() * 2.0 / 1.5)
        number = rng.poisson(true * YEARS).astype(float)
        one = shrink(number, exposure, float(YEARS), number.sum(), 0.9)
        ids = pd.Series([f"a{at}" for at in range(AREAS)], dtype="str")
        table = ranks(ids, draw_areas([one]).sum(axis=2), one.mean, 0.9)
        parts.append(table.assign(true=true, true_rank=stats.rankdata(-true), city=seed))
    return pd.concat(parts, ignore_index=True)


def test_intervals_cover_the_known_intensity_at_every_level(cities):
    inside = cities["true"].between(cities["low_per_year"], cities["high_per_year"])
    assert 0.87 <= inside.mean() <= 0.93
    level = pd.qcut(cities["expected_per_year"], [0, 0.25, 0.5, 0.75, 0.95, 1])
    assert inside.groupby(level, observed=True).mean().between(0.85, 0.97).all()


def test_rank_intervals_cover_the_true_rank(cities):
    assert 0.87 <= cities["true_rank"].between(cities["low_rank"], cities["high_rank"]).mean() <= 0.97


def test_of_blocks_said_to_be_among_the_first_with_a_probability_as_many_are(cities):
    first = cities["true_rank"] <= first_blocks(AREAS)
    assert cities["top_share"].sum() == pytest.approx(first.sum(), rel=1e-9)
    for low, high in ((0.05, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 1.01)):
        said = cities["top_share"].between(low, high, inclusive="left")
        error = (cities["top_share"] * (1 - cities["top_share"]))[said].sum() ** 0.5 / said.sum()
        assert said.sum() > 30
        assert abs(first[said].mean() - cities["top_share"][said].mean()) < 3 * error + 0.03


def test_a_block_that_the_records_keep_out_of_the_first_is_no_tier_a(cities):
    assert (cities["tier"] == "A").eq(cities["low_rank"] <= first_blocks(AREAS)).all()
    missed = (cities["true_rank"] <= first_blocks(AREAS)) & (cities["tier"] != "A")
    assert missed.sum() <= 0.06 * CITIES * first_blocks(AREAS)
