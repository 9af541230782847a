"""What blocks of few records borrow: from other offences of their kind in the same block, and from the blocks around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from scipy import sparse
from scipy.spatial import cKDTree

from planner.risk.shrink import LEAST_AWAITED, marginal_likelihood, pooling
from planner.risk.surface import Numbers

AROUND_M = (300.0, 600.0, 1200.0)  # standard deviations of the kernel between representative points of blocks
KIN_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)  # how much of the others' ratio, on log scale, a group takes over
PSEUDO_RECORDS = (1.0, 4.0, 16.0)  # of the place prior, beside the records around a block
_REACH = 3.0  # standard deviations after which a block is no neighbour


@dataclass(frozen=True)
class Around:
    """Kernel weights of the other areas, own ones and those beyond the border, on each own area, by bandwidth.

    ``beyond_m2`` (areas beyond,) and ``own_m2`` (areas,) their sizes. No area is its own neighbour.
    """

    weights: tuple[sparse.csr_matrix, ...]
    own_m2: Numbers
    beyond_m2: Numbers


def around(areas: gpd.GeoDataFrame, beyond: gpd.GeoDataFrame) -> Around:
    """Which areas lie around each, by the distance of their representative points."""
    shapes = [table.geometry.to_numpy() for table in (areas, beyond)]
    at = [np.column_stack([shapely.get_x(p), shapely.get_y(p)]) for p in map(shapely.point_on_surface, shapes)]
    own, every = cKDTree(at[0]), cKDTree(np.concatenate(at))
    weights = []
    for h in AROUND_M:
        apart = own.sparse_distance_matrix(every, _REACH * h, output_type="coo_matrix")
        other = apart.row != apart.col
        value = np.exp(-((apart.data[other] / h) ** 2) / 2)
        weights.append(sparse.csr_matrix((value, (apart.row[other], apart.col[other])), shape=apart.shape))
    return Around(tuple(weights), shapely.area(shapes[0]), shapely.area(shapes[1]))


def by_kin(numbers: Sequence[Numbers], masses: Sequence[Numbers], kin: Sequence[str]) -> list[Numbers]:
    """Prior masses of each group, (areas,), with what the other offences of its kind say of each block.

    Parameters
    ----------
    numbers, masses
        Records and positive prior mass of each group by area, (areas,) each.
    kin
        Kind of each group (``offences.csv``): thefts lend to thefts; robbery is never read off theft.

    Notes
    -----
    ``m_a (R_a)^w``: R the others' ratio of recorded over expected, ``(Y + b) / (E + b)`` with b by marginal likelihood; w from
    KIN_SHARES has the highest marginal likelihood of the group's own records, which are not in R. (A shared component of
    diseases of one cause: Knorr-Held and Best 2001.)
    """
    made = []
    expected = [mass * (number.sum() / mass.sum()) for number, mass in zip(numbers, masses, strict=True)]
    for c, (number, mass) in enumerate(zip(numbers, masses, strict=True)):
        others = [o for o, kind in enumerate(kin) if o != c and kind == kin[c]]
        recorded = np.sum([numbers[o] for o in others], axis=0) if others else np.zeros(len(mass))
        if not recorded.any() or not number.any():
            made.append(mass)
            continue
        awaited = np.sum([expected[o] for o in others], axis=0)
        b = pooling(recorded, awaited)
        ratio = (recorded + b) / (awaited + b)
        made.append(_likeliest(number, [mass * ratio**share for share in KIN_SHARES]))
    return made


def by_place(number: Numbers, mass: Numbers, beyond: Numbers, near: Around) -> Numbers:
    """Prior mass of one group, (areas,), with the ratio of recorded over expected in the blocks around each.

    Parameters
    ----------
    number, mass
        Records and positive prior mass of the own areas.
    beyond
        Records of the areas beyond the border; their prior is the town's mean per square metre.

    Notes
    -----
    ``m_a (sum_b K_ab Y_b + k) / (sum_b K_ab E_b + k)`` over the other blocks b only, so that no record is its own prior; bandwidth
    and k, or none of it, by the marginal likelihood of the numbers (the local empirical Bayes of Marshall 1991, with a kernel).
    """
    if not number.any():
        return mass
    expected = mass * (number.sum() / mass.sum())
    outside = near.beyond_m2 * (number.sum() / near.own_m2.sum())
    recorded, awaited = np.concatenate([number, beyond]), np.concatenate([expected, outside])
    ways = [mass]
    for weights in near.weights:
        seen, due = weights @ recorded, weights @ awaited
        ways += [mass * (seen + k) / (due + k) for k in PSEUDO_RECORDS]
    return _likeliest(number, ways)


def _likeliest(number: Numbers, masses: Sequence[Numbers]) -> Numbers:
    """The prior mass under which the numbers are most likely; the first of equals."""
    found = []
    for mass in masses:
        expected = np.maximum(mass * (number.sum() / mass.sum()), LEAST_AWAITED)
        found.append(float(marginal_likelihood(np.array([pooling(number, expected)]), number, expected)[0]))
    return masses[int(np.argmax(np.round(found, 9)))]
