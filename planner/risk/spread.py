"""Inside the area: by the place kinds of its records over the spots that stand for them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special
from scipy.spatial import cKDTree

from planner import assumptions
from planner.risk.recorded import KINDS, PointRecords, Recorded
from planner.risk.shrink import highest_on_log_scale

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

    A spot gets its class's share of the area in proportion to its ``weight`` among the spots of that class and area.
    """
    cell = area * by_class.shape[2] + spot_class
    size = np.bincount(cell, weight, minlength=by_class.shape[0] * by_class.shape[2])
    mass = (estimate[:, :, None] * by_class).transpose(0, 2, 1).reshape(-1, estimate.shape[1])
    return np.asarray(mass[cell] * (weight / size[cell])[:, None], dtype=np.float64)


def pin_points(
    expected: Numbers,
    recorded: Recorded,
    estimate: Numbers,
    shares: Numbers,
    spots: tuple[Numbers, Numbers, NDArray[np.int64], NDArray[np.int64]],
) -> Numbers:
    """Move the share of each area that exact points speak for to the spots nearest to them.

    Parameters
    ----------
    expected
        The spread by rule, shape (spots, groups).
    recorded, estimate, shares
        Counts and points; area estimates (areas, groups); kind shares (areas, groups, kinds).
    spots
        East and north in metres, position of the area, position of the class in ``CLASSES``; all (spots,).

    Notes
    -----
    In an area with n points and m records without coordinates the points' empirical shares get the weight
    n / (n + m + 1), the rule the rest; the area's estimate stays. A record goes to the nearest spot in its area
    of the class its kind stands for (a car or cycle park: the nearest listed one or street front; an unknown
    kind: in the shares of its area).
    """
    points = recorded.points
    if len(points.area) == 0:
        return expected
    counted = recorded.of_points / (recorded.number + 1)
    _, _, spot_area, _ = spots
    pinned = expected * (1 - counted[spot_area])
    per_record = (counted * estimate)[points.area, points.group] / recorded.of_points[points.area, points.group]
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
            nearest = _nearest(points, used, spots, classes)
            np.add.at(pinned, (nearest, points.group[used]), (per_record * part)[used])
    return pinned


def _nearest(
    points: PointRecords,
    used: NDArray[np.bool_],
    spots: tuple[Numbers, Numbers, NDArray[np.int64], NDArray[np.int64]],
    classes: tuple[str, ...],
) -> NDArray[np.int64]:
    """Position of the spot of these classes nearest to each used record, within its own area."""
    east, north, area, spot_class = spots
    wanted = np.flatnonzero(np.isin(spot_class, [CLASSES.index(name) for name in classes]))
    tree = cKDTree(np.column_stack([east[wanted], north[wanted], area[wanted] * _ELSEWHERE_M]))
    at = np.column_stack([points.east_m[used], points.north_m[used], points.area[used] * _ELSEWHERE_M])
    return np.asarray(wanted[tree.query(at)[1]], dtype=np.int64)
