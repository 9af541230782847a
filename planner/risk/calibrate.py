"""What the last held-out year teaches: how sharp the estimate may be, and how widely the numbers scatter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats
from sklearn.isotonic import IsotonicRegression

from planner.risk import metrics
from planner.risk.surface import Numbers

SLOPE_RANGE = (0.9, 1.1)  # outside it the estimate is turned and bent
_BINS = np.array([0.3, 0.6, 0.8, 0.9, 0.95, 0.98, 0.99])  # shares of the units, finer at the top
_SOLID = 200.0  # events in a level at which its own scatter counts as much as that of all levels
_KNOTS = 40
_FEWEST = 100  # held-out records below which nothing is bent or turned
_DOUBT = float(stats.norm.ppf(0.95))  # standard errors by which a slope must leave 1 before it is believed


@dataclass(frozen=True)
class Calibration:
    """Monotone curve from predicted to calibrated numbers, on log scale, and the slope it was made from."""

    slope: float
    knots: Numbers
    values: Numbers

    def apply(self, predicted: Numbers) -> Numbers:
        """Calibrated numbers with the same sum; a higher prediction stays higher."""
        if len(self.knots) == 0 or predicted.sum() == 0:
            return predicted
        x = np.log(predicted / predicted.mean())
        step = np.diff(self.values) / np.diff(self.knots)
        bent = np.interp(x, self.knots, self.values)
        bent += np.where(x < self.knots[0], (x - self.knots[0]) * step[0], 0)
        bent += np.where(x > self.knots[-1], (x - self.knots[-1]) * step[-1], 0)
        made = np.exp(bent)
        return np.asarray(made * (predicted.sum() / made.sum()), dtype=np.float64)


NONE = Calibration(float("nan"), np.empty(0), np.empty(0))


def calibration(predicted: Numbers, observed: Numbers, seen: Numbers) -> Calibration:
    """Curve that makes last year's prediction fit last year's numbers.

    Parameters
    ----------
    predicted, observed
        Units of the held-out year; ``predicted`` was made from the years before and is positive.
    seen
        Share of the unit's records that is in ``observed``, (units,).

    Returns
    -------
    Calibration
        No curve where the slope of the Poisson regression (Cox 1958) is within SLOPE_RANGE: one year's slope is as uncertain as
        that, and the estimate has a year more than what was held out. None either where the 90 % interval of the slope holds 1: in a
        town of thirty blocks a slope of 1.15 is chance. Else the isotonic regression of observed on predicted in
        KNOTS groups, half-way to the line on log scale with that slope, so that the order stays strict. None with fewer than a hundred
        held-out records.
    """
    known = seen > 0
    if observed[known].sum() < _FEWEST:
        return NONE
    mean = predicted.mean()
    awaited = predicted[known] * seen[known]
    awaited = awaited * (observed[known].sum() / awaited.sum())
    slope = metrics.slope(observed[known], awaited)
    if not np.isfinite(slope) or slope <= 0:
        return NONE
    if np.log(np.divide(*np.quantile(predicted[known], [0.999, 0.001]))) < 1e-6:
        return NONE
    doubt = _DOUBT * _standard_error(observed[known], awaited, slope)
    if SLOPE_RANGE[0] <= slope <= SLOPE_RANGE[1] or abs(slope - 1) <= doubt:
        return Calibration(slope, np.empty(0), np.empty(0))
    return Calibration(slope, *_bent(predicted[known] / mean, awaited, observed[known], slope))


def _standard_error(observed: Numbers, awaited: Numbers, slope: float) -> float:
    """Of the slope of the Poisson regression, widened by Pearson's dispersion where numbers scatter more (McCullagh and Nelder 1989)."""
    x = np.log(awaited)
    mean = awaited**slope
    mean *= observed.sum() / mean.sum()
    wide = max(1.0, float(((observed - mean) ** 2 / mean).sum()) / max(len(mean) - 2, 1))
    return float(np.sqrt(wide / (mean @ (x - np.average(x, weights=mean)) ** 2)))


