"""The estimate inside blocks that the benchmark judges: prior masses updated by area and unit, and turned by the last year.

The product takes the prior masses only (``planner/risk/masses.py``): it shrinks areas by ``shrink``, spreads them over the spots by ``spread``
and tells pieces apart by ``exact``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.risk_update import Updated, update
from planner.risk import prior as place
from planner.risk.calibrate import NONE, Calibration, Scatter, calibration, scatter
from planner.risk.exact import BANDWIDTHS_M, Exact, Points, Units, estimate_points
from planner.risk.features import Features
from planner.risk.masses import Records, Support, prior_masses
from planner.risk.surface import Grid, Numbers, summed

Whole = NDArray[np.int64]

_LEAST_NUMBER = 1e-9  # offences: an area or cell without mass still has an expectation


@dataclass(frozen=True)
class Estimate:
    """``mean`` (units,) offences a year at the level of the weighted years, and how it came about.

    ``calibration`` is of what was held out: cells where points are known, else areas; ``inside`` is the scatter of the
    cells, the shipped one of places where no point tells.
    """

    mean: Numbers
    prior: str
    updated: Updated
    calibration: Calibration
    inside: Scatter


def estimate(support: Support, records: Records, cell: Whole | None = None) -> Estimate:
    """Expected offences a year per unit, calibrated on the last year.

    Parameters
    ----------
    support, records
        As for ``prior_masses``.
    cell
        Larger cell of each unit, (units,), for which the estimate is wanted and on which it is judged; None: the units themselves.

    Notes
    -----
    Update: ``risk_update.py``. The same from all years but the last is held against the last year and gives the curve: per cell
    where points are known, with these as far as it is sure (``leaning``), else per area. Where some units show no points those that do are
    judged as if they did not: without their own points.
    """
    found = prior_masses(support, records)
    updated = _update(support, records, found.mass, blind=False)
    shipped = Scatter(np.zeros(1), np.array([place.shipped_dispersion()]))
    if found.early_mass is None:
        return Estimate(updated.mean, found.prior, updated, NONE, shipped)
    early = records.until(records.totals.shape[1] - 1)
    blind = bool((records.seen == 0).any())
    expected = _update(support, early, found.early_mass, blind=blind).mean
    if found.prior == "points":
        cell = np.arange(len(expected)) if cell is None else cell
        mean, curve, noise = _turned(support, records, (expected, updated.mean), cell, blind=blind)
        return Estimate(mean, found.prior, updated, curve, noise)
    areas = len(records.totals)
    held = summed(support.label, expected, areas)
    curve = calibration(np.maximum(held, _LEAST_NUMBER), records.totals[:, -1], (held > 0).astype(np.float64))
    return Estimate(_each(curve, updated.mean, support.label, areas), found.prior, updated, curve, shipped)


def estimate_exact(grid: Grid, number: Numbers, places: Features) -> Exact:
    """Expected offences a year per cell of a grid, every record a point: ``number`` (cells, years), ``places`` of the cells."""
    east, north = grid.centres()

    def planar(mass: Numbers, bandwidth_m: float) -> Numbers:
        return np.asarray(grid.spread(on_grid(grid, mass), bandwidth_m)[grid.mask], dtype=np.float64)

    one = np.ones(len(east))
    units = Units(east, north, one, one > 0, {"planar": (planar, BANDWIDTHS_M)})
    return estimate_points(units, Points(number, one, places))


def on_grid(grid: Grid, values: Numbers) -> Numbers:
    """Values of the study area's cells as a picture of the grid."""
    picture = np.zeros(grid.mask.shape)
    picture[grid.mask] = values
    return picture


def _turned(
    support: Support, records: Records, means: tuple[Numbers, Numbers], cell: Whole, *, blind: bool
) -> tuple[Numbers, Calibration, Scatter]:
    """The units' means as the last year's points turn them, cell by cell, the curve and the scatter of the cells.

    ``means`` are those made from the years before the last and from all.
    """
    expected, mean = means
    cells = int(cell.max()) + 1
    seen = summed(cell, support.size * records.seen, cells) / np.maximum(
        summed(cell, support.size, cells), _LEAST_NUMBER
    )
    said, came = summed(cell, expected, cells), summed(cell, records.points[:, -1], cells)
    curve = calibration(said, came, seen)
    sharper = blind and curve.slope > 1  # where points were seen: no leave to be sharper where none were
    curve = replace(curve, knots=NONE.knots, values=NONE.values) if sharper else curve.leaning(elsewhere=blind)
    return _each(curve, mean, cell, cells), curve, scatter(curve.apply(said), came, seen)


def _each(curve: Calibration, mean: Numbers, group: Whole, groups: int) -> Numbers:
    """Means of the units when the numbers of their groups are turned."""
    now = np.maximum(summed(group, mean, groups), _LEAST_NUMBER)
    return np.asarray(mean * (curve.apply(now) / now)[group], dtype=np.float64)


def _update(support: Support, records: Records, mass: Numbers, *, blind: bool) -> Updated:
    """Posterior a year; ``blind``: as if no unit had seen its own points (as for units that have none)."""
    years = records.weight.sum()
    points = records.points @ records.weight
    seen = records.seen
    if blind:
        points, seen = np.zeros_like(points), np.zeros_like(seen)
    made = update(mass, support.label, records.totals @ records.weight, points, seen)
    return Updated(made.mean / years, made.area_alpha, made.unit_alpha)
