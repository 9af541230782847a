"""Retention as quality: is the footage still there when somebody asks for it."""

from __future__ import annotations

from functools import cache

import numpy as np

from planner import assumptions
from planner.errors import InputError


@cache
def _curves() -> dict[str, tuple[tuple[float, ...], tuple[float, ...]]]:
    """Days and unrecognised shares of every delay curve, beginning with (0, 1)."""
    points: dict[str, list[tuple[float, float]]] = {}
    for row in assumptions.rows("delays"):
        points.setdefault(row["delay_curve"], [(0.0, 1.0)]).append(
            (float(row["day"]), float(row["unrecognised_share"]))
        )
    return {
        name: (tuple(d for d, _ in sorted(pairs)), tuple(s for _, s in sorted(pairs))) for name, pairs in points.items()
    }


def secured_share(delay_curve: str, days: float, handling_days: float) -> float:
    """Share of offences whose footage still exists when it is secured: ``P(delay + handling_days <= days)``.

    ``1 - unrecognised_share(days - handling_days)``: linear between the points of table ``delays``, 1 unrecognised
    on day 0, constant after the last point; 0 while the footage is gone before it can be handled. The curves are delays
    to *recognition*, a lower bound of the delay to the request.

    Parameters
    ----------
    delay_curve
        A name in table ``delays``.
    days
        How long footage is kept, days.
    handling_days
        From recognition to the copy of the footage, days.
    """
    if not days > handling_days:
        return 0.0
    known, unrecognised = _curves()[delay_curve]
    return float(1.0 - np.interp(days - handling_days, known, unrecognised))


def curve_of(offence_group: str) -> str:
    """The delay curve of an offence group: an offence, a curve, or several of one curve joined by ``+``.

    Raises
    ------
    InputError
        ``offence_group_unknown`` when a part is neither; ``offence_group_mixed`` when the parts differ in curve.
    """
    offences = {r["offence"]: r["delay_curve"] for r in assumptions.rows("offences")}
    parts = offence_group.split("+")
    unknown = [p for p in parts if p not in offences and p not in _curves()]
    if unknown:
        raise InputError(
            "offence_group_unknown",
            f"no delay curve for {unknown}",
            offence_group=unknown[0],
            known=", ".join(offences),
        )
    curves = {offences.get(p, p) for p in parts}
    if len(curves) > 1:
        raise InputError(
            "offence_group_mixed",
            f"{offence_group} mixes the delay curves {sorted(curves)}",
            offence_group=offence_group,
            curves=", ".join(sorted(curves)),
        )
    return curves.pop()
