"""The risk model on exact points of the past, held against the year after: as points, as block totals, and in between."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks import city as cities
from benchmarks.risk_estimate import estimate, estimate_exact, on_grid
from benchmarks.risk_update import spread_totals
from planner.risk import history, metrics
from planner.risk.calibrate import Scatter
from planner.risk.masses import Records, Support
from planner.risk.nests import nests
from planner.risk.surface import Numbers, summed

KERNEL_M = 200.0
INTERVAL_SHARE = 0.9
EB = {"street": (200.0, 1.0), "burglary": (200.0, 4.0)}  # bandwidth, pseudo-years: tuned in the facts on risk, 2.1
CENTROID_SHARES = (0.25, 0.5, 1.0)  # bandwidths, of the side of a block
_LEAST = 1e-3


@dataclass(frozen=True)
class Task:
    """What is asked: files, split, precision of the history."""

    incidents: Path
    blocks: Path
    places: Path
    kind: str
    history_from: pd.Timestamp
    until: pd.Timestamp
    areal_km2: float | None
    fit: str
    exact_share: float
    thin: float
    seed: int


@dataclass(frozen=True)
class Ours:
    """Prediction per scored cell and what its intervals need."""

    mean: Numbers
    scatter: Scatter
    about: dict[str, Any]


def measure(task: Task) -> dict[str, Any]:
    """All figures of one task: ours and the baselines."""
    city = cities.read(task.blocks, task.places)
    incidents = cities.table(task.incidents)
    incidents = incidents[incidents["kind"] == task.kind]
    date = pd.to_datetime(incidents["date"])
    past = incidents[(date >= task.history_from) & (date < task.until)]
    test = incidents[(date >= task.until) & (date < task.until + pd.DateOffset(years=1))]
    kept = np.random.default_rng(task.seed).random(len(past)) < task.thin
    past = past[kept]
    observed = city.on_cells(city.count(test))
    by_year = _by_year(city, past, task)
    began = time.perf_counter()
    ours = _areal(city, by_year, past, task) if task.areal_km2 else _exact(city, by_year)
    seconds = time.perf_counter() - began
    made = {
        "ours": _figures(ours.mean, observed, task.thin, ours.scatter) | {"seconds": round(seconds, 1)} | ours.about
    }
    baselines = {}
    for name, values, took in _baselines(city, by_year, observed, task):
        baselines[name] = _figures(values, observed, task.thin, None) | {"seconds": round(took, 2)}
    made["baselines"] = baselines
    made["task"] = {
        "kind": task.kind,
        "areal_km2": task.areal_km2,
        "fit": task.fit,
        "exact_share": task.exact_share,
        "thin": task.thin,
        "seed": task.seed,
        "cells": len(observed),
        "history": len(past),
        "test": int(observed.sum()),
        "zero_cells": int((ours.mean <= 0).sum()),
    }
    return made


def _by_year(city: cities.City, past: pd.DataFrame, task: Task) -> Numbers:
    """Records per unit and year of the history, (units, years)."""
    year = ((pd.to_datetime(past["date"]) - task.history_from).dt.days // 365.25).to_numpy()
    number = max(1, round((task.until - task.history_from).days / 365.25))
    year = np.clip(year, 0, number - 1)
    return np.column_stack([city.count(past[year == at]) for at in range(number)])


def _exact(city: cities.City, by_year: Numbers) -> Ours:
    """Exact points: counts shrunk to kernels, with trees."""
    number = np.column_stack([city.on_cells(column) for column in by_year.T])
    per_cell = 1 / np.bincount(city.cell)
    features = type(city.features)(
        city.features.names,
        np.column_stack([city.on_cells(column) * per_cell for column in city.features.values.T]),
    )
    made = estimate_exact(city.cells, number, features)
    about = {"bandwidth_m": made.bandwidth_m, "pseudo_years": made.pseudo_years, "with_trees": made.with_trees}
    return Ours(made.mean, made.scatter, about | {"calibration_slope": made.calibration.slope})


def _areal(city: cities.City, by_year: Numbers, past: pd.DataFrame, task: Task) -> Ours:
    """Block totals; with ``halves`` the exact points of the other half, with an exact share those of the whole city."""
    label = city.areas(float(task.areal_km2 or 0), task.seed)
    totals = np.column_stack([summed(label, column, int(label.max()) + 1) for column in by_year.T])
    area_m2 = float(task.areal_km2 or 0) * 1e6
    support = Support(
        city.features,
        np.full(len(label), cities.UNIT_M**2),
        label,
        city.fold,
        area_m2,
        nests=nests(label, city.east_m, city.north_m, area_m2),
    )
    extent = summed(label, support.size, int(label.max()) + 1)
    weight = history.weights(history.year_weights([totals], extent), by_year.shape[1])
    none = np.zeros(len(label))
    if task.exact_share:
        shown = past[np.random.default_rng(task.seed + 1).random(len(past)) < task.exact_share]
        records = Records(totals, _by_year(city, shown, task), none + task.exact_share, weight)
    else:
        records = Records(totals, np.zeros_like(by_year), none, weight)
    if task.fit == "halves":
        mean = none.copy()
        for half in _halves(city):
            own = Records(totals, by_year * half[:, None], half.astype(np.float64), weight)
            found = estimate(support, own, city.cell)
            mean[~half] = found.mean[~half]
    else:
        found = estimate(support, records, city.cell)
        mean = found.mean
    about = {
        "prior": found.prior,
        "calibration_slope": found.calibration.slope,
        "pooled_records": found.updated.area_alpha,
    }
    return Ours(city.on_cells(mean), found.inside, about)


def _halves(city: cities.City) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Units north and south of the median."""
    north = city.north_m > np.median(city.north_m)
    return north, ~north


