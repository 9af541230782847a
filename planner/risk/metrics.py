"""How good a surface is: hit rate, PAI, PEI, calibration and coverage of intervals. Plain arrays in, numbers out."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from planner.risk.surface import LEAST_DIVISOR

Numbers = NDArray[np.float64]

AREA_SHARES = (0.01, 0.02, 0.05, 0.10)
_FLOOR = 1e-4  # a unit predicted as zero, offences: log needs something, and a zero is punished all the same
_NEWTON_STEPS = 50
_SAME = 1e-9  # log predictions, or steps of the slope, that differ by rounding only
FEWEST_TOP = 20  # units in the top 5 % below which one of them is more than the tolerance of the share covered
_TIE_DIGITS = 12  # densities that differ less, of the highest, are equal but for rounding


@dataclass(frozen=True)
class Hits:
    """What the best-scored share of the area caught, at one share of the area."""

    hit: float
    pai: float
    pei: float


@dataclass(frozen=True)
class Scores:
    """All figures of one method on one test; nan where the test cannot say (no test event, no interval).

    ``hit_a`` share of the test events in the top ``a`` % of the area, ``pai_a`` that over the share of the area, ``pei_a``
    over the best hit any choice of as much area could reach; ``slope`` of the Poisson regression of observed on log
    predicted (1: calibrated; below 1: too sharp); ``deviance`` mean Poisson deviance per unit; ``covered_share``
    of the units whose observed number lies in its interval, ``covered_top_share`` the same in the top 5 % of the area where
    these are FEWEST_TOP or more.
    """

    hit_1: float
    hit_2: float
    hit_5: float
    hit_10: float
    pai_1: float
    pai_2: float
    pai_5: float
    pai_10: float
    pei_1: float
    pei_2: float
    pei_5: float
    pei_10: float
    slope: float
    deviance: float
    covered_share: float
    covered_top_share: float

    def as_dict(self) -> dict[str, float]:
        """Name -> figure."""
        return asdict(self)


def ranked(score: Numbers, size: Numbers) -> NDArray[np.int64]:
    """Units from the highest score per size down."""
    return np.asarray(np.argsort(-score / size, kind="stable"), dtype=np.int64)


def hits(score: Numbers, observed: Numbers, size: Numbers, share: float) -> Hits:
    """Hit rate, PAI and PEI when the densest ``share`` of the area is taken.

    Parameters
    ----------
    score, observed, size
        Predicted and observed offences and positive area (or metres of street) of each unit, shape (units,).
    share
        Share of the area. Units of one size: the nearest whole number of them. Else the last unit is taken in part.

    Notes
    -----
    Of units with equal scores each is taken in the same part: the mean over all orders they could stand in.
    PAI: Chainey, Tompson and Uhlig 2008; PEI here is hit over the best possible hit (NIJ 2017 challenge, PEI*).
    """
    total = observed.sum()
    if total == 0:
        return Hits(np.nan, np.nan, np.nan)
    area = share * size.sum()
    if np.ptp(size) == 0:
        area = max(1, round(share * len(size))) * size[0]
    got, best = _taken(score / size, observed, size, area), _taken(observed / size, observed, size, area)
    return Hits(got / total, got / total / (area / size.sum()), got / best)


def _taken(dense: Numbers, observed: Numbers, size: Numbers, area: float) -> float:
    """Observed events in the densest units up to an area."""
    level, group = np.unique(np.round(-dense / max(dense.max(), LEAST_DIVISOR), _TIE_DIGITS), return_inverse=True)
    spans = np.bincount(group, size, minlength=len(level))
    reach = np.cumsum(spans)
    part = np.clip((area - (reach - spans)) / spans, 0, 1)
    return float(np.bincount(group, observed, minlength=len(level)) @ part)


def slope(observed: Numbers, predicted: Numbers) -> float:
    """Slope of the Poisson regression ``observed ~ exp(a + b log predicted)``; nan where it cannot be told."""
    x = np.log(np.maximum(predicted, _FLOOR))
    if observed.sum() == 0 or np.ptp(x) < _SAME:
        return float("nan")
    design = np.column_stack([np.ones_like(x), x - np.average(x, weights=np.exp(x))])
    at = np.array([np.log(observed.mean()), 1.0])
    for _ in range(_NEWTON_STEPS):
        mean = np.exp(np.clip(design @ at, -30, 30))
        step = np.linalg.solve((design * mean[:, None]).T @ design + 1e-12 * np.eye(2), design.T @ (observed - mean))
        at = at + step * min(1.0, 1.0 / max(np.abs(step).max(), 1e-12))
        if np.abs(step).max() < _SAME:
            break
    return float(at[1])


def deviance(observed: Numbers, predicted: Numbers) -> float:
    """Mean Poisson deviance per unit."""
    mean = np.maximum(predicted, _FLOOR)
    return float(2 * np.mean(special.xlogy(observed, observed / mean) - (observed - mean)))


def deciles(observed: Numbers, predicted: Numbers) -> tuple[Numbers, Numbers]:
    """Sums of predicted and of observed in ten equal numbers of units, from the lowest predicted up, shape (10,) each."""
    order = np.argsort(predicted, kind="stable")
    parts = np.array_split(order, 10)
    return (
        np.array([predicted[part].sum() for part in parts], dtype=np.float64),
        np.array([observed[part].sum() for part in parts], dtype=np.float64),
    )


def covered(observed: Numbers, low: Numbers, high: Numbers) -> float:
    """Share of the units with low <= observed <= high; nan without a unit."""
    return float(np.mean((low <= observed) & (observed <= high))) if len(observed) else float("nan")


def scores(
    predicted: Numbers,
    observed: Numbers,
    size: Numbers,
    interval: tuple[Numbers, Numbers] | None = None,
) -> Scores:
    """All figures of one prediction, which is first set to the level of the test (the level is judged on its own).

    Parameters
    ----------
    predicted, observed, size
        As in ``hits``.
    interval
        Lowest and highest number of test events that each unit should show, at the level of the prediction.
    """
    level = observed.sum() / predicted.sum() if predicted.sum() > 0 else 1.0
    at = {share: hits(predicted, observed, size, share) for share in AREA_SHARES}
    figures = {
        f"{name}_{round(share * 100)}": getattr(found, name)
        for share, found in at.items()
        for name in ("hit", "pai", "pei")
    }
    within, top = float("nan"), float("nan")
    if interval is not None:
        order = ranked(predicted, size)
        best = order[: max(1, int(np.searchsorted(np.cumsum(size[order]), 0.05 * size.sum())))]
        within = covered(observed, *interval)
        if len(best) >= FEWEST_TOP:
            top = covered(observed[best], interval[0][best], interval[1][best])
    return Scores(
        **figures,
        slope=slope(observed, predicted * level),
        deviance=deviance(observed, predicted * level),
        covered_share=within,
        covered_top_share=top,
    )
