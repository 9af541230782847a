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
from planner.risk.surface import LEAST_EXPECTED, Numbers, summed


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
    """Estimates of every group around their place priors; ``rounds`` of the bootstrap (0: none) widen the intervals.

    A record of an earlier year counts less, in the total as in the area, by the decay that is tuned on the last year (power steady model,
    Smith 1979: so many records, and so many years, are known). The prior mass of an area is that of its pieces, times what the other offences of its kind and the blocks around it lend
    (``lent.py``). The same from all years but the last, held against that year, gives the curve that turns the estimates.
    """
    exposure, _ = ground_of.exposure(town.areas, town.ground)
    decay = history.year_weights(town.by_year, exposure)
    supports = [_support(town, group) for group in town.recorded.groups]
    records = [_records(town, c, history.weights(decay, table.shape[1])) for c, table in enumerate(town.by_year)]
    priors = [prior_masses(support, known) for support, known in zip(supports, records, strict=True)]
    masses = [_by_area(town, exposure, prior.prior, prior.mass) for prior in priors]
    lent = _lent(town, records, masses, 0)
    curves = _curves(town, records, priors, exposure)
    parts = zip(supports, records, priors, masses, lent, curves, strict=True)
    made = [_one_group(town, c, _Group(*one), decay, interval_share, rounds) for c, one in enumerate(parts)]
    shrunk, exact, inside, unsure = zip(*made, strict=True)
    return Blocks(list(shrunk), priors, decay, list(exact), np.column_stack(inside), np.column_stack(unsure))


@dataclass(frozen=True)
class _Group:
    """What is known of one offence group before its areas are estimated.

    ``mass`` (areas,) as its places say, ``lent`` (areas,) with what other groups and areas lend; ``curve`` turns the estimates.
    """

    support: Support
    records: Records
    prior: PriorMasses
    mass: Numbers
    lent: Numbers
    curve: Calibration


def _one_group(
    town: Town, c: int, group: _Group, decay: float, interval_share: float, rounds: int
) -> tuple[Shrunk, Exact | None, Numbers, Numbers]:
    """Of one group the estimate of the areas and of the pieces from points; the pieces' masses and how unsure these are."""
    exposure, _ = ground_of.exposure(town.areas, town.ground)
    support, records, prior = group.support, group.records, group.prior
    number = records.totals @ records.weight
    years, total = float(town.recorded.years[c]), float(town.recorded.totals[c])
    counted = float(records.weight.mean())  # of the years and of the total, as of the numbers by area
    one = shrink(number, group.lent, years * counted, total * counted, interval_share)
    drawn = refitted(support, records, prior, rounds, c)
    others = [_by_area(town, exposure, prior.prior, mass) * (group.lent / group.mass) for mass in drawn]
    means = [shrunk_mean(number, other, years * counted, total * counted) for other in others]
    one = sureness.widened(one, np.array(means), interval_share)
    mean = np.maximum(one.mean, LEAST_EXPECTED)
    turn = group.curve.apply(mean) / mean
    uniform = exposure / exposure.sum() * (total / years)
    one = replace(one, mean=one.mean * turn, low=one.low * turn, high=one.high * turn, uniform=uniform)
    exact = _exactly(town, c, records, support, decay)
    if exact is not None:
        return one, exact, exact.mean, exact.relative_variance
    return one, None, prior.mass, sureness.allocation(drawn, prior.mass, support.label)


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


def _curves(town: Town, records: list[Records], priors: list[PriorMasses], exposure: Numbers) -> list[Calibration]:
    """Of each group the curve from area estimates made without the last year to that year's numbers."""
    early = [prior.mass if prior.early_mass is None else prior.early_mass for prior in priors]
    masses = [_by_area(town, exposure, prior.prior, mass) for prior, mass in zip(priors, early, strict=True)]
    lent = _lent(town, records, masses, 1)
    made = []
    for one, prior, mass in zip(records, priors, lent, strict=True):
        if prior.early_mass is None:
            made.append(NONE)
            continue
        past = one.until(one.totals.shape[1] - 1)
        number = past.totals @ past.weight
        said = np.maximum(shrunk_mean(number, mass, 1.0, float(number.sum())), LEAST_EXPECTED)
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
