"""How sure the estimate is: draws of what may be true, ranks of blocks, and which of them the records cannot separate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from planner.risk.shrink import Shrunk
from planner.risk.surface import LEAST_EXPECTED, Numbers, summed

Whole = NDArray[np.int64]

DRAWS = 200
TOP_SHARE = 0.1  # of the blocks: those that a plan looks at first
TOP_SPOT_SHARE = 0.05
_NEXT_SHARE = 1 / 3  # tier A may belong to the first tenth, B to the first third
_SEED = 0


def widened(one: Shrunk, means: Numbers, interval_share: float) -> Shrunk:
    """Area estimates with the variance between ``means`` (rounds, areas), as other fits would give them, added to the posterior's.

    The interval is that of a gamma with the mean and both variances; without rounds nothing changes.
    """
    if len(means) == 0 or not one.mean.any():
        return one
    relative = one.relative_variance + _variance(means / np.maximum(one.mean, LEAST_EXPECTED))
    tails = np.array([(1 - interval_share) / 2, (1 + interval_share) / 2])
    low, high = one.mean * stats.gamma.ppf(tails[:, None], 1 / relative, scale=relative)
    return replace(one, low=low, high=high, relative_variance=relative)


def allocation(masses: Numbers, mass: Numbers, label: Whole) -> Numbers:
    """Relative variance of each unit's share of its area between rounds of fitting (rounds, units), shape (units,)."""
    if len(masses) == 0:
        return np.zeros(len(mass))
    areas = int(label.max()) + 1

    def share(one: Numbers) -> Numbers:
        return np.asarray(one / np.maximum(summed(label, one, areas), LEAST_EXPECTED)[label], dtype=np.float64)

    own = np.maximum(share(mass), LEAST_EXPECTED)
    return _variance(np.array([share(one) / own for one in masses]))


def _variance(ratio: Numbers) -> Numbers:
    """Mean square of rounds (rounds, n) around 1, the estimate itself."""
    return np.asarray(((ratio - 1) ** 2).mean(axis=0), dtype=np.float64)


def draw_areas(shrunk: list[Shrunk], draws: int = DRAWS) -> Numbers:
    """Resamples of the area estimates, shape (draws, areas, groups): gammas of the posterior mean and variance."""
    rng = np.random.default_rng(_SEED)
    mean = np.column_stack([one.mean for one in shrunk])
    relative = np.column_stack([one.relative_variance for one in shrunk])
    return rng.gamma(1 / relative, mean * relative, size=(draws, *mean.shape))


def first_blocks(number: int) -> int:
    """How many of the blocks are the first tenth: the nearest whole number, at least one."""
    return max(1, round(TOP_SHARE * number))


def ranks(area_ids: pd.Series, drawn: Numbers, mean: Numbers, interval_share: float) -> pd.DataFrame:
    """Table ``area_ranks`` from draws of each area's total (draws, areas) and its mean (areas,)."""
    tails = np.array([(1 - interval_share) / 2, (1 + interval_share) / 2])
    number = len(mean)
    place = number - np.argsort(np.argsort(drawn, axis=1, kind="stable"), axis=1)
    low, high = np.quantile(drawn, tails, axis=0)
    low_rank, high_rank = np.quantile(place, tails, axis=0, method="nearest").astype(np.int64)
    rank = np.empty(number, dtype=np.int64)
    rank[np.argsort(-mean, kind="stable")] = np.arange(1, number + 1)
    first = first_blocks(number)
    tier = np.where(low_rank <= first, "A", np.where(low_rank <= max(first, round(_NEXT_SHARE * number)), "B", "C"))
    return pd.DataFrame(
        {
            "area_id": area_ids,
            "expected_per_year": mean,
            "low_per_year": low,
            "high_per_year": high,
            "rank": rank,
            "low_rank": low_rank,
            "high_rank": high_rank,
            "top_share": (place <= first).mean(axis=0),
            "tier": pd.Series(tier, dtype="str"),
        }
    )


def top_spots(
    filmed: Numbers, unit: Whole, area: Whole, ratio: Numbers, dispersion: Numbers, draws: int = DRAWS
) -> Numbers:
    """Share of resamples in which a spot is among the densest 5 % of the spots with any filmable offence, shape (spots,).

    Parameters
    ----------
    filmed
        Expected filmable offences of each spot, all groups together.
    unit, area
        Unit (piece or park) and area of each spot: the spots of one unit rise and fall together.
    ratio
        Draws of each area's total over its mean, (draws, areas).
    dispersion
        Relative variance of the intensity of each spot's unit, around what the place model says and of that model, positive.
    """
    inside = filmed > 0
    if not inside.any():
        return np.zeros(len(filmed))
    rng = np.random.default_rng(_SEED)
    units, first, back = np.unique(unit[inside], return_index=True, return_inverse=True)
    strength = np.bincount(back, filmed[inside]) / np.bincount(back)
    spots = np.bincount(back)
    where = area[inside][first]
    wide = dispersion[inside][first]
    quota = max(1.0, TOP_SPOT_SHARE * inside.sum())
    among = np.zeros(len(units))
    for one in ratio[:draws]:
        noise = rng.gamma(1 / wide, wide)
        order = np.argsort(-strength * one[where] * noise, kind="stable")
        reach = np.cumsum(spots[order])
        among[order] += np.clip((quota - (reach - spots[order])) / spots[order], 0, 1)
    share = np.zeros(len(filmed))
    share[inside] = (among / min(len(ratio), draws))[back]
    return share
