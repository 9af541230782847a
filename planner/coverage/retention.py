"""Retention as quality: is the footage still there when somebody asks for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache

import numpy as np
import pandas as pd
from scipy import sparse

from planner import assumptions, frames
from planner.errors import InputError
from planner.settings import MOST_DAYS, CoverageSettings

_BLOCK = 4096  # actions looked at together: their rows are copied


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


def kept(groups: Sequence[str], days: Sequence[float], wish: CoverageSettings) -> pd.DataFrame:
    """Share of the offences of each group whose footage is still there when it is secured.

    Parameters
    ----------
    groups, days
        Offence groups, and how long footage is kept, days.
    wish
        Handling time with its band (P11).

    Returns
    -------
    Columns ``offence_group, days, share, low, high``, one row per group and days: ``secured_share`` at the assumed
    handling time; ``low`` at the longest, ``high`` at the shortest. The curves are delays to recognition, so that the
    shares are rather too high; the table alone decides no extension.

    Raises
    ------
    InputError
        ``offence_group_unknown``, ``offence_group_mixed``.
    """
    least, assumed, most = wish.handling_band
    rows = [
        (g, float(d), *(secured_share(curve_of(g), d, h) for h in (assumed, most, least))) for g in groups for d in days
    ]
    return pd.DataFrame(rows, columns=["offence_group", "days", "share", "low", "high"])


def handling(log: pd.DataFrame) -> Mapping[str, int] | None:
    """Handling times of the city's own log of requests as settings of ``coverage``; None with too few of them.

    Days from recognition until the footage was secured (where that is not told: until the request was received, a
    lower bound): the median, and the tenth and ninetieth percentile as its band, rounded away from the median, at most
    ``MOST_DAYS`` (no recorder keeps footage longer, so that it is gone by then in any case). Rows whose days are unknown or run backwards do not count. ``footage_log_least`` rows are needed.

    Parameters
    ----------
    log
        Table ``footage_log``.
    """
    until = log["secured_on"].fillna(log["received_on"])
    taken = (until - log["recognised_on"]).dt.days.dropna().to_numpy(dtype=np.float64)
    taken = taken[taken >= 0]
    if len(taken) < assumptions.number("footage_log_least"):
        return None
    low, middle, high = np.percentile(taken, [10, 50, 90])
    told = {"handling_days": np.ceil(middle), "handling_low_days": np.floor(low), "handling_high_days": np.ceil(high)}
    return {key: int(min(MOST_DAYS, days)) for key, days in told.items()}


def one_more(rows: frames.Rows, now: Collection[str], candidates: Collection[str]) -> str:
    """The action that adds most to what is served now ("" when none adds anything).

    Parameters
    ----------
    rows
        Demand rows and the quality of every action.
    now
        Actions in place: chosen ones and standing cameras kept.
    candidates
        Actions that may be added.

    Notes
    -----
    Gain of action a: ``sum_r w_r max(0, q_ar - max_{b in now} q_br)`` over the rows of measure place; the first of equals by id.
    """
    names, free = {name: at for at, name in enumerate(rows.action_ids)}, sorted(candidates)
    served = np.zeros(rows.quality.shape[1])
    if now:
        served = rows.quality[[names[i] for i in sorted(now)]].max(axis=0).toarray().ravel()
    weight = np.where(rows.table["measure"] == "place", rows.table["weight_micro"], 0).astype(np.float64)
    gains = np.zeros(len(free))
    for first in range(0, len(free), _BLOCK):
        part = sparse.csr_matrix(rows.quality[[names[i] for i in free[first : first + _BLOCK]]])
        added = np.maximum(part.data - served[part.indices], 0.0) * weight[part.indices]
        owner = np.repeat(np.arange(part.shape[0]), np.diff(part.indptr))
        gains[first : first + _BLOCK] = np.bincount(owner, added, minlength=part.shape[0])
    best = int(np.argmax(gains)) if free else 0
    return free[best] if free and gains[best] > 0 else ""


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
