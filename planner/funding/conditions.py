"""Conditions of a programme that hang on the place: what stands near, and the words for where a camera stands."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from planner import assumptions
from planner.frames import TARGET_KINDS
from planner.programmes import Programme

Mask = NDArray[np.bool_]


def condition_kept(programme: Programme, kind: NDArray[np.object_], retention_days: NDArray[np.float64]) -> Mask:
    """Whether the retention that an action leaves meets the programme's condition on days, shape (actions,).

    Unknown days do not meet a stated condition; a removal leaves no footage and has none to meet.
    """
    kept = np.ones(len(kind), dtype=bool)
    if programme.min_retention_days is not None:
        kept &= retention_days >= programme.min_retention_days
    if programme.max_retention_days is not None:
        kept &= retention_days <= programme.max_retention_days
    return np.asarray(kept | (kind == "remove"), dtype=np.bool_)


def too_near(programme: Programme, actions: gpd.GeoDataFrame, standing: gpd.GeoDataFrame) -> Mask:
    """Which new sites lie nearer to a standing camera than the programme allows, shape (actions,).

    Parameters
    ----------
    programme
        ``min_distance_m``; None: none.
    actions, standing
        Points in the study's CRS. Only ``install`` is asked; what is done to a camera leaves its place as it is.
    """
    near = np.zeros(len(actions), dtype=bool)
    new = np.flatnonzero(np.asarray(actions["kind"] == "install"))
    if programme.min_distance_m is None or not len(standing) or not len(new):
        return near
    tree = standing.geometry.sindex
    hits, _ = tree.query(actions.geometry.iloc[new], predicate="dwithin", distance=programme.min_distance_m)
    near[new[np.unique(hits)]] = True
    return near


def places_of(actions: gpd.GeoDataFrame, targets: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """The kind of the policy target within ``place_reach_m`` of each action, "" where there is none.

    A word of ``frames.TARGET_KINDS`` (``school_route`` ...): what variants of programmes name as ``place``. Where several lie that near, the
    first of that list counts.
    """
    places = np.full(len(actions), "", dtype=object)
    for kind in reversed(TARGET_KINDS):
        wanted = targets[targets["kind"] == kind] if len(targets) else targets
        if len(wanted) and len(actions):
            hits, _ = wanted.sindex.query(
                actions.geometry, predicate="dwithin", distance=assumptions.number("place_reach_m")
            )
            places[np.unique(hits)] = kind
    return places
