"""What the records say of each block, and inside it of each street piece."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from planner.risk import history, sureness
from planner.risk import spots as ground_of
from planner.risk.bootstrap import refitted
from planner.risk.estimate import FEWEST_POINTS, Estimate, Records, Support, estimate
from planner.risk.exact import Exact, Points, estimate_points
from planner.risk.laid import Town
from planner.risk.shrink import Shrunk, shrink
from planner.risk.surface import Numbers, summed


_LEAST = 1e-12


@dataclass(frozen=True)
class Blocks:
    """Area estimates of every group, how they were made, and how unsure each street piece's share of its area is.

    ``exact`` per group the estimate from points, None with fewer than FEWEST_POINTS; ``inside`` (pieces, groups) mass by
    which an area's estimate is spread over its pieces: that estimate's mean, else the place prior; ``unsure`` (pieces, groups)
    relative variance of a piece: between fits on redrawn records or, from points, of the last year around the years before.
    """

    shrunk: list[Shrunk]
    estimates: list[Estimate]
    decay: float
    exact: list[Exact | None]
    inside: Numbers
    unsure: Numbers


def per_block(town: Town, interval_share: float, rounds: int = 0) -> Blocks:
    """Estimates of every group around their place priors; ``rounds`` of the bootstrap (0: none) widen the intervals."""
    exposure, _ = ground_of.exposure(town.areas, town.ground)
    decay = history.year_weights(town.by_year, exposure)
    even = exposure / exposure.sum()
    shrunk, estimates, exacts, inside, unsure = [], [], [], [], []
    for c, group in enumerate(town.recorded.groups):
        totals = town.by_year[c]
        years, total = float(town.recorded.years[c]), float(town.recorded.totals[c])
        weight = history.weights(decay, totals.shape[1])
        weight *= len(weight) / weight.sum()
        support = _support(town, group)
        records = _records(town, c, weight)
        found = estimate(support, records)
        mass = exposure if found.prior == "length" else summed(support.label, found.mass, len(exposure))
        one = shrink(totals @ weight, mass, years, total, interval_share)
        masses = refitted(support, records, found, rounds, c)
        others = (summed(support.label, other, len(exposure)) for other in masses)
        means = [shrink(totals @ weight, other, years, total, interval_share).mean for other in others]
        one = sureness.widened(one, np.array(means), interval_share)
        turn = found.area_calibration.apply(np.maximum(one.mean, _LEAST)) / np.maximum(one.mean, _LEAST)
        shrunk.append(
            replace(one, mean=one.mean * turn, low=one.low * turn, high=one.high * turn, uniform=even * (total / years))
        )
        estimates.append(found)
        exact = _exactly(town, c, records, support, decay)
        exacts.append(exact)
        inside.append(found.mass if exact is None else exact.mean)
        if exact is None:
            unsure.append(sureness.allocation(masses, found.mass, support.label))
        else:
            unsure.append(exact.scatter.at(exact.mean))
    return Blocks(shrunk, estimates, decay, exacts, np.column_stack(inside), np.column_stack(unsure))


def _exactly(town: Town, group: int, records: Records, support: Support, decay: float) -> Exact | None:
    """Street pieces from exact points, records beyond the border in the surfaces; None with too few points."""
    if town.units is None or records.points.sum() < FEWEST_POINTS:
        return None
    number = np.vstack([records.points, town.beyond[group]])
    seen = np.concatenate([records.seen, np.ones(len(town.beyond[group]))])
    return estimate_points(town.units, Points(number, seen, support.features, (decay,)))


def _support(town: Town, group: str) -> Support:
    """The town's pieces with the shipped model of this offence."""
    support = town.pieces.support
    kind = "burglary" if group == "burglary" else support.kind
    return replace(support, kind=kind if support.kind else "")


def _records(town: Town, group: int, weight: Numbers) -> Records:
    """One group's records by year; exact points on the piece of the nearest street of their area, undated ones over the years.

    Points on listed car and cycle parks stay with these (``spread.heed_points``).
    """
    support, totals, points = town.pieces.support, town.by_year[group], town.recorded.points
    number = np.zeros((len(support.size), totals.shape[1]))
    mine = (points.group == group) & ~town.on_park
    if mine.any():
        dated = mine & (points.slot >= 0)
        np.add.at(number, (town.point_piece[dated], points.slot[dated]), 1.0)
        over = number.sum(axis=0) / number.sum() if dated.any() else np.full(totals.shape[1], 1 / totals.shape[1])
        undated = mine & (points.slot < 0)
        number += np.bincount(town.point_piece[undated], minlength=len(number))[:, None] * over
    whole = totals.sum(axis=1)
    seen = np.divide(town.recorded.of_points[:, group], whole, out=np.zeros(len(whole)), where=whole > 0)
    return Records(totals, number, np.minimum(seen, 1.0)[support.label], weight)
