"""What the records say of each block, and inside it of each street piece."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from planner import assumptions
from planner.risk import history, sureness
from planner.risk import spots as ground_of
from planner.risk.bootstrap import refitted
from planner.risk.calibrate import NONE, Calibration, calibration
from planner.risk.exact import Exact, Points, estimate_points
from planner.risk.laid import Town
from planner.risk.lent import by_kin, by_place
from planner.risk.masses import FEWEST_POINTS, PriorMasses, Records, Support, prior_masses
from planner.risk.shrink import Shrunk, shrink, shrunk_mean
from planner.risk.surface import Numbers, summed

_LEAST = 1e-12


@dataclass(frozen=True)
class Blocks:
    """Area estimates of every group, the prior masses they were made around, and how unsure each street piece's share of its area is.

    ``exact`` per group the estimate from points, None with fewer than FEWEST_POINTS; ``inside`` (pieces, groups) mass by
    which an area's estimate is spread over its pieces: that estimate's mean, else the place prior; ``unsure`` (pieces, groups)
    relative variance of a piece: between fits on redrawn records or, from points, of the last year around the years before.
    """

    shrunk: list[Shrunk]
    priors: list[PriorMasses]
    decay: float
    exact: list[Exact | None]
    inside: Numbers
    unsure: Numbers


def per_block(town: Town, interval_share: float, rounds: int = 0) -> Blocks:
    """PriorMassess of every group around their place priors; ``rounds`` of the bootstrap (0: none) widen the intervals.

    A record of an earlier year counts less, in the total as in the area, by the decay that is tuned on the last year (power steady model,
    Smith 1979: so many records, and so many years, are known). The prior mass of an area is that of its pieces, times what the other offences of its kind and the blocks around it lend
    (``lent.py``). The same from all years but the last, held against that year, gives the curve that turns the estimates.
    """
    exposure, _ = ground_of.exposure(town.areas, town.ground)
    decay = history.year_weights(town.by_year, exposure)
    even = exposure / exposure.sum()
    supports, records = [], []
    for c, group in enumerate(town.recorded.groups):
        weight = history.weights(decay, town.by_year[c].shape[1])
        supports.append(_support(town, group))
        records.append(_records(town, c, weight))
    founds = [prior_masses(support, known) for support, known in zip(supports, records, strict=True)]
    masses = [_by_area(town, exposure, found.prior, found.mass) for found in founds]
    lent = _lent(town, records, masses, 0)
    curves = _curves(town, records, founds, exposure)
    shrunk, exacts, inside, unsure = [], [], [], []
    for c, found in enumerate(founds):
        number = records[c].totals @ records[c].weight
        years, total = float(town.recorded.years[c]), float(town.recorded.totals[c])
        counted = float(records[c].weight.mean())  # of the years and of the total, as of the numbers by area
        one = shrink(number, lent[c], years * counted, total * counted, interval_share)
        drawn = refitted(supports[c], records[c], found, rounds, c)
        others = [_by_area(town, exposure, found.prior, other) * (lent[c] / masses[c]) for other in drawn]
        means = [shrunk_mean(number, other, years * counted, total * counted) for other in others]
        one = sureness.widened(one, np.array(means), interval_share)
        turn = curves[c].apply(np.maximum(one.mean, _LEAST)) / np.maximum(one.mean, _LEAST)
        shrunk.append(
            replace(one, mean=one.mean * turn, low=one.low * turn, high=one.high * turn, uniform=even * (total / years))
        )
        exact = _exactly(town, c, records[c], supports[c], decay)
        exacts.append(exact)
        inside.append(found.mass if exact is None else exact.mean)
        allocated = sureness.allocation(drawn, found.mass, supports[c].label)
        unsure.append(allocated if exact is None else exact.relative_variance)
    return Blocks(shrunk, founds, decay, exacts, np.column_stack(inside), np.column_stack(unsure))


def _by_area(town: Town, exposure: Numbers, prior: str, mass: Numbers) -> Numbers:
    """Prior mass of the areas; their exposure where the places told nothing."""
    return exposure if prior == "length" else summed(town.pieces.support.label, mass, len(exposure))


def _lent(town: Town, records: list[Records], masses: list[Numbers], without: int) -> list[Numbers]:
    """Prior masses of the areas with what other groups and other areas lend, ``without`` the last years."""
    kinds = {row["offence"]: row["kin"] for row in assumptions.rows("offences")}
    until = [one.until(one.totals.shape[1] - without) for one in records]
    numbers = [one.totals @ one.weight for one in until]
    made = by_kin(numbers, masses, [kinds[group] for group in town.recorded.groups])
    outer = [beyond[1][:, : one.totals.shape[1]] @ one.weight for beyond, one in zip(town.beyond, until, strict=True)]
    return [by_place(*one, town.near) for one in zip(numbers, made, outer, strict=True)]


def _curves(town: Town, records: list[Records], founds: list[PriorMasses], exposure: Numbers) -> list[Calibration]:
    """Of each group the curve from area estimates made without the last year to that year's numbers."""
    early = [found.mass if found.early_mass is None else found.early_mass for found in founds]
    masses = [_by_area(town, exposure, found.prior, mass) for found, mass in zip(founds, early, strict=True)]
    lent = _lent(town, records, masses, 1)
    made = []
    for one, found, mass in zip(records, founds, lent, strict=True):
        if found.early_mass is None:
            made.append(NONE)
            continue
        past = one.until(one.totals.shape[1] - 1)
        number = past.totals @ past.weight
        said = np.maximum(shrunk_mean(number, mass, 1.0, float(number.sum())), _LEAST)
        made.append(calibration(said, one.totals[:, -1], np.ones(len(said))))
    return made


def _exactly(town: Town, group: int, records: Records, support: Support, decay: float) -> Exact | None:
    """Street pieces from exact points, records beyond the border in the surfaces; None with too few points."""
    if town.units is None or records.points.sum() < FEWEST_POINTS:
        return None
    number = np.vstack([records.points, town.beyond[group][0]])
    seen = np.concatenate([records.seen, np.ones(len(town.beyond[group][0]))])
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
