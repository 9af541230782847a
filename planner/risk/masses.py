"""Prior mass of the units of a town for every precision: block totals by year, points where some are known, place features."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planner.risk import prior as place
from planner.risk.features import Features
from planner.risk.nests import exponent, tempered, transferred
from planner.risk.surface import Numbers

Whole = NDArray[np.int64]

FEWEST_POINTS = 200  # exact records below which a place model learned from them is noise
FEWEST_AREAS = 100  # block totals needed to learn some thirty coefficients between blocks
SMALL_M2 = 250_000.0  # blocks up to this size tell what is inside them (facts on risk, 2.2)
FOLDS = 4  # quarters of the town


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
class PriorMasses:
    """Prior ``mass`` of the units, (units,), and which of ``frames.PRIORS`` it came from.

    ``early_mass`` is the same made from all years but the last, None where no earlier year tells anything.
    """

    prior: str
    mass: Numbers
    early_mass: Numbers | None


def prior_masses(support: Support, records: Records) -> PriorMasses:
    """What the places let expect of each unit before its area's own number is heard.

    Notes
    -----
    From points where at least FEWEST_POINTS are known, else from totals where areas are small and many, else shipped, else even by
    size (``prior.py``). The same from all years but the last can be held against the last year: where some units show no points it comes
    from models that have not seen their part of town. And there the totals of the areas say how much holds of what was learned
    elsewhere (``transferred``).
    """
    word = prior_word(support, records)
    before = records.points if word == "points" else records.totals
    mass = _mass(support, records, word, _everywhere)
    if records.totals.shape[1] < 2 or not before[:, :-1].any():
        return PriorMasses(word, mass, None)
    early = records.until(records.totals.shape[1] - 1)
    return PriorMasses(word, mass, _mass(support, early, word, _folded if (records.seen == 0).any() else _everywhere))


def prior_word(support: Support, records: Records) -> str:
    """Which of ``frames.PRIORS`` the records allow."""
    if records.points.sum() >= FEWEST_POINTS:
        return "points"
    small = support.area_m2 <= SMALL_M2 or not support.kind
    if small and len(records.totals) >= FEWEST_AREAS and records.totals.sum() >= FEWEST_POINTS:
        return "totals"
    return "shipped" if support.kind else "length"


def _mass(support: Support, records: Records, word: str, learned: Callable[[Support, Records], Numbers]) -> Numbers:
    """Prior mass of the units; where some show no points as far as the totals of their areas bear out what was ``learned``."""
    if word != "points":
        return _prior(support, records, word)
    mass = learned(support, records)
    unseen = records.seen == 0
    if unseen.any():
        at, size, part = support.label[unseen], support.size[unseen], support.fold[unseen]
        mass[unseen] = transferred(mass[unseen], size, at, records.totals @ records.weight, part)
    return mass


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


def _everywhere(support: Support, records: Records) -> Numbers:
    """Mass of the units as learned from all points that are seen."""
    every = np.ones(len(support.size), dtype=bool)
    return _learned(support, records, every, every)


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
