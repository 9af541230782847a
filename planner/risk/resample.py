"""Other demands that the same records allow: what plans are tried on to see how much they hang on chance."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from planner import frames
from planner.errors import PlannerError
from planner.risk.surface import Numbers

_SEED = 1
# a gamma needs some variance: this one moves a weight by 3 in 100,000
_LEAST_VARIANCE = 1e-9


def resampled(demand: frames.Demand, number: int) -> Iterator[Numbers]:
    """What each expected value is multiplied by in each of ``number`` resamples, shape (spots, groups), mean about 1.

    ``factor[k, i, c] = drawn[k, area(i), c] * noise[k, unit(i), c]``: the estimate of the area as resampled (posterior and
    bootstrap of the fit), and how the street piece, park or owner's place stands to its area, a gamma of mean 1 and the unit's
    own relative variance. Spots of one unit rise and fall together, those of the next piece of the same street by themselves.

    Parameters
    ----------
    demand
        From ``score``: carries ``drawn``, ``dispersion`` and ``unit``.
    number
        Resamples.

    Raises
    ------
    PlannerError
        ``demand_without_draws``: a demand made by hand, or fewer draws than asked for.
    """
    told = demand.dispersion.shape == demand.expected.shape and len(demand.unit) == len(demand.spots)
    if len(demand.drawn) < number or not told:
        raise PlannerError("demand_without_draws", f"{len(demand.drawn)} draws", drawn=len(demand.drawn), number=number)
    area_ids = list(dict.fromkeys(demand.areas["area_id"]))
    area = pd.Index(area_ids).get_indexer(pd.Index(demand.spots["area_id"]))
    _, first = np.unique(demand.unit, return_index=True)
    wide = np.maximum(demand.dispersion[first], _LEAST_VARIANCE)
    for k in range(number):
        noise = np.random.default_rng([_SEED, k]).gamma(1 / wide, wide)
        yield demand.drawn[k][area] * noise[demand.unit]
