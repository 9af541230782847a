"""From a place prior and what was recorded to an estimate: shrinkage of area totals, then of exact points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.risk.shrink import ALPHA_RANGE, pooling
from planner.risk.surface import Numbers, summed

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Updated:
    """``mean`` (units,) offences in the period of the counts, and the pseudo-records with which each prior entered."""

    mean: Numbers
    area_alpha: float
    unit_alpha: float


def update(prior: Numbers, label: Whole, totals: Numbers, points: Numbers, seen: Numbers) -> Updated:
    """Posterior mean of the units of one offence group.

    Parameters
    ----------
    prior
        Positive prior mass of each unit (size times intensity); its level does not matter, shape (units,).
    label, totals
        Area of each unit; records per area whatever their precision, shape (areas,).
    points, seen
        Records per unit whose point is known, and the share of its records whose point is known: 0 in a unit of a
        town without points, 1 where every record has one; both (units,).

    Notes
    -----
    Area ratio of recorded over expected: ``(Y + a) / (E + a)``, a by negative binomial marginal likelihood;
    unit ratio the same on the points seen, ``(x + b) / (seen m + b)``, then the area's estimate is spread by
    the product, so that it stays. Records of the whole town keep their number. Source: Clayton and Kaldor 1987;
    facts on risk 2.2 (h).
    """
    total = totals.sum()
    if total == 0:
        return Updated(np.zeros_like(prior), ALPHA_RANGE[1], ALPHA_RANGE[1])
    mass = prior * (total / prior.sum())
    expected = summed(label, mass, len(totals))
    filled = expected > 0
    area_alpha = pooling(totals[filled], expected[filled])
    ratio = (totals + area_alpha) / (expected + area_alpha)
    mean = mass * ratio[label]
    mean *= total / mean.sum()
    unit_alpha = ALPHA_RANGE[1]
    if points.any():
        awaited = seen * mean
        known = seen > 0
        unit_alpha = pooling(points[known], awaited[known] * (points[known].sum() / awaited[known].sum()))
        kept = summed(label, mean, len(totals))
        mean = spread_totals(mean * (points + unit_alpha) / (awaited + unit_alpha), label, kept)
    return Updated(mean, area_alpha, unit_alpha)


def spread_totals(mass: Numbers, label: Whole, totals: Numbers) -> Numbers:
    """Totals of areas over their units in proportion to positive mass; areas add up exactly."""
    whole = np.bincount(label, mass, minlength=len(totals))
    return np.asarray(
        mass * np.divide(totals, whole, out=np.zeros(len(totals)), where=whole > 0)[label], dtype=np.float64
    )
