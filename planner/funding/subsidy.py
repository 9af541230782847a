"""What a programme pays towards an action, in whole yen and exact fractions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planner.frames import Programme
from planner.funding.costs import Costs

Yen = NDArray[np.int64]
Mask = NDArray[np.bool_]
_SAFE = 2**62  # products below it fit a 64-bit integer


def amount(programme: Programme, costs: Costs, cameras: Yen) -> Yen:
    """The subsidy of one programme for every action, yen, shape (actions,).

    Parameters
    ----------
    programme
        Rate, ceilings, eligible categories, rounding. Which actions it is for is not asked here.
    costs
        Capital by category.
    cameras
        Cameras of each action, at least 1.

    Notes
    -----
    ``min(rate * min(eligible, cameras * eligible_cost_cap_per_camera), cameras * cap_per_camera, cap_per_site)``, rounded
    down to ``rounding_yen``. A ceiling that is not stated is none. Cutting to whole yen before the ceilings changes
    nothing, as ceilings are whole.
    """
    eligible = np.zeros_like(cameras)
    for category in dict.fromkeys(programme.eligible_categories):
        eligible = eligible + costs.by_category[category]
    eligible = _capped(eligible, programme.eligible_cost_cap_per_camera_yen, cameras)
    rate = programme.rate
    if int(eligible.max(initial=0)) * rate.numerator < _SAFE and rate.denominator < _SAFE:
        paid = eligible * rate.numerator // rate.denominator
    else:  # a rate such as 0.333333333333333333: Python's integers have no limit
        exact = eligible.astype(object) * rate.numerator // rate.denominator
        paid = exact.astype(np.int64)
    paid = _capped(paid, programme.cap_per_camera_yen, cameras)
    paid = _capped(paid, programme.cap_per_site_yen, np.ones_like(cameras))
    return np.asarray(paid - paid % programme.rounding_yen, dtype=np.int64)


def condition_kept(programme: Programme, kind: NDArray[np.object_], retention_days: NDArray[np.float64]) -> Mask:
    """Whether the retention that an action leaves meets the programme's condition on days, shape (actions,).

    Unknown days do not meet a stated condition; a removal leaves no footage and has none to meet.
    """
    kept = np.ones(len(kind), dtype=bool)
    if programme.min_retention_days is not None:
        kept &= retention_days >= programme.min_retention_days
    if programme.max_retention_days is not None:
        kept &= retention_days <= programme.max_retention_days
    return np.asarray(kept | (kind == "remove"), dtype=np.bool_)


def _capped(yen: Yen, cap_yen: int | None, units: Yen) -> Yen:
    """At most ``cap_yen`` a unit."""
    return yen if cap_yen is None else np.minimum(yen, cap_yen * units)
