"""Inside the area: by the place kinds of its records over the spots that stand for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special
from scipy.spatial import cKDTree

from planner import assumptions
from planner.risk.recorded import KINDS, PointRecords, Recorded
from planner.risk.shrink import ALPHA_RANGE, highest_on_log_scale, pooling
from planner.risk.surface import LEAST_EXPECTED, summed

CLASSES = ("street_place", "street_front", "park", "owner")
STRENGTH_RANGE = (1.0, 1e4)  # pseudo-records of the municipality's kind shares in every area
_ELSEWHERE_M = 1e7  # third coordinate that keeps the nearest spot inside the record's own area
Numbers = NDArray[np.float64]


def kind_shares(recorded: Recorded) -> tuple[Numbers, tuple[str, ...]]:
    """Share of each place kind in each area and group, and the groups whose records name no kind.

    Returns
    -------
    tuple
        Shares, shape (areas, groups, kinds), adding up to 1 over kinds; groups that fell back on the
        offence's ``default_place_kind``.

    Notes
    -----
    Dirichlet prior with the municipality's shares p and strength m: ``(n_k + m p_k) / (n + m)``; m is the maximum of
    the Dirichlet-multinomial likelihood over the areas within STRENGTH_RANGE (the largest when flat). Records
    of unknown kind are thereby spread like the known ones.
    """
    default = {row["offence"]: row["default_place_kind"] for row in assumptions.rows("offences")}
    number = recorded.kinds[:-1].astype(np.float64)
    shares = np.zeros_like(number)
    without = []
    for c, group in enumerate(recorded.groups):
        city = recorded.kinds[:, c].sum(axis=0).astype(np.float64)
        if city.sum() == 0:
            shares[:, c, KINDS.index(default[group])] = 1
            without.append(group)
            continue
        city /= city.sum()
        own = number[:, c]
        strength = _strength(own[:, city > 0], city[city > 0])
        shares[:, c] = (own + strength * city) / (own.sum(axis=1, keepdims=True) + strength)
    return shares, tuple(without)


def _strength(own: Numbers, city: Numbers) -> float:
    """Pseudo-records with which the municipality's kind shares enter every area."""
    filled = own[own.sum(axis=1) > 0]

    def likelihood(strength: Numbers) -> Numbers:
        m = strength[:, None]
        prior = m[:, :, None] * city
        by_kind = (special.gammaln(filled + prior) - special.gammaln(prior)).sum(axis=2)
        total = special.gammaln(m) - special.gammaln(m + filled.sum(axis=1))
        return np.asarray((by_kind + total).sum(axis=1), dtype=np.float64)

    return highest_on_log_scale(likelihood, *STRENGTH_RANGE)


def class_shares(shares: Numbers, parks: NDArray[np.int64]) -> Numbers:
    """Kind shares (areas, groups, kinds) -> shares of the spot CLASSES, shape (areas, groups, classes).

    ``parks`` (areas,) is the number k of listed car and cycle parks. Of what happens on car and cycle parks the listed
    ones get k / (k + 1) (Laplace's rule of succession: the next park an offence meets is a listed one); the
    unlisted rest can only be seen from the street front.
    """
    measure = _measures()
    parking = KINDS.index("parking")
    listed = (parks / (parks + 1))[:, None] * shares[:, :, parking] * measure[parking, 0]
    unlisted = shares[:, :, parking] * measure[parking, 0] - listed
    on_place = shares @ measure[:, 0] - listed - unlisted
    return np.stack(
        [np.maximum(on_place, 0), shares @ measure[:, 1] + unlisted, listed, shares @ measure[:, 2]], axis=2
    )


def _measures() -> Numbers:
    """Shares place, front and owner_only of each kind, shape (kinds, 3)."""
    by_kind = {row["place_kind"]: row for row in assumptions.rows("place_kinds")}
    columns = ("place_share", "front_share", "owner_only_share")
    return np.array([[float(by_kind[kind][column]) for column in columns] for kind in KINDS])


def fill(
    estimate: Numbers, by_class: Numbers, area: NDArray[np.int64], weight: Numbers, spot_class: NDArray[np.int64]
) -> Numbers:
    """Spread the area estimates (areas, groups) over the spots, shape (spots, groups); the areas still add up.

    A spot gets its class's share of the area in proportion to its ``weight`` (spots, groups) among the spots of that class
    and area.
    """
    cell = area * by_class.shape[2] + spot_class
    filled = np.empty_like(weight)
    for c in range(weight.shape[1]):
        size = np.bincount(cell, weight[:, c], minlength=by_class.shape[0] * by_class.shape[2])
        mass = (estimate[:, c, None] * by_class[:, c]).ravel()
        filled[:, c] = mass[cell] * (weight[:, c] / size[cell])
    return filled


@dataclass(frozen=True)
class SpotPlaces:
    """Where each spot is: metres, position of the area, of the class in ``CLASSES``, and of its unit (piece or park)."""

    east_m: Numbers
    north_m: Numbers
    area: NDArray[np.int64]
    spot_class: NDArray[np.int64]
    unit: NDArray[np.int64]


