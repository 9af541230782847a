"""One observation model for every precision: block totals by year, points where some are known, place features."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planner.risk import prior as place
from planner.risk.calibrate import NONE, Calibration, Scatter, calibration, scatter
from planner.risk.features import Features
from planner.risk.nests import exponent, tempered
from planner.risk.surface import Numbers, summed
from planner.risk.update import Updated, update

Whole = NDArray[np.int64]

FEWEST_POINTS = 200  # exact records below which a place model learned from them is noise
FEWEST_AREAS = 100  # block totals needed to learn some thirty coefficients between blocks
SMALL_M2 = 250_000.0  # blocks up to this size tell what is inside them (facts on risk, 2.2)
FOLDS = 4  # quarters of the town
_LEAST = 1e-3  # dispersion below which next year is as good as Poisson


@dataclass(frozen=True)
class Support:
    """Units on which intensity lives: cells or street pieces.

    ``size`` area or metres, ``label`` position of the area, ``fold`` the quarter of the town (a place model is
    judged in space only where it has not learned), all (units,); ``area_m2`` mean size of an area;
    ``kind`` the shipped model that suits the offence, "" where the town's layers are too thin for one; ``nests`` larger
    areas that each unit's area is part of (``nests.py``), (units,) each.
    """

    features: Features
    size: Numbers
    label: Whole
    fold: Whole
    area_m2: float
    kind: str = ""
    nests: tuple[Whole, ...] = ()

    def of_totals(self, totals: Numbers, power: float | None = None, alpha: float | None = None) -> Numbers:
        """Mass of the units from totals of small blocks, held back inside each by what nests of blocks show (``power``: by so much)."""
        mass = (
            place.from_totals(self.features, self.size, self.label, totals, alpha).intensity(self.features) * self.size
        )
        return tempered(mass, self.size, self.label, self.power(totals) if power is None else power)

    def power(self, totals: Numbers) -> float:
        """Power of the intensity that holds inside blocks; 1 where blocks are large: nests of them tell of districts only."""
        if not self.nests or self.area_m2 > SMALL_M2:
            return 1.0
        return exponent(self.features, self.size, self.label, totals, self.nests)


@dataclass(frozen=True)
class Records:
    """What is known of one offence group by year, the last year last.

    ``totals`` (areas, years): every record with an area; ``points`` (units, years): those of them whose point is known;
    ``seen`` (units,): the share of a unit's records whose point is known, 0 to 1; ``weight`` (years,): what a record
    of each year counts.
    """

    totals: Numbers
    points: Numbers
    seen: Numbers
    weight: Numbers

    def until(self, years: int) -> Records:
        """The first years only."""
        return replace(
            self,
            totals=self.totals[:, :years],
            points=self.points[:, :years],
            weight=self.weight[len(self.weight) - years :],
        )


@dataclass(frozen=True)
class Estimate:
    """``mean`` (units,) offences a year at the level of the weighted years, prior ``mass`` (units,), and how it came about.

    ``calibration`` is of what was held out: units where points are known, else areas. ``early_mass`` is the prior mass made from
    all years but the last, by a model that did not learn in its part of town; None with a single year.
    """

    mean: Numbers
    prior: str
    mass: Numbers
    updated: Updated
    calibration: Calibration
    scatter: Scatter
    early_mass: Numbers | None
    tried: tuple[Numbers, Numbers, Numbers]  # held-out year per unit: predicted, observed, seen share (0: none is)

    def cell_scatter(self, support: Support, cell: Whole) -> Scatter:
        """Dispersion by level of larger cells, each a set of units: from the points seen, else the shipped one of places."""
        cells = int(cell.max()) + 1
        predicted, observed, seen = self.tried
        if seen.any():
            size = np.bincount(cell, support.size, minlength=cells)
            shown = np.bincount(cell, support.size * seen, minlength=cells) / size
            grown = summed(cell, predicted, cells)
            return scatter(grown, summed(cell, observed, cells), shown, _LEAST)
        return Scatter(np.zeros(1), np.array([place.shipped_dispersion()]))


def estimate(support: Support, records: Records) -> Estimate:
    """Expected offences a year per unit, calibrated on the last year.

    Notes
    -----
    Prior (``prior.py``): from points where at least FEWEST_POINTS are known, else from totals where areas are small
    and many, else shipped, else even by size. Update: ``update.py``. The same from all years but the last, with a place
    model that has not seen the part of town it predicts, is held against the last year and gives curve and
    scatter: per unit where points are known, else per area (the curve then turns the areas' estimates).
    """
    word = prior_word(support, records)
    mass = _prior(support, records, word, np.arange(len(support.size)))
    updated = _update(support, records, mass, blind=False)
    nothing = np.zeros(len(support.size))
    if records.totals.shape[1] < 2 or records.totals[:, :-1].sum() == 0:
        return Estimate(
            updated.mean, word, mass, updated, NONE, Scatter(np.zeros(1), np.ones(1)), None, (nothing, nothing, nothing)
        )
    early = records.until(records.totals.shape[1] - 1)
    blind = bool((records.seen == 0).any())
    early_mass = _folded(support, early, word)
    expected = _update(support, early, early_mass, blind=blind).mean
    if word == "points":
        last, seen = records.points[:, -1], records.seen
        curve = calibration(expected, last, seen)
        if blind and curve.slope > 1:  # sharper where points were seen is no leave to be sharper where none were
            curve = Calibration(curve.slope, np.empty(0), np.empty(0))
        mean = curve.apply(updated.mean)
        return Estimate(
            mean,
            word,
            mass,
            updated,
            curve,
            scatter(curve.apply(expected), last, seen, _LEAST),
            early_mass,
            (curve.apply(expected), last, seen),
        )
    areas = len(records.totals)
    held = np.bincount(support.label, expected, minlength=areas)
    all_seen = (held > 0).astype(np.float64)
    curve = calibration(np.maximum(held, 1e-9), records.totals[:, -1], all_seen)
    now = np.maximum(np.bincount(support.label, updated.mean, minlength=areas), 1e-9)
    mean = updated.mean * (curve.apply(now) / now)[support.label]
    noise = scatter(curve.apply(np.maximum(held, 1e-9)), records.totals[:, -1], all_seen, _LEAST)
    return Estimate(mean, word, mass, updated, curve, noise, early_mass, (expected, nothing, nothing))


def prior_word(support: Support, records: Records) -> str:
    """Which of ``frames.PRIORS`` the records allow."""
    if records.points.sum() >= FEWEST_POINTS:
        return "points"
    small = support.area_m2 <= SMALL_M2 or not support.kind
    if small and len(records.totals) >= FEWEST_AREAS and records.totals.sum() >= FEWEST_POINTS:
        return "totals"
    return "shipped" if support.kind else "length"


def _prior(
    support: Support, records: Records, word: str, target: Whole, fit: NDArray[np.bool_] | None = None
) -> Numbers:
    """Prior mass of the target units, learned from the units of ``fit`` (all)."""
    features = support.features.rows(target)
    if word == "points":
        known = records.seen if fit is None else records.seen * fit
        number = (records.points @ records.weight) * (known > 0)
        return place.from_points(support.features, number, support.size * known, features) * support.size[target]
    if word == "totals":
        return support.of_totals(records.totals @ records.weight)[target]
    if word == "shipped":
        return place.shipped(support.kind).intensity(features) * support.size[target]
    return support.size[target].astype(np.float64)


def _folded(support: Support, records: Records, word: str) -> Numbers:
    """Prior mass of every unit from a model that did not learn in its part of town."""
    if word != "points":
        return _prior(support, records, word, np.arange(len(support.size)))
    mass = np.empty(len(support.size))
    for fold in range(FOLDS):
        out = support.fold == fold
        if (records.seen[out] > 0).any() and (records.points[~out] > 0).any():
            mass[out] = _prior(support, records, word, np.flatnonzero(out), ~out)
        elif out.any():  # nothing to learn elsewhere, or nothing to be judged here
            mass[out] = _prior(support, records, word, np.flatnonzero(out))
    return mass


def quarters(east_m: Numbers, north_m: Numbers) -> Whole:
    """Quarter of the town of each unit, 0..FOLDS-1: north and south of the median, each east and west of its own."""
    north = north_m > np.median(north_m)
    fold = 2 * north.astype(np.int64)
    for half in (north, ~north):
        if half.any():
            fold[half] += east_m[half] > np.median(east_m[half])
    return fold


def _update(support: Support, records: Records, mass: Numbers, *, blind: bool) -> Updated:
    """Posterior a year; ``blind``: as if no unit had seen its own points (as for units that have none)."""
    years = records.weight.sum()
    points = records.points @ records.weight
    seen = records.seen
    if blind:
        points, seen = np.zeros_like(points), np.zeros_like(seen)
    made = update(mass, support.label, records.totals @ records.weight, points, seen)
    return Updated(made.mean / years, made.area_alpha, made.unit_alpha)