def _bent(relative: Numbers, awaited: Numbers, observed: Numbers, slope: float) -> tuple[Numbers, Numbers]:
    """Knots and values half-way between the line and the isotonic regression."""
    order = np.argsort(relative, kind="stable")
    heap = np.cumsum(awaited[order])
    group = np.minimum((heap / heap[-1] * _KNOTS).astype(np.int64), _KNOTS - 1)
    number, weight = np.bincount(group, observed[order]), np.bincount(group, awaited[order])
    middle = np.bincount(group, relative[order]) / np.maximum(np.bincount(group), 1)
    filled = weight > 0
    x = np.log(middle[filled])
    ratio = (number[filled] + 1) / (weight[filled] + 1)
    fitted = IsotonicRegression().fit(x, ratio * middle[filled], sample_weight=weight[filled]).predict(x)
    both = 0.5 * (np.log(fitted) + slope * x)
    keep = np.concatenate([[True], np.diff(x) > 1e-9])
    return x[keep], both[keep]


@dataclass(frozen=True)
class Scatter:
    """Negative binomial dispersion by level: ``var = m + alpha m^2`` with alpha read at log m between the levels."""

    log_level: Numbers
    alpha: Numbers

    def at(self, mean: Numbers) -> Numbers:
        """Dispersion at each mean (a year's number)."""
        return np.asarray(np.interp(np.log(np.maximum(mean, 1e-12)), self.log_level, self.alpha), dtype=np.float64)

    def interval(
        self, mean: Numbers, level: Numbers, share: float, unsure: Numbers | None = None
    ) -> tuple[Numbers, Numbers]:
        """Central interval of the next year's number; ``level`` is the mean at which the dispersion is read.

        ``unsure``: relative variance of the estimates themselves, where the dispersion was read beside that (``scatter``).

        By mid-probabilities (half the chance of the number itself counts as below it): whole numbers cannot cover
        exactly ``share``, and the usual interval always covers more.
        """
        tails = (1 - share) / 2
        alpha = self.at(level) + (0.0 if unsure is None else unsure)
        size = 1 / np.maximum(alpha, 1e-6)
        law = stats.nbinom(size, size / (size + np.maximum(mean, 1e-12)))
        low, high = (np.asarray(law.ppf(at), dtype=np.float64) for at in (tails, 1 - tails))
        low = low + (law.cdf(low) - 0.5 * law.pmf(low) < tails)
        high = high - ((law.cdf(high) - 0.5 * law.pmf(high) > 1 - tails) & (high > 0))
        return low, np.maximum(low, high)


def scatter(
    predicted: Numbers, observed: Numbers, seen: Numbers, least: float, unsure: Numbers | None = None
) -> Scatter:
    """Dispersion by level on the held-out year, by moments; with ``unsure`` beside that relative variance of the predictions.

    Notes
    -----
    ``alpha = sum((y - m)^2 - m) / sum(m^2)`` in each level; levels with few records lean on the alpha of all, and none is
    below ``least``. One alpha for all is too wide at the top (facts on risk, 2.1). What is ``unsure`` of each prediction is taken off,
    ``(y - m)^2 - m - u m^2``: an estimate from one year scatters wider than the one from two that it is to serve.
    """
    known = seen > 0
    m, y = predicted[known] * seen[known], observed[known]
    if y.sum() == 0:
        return Scatter(np.zeros(1), np.array([max(least, 1.0)]))
    m = m * (y.sum() / m.sum())
    level = predicted[known]
    over, square = (y - m) ** 2 - m - (0.0 if unsure is None else unsure[known]) * m**2, m**2
    pooled = max(float(over.sum() / square.sum()), least)
    group = np.searchsorted(np.unique(np.quantile(level, _BINS)), level)
    events = np.bincount(group, m)
    own = np.bincount(group, over) / np.maximum(np.bincount(group, square), 1e-12)
    alpha = np.maximum((own * events + pooled * _SOLID) / (events + _SOLID), least)
    middle = np.bincount(group, np.log(np.maximum(level, 1e-12))) / np.maximum(np.bincount(group), 1)
    filled = np.bincount(group) > 0
    return Scatter(middle[filled], alpha[filled])
