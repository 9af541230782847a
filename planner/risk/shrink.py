"""Gamma-Poisson shrinkage of area counts, and the one search it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

Numbers = NDArray[np.float64]

ALPHA_RANGE = (1e-2, 1e5)  # below: every area for itself; above: one rate for all (Poisson to 1e-5)
_GRID_STEPS = 240
_POOLING_STEPS = 40
_EQUAL = 1e-9  # log-likelihoods that differ less, differ by rounding only
_FINE = 1e-9  # of the logarithm: as near to the maximum as the search goes
LEAST_AWAITED = 1e-9  # offences: an area whose units have no prior mass still has an expectation


@dataclass(frozen=True)
class Shrunk:
    """Estimates of one offence group, offences a year per area, and how strongly they were pooled."""

    mean: Numbers
    low: Numbers
    high: Numbers
    uniform: Numbers
    alpha: float
    relative_variance: Numbers  # posterior variance over squared mean

    @property
    def pooled(self) -> bool:
        """True when the counts show no difference between areas beyond chance."""
        return self.alpha >= ALPHA_RANGE[1]


def highest_on_log_scale(
    likelihood: Callable[[Numbers], Numbers], low: float, high: float, steps: int = _GRID_STEPS
) -> float:
    """Where a log-likelihood of one positive number is highest, by a log grid and a bounded search.

    ``likelihood`` takes an array of candidates and returns one value each. Among equals the largest
    candidate wins (the most pooling), so a flat likelihood means: nothing tells the areas apart.
    """
    grid = np.geomspace(low, high, steps + 1)
    values = likelihood(grid)
    best = int(np.flatnonzero(values >= values.max() - _EQUAL)[-1])
    if best == len(grid) - 1:
        return high
    left, right = np.log(grid[max(best - 1, 0)]), np.log(grid[best + 1])
    found = optimize.minimize_scalar(
        lambda x: -float(likelihood(np.array([np.exp(x)]))[0]),
        bounds=(left, right),
        method="bounded",
        options={"xatol": _FINE},
    )
    return float(np.exp(found.x))


def marginal_likelihood(alpha: Numbers, number: Numbers, mean: Numbers) -> Numbers:
    """Log-likelihood of negative binomial counts with size ``alpha`` (k,) and means ``mean`` (areas,), up to a constant."""
    a = alpha[:, None]
    terms = (
        special.gammaln(number + a)
        - special.gammaln(a)
        - a * np.log1p(mean / a)
        + number * (np.log(mean) - np.log(a + mean))
    )
    return np.asarray(terms.sum(axis=1), dtype=np.float64)


def pooling(number: Numbers, expected: Numbers) -> float:
    """Pseudo-records of a Gamma prior around ``expected``, by marginal likelihood; units of one count share terms."""
    awaited = np.maximum(expected, LEAST_AWAITED)
    log_awaited = np.log(awaited)
    counts, times = np.unique(number, return_counts=True)

    def likelihood(alpha: Numbers) -> Numbers:
        values = []
        for a in alpha:
            log_sum = np.log(a + awaited)
            same = times @ (special.gammaln(counts + a) - special.gammaln(a))
            values.append(same - a * (log_sum - np.log(a)).sum() + number @ (log_awaited - log_sum))
        return np.array(values)

    return highest_on_log_scale(likelihood, *ALPHA_RANGE, steps=_POOLING_STEPS)


@dataclass(frozen=True)
class Posterior:
    """Gamma posterior of placed records alone: ``mean`` and ``variance`` (areas,), offences a year, and the prior's ``alpha``."""

    mean: Numbers
    variance: Numbers
    alpha: float


def posterior(number: Numbers, exposure: Numbers, years: float) -> Posterior:
    """Posterior of each area around one rate per exposure; at least one record must be placed (``shrink`` for the rest).

    Notes
    -----
    With ``lambda_a ~ Gamma(alpha, alpha / (rate e_a))`` and ``number_a ~ Poisson(years lambda_a)``, ``rate`` is
    placed records over years and exposure and ``alpha`` the maximum of the marginal (negative binomial)
    likelihood. Posterior ``Gamma(alpha + number_a, alpha / (rate e_a) + years)``; to its variance comes the first-order variance of
    the estimated rate (Kass and Steffey 1989), without which a fully pooled group would look certain. That alpha is estimated is not in it.
    Source: Clayton and Kaldor 1987; facts on risk, 2.2 (h).
    """
    placed = number.sum()
    expected = placed * (exposure / exposure.sum())
    alpha = highest_on_log_scale(lambda a: marginal_likelihood(a, number, expected), *ALPHA_RANGE)
    rate_b = alpha * years / expected  # alpha / (rate e_a): the prior's years
    mean = (alpha + number) / (rate_b + years)
    prior_share = rate_b / (rate_b + years)
    rate_variance = (placed + (expected**2).sum() / alpha) / placed**2  # relative, of the estimated rate
    variance = mean / (rate_b + years) + (mean * prior_share) ** 2 * rate_variance
    return Posterior(mean, variance, alpha)


def shrunk_mean(number: Numbers, exposure: Numbers, years: float, total: float) -> Numbers:
    """The ``mean`` of ``shrink``, for those who ask for no interval: its quantiles cost more than all the rest."""
    if not number.any():
        return np.asarray(exposure / exposure.sum() * (total / years), dtype=np.float64)
    mean = posterior(number, exposure, years).mean
    return np.asarray(mean * ((total / years) / mean.sum()), dtype=np.float64)


def shrink(number: Numbers, exposure: Numbers, years: float, total: float, interval_share: float) -> Shrunk:
    """Shrink the area counts of one offence group towards one rate per exposure.

    Parameters
    ----------
    number
        Records placed in each area, shape (areas,).
    exposure
        Positive exposure of each area (metres of street, households or square metres), shape (areas,).
    years
        Length of the period that the records span, years.
    total
        All records of the group in the municipality, those without an area included.
    interval_share
        Probability inside [low, high], equal tails.

    Returns
    -------
    Shrunk
        Offences a year. ``mean`` and ``uniform`` both add up to ``total / years``.

    Notes
    -----
    The mean of ``posterior`` times ``(total / years) / sum of means`` is the estimate, so that the municipality's total is kept exactly
    and unplaced records are a share of every area. The interval is that of a gamma distribution with the same mean and variance.
    Without a placed record everything is spread by exposure; the interval is the total's (Jeffreys).
    """
    tails = np.array([(1 - interval_share) / 2, (1 + interval_share) / 2])
    share = exposure / exposure.sum()
    uniform = share * (total / years)
    if number.sum() == 0:
        low, high = stats.gamma.ppf(tails, total + 0.5) / years
        relative = np.full(len(share), 1 / (total + 0.5))
        return Shrunk(uniform, share * min(low, total / years), share * high, uniform, ALPHA_RANGE[1], relative)
    found = posterior(number, exposure, years)
    mean, variance = found.mean, found.variance
    low, high = np.asarray(stats.gamma.ppf(tails[:, None], mean**2 / variance, scale=variance / mean))
    scale = (total / years) / mean.sum()
    return Shrunk(mean * scale, low * scale, high * scale, uniform, found.alpha, variance / mean**2)
