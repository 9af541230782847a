"""Where inside a block: intensity by what a place is like, learned from points, from block totals, or shipped."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from planner.risk.features import Features
from planner.risk.shrink import pooling
from planner.risk.surface import LEAST_DIVISOR, Numbers

Whole = NDArray[np.int64]

RIDGE_POINTS = 30.0  # penalty on standardised coefficients, in events: exact points tell much
RIDGE_TOTALS = 300.0  # block totals tell little of what is inside: hold the coefficients harder
_ROUNDS = 3  # of dispersion, then coefficients
_STEPS = 40
_SAME = 1e-9  # standard deviation of a feature below which it differs by rounding only
_GAIN = 1e-6  # log-likelihood below which a step changes nothing
_LEAST_MASS = 1e-9  # records expected in a block
MOST_UNITS = 100_000  # units that trees learn from: more cost time and change nothing
_MOST_EXPONENT = (
    8.0  # log intensity beyond which a coefficient has run away (no town has a place of e^8 times the mean)
)
_TREES = {
    "loss": "poisson",
    "learning_rate": 0.15,
    "max_iter": 60,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 300,
    "l2_regularization": 5.0,
    "random_state": 0,
}
_SHIPPED = Path(__file__).parent / "coefficients.csv"


@dataclass(frozen=True)
class LogLinear:
    """``intensity = exp(intercept + sum coefficient x feature)`` per unit of size (RTM-like, but calibrated)."""

    names: tuple[str, ...]
    intercept: float
    coefficients: Numbers

    def intensity(self, features: Features) -> Numbers:
        """Intensity per unit of size, positive, shape (units,); missing features are an error of the caller."""
        at = self.intercept + features.only(self.names).values @ self.coefficients
        return np.exp(np.clip(at, -2 * _MOST_EXPONENT, _MOST_EXPONENT))


def fit_log_linear(features: Features, number: Numbers, size: Numbers, ridge: float) -> LogLinear:
    """Penalised Poisson regression of numbers on features.

    Parameters
    ----------
    features, number, size
        Of the units; ``size`` is the exposure (area or metres times the share of
        records whose point is known); units of size 0 say nothing.
    ridge
        Penalty ``ridge / 2 x sum b^2`` on the coefficients of standardised features, in log-likelihood units.
    """
    # late, as below: a second of every start that many towns do not need
    from sklearn.linear_model import PoissonRegressor

    known = size > 0
    number = np.where(known, number, 0.0)
    weight = size / size.sum()
    mean, spread = _scales(features, weight)
    rate = np.divide(number, size, out=np.zeros_like(number), where=known)
    scale = max(float(weight @ rate), LEAST_DIVISOR)
    model = PoissonRegressor(
        alpha=ridge / max(number.sum(), 1.0),
        solver="newton-cholesky",
        max_iter=100,
        tol=1e-6,
    )
    model.fit((features.values[known] - mean) / spread, rate[known] / scale, sample_weight=weight[known])
    coefficients = model.coef_ / spread
    return LogLinear(features.names, float(model.intercept_ + np.log(scale) - coefficients @ mean), coefficients)


def _scales(features: Features, weight: Numbers) -> tuple[Numbers, Numbers]:
    """Mean and standard deviation of each feature; 1 where it is the same everywhere: it tells nothing and gets coefficient 0."""
    mean = weight @ features.values
    spread = np.sqrt(weight @ (features.values - mean) ** 2)
    return mean, np.where(spread < _SAME, 1.0, spread)


def one_thread() -> threadpool_limits:
    """Trees on one thread: the same answer on every machine, and no waiting for busy cores."""
    return threadpool_limits(limits=1)


def fit_trees(features: Features, number: Numbers, size: Numbers, target: Features) -> Numbers:
    """Intensity of the ``target`` units by boosted trees fitted on exact points; positive.

    The trees see numbers per unit of mean size: the penalty on their leaves is then in events, whatever ``size`` is measured in.
    """
    from sklearn.ensemble import HistGradientBoostingRegressor  # before `one_thread`, which limits what is loaded

    known = np.flatnonzero(size > 0)
    if len(known) > MOST_UNITS:
        known = np.sort(np.random.default_rng(0).choice(known, MOST_UNITS, replace=False))
    mean = size[known].mean()
    with one_thread():
        trees = HistGradientBoostingRegressor(**_TREES)
        trees.fit(features.values[known], number[known] / size[known] * mean, sample_weight=size[known] / mean)
        return np.asarray(trees.predict(target.values) / mean, dtype=np.float64)


def from_points(features: Features, number: Numbers, size: Numbers, target: Features) -> Numbers:
    """Intensity of the ``target`` units: geometric mean of log-linear model and trees, both fitted on exact points."""
    plain = fit_log_linear(features, number, size, RIDGE_POINTS).intensity(target)
    return np.sqrt(plain * fit_trees(features, number, size, target))


def from_totals(
    features: Features, size: Numbers, label: Whole, totals: Numbers, alpha: float | None = None
) -> LogLinear:
    """Log-linear model of ``totals[a] ~ NB(M_a, alpha)``, ``M_a`` the sum of size x intensity over the units of area a.

    Penalised maximum likelihood by Fisher scoring on the totals themselves: weights ``1 / (M (1 + M / alpha))``, so that a
    block with hundreds of records, which differs from what its places say by more than chance, does not drown the others;
    ``alpha`` by marginal likelihood unless it is given. (Spreading the totals and fitting what was spread, EM, climbs the Poisson likelihood, but so
    slowly that it was stopped far too flat inside the blocks.) Learns only from differences between
    blocks: fit for blocks up to a quarter of a square kilometre (facts on risk, 2.2 (d)). Blocks without a unit are left out.
    """
    mean, spread = _scales(features, size / size.sum())
    design = np.asfortranarray(np.column_stack([np.ones(len(size)), (features.values - mean) / spread]))
    areas, label = np.unique(label, return_inverse=True)
    found = _climb(design, size, label, totals[areas], alpha)
    coefficients = found[1:] / spread
    return LogLinear(features.names, float(found[0] - coefficients @ mean), coefficients)


def _climb(design: Numbers, size: Numbers, label: Whole, totals: Numbers, given: float | None) -> Numbers:
    """Coefficients of highest penalised negative binomial likelihood; the first one, the level, is free."""
    ridge = np.full(design.shape[1], RIDGE_TOTALS)
    ridge[0] = 0.0

    def expected(at: Numbers) -> tuple[Numbers, Numbers]:
        mass = size * np.exp(np.clip(design @ at, -4 * _MOST_EXPONENT, 4 * _MOST_EXPONENT))
        return mass, np.maximum(np.bincount(label, mass, minlength=len(totals)), _LEAST_MASS)

    def height(at: Numbers, whole: Numbers, alpha: float) -> float:
        terms = totals * np.log(whole) - (totals + alpha) * np.log(whole + alpha)
        return float(terms.sum() - ridge @ at**2 / 2)

    at = np.zeros(design.shape[1])
    at[0] = np.log(max(totals.sum(), _LEAST_MASS) / size.sum())
    for _ in range(1 if given else _ROUNDS):
        mass, whole = expected(at)
        alpha = given or pooling(totals, whole)
        reached, damping = height(at, whole, alpha), 1e-3
        for _ in range(_STEPS):
            tilt = np.column_stack([np.bincount(label, mass * x, minlength=len(totals)) for x in design.T])
            weight = alpha / (whole * (whole + alpha))
            curve = (tilt * weight[:, None]).T @ tilt + np.diag(ridge)
            slope = tilt.T @ (weight * (totals - whole)) - ridge * at
            step = np.linalg.solve(curve + damping * np.diag(np.diag(curve)), slope)
            mass_then, whole_then = expected(at + step)
            gain = height(at + step, whole_then, alpha) - reached
            if gain < 0:  # too far: a shorter step, nearer to the steepest way
                damping *= 10
                continue
            at, mass, whole, reached, damping = at + step, mass_then, whole_then, reached + gain, damping / 10
            if gain < _GAIN:
                break
    return at


@cache
def shipped(kind: str) -> LogLinear:
    """The shipped model of ``street`` or ``burglary`` (``coefficients.csv``: source, training city, limits in each row)."""
    with _SHIPPED.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == kind and row["feature"] != "dispersion"]
    value = {row["feature"]: float(row["coefficient"]) for row in rows}
    names = tuple(name for name in value if name != "intercept")
    return LogLinear(names, value["intercept"], np.array([value[name] for name in names]))


def shipped_dispersion() -> float:
    """Relative variance of a street piece around the shipped model within its area, of street offences (``coefficients.csv``)."""
    with _SHIPPED.open(encoding="utf-8", newline="") as file:
        return next(
            float(r["coefficient"])
            for r in csv.DictReader(file)
            if (r["kind"], r["feature"]) == ("street", "dispersion")
        )
