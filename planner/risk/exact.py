"""Exact points on a grid of cells: past counts shrunk to a kernel surface, and trees where the history is long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from planner.risk import metrics
from planner.risk.calibrate import NONE, Calibration, Scatter, calibration, scatter
from planner.risk.features import Features
from planner.risk.prior import from_points, one_thread
from planner.risk.surface import Grid, Numbers

BANDWIDTHS_M = (100.0, 150.0, 200.0, 300.0, 400.0, 600.0)
PSEUDO_YEARS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)  # years that the surface counts beside the cell's own
LONG_YEARS = 3
LONG_EVENTS = 10_000  # with fewer, trees add noise to the geometric mean (facts on risk, section 4)
_TREES = {
    "loss": "poisson",
    "learning_rate": 0.05,
    "max_iter": 250,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 200,
    "l2_regularization": 5.0,
    "random_state": 0,
}
_CHEQUER_M = 1000.0
_FLOOR = 1e-6


@dataclass(frozen=True)
class Exact:
    """``mean`` (cells,) offences a year; ``shrunk`` the same before trees and curve; how it was tuned."""

    mean: Numbers
    shrunk: Numbers
    bandwidth_m: float
    pseudo_years: float
    with_places: bool
    with_trees: bool
    calibration: Calibration
    scatter: Scatter


def estimate_exact(grid: Grid, number: Numbers, places: Features) -> Exact:
    """Expected offences a year per cell from exact points.

    Parameters
    ----------
    grid
        Square cells of the study area.
    number
        Records per cell and year, the last year last, shape (cells, years).
    places
        Place features of the cells.

    Notes
    -----
    ``(sum of counts + k s) / (years + k)``; s is a kernel surface of the counts, or the place model times the kernel ratio of
    counts to it. Bandwidth, k and the choice of s have the least deviance on the last year, made from the years before. With
    three years and 10,000 events: geometric mean with trees on past counts, surfaces and places, trained to predict the
    last year. Intensity is positive everywhere. Source: facts on risk 2.1.
    """
    years = number.shape[1]
    if years < 2:
        surface = _surface(grid, number, 200.0, None)
        mean = (number.sum(axis=1) + surface) / (years + 1)
        return Exact(mean, mean, 200.0, 1.0, False, False, NONE, Scatter(np.zeros(1), np.ones(1)))
    early, last = number[:, :-1], number[:, -1]
    whole = bool(number.sum() >= LONG_EVENTS and years >= LONG_YEARS)
    bases = [None] if whole else [None, _place_base(places, early)]
    found = min(
        (
            (
                metrics.deviance(last, _blend(early, surface, k) * (last.sum() / max(early.mean(axis=1).sum(), 1e-9))),
                h,
                k,
                b,
            )
            for b, base in enumerate(bases)
            for h in BANDWIDTHS_M
            for surface in [_surface(grid, early, h, base)]
            for k in PSEUDO_YEARS
        ),
    )
    _, bandwidth, pseudo, at = found
    tried = np.maximum(_blend(early, _surface(grid, early, bandwidth, bases[at]), pseudo), _FLOOR)
    base = _place_base(places, number) if at else None
    shrunk = np.maximum(_blend(number, _surface(grid, number, bandwidth, base), pseudo), _FLOOR)
    seen = np.ones(len(last))
    mean = shrunk
    if whole:
        unseen, trees = _by_trees(grid, number, places)
        mean, tried = _between(shrunk, trees), _between(tried, unseen)
    curve = calibration(tried, last, seen)
    return Exact(
        curve.apply(mean),
        shrunk,
        bandwidth,
        pseudo,
        bool(at),
        whole,
        curve,
        scatter(curve.apply(tried), last, seen, 1e-3),
    )


def _blend(number: Numbers, surface: Numbers, pseudo_years: float) -> Numbers:
    """Yearly mean of counts and ``pseudo_years`` of the surface."""
    mean = (number.sum(axis=1) + pseudo_years * surface) / (number.shape[1] + pseudo_years)
    return np.asarray(mean, dtype=np.float64)


def _place_base(places: Features, number: Numbers) -> Numbers:
    """Place model of the yearly number, fitted on these cells."""
    return np.maximum(
        from_points(places, number.sum(axis=1), np.full(len(number), float(number.shape[1])), places), _FLOOR
    )


def _surface(grid: Grid, number: Numbers, bandwidth_m: float, base: Numbers | None) -> Numbers:
    """Yearly kernel surface, (cells,); with a base: the base times the kernel ratio of records to it."""
    made = np.asarray(grid.spread(on_grid(grid, number.mean(axis=1)), bandwidth_m)[grid.mask], dtype=np.float64)
    if base is None:
        return made
    below = np.maximum(grid.spread(on_grid(grid, base), bandwidth_m)[grid.mask], _FLOOR)
    return np.asarray(base * made / below, dtype=np.float64)


def on_grid(grid: Grid, values: Numbers) -> Numbers:
    """Values of the study area's cells as a picture of the grid."""
    picture = np.zeros(grid.mask.shape)
    picture[grid.mask] = values
    return picture


def _between(one: Numbers, other: Numbers) -> Numbers:
    """Geometric mean at the level of the first."""
    made = np.sqrt(one * np.maximum(other, _FLOOR))
    return np.asarray(made * (one.sum() / made.sum()), dtype=np.float64)


def _by_trees(grid: Grid, number: Numbers, places: Features) -> tuple[Numbers, Numbers]:
    """Trees that learn to predict the last year from the years before it, in two halves of a chequer.

    Returned: the last year by the trees that did not learn from the cell, and the next year by both, (cells,) each.
    """
    span = number.shape[1] - 1
    east, north = grid.centres()
    half = (east // _CHEQUER_M + north // _CHEQUER_M).astype(np.int64) % 2 == 0
    last_seen, now_seen = (_seen(grid, years, places) for years in (number[:, :span], number[:, 1:]))
    unseen, coming = np.empty(len(number)), np.zeros(len(number))
    with one_thread():
        for part in (half, ~half):
            trees = HistGradientBoostingRegressor(**_TREES).fit(last_seen[part], number[part, span])
            unseen[~part] = trees.predict(last_seen[~part])
            coming += trees.predict(now_seen) / 2
    return unseen, coming


def _seen(grid: Grid, years: Numbers, places: Features) -> Numbers:
    """What the trees see of a span of years, (cells, columns)."""
    parts = [years[:, -1], years.mean(axis=1)]
    parts += [_surface(grid, years, h, None) for h in BANDWIDTHS_M]
    return np.column_stack([*parts, _surface(grid, years[:, -1:], 200.0, None), places.values])
