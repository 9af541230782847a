"""Other demands that the same records allow: what plans are tried on to see how much they hang on chance."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from planner import frames
from planner.errors import PlannerError
from planner.risk.surface import Numbers

_SEED = 1


def resampled(demand: frames.Demand, number: int) -> Iterator[Numbers]:
    """What each expected value is multiplied by in each of ``number`` resamples, shape (spots, groups), mean about 1.

    ``factor[k, i, c] = drawn[k, area(i), c] * noise[k, unit(i), c]``: the estimate of the area as resampled (posterior and
    bootstrap of the fit), and how the street piece or place stands to its area, a gamma of mean 1 and the spot's relative
    variance. Spots of one piece rise and fall together.

    Parameters
    ----------
    demand
        From ``score``: carries ``drawn`` and ``dispersion``.
    number
        Resamples.

    Raises
    ------
    PlannerError
        ``demand_without_draws``: a demand made by hand, or fewer draws than asked for.
    """
    if len(demand.drawn) < number or demand.dispersion.shape != demand.expected.shape:
        raise PlannerError("demand_without_draws", f"{len(demand.drawn)} draws", drawn=len(demand.drawn), number=number)
    area_ids = list(dict.fromkeys(demand.areas["area_id"]))
    area = pd.Index(area_ids).get_indexer(pd.Index(demand.spots["area_id"]))
    unit, _ = pd.factorize(
        demand.spots["street_id"] + "\x1f" + demand.spots["place_id"] + "\x1f" + demand.spots["area_id"]
    )
    _, first = np.unique(unit, return_index=True)
    wide = np.maximum(demand.dispersion[first], 1e-9)
    for k in range(number):
        noise = np.random.default_rng([_SEED, k]).gamma(1 / wide, wide)
        yield demand.drawn[k][area] * noise[unit]
