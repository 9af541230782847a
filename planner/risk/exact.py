"""Exact points: past counts shrunk to a kernel surface in the plane or along the streets, and trees where the history is long."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from planner.risk import history, metrics
from planner.risk.calibrate import NONE, Calibration, Scatter, calibration, scatter
from planner.risk.features import Features
from planner.risk.prior import from_points, one_thread
from planner.risk.surface import Numbers

BANDWIDTHS_M = (100.0, 150.0, 200.0, 300.0, 400.0, 600.0)
PSEUDO_YEARS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)  # years that the surface counts beside the unit's own
LONG_YEARS = 3
LONG_EVENTS = 10_000  # with fewer, trees add noise to the geometric mean (facts on risk, section 4)
_UNTUNED = (200.0, 1.0)  # bandwidth and pseudo-years where a single year leaves nothing to tune on
_TREES = {
    "loss": "poisson",
    "learning_rate": 0.05,
    "max_iter": 250,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 200,
    "l2_regularization": 5.0,
    "random_state": 0,
}
_CHEQUER_M = 1000.0  # side of a square; a quarter of a smaller town
_FLOOR = 1e-6  # offences a year: intensity is positive everywhere
_THIN = 1e-3  # of the mean: below this much seen nearby the kernel says nothing and the place model stands

Spread = Callable[[Numbers, float], Numbers]  # mass per unit, bandwidth in m -> the same mass spread over the units


@dataclass(frozen=True)
class Units:
    """Cells or street pieces on which points are counted.

    ``size`` area or metres; ``own`` false for units beyond the border, whose records enter the surfaces and nothing else,
    all (units,). ``surfaces`` by word of ``frames.SURFACES``: how mass is spread, and the bandwidths to try; the first one is
    what the trees look through.
    """

    east_m: Numbers
    north_m: Numbers
    size: Numbers
    own: NDArray[np.bool_]
    surfaces: Mapping[str, tuple[Spread, tuple[float, ...]]]


@dataclass(frozen=True)
class Points:
    """Exact records of one offence group.

    ``number`` (units, years), the last year last; ``seen`` (units,) share of a unit's records whose point is known;
    ``places`` features of the own units; ``decays`` to try: what a year counts beside the one after it.
    """

    number: Numbers
    seen: Numbers
    places: Features
    decays: tuple[float, ...] = history.DECAYS


@dataclass(frozen=True)
class Exact:
    """``mean`` (own units,) offences a year; ``shrunk`` the same before trees and curve; how it was tuned.

    ``relative_variance`` (own units,) of the true rate: that of the gamma posterior, or what the last year scattered around the
    years before at that level, whichever is wider (the one knows the unit's own records, the other what the model misses).
    """

    mean: Numbers
    relative_variance: Numbers
    shrunk: Numbers
    surface: str
    bandwidth_m: float
    pseudo_years: float
    decay: float
    with_places: bool
    with_trees: bool
    calibration: Calibration
    scatter: Scatter


@dataclass(frozen=True)
class _Way:
    """One way to shrink counts to a surface."""

    surface: str
    bandwidth_m: float
    decay: float
    pseudo_years: float
    with_places: bool


def estimate_points(units: Units, points: Points) -> Exact:
    """Expected offences a year per own unit from exact points.

    Notes
    -----
    ``(sum of w_t x_t + k s) / (seen sum of w_t + k)`` with x_t the counts of year t, ``w_t = decay^(age)``; s is a kernel surface
    of the weighted yearly counts, or the place model times the kernel ratio of counts to what it awaits where points are seen.
    Kind of surface (plane or network), bandwidth, k, decay and the choice of s have the greatest Poisson likelihood (the least
    deviance) on the last year, made from the years before. Where some units show no points only the place model's surface is
    tried. With three years and 10,000 events: geometric mean with trees on past counts, surfaces and places, trained to
    predict the last year, where that year is so predicted better. The curve of ``calibration`` comes last,
    as far as its slope is sure (``leaning``). Intensity is positive everywhere. Source: facts on risk 2.1.
    """
    number, own, seen = points.number, units.own, points.seen[units.own]
    years = number.shape[1]
    blind = bool((seen == 0).any())
    if years < 2 or number[own, :-1].sum() == 0 or number[own, -1].sum() == 0:
        first = next(iter(units.surfaces))
        way = _Way(first, *(_UNTUNED[0], points.decays[0], _UNTUNED[1]), with_places=blind)
        whole = _Tried(units, points, years)
        mean = whole.mean(way)
        return _made(way, mean, whole, NONE, Scatter(np.zeros(1), np.zeros(1)), with_trees=False)
    last = number[own, -1]
    long = bool(number[own].sum() >= LONG_EVENTS and years >= LONG_YEARS and not blind)
    early = _Tried(units, points, years - 1)
    bases = [True] if blind else [False] if long else [False, True]
    way = min(early.ways(bases), key=lambda one: _loss(early.mean(one) * seen, last, seen))
    whole = _Tried(units, points, years)
    tried, shrunk = early.mean(way), whole.mean(way)
    mean, better = shrunk, False
    if long:
        unseen, trees = _by_trees(units, points)
        both = _between(tried, unseen)
        better = _loss(both * seen, last, seen) < _loss(tried * seen, last, seen)
        if better:
            mean, tried = _between(shrunk, trees), both
    curve = calibration(tried, last, seen)
    sharper = blind and curve.slope > 1  # where points were seen: no leave to be sharper where none were
    curve = replace(curve, knots=NONE.knots, values=NONE.values) if sharper else curve.leaning(elsewhere=blind)
    noise = scatter(curve.apply(tried), last, seen)
    return _made(way, curve.apply(mean), whole, curve, noise, with_trees=better)


def _made(way: _Way, mean: Numbers, whole: _Tried, curve: Calibration, noise: Scatter, *, with_trees: bool) -> Exact:
    """The estimate with the way it was made."""
    return Exact(
        mean,
        np.maximum(noise.at(mean), 1 / whole.events(way)),
        whole.mean(way),
        way.surface,
        way.bandwidth_m,
        way.pseudo_years,
        way.decay,
        way.with_places,
        with_trees,
        curve,
        noise,
    )


def _loss(awaited: Numbers, last: Numbers, seen: Numbers) -> float:
    """Deviance of the last year's points at that year's level."""
    known = seen > 0
    level = last[known].sum() / max(awaited[known].sum(), _FLOOR)
    return metrics.deviance(last[known], awaited[known] * level)


class _Tried:
    """The ways of shrinking the first years' counts, each surface made once."""

    def __init__(self, units: Units, points: Points, years: int) -> None:
        self._units, self._points, self._years = units, points, years
        self._kept: dict[tuple[str, float, float, bool], Numbers] = {}
        self._base: Numbers | None = None

    def ways(self, bases: list[bool]) -> Iterator[_Way]:
        """Every way, the surfaces of one kind and bandwidth together."""
        decays = self._points.decays if self._years > 1 else self._points.decays[:1]
        for word, (_, bandwidths) in self._units.surfaces.items():
            for base, h, decay, k in product(bases, bandwidths, decays, PSEUDO_YEARS):
                yield _Way(word, h, decay, k, base)

    def mean(self, way: _Way) -> Numbers:
        """Yearly mean of counts and pseudo-years of the surface, (own units,), positive."""
        weight = history.weights(way.decay, self._years).sum()
        made = self.events(way) / (self._points.seen[self._units.own] * weight + way.pseudo_years)
        return np.maximum(np.asarray(made, dtype=np.float64), _FLOOR)

    def events(self, way: _Way) -> Numbers:
        """Records and pseudo-records behind each mean, (own units,), positive: the shape of its gamma posterior."""
        weight = history.weights(way.decay, self._years)
        number = self._points.number[self._units.own, : self._years] @ weight
        return np.maximum(number + way.pseudo_years * self._surface(way, weight), _FLOOR)

    def _surface(self, way: _Way, weight: Numbers) -> Numbers:
        """Yearly kernel surface, (own units,)."""
        key = (way.surface, way.bandwidth_m, way.decay, way.with_places)
        if key not in self._kept:
            spread, h = self._units.surfaces[way.surface][0], way.bandwidth_m
            made = spread(self._points.number[:, : self._years] @ weight / weight.sum(), h)
            if way.with_places:
                base = self._places()
                thin = _THIN * base.mean()
                made = base * (made + thin) / (spread(base * self._points.seen, h) + thin)
            self._kept[key] = made[self._units.own]
        return self._kept[key]

    def _places(self) -> Numbers:
        """Place model of the yearly number, fitted on the own units; beyond the border the own mean by size."""
        if self._base is None:
            own, size, points = self._units.own, self._units.size, self._points
            # as many years of a unit are seen as are summed below: the rate is a year's, as the counts' surface is
            shown = size[own] * points.seen[own] * self._years
            number = points.number[own, : self._years].sum(axis=1) * (shown > 0)
            rate = from_points(points.places, number, shown, points.places)
            self._base = size * (rate @ size[own]) / size[own].sum()
            self._base[own] = size[own] * rate
            self._base = np.maximum(self._base, _FLOOR)
        return self._base


def _between(one: Numbers, other: Numbers) -> Numbers:
    """Geometric mean at the level of the first."""
    made = np.sqrt(one * np.maximum(other, _FLOOR))
    return np.asarray(made * (one.sum() / made.sum()), dtype=np.float64)


def _by_trees(units: Units, points: Points) -> tuple[Numbers, Numbers]:
    """Trees that learn to predict the last year from the years before it, in two halves of a chequer.

    Returned: the last year by the trees that did not learn from the unit, and the next year by both, (own units,) each.
    What they see and say is by size and by the share that is seen.
    """
    from sklearn.ensemble import HistGradientBoostingRegressor  # before `one_thread`, which limits what is loaded

    own, number = units.own, points.number
    span = number.shape[1] - 1
    east, north = units.east_m[own], units.north_m[own]
    side = min(_CHEQUER_M, max(np.ptp(east), np.ptp(north), 1.0) / 4)
    half = (east // side + north // side).astype(np.int64) % 2 == 0
    size = units.size[own] / units.size[own].mean()
    shown = size * points.seen[own]
    last_seen, now_seen = (_seen(units, years, points.places, size) for years in (number[:, :span], number[:, 1:]))
    unseen, coming = np.empty(len(size)), np.zeros(len(size))
    with one_thread():
        for part in (half, ~half):
            trees = HistGradientBoostingRegressor(**_TREES)
            trees.fit(last_seen[part], number[own, span][part] / shown[part], sample_weight=shown[part])
            unseen[~part] = trees.predict(last_seen[~part])
            coming += trees.predict(now_seen) / 2
    return unseen * size, coming * size


def _seen(units: Units, years: Numbers, places: Features, size: Numbers) -> Numbers:
    """What the trees see of a span of years, (own units, columns)."""
    spread, own = next(iter(units.surfaces.values()))[0], units.own
    parts = [years[own, -1], years[own].mean(axis=1)]
    parts += [spread(years.mean(axis=1), h)[own] for h in BANDWIDTHS_M]
    parts += [spread(years[:, -1], _UNTUNED[0])[own]]
    return np.column_stack([np.column_stack(parts) / size[:, None], places.values])
