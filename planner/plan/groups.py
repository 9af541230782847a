"""Groups of sites that the data cannot separate."""

from __future__ import annotations

import math
from typing import Literal

from planner import assumptions


def priority_groups(gains: list[tuple[float, float, float]]) -> list[Literal["A", "B", "C"]]:
    """Groups of sites that the data cannot separate (P12).

    A site stays in the group of its leader while its interval reaches the leader's lower end; the next group
    starts with the first that does not. After C nothing further is told apart.

    Parameters
    ----------
    gains
        (gain, low, high) offences a year in rank order.
    """
    letters: tuple[Literal["A"], Literal["B"], Literal["C"]] = ("A", "B", "C")
    groups: list[Literal["A", "B", "C"]] = []
    current, leader_low = -1, math.inf
    for _, low, high in gains:
        if high < leader_low and current < len(letters) - 1:
            current, leader_low = current + 1, low
        groups.append(letters[max(current, 0)])
    return groups


def stable_group(again_share: float) -> Literal["A", "B", "C"]:
    """Group of a site by the share of resamples in which a plan made anew has a site at the same mount or camera (P12).

    A from ``stable_share``, B from ``unstable_share``, else C: the ends of the range within which Meinshausen and Bühlmann
    (2010), Stability selection, JRSS B 72, find that the threshold hardly matters.
    """
    if again_share >= assumptions.number("stable_share"):
        return "A"
    return "B" if again_share >= assumptions.number("unstable_share") else "C"
