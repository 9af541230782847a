"""What the last held-out year teaches: how sharp the estimate may be, and how widely the numbers scatter."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

from planner.risk import metrics
from planner.risk.surface import LEAST_EXPECTED, Numbers

Whole = NDArray[np.int64]

SLOPE_RANGE = (0.9, 1.1)  # outside it the estimate is turned and bent
_BINS = np.array([0.3, 0.6, 0.8, 0.9, 0.95, 0.98, 0.99])  # shares of the units, finer at the top
# standard deviation around 0 of the dispersion's power of the level: at most the root, either way, is likely
_TILT = 0.5
_LEVELS_DIFFER = 0.25  # standard deviation of the log dispersion of a level around the line: a quarter up or down
LEAST_DISPERSION = 1e-3  # below which next year is as good as Poisson
_POISSON = 1e-6  # dispersion of an interval that is asked for without any
_FLAT = 1e-6  # log ratio of highest to lowest prediction below which all are one
_APART = 1e-9  # knots nearer to each other, on log scale, are one
_LOG_ALPHA_RANGE = (-7.0, 4.0)  # from as good as Poisson to nearly all in one place
_SHIFT_RANGE = (-3.0, 3.0)
_KNOTS = 40
_FEWEST = 100  # held-out records below which nothing is bent or turned
_YEARS_DIFFER = 0.05  # standard deviation of an estimate's slope from year to year: half of SLOPE_RANGE
_FITS_DIFFER = 0.1  # standard deviation of the slopes of sound estimates around 1: SLOPE_RANGE
_DOUBT = float(stats.norm.ppf(0.95))  # standard errors by which a slope must leave 1 before it is believed


@dataclass(frozen=True)
class Calibration:
    """Monotone curve from predicted to calibrated numbers, on log scale, and the slope it was made from, with its standard error."""

    slope: float
    knots: Numbers
    values: Numbers
    doubt: float = float("nan")

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

    def leaning(self, *, elsewhere: bool = False) -> Calibration:
        """The curve, or the line of the slope where nothing was bent, held back towards no change.

        By the posterior mean of the slope: slopes of fits are normal around 1 (FITS_DIFFER), those of their years around them
        (YEARS_DIFFER), and what was measured has its doubt. ``elsewhere``: for places whose fit is another one than that
        which was judged. For estimates that are judged as they are made, by records that they had not seen.
        """
        if not np.isfinite(self.slope):
            return self
        fits = _FITS_DIFFER**2
        held = fits / (fits * (1 + elsewhere) + _YEARS_DIFFER**2 + self.doubt**2)
        knots = self.knots if len(self.knots) else np.array([-1.0, 1.0])
        bent = self.values if len(self.knots) else self.slope * knots
        return replace(self, knots=knots, values=knots + held * (bent - knots))


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
    if np.log(np.divide(*np.quantile(predicted[known], [0.999, 0.001]))) < _FLAT:
        return NONE
    doubt = _standard_error(observed[known], awaited, slope)
    if SLOPE_RANGE[0] <= slope <= SLOPE_RANGE[1] or abs(slope - 1) <= _DOUBT * doubt:
        return Calibration(slope, np.empty(0), np.empty(0), doubt)
    return Calibration(slope, *_bent(predicted[known] / mean, awaited, observed[known], slope), doubt)


def _standard_error(observed: Numbers, awaited: Numbers, slope: float) -> float:
    """Of the slope of the Poisson regression, widened by Pearson's dispersion where numbers scatter more (McCullagh and Nelder 1989)."""
    x = np.log(awaited)
    mean = awaited**slope
    mean *= observed.sum() / mean.sum()
    wide = max(1.0, float(((observed - mean) ** 2 / mean).sum()) / max(len(mean) - 2, 1))
    return float(np.sqrt(wide / (mean @ (x - np.average(x, weights=mean)) ** 2)))


def _bent(relative: Numbers, awaited: Numbers, observed: Numbers, slope: float) -> tuple[Numbers, Numbers]:
    """Knots and values half-way between the line and the isotonic regression."""
    from sklearn.isotonic import IsotonicRegression

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
    keep = np.concatenate([[True], np.diff(x) > _APART])
    return x[keep], both[keep]


