"""One observation model for every precision: block totals by year, points where some are known, place features."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planner.risk import prior as place
from planner.risk.calibrate import NONE, Calibration, Scatter, calibration, scatter
from planner.risk.features import Features
from planner.risk.nests import exponent, tempered, transferred
from planner.risk.surface import Numbers, summed
from planner.risk.update import Updated, update

Whole = NDArray[np.int64]

FEWEST_POINTS = 200  # exact records below which a place model learned from them is noise
FEWEST_AREAS = 100  # block totals needed to learn some thirty coefficients between blocks
SMALL_M2 = 250_000.0  # blocks up to this size tell what is inside them (facts on risk, 2.2)
FOLDS = 4  # quarters of the town
_LEAST = 1e-3  # dispersion below which next year is as good as Poisson
_LEAST_NUMBER = 1e-9  # offences: an area or cell without mass still has an expectation


@dataclass(frozen=True)
class Support:
    """Units on which intensity lives: cells or street pieces.

    ``size`` area or metres, ``label`` position of the area, ``fold`` the quarter of the town (a place model is
    judged in space only where it has not learned), all (units,); ``area_m2`` mean size of an area;
    ``kind`` the shipped model that suits the offence, "" where the town's layers are too thin for one; ``nests`` larger
    areas that each unit's area is part of (``nests.py``), (units,) each; ``cell`` the larger cells for which the estimate is
    wanted and on which it is judged, (units,), None: the units themselves.
    """

    features: Features
    size: Numbers
    label: Whole
    fold: Whole
    area_m2: float
    kind: str = ""
    nests: tuple[Whole, ...] = ()
    cell: Whole | None = None

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

    ``calibration`` and ``scatter`` are of what was held out: cells where points are known, else areas; ``inside`` is the scatter of the
    cells, the shipped one of places where no point tells. ``early_mass`` is the prior mass made from all years but the last; None
    with a single year.
    """

    mean: Numbers
    prior: str
    mass: Numbers
    updated: Updated
    calibration: Calibration
    scatter: Scatter
    inside: Scatter
    early_mass: Numbers | None


def estimate(support: Support, records: Records) -> Estimate:
    """Expected offences a year per unit, calibrated on the last year.

    Notes
    -----
    Prior (``prior.py``): from points where at least FEWEST_POINTS are known, else from totals where areas are small
    and many, else shipped, else even by size. Update: ``update.py``. The same from all years but the last is held against the last
    year and gives curve and scatter: per cell where points are known, else per area (the curve then turns the cells' or areas'
    estimates), with points as far as it is sure (``leaning``). Where some
    units show no points those that do are judged as if they did not: by a place model that has not seen their part of town,
    without their own points. And there the totals of the areas say how much holds of what was learned elsewhere (``transferred``).
    """
    word = prior_word(support, records)
    before = records.points if word == "points" else records.totals
    several = records.totals.shape[1] > 1 and bool(before[:, :-1].any())
    early = records.until(records.totals.shape[1] - 1) if several else records
    mass, early_mass = _masses(support, records, early, word)
    updated = _update(support, records, mass, blind=False)
    shipped = Scatter(np.zeros(1), np.array([place.shipped_dispersion()]))
    if not several:
        return Estimate(updated.mean, word, mass, updated, NONE, Scatter(np.zeros(1), np.ones(1)), shipped, None)
    blind = bool((records.seen == 0).any())
    expected = _update(support, early, early_mass, blind=blind).mean
    if word == "points":
        mean, curve, noise = _turned(support, records, expected, updated.mean, blind=blind)
        return Estimate(mean, word, mass, updated, curve, noise, noise, early_mass)
    areas = len(records.totals)
    held = summed(support.label, expected, areas)
    all_seen = (held > 0).astype(np.float64)
    held = np.maximum(held, _LEAST_NUMBER)
    curve = calibration(held, records.totals[:, -1], all_seen)
    noise = scatter(curve.apply(held), records.totals[:, -1], all_seen, _LEAST)
    return Estimate(
        _each(curve, updated.mean, support.label, areas), word, mass, updated, curve, noise, shipped, early_mass
    )