def _figures(mean: Numbers, observed: Numbers, thin: float, noise: Scatter | None) -> dict[str, Any]:
    """The figures of one surface, at the level of the test; intervals negative binomial (ours) or Poisson."""
    level = mean * (observed.sum() / mean.sum())
    noise = noise or Scatter(np.zeros(1), np.full(1, 1e-6))
    interval = noise.interval(level, level * thin, INTERVAL_SHARE)
    found: dict[str, Any] = metrics.scores(mean, observed, np.ones(len(mean)), interval).as_dict()
    parts = metrics.deciles(observed, level)
    found["deciles"] = [round(float(o / max(p, _LEAST)), 2) for p, o in zip(*parts, strict=True)]
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in found.items()}


def _baselines(city: cities.City, by_year: Numbers, observed: Numbers, task: Task) -> list[tuple[str, Numbers, float]]:
    """(name, surface per cell, seconds): what a town would do without the model.

    With block totals ``count``, ``kde_200`` and ``eb`` still see the exact points: they are what exactness would be worth.
    ``centroid_kde`` has the best of three bandwidths on the test itself, which flatters it; ``street_dasymetric`` spreads by street
    blocks within 75 m.
    """
    number = by_year.sum(axis=1)
    on_cells = city.on_cells(number)
    label = city.areas(task.areal_km2, task.seed) if task.areal_km2 else np.zeros(len(number), dtype=np.int64)
    totals = summed(label, number, int(label.max()) + 1)
    flat = np.ones(len(number))
    street = city.features.values[:, city.features.names.index("street_75")]
    bandwidth, pseudo = EB[task.kind]

    def kernel(h: float) -> Numbers:
        return city.cells.spread(on_grid(city.cells, on_cells), h)[city.cells.mask]

    def centroids() -> Numbers:
        size = np.bincount(label)
        at = [np.bincount(label, where) / size for where in (city.east_m, city.north_m)]
        side = np.sqrt(task.areal_km2 * 1e6) if task.areal_km2 else KERNEL_M * 2
        binned = city.cells.bin(at[0], at[1], totals)
        tried = [city.cells.spread(binned, side * share)[city.cells.mask] for share in CENTROID_SHARES]
        return max(tried, key=lambda one: metrics.hits(one, observed, np.ones(len(one)), 0.05).hit)

    years = by_year.shape[1]
    makers: dict[str, Callable[[], Numbers]] = {
        "count": lambda: on_cells,
        "uniform": lambda: city.on_cells(spread_totals(flat, label, totals)),
        "centroid_kde": centroids,
        "kde_200": lambda: kernel(KERNEL_M),
        "eb": lambda: (on_cells + pseudo / years * kernel(bandwidth)) / (years + pseudo),
        "street_dasymetric": lambda: city.on_cells(spread_totals(np.expm1(street) + _LEAST, label, totals)),
    }
    made = []
    for name, maker in makers.items():
        began = time.perf_counter()
        values = maker()
        made.append((name, np.asarray(values, dtype=np.float64), time.perf_counter() - began))
    return made


def run(task: Task) -> str:
    """One JSON line."""
    return json.dumps(_plain(measure(task)), ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    """The same without nan, which JSON does not know."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return None if isinstance(value, float) and not np.isfinite(value) else value