def heed_points(
    expected: Numbers, recorded: Recorded, shares: Numbers, spots: SpotPlaces, told: NDArray[np.bool_]
) -> tuple[Numbers, Numbers]:
    """Let exact points speak for the street piece or park they lie on; the areas keep their estimates.

    Parameters
    ----------
    expected
        The spread by rule, shape (spots, groups).
    recorded, shares
        Counts and points; kind shares (areas, groups, kinds).
    told
        Groups whose points have already told the pieces apart (``exact.py``), (groups,): here they speak for the streets of an
        area as a whole, its listed parks and its owners' places, lest they be heard twice.

    Returns
    -------
    tuple
        Expected (spots, groups), and per group the pseudo-records of the rule in each unit (``ALPHA_RANGE[1]`` without points).

    Notes
    -----
    Empirical Bayes per unit: ``(x + b) / (seen m + b)`` with x the points on it, m what the rule expects there, seen the
    share of the area's records that have a point, b by marginal likelihood. A record goes to the nearest spot in its area
    of the class its kind stands for (a car or cycle park: the nearest listed one or street front; an unknown
    kind: in the shares of its area); a kind of several measures is split over them.
    """
    pooled = np.full(len(recorded.groups), ALPHA_RANGE[1])
    if len(recorded.points.area) == 0:
        return expected, pooled
    heard = np.zeros_like(expected)
    for wanted, group, part in _by_way(recorded, shares, spots):
        np.add.at(heard, (wanted, group), part)
    made = expected.copy()
    for c in range(len(recorded.groups)):
        unit = _coarse(spots) if told[c] else spots.unit
        seen = np.divide(
            recorded.of_points[:, c],
            recorded.number[:, c],
            out=np.zeros(len(recorded.number)),
            where=recorded.number[:, c] > 0,
        )
        if not seen.any():
            continue
        units = int(unit.max()) + 1
        number = summed(unit, heard[:, c], units)
        awaited = summed(unit, expected[:, c] * seen[spots.area], units)
        shown = np.bincount(unit, seen[spots.area]) > 0
        awaited *= number.sum() / max(awaited.sum(), LEAST_EXPECTED)
        pooled[c] = pooling(np.round(number[shown], 6), awaited[shown])
        ratio = (number + pooled[c]) / (awaited + pooled[c])
        moved = expected[:, c] * ratio[unit]
        before, after = (np.bincount(spots.area, mass, minlength=len(seen)) for mass in (expected[:, c], moved))
        made[:, c] = moved * np.divide(before, after, out=np.ones(len(seen)), where=after > 0)[spots.area]
    return made, pooled


def _coarse(spots: SpotPlaces) -> NDArray[np.int64]:
    """Units as they are, but all street spots of one class and area one unit."""
    street = spots.spot_class < 2
    after = (int(spots.area.max()) + 1) * 2
    key = np.where(street, spots.area * 2 + spots.spot_class, spots.unit + after)
    return np.asarray(np.unique(key, return_inverse=True)[1], dtype=np.int64)


def _by_way(
    recorded: Recorded, shares: Numbers, spots: SpotPlaces
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], Numbers]]:
    """(nearest spot, group, part of the record) for each way in which a kind of place can be filmed."""
    points = recorded.points
    kinds = np.eye(len(KINDS))[np.maximum(points.kind, 0)]
    unknown = points.kind < 0
    kinds[unknown] = shares[points.area[unknown], points.group[unknown]]
    measure = _measures()
    parking = np.arange(len(KINDS)) == KINDS.index("parking")
    ways = (
        (("street_place",), np.where(parking, 0, measure[:, 0])),
        (("street_front",), measure[:, 1]),
        (("street_front", "park"), np.where(parking, measure[:, 0], 0)),
        (("owner",), measure[:, 2]),
    )
    for classes, share_of_kind in ways:
        part = kinds @ share_of_kind
        used = part > 0
        if used.any():
            yield _nearest(points, used, spots, classes), points.group[used], part[used]


def _nearest(
    points: PointRecords, used: NDArray[np.bool_], spots: SpotPlaces, classes: tuple[str, ...]
) -> NDArray[np.int64]:
    """Position of the spot of these classes nearest to each used record, within its own area."""
    wanted = np.flatnonzero(np.isin(spots.spot_class, [CLASSES.index(name) for name in classes]))
    return wanted[
        nearest_in_area(
            (points.east_m[used], points.north_m[used], points.area[used]),
            (spots.east_m[wanted], spots.north_m[wanted], spots.area[wanted]),
        )[0]
    ]


def nearest_in_area(
    points: tuple[Numbers, Numbers, NDArray[np.int64]], targets: tuple[Numbers, Numbers, NDArray[np.int64]]
) -> tuple[NDArray[np.int64], Numbers]:
    """Position of the target nearest to each point among those of its own area, and how far it is; both east, north and area.

    In an area without a target the nearest of another one is found, at a distance beyond any town's.
    """
    if not len(points[0]):
        return np.empty(0, dtype=np.int64), np.empty(0)
    tree = cKDTree(np.column_stack([targets[0], targets[1], targets[2] * _ELSEWHERE_M]))
    away, found = tree.query(np.column_stack([points[0], points[1], points[2] * _ELSEWHERE_M]))
    return np.asarray(found, dtype=np.int64), np.asarray(away, dtype=np.float64)