def _turned(
    support: Support, records: Records, expected: Numbers, mean: Numbers, *, blind: bool
) -> tuple[Numbers, Calibration, Scatter]:
    """The units' means as the last year's points turn them, cell by cell, the curve and the scatter of the cells."""
    cell = np.arange(len(mean)) if support.cell is None else support.cell
    cells = int(cell.max()) + 1
    seen = summed(cell, support.size * records.seen, cells) / np.maximum(
        summed(cell, support.size, cells), _LEAST_NUMBER
    )
    said, came = summed(cell, expected, cells), summed(cell, records.points[:, -1], cells)
    curve = calibration(said, came, seen)
    sharper = blind and curve.slope > 1  # where points were seen: no leave to be sharper where none were
    curve = replace(curve, knots=NONE.knots, values=NONE.values) if sharper else curve.leaning(elsewhere=blind)
    return _each(curve, mean, cell, cells), curve, scatter(curve.apply(said), came, seen, _LEAST)


def _each(curve: Calibration, mean: Numbers, group: Whole, groups: int) -> Numbers:
    """Means of the units when the numbers of their groups are turned."""
    now = np.maximum(summed(group, mean, groups), _LEAST_NUMBER)
    return np.asarray(mean * (curve.apply(now) / now)[group], dtype=np.float64)


def prior_word(support: Support, records: Records) -> str:
    """Which of ``frames.PRIORS`` the records allow."""
    if records.points.sum() >= FEWEST_POINTS:
        return "points"
    small = support.area_m2 <= SMALL_M2 or not support.kind
    if small and len(records.totals) >= FEWEST_AREAS and records.totals.sum() >= FEWEST_POINTS:
        return "totals"
    return "shipped" if support.kind else "length"


def _masses(support: Support, records: Records, early: Records, word: str) -> tuple[Numbers, Numbers]:
    """Prior mass from all records, and from the early ones; where some units show no points by models that saw nothing of their part of town."""
    if word != "points":
        return _prior(support, records, word), _prior(support, early, word)
    every = np.ones(len(support.size), dtype=bool)
    unseen = records.seen == 0
    held_out = _folded(support, early) if unseen.any() else _learned(support, early, every, every)
    masses = _learned(support, records, every, every), held_out
    if unseen.any():
        at, size, part = support.label[unseen], support.size[unseen], support.fold[unseen]
        for mass, told in zip(masses, (records, early), strict=True):
            mass[unseen] = transferred(mass[unseen], size, at, told.totals @ told.weight, part)
    return masses


def _prior(support: Support, records: Records, word: str) -> Numbers:
    """Prior mass of the units where no points tell."""
    if word == "totals":
        return support.of_totals(records.totals @ records.weight)
    if word == "shipped":
        return place.shipped(support.kind).intensity(support.features) * support.size
    return support.size.astype(np.float64)


def _learned(support: Support, records: Records, fit: NDArray[np.bool_], target: NDArray[np.bool_]) -> Numbers:
    """Mass of the target units as learned from the points on the units of ``fit``."""
    known = records.seen * fit
    number = (records.points @ records.weight) * (known > 0)
    features = support.features.rows(target)
    return place.from_points(support.features, number, support.size * known, features) * support.size[target]


def _folded(support: Support, records: Records) -> Numbers:
    """Mass of the units as learned from points of other parts of town only.

    Where none of a part's points is seen it cannot be judged, where none elsewhere is, not be held out: there from all that is seen.
    """
    mass = np.empty(len(support.size))
    whole = np.zeros(len(mass), dtype=bool)
    for fold in range(FOLDS):
        own = support.fold == fold
        if (records.seen[own] > 0).any() and (records.points[~own] > 0).any():
            mass[own] = _learned(support, records, ~own, own)
        else:
            whole |= own
    if whole.any():
        mass[whole] = _learned(support, records, np.ones(len(mass), dtype=bool), whole)
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