@dataclass(frozen=True)
class Scatter:
    """Negative binomial dispersion by level: ``var = m + alpha m^2`` with alpha read at log m between the levels."""

    log_level: Numbers
    alpha: Numbers

    def at(self, mean: Numbers) -> Numbers:
        """Dispersion at each mean (a year's number)."""
        return np.asarray(
            np.interp(np.log(np.maximum(mean, LEAST_EXPECTED)), self.log_level, self.alpha), dtype=np.float64
        )

    def interval(
        self, mean: Numbers, level: Numbers, share: float, unsure: Numbers | None = None
    ) -> tuple[Numbers, Numbers]:
        """Interval of the next year's number; ``level`` is the mean at which the dispersion is read.

        ``unsure``: relative variance of the estimates themselves, where the dispersion was read beside that (``scatter``).

        Equal tails; where the lower one is empty, since it starts at 0, the upper one is both. By mid-probabilities (half the
        chance of the number itself counts as below it): whole numbers cannot cover exactly ``share``, and the usual
        interval always covers more.
        """
        tails = (1 - share) / 2
        alpha = self.at(level) + (0.0 if unsure is None else unsure)
        size = 1 / np.maximum(alpha, _POISSON)
        law = stats.nbinom(size, size / (size + np.maximum(mean, LEAST_EXPECTED)))
        low = np.asarray(law.ppf(tails), dtype=np.float64)
        low = low + (law.cdf(low) - 0.5 * law.pmf(low) < tails)
        upper = np.where(low > 0, 1 - tails, share)
        high = np.asarray(law.ppf(upper), dtype=np.float64)
        high = high - ((law.cdf(high) - 0.5 * law.pmf(high) > upper) & (high > 0))
        return low, np.maximum(low, high)


def scatter(predicted: Numbers, observed: Numbers, seen: Numbers, unsure: Numbers | None = None) -> Scatter:
    """Dispersion by level on the held-out year, by likelihood; with ``unsure`` beside that relative variance of the predictions.

    Notes
    -----
    ``y ~ NB(m, 1 / (alpha + u))`` with ``log alpha`` of a level a line of its log level and a deviation of its own, both normal around 0
    (TILT and LEVELS_DIFFER), at the highest posterior: where records are few a level leans on the line, where many it stands for
    itself. None is below LEAST_DISPERSION. One alpha for all is too wide at the top (facts on risk, 2.1), and by moments a few places
    decide. An estimate from one year scatters wider than the one from two that it is to serve: that is what ``unsure`` takes.
    """
    known = seen > 0
    m, y = predicted[known] * seen[known], observed[known]
    if y.sum() == 0:
        return Scatter(np.zeros(1), np.array([1.0]))
    m = m * (y.sum() / m.sum())
    log_level = np.log(np.maximum(predicted[known], LEAST_EXPECTED))
    group = np.searchsorted(np.unique(np.quantile(log_level, _BINS)), log_level)
    group = np.unique(group, return_inverse=True)[1]
    middle = np.bincount(group, log_level) / np.bincount(group)
    tilted = middle - np.average(middle, weights=np.bincount(group, m))
    alpha = _likeliest(m, y, group, tilted, np.zeros(len(m)) if unsure is None else unsure[known])
    return Scatter(middle, np.maximum(alpha, LEAST_DISPERSION))


def _likeliest(mean: Numbers, number: Numbers, group: Whole, tilted: Numbers, unsure: Numbers) -> Numbers:
    """Dispersion of each level, (levels,), at the highest posterior of line and deviations."""
    levels, some = len(tilted), number > 0

    def loss(at: Numbers) -> tuple[float, Numbers]:
        alpha = np.exp(at[0] + at[1] * tilted + at[2:])[group]
        size = 1 / (alpha + unsure)
        height = size * np.log(size / (size + mean)) - number * np.log(size + mean)
        slope = np.log(size / (size + mean)) + 1 - (size + number) / (size + mean)
        own, size_own = number[some], size[some]
        height[some] += special.gammaln(own + size_own) - special.gammaln(size_own)
        slope[some] += special.digamma(own + size_own) - special.digamma(size_own)
        by_level = np.bincount(group, -slope * size**2 * alpha, minlength=levels)
        pull = np.concatenate([[0.0, at[1] / _TILT**2], at[2:] / _LEVELS_DIFFER**2])
        gain = np.concatenate([[by_level.sum(), by_level @ tilted], by_level])
        return float((pull * at).sum() / 2 - height.sum()), pull - gain

    bounds = [_LOG_ALPHA_RANGE, *[_SHIFT_RANGE] * (1 + levels)]
    found = optimize.minimize(loss, np.zeros(2 + levels), jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(np.exp(found.x[0] + found.x[1] * tilted + found.x[2:]), dtype=np.float64)
