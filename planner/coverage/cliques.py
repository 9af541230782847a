"""Spacing: mounts too close together exclude each other, told as few and large cliques."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

ROUNDING_M = 1e-6


def _neighbours(points: NDArray[np.float64], spacing_m: float) -> list[set[int]]:
    """For each point the others nearer than the spacing."""
    close: list[set[int]] = [set() for _ in range(len(points))]
    pairs = cKDTree(points).query_pairs(spacing_m, output_type="ndarray")
    step = points[pairs[:, 0]] - points[pairs[:, 1]]
    for a, b in pairs[np.hypot(step[:, 0], step[:, 1]) < spacing_m - ROUNDING_M].tolist():
        close[a].add(b)
        close[b].add(a)
    return close


def _cover(close: list[set[int]]) -> list[list[int]]:
    """Greedy edge clique cover: grow each clique by the neighbour that covers most pairs not yet covered."""
    open_pairs = [set(c) for c in close]
    cliques = []
    for a in range(len(close)):
        while open_pairs[a]:
            b = min(open_pairs[a])
            clique = [a, b]
            gain = {c: (c in open_pairs[a]) + (c in open_pairs[b]) for c in close[a] & close[b]}
            while gain:
                best = max(gain, key=lambda c: (gain[c], -c))
                clique.append(best)
                gain = {c: g + (c in open_pairs[best]) for c, g in gain.items() if c in close[best]}
            members = set(clique)
            for c in clique:
                open_pairs[c] -= members
            cliques.append(sorted(clique))
    return cliques


def spacing_cliques(points: NDArray[np.float64], group_ids: Sequence[str], spacing_m: float) -> pd.DataFrame:
    """Cliques that cover every pair of groups nearer than ``spacing_m``, and no other pair.

    Parameters
    ----------
    points
        (n, 2) east_m, north_m of each group.
    group_ids
        Names, beside ``points``.
    spacing_m
        Pairs at exactly this distance are allowed; 0: no cliques.

    Returns
    -------
    Table ``cliques``: clique_id, group_id.
    """
    order = np.argsort(np.asarray(group_ids, dtype=object), kind="stable")
    found = _cover(_neighbours(points[order], spacing_m)) if spacing_m > 0 and len(order) > 1 else []
    names = [group_ids[i] for i in order.tolist()]
    return pd.DataFrame(
        {
            "clique_id": pd.Series([f"s{k:06d}" for k, c in enumerate(found) for _ in c], dtype="str"),
            "group_id": pd.Series([names[i] for c in found for i in c], dtype="str"),
        }
    )
