"""How much of what was learned elsewhere holds here, told by block totals: inside blocks by nests of them, and where no point is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from planner.risk.features import Features
from planner.risk.prior import from_totals
from planner.risk.surface import LEAST_EXPECTED, Numbers, summed

Whole = NDArray[np.int64]

FACTORS = (4, 9)  # mean number of blocks in a nest
_DOUBT = 0.25  # standard deviation of the exponent around 1 before anything was judged
_ALPHA_LOG_RANGE = (-4.0, 7.0)  # of the concentration per block: from anything goes to multinomial
_XATOL = 1e-2


def nests(label: Whole, east_m: Numbers, north_m: Numbers, area_m2: float) -> tuple[Whole, ...]:
    """Nest of each unit, once per factor: blocks whose middle lies in one square of a lattice.

    Parameters
    ----------
    label, east_m, north_m
        Area and middle of each unit, (units,).
    area_m2
        Mean size of an area; a square has FACTORS times that.
    """
    number = int(label.max(initial=-1)) + 1
    units = np.maximum(summed(label, np.ones(len(label)), number), 1)
    middle = [summed(label, at, number) / units for at in (east_m, north_m)]
    made = []
    for factor in FACTORS:
        square = np.column_stack([np.floor(at / np.sqrt(factor * area_m2)) for at in middle])
        made.append(np.unique(square, axis=0, return_inverse=True)[1].reshape(-1)[label].astype(np.int64))
    return tuple(made)


def exponent(features: Features, size: Numbers, label: Whole, totals: Numbers, nested: tuple[Whole, ...]) -> float:
    """The power of the place model's intensity that holds inside blocks, at most 1.

    Notes
    -----
    What distinguishes blocks (busy districts) need not distinguish the places inside one (Robinson 1950), so a model of block
    totals is too sharp inside them, and no total of the blocks says by how much. Totals of nests do: the model
    fitted on them, to the power b, must share each nest's total among its blocks. b has the highest likelihood of these
    shares, Dirichlet multinomial with one concentration per nesting, times a normal density of b around 1. Never above 1: more contrast between blocks
    is no leave to see more inside them. The year that is to be predicted plays no part.
    """
    areas, first, label = np.unique(label, return_index=True, return_inverse=True)
    own, extent = totals[areas], summed(label, size, len(areas))
    parts = []
    for units in nested:
        nest = np.unique(units[first], return_inverse=True)[1]
        model = from_totals(features, size, nest[label], summed(nest, own, int(nest.max()) + 1))
        mass = np.maximum(summed(label, model.intensity(features) * size, len(areas)), LEAST_EXPECTED)
        parts.append((np.log(mass / extent), nest))
    return _power(parts, extent, own)


def transferred(mass: Numbers, size: Numbers, label: Whole, totals: Numbers, part: Whole) -> Numbers:
    """Mass of units where no point is known, held back by what the totals of their areas say of the model that was learned elsewhere.

    Parameters
    ----------
    mass, size, label
        Positive mass, size and area of these units, (units,); ``totals`` of all areas.
    part
        Part of town of each unit; areas are compared inside one, and each keeps its mass.

    Notes
    -----
    The power is that of ``exponent``, with the model as it is and the parts of town as nests.
    """
    areas, first, within = np.unique(label, return_index=True, return_inverse=True)
    extent = summed(within, size, len(areas))
    level = np.log(np.maximum(summed(within, mass, len(areas)), LEAST_EXPECTED) / extent)
    power = _power([(level, np.unique(part[first], return_inverse=True)[1])], extent, totals[areas])
    return tempered(mass, size, part, power)


def _power(parts: list[tuple[Numbers, Whole]], extent: Numbers, own: Numbers) -> float:
    """Most likely power of the areas' intensities, of log ``level`` each, under which each nest's total falls to its areas; at most 1."""

    def loss(power: float) -> float:
        shares = (_likelihood(extent * np.exp(power * level), nest, own) for level, nest in parts)
        return ((power - 1) / _DOUBT) ** 2 / 2 - sum(shares)

    found = optimize.minimize_scalar(loss, bounds=(0.0, 1.0), method="bounded", options={"xatol": _XATOL})
    return 1.0 if loss(1.0) <= found.fun else float(found.x)


def _likelihood(mass: Numbers, nest: Whole, totals: Numbers) -> float:
    """Log-likelihood of block totals given those of their nests, at the best concentration, up to a constant."""
    number = int(nest.max()) + 1
    blocks, whole = np.bincount(nest, minlength=number), summed(nest, totals, number)
    share = np.maximum(mass / summed(nest, mass, number)[nest], LEAST_EXPECTED) * blocks[nest]

    def loss(log_alpha: float) -> float:
        each, all_in = np.exp(log_alpha) * share, np.exp(log_alpha) * blocks
        gained = (special.gammaln(totals + each) - special.gammaln(each)).sum()
        return float((special.gammaln(whole + all_in) - special.gammaln(all_in)).sum() - gained)

    return -float(optimize.minimize_scalar(loss, bounds=_ALPHA_LOG_RANGE, method="bounded").fun)


def tempered(mass: Numbers, size: Numbers, label: Whole, power: float) -> Numbers:
    """Mass whose intensity inside each area is raised to a power; every area keeps its mass."""
    areas = int(label.max(initial=-1)) + 1
    soft = size * np.maximum(mass / np.maximum(size, LEAST_EXPECTED), LEAST_EXPECTED) ** power
    whole = np.maximum(summed(label, soft, areas), LEAST_EXPECTED)
    return np.asarray(soft * (summed(label, mass, areas) / whole)[label], dtype=np.float64)
