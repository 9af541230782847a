"""What the budget curve says: where it bends, and what one million yen more brings at each point."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.frames import UNPLANNED
from planner.siting.net import Floats

MILLION_YEN = 1e6


def marked(front: pd.DataFrame) -> pd.DataFrame:
    """The points of a frontier with their marginal gain and the knee.

    ``marginal_per_million_yen[i] = (value[i] - value[i-1]) / (budget[i] - budget[i-1]) * 1e6``, over the points that have a
    plan; the first is held against no money and no gain, points without a plan have 0.

    ``knee``: of the points that have a plan, the one that lies highest above the straight line from the first to the last,
    both axes scaled to 0-1: from there on a yen brings less than on the average of the curve. Source: Satopää, Albrecht,
    Irwin and Raghavan (2011), Finding a "Kneedle" in a haystack, ICDCSW, without smoothing and sensitivity, which are for
    noisy curves. Fewer than three points, or a curve nowhere above the line, have no knee.

    Parameters
    ----------
    front
        ``municipality_yen`` rising, ``value_per_year``, ``status``.

    Returns
    -------
    pandas.DataFrame
        The same rows with both columns.
    """
    budget, value = (front[c].to_numpy(np.float64) for c in ("municipality_yen", "value_per_year"))
    planned = np.flatnonzero(~front["status"].isin(UNPLANNED).to_numpy())
    marginal = np.zeros(len(front))
    spread = np.diff(budget[planned], prepend=0.0)
    marginal[planned] = np.diff(value[planned], prepend=0.0) / np.maximum(spread, 1.0) * MILLION_YEN
    knee = np.zeros(len(front), bool)
    at = bend(budget[planned], value[planned])
    if at >= 0:
        knee[planned[at]] = True
    return front.assign(marginal_per_million_yen=marginal, knee=knee)


def bend(across: Floats, up: Floats) -> int:
    """Position of the point highest above the chord of a rising curve; -1 where there is none."""
    if across.size < 3 or up[-1] <= up[0]:
        return -1
    above = (up - up[0]) / (up[-1] - up[0]) - (across - across[0]) / (across[-1] - across[0])
    at = int(np.argmax(above))
    return at if above[at] > 1e-9 else -1
