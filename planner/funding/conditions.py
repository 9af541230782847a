"""Conditions of a programme that hang on the place: days, power, public ground, what stands near, words for where a camera stands."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner import assumptions
from planner.frames import TARGET_KINDS
from planner.programmes import Programme

Mask = NDArray[np.bool_]


def days_kept(
    programme: Programme, kind: NDArray[np.object_], retention_days: NDArray[np.float64]
) -> tuple[Mask, Mask]:
    """Whether the retention that an action leaves meets the programme's least and its most days, each (actions,).

    Unknown days do not meet a stated condition; a removal leaves no footage and has none to meet.
    """
    none = np.asarray(kind == "remove", dtype=np.bool_)
    least, most = programme.min_retention_days, programme.max_retention_days
    enough = np.ones_like(none) if least is None else none | (retention_days >= least)
    short = np.ones_like(none) if most is None else none | (retention_days <= most)
    return enough, short


def public_kept(
    programme: Programme, kind: NDArray[np.object_], measured: NDArray[np.float64] | None
) -> tuple[Mask, Mask]:
    """Whether enough of the picture is public ground (P40), and whether that is known at all, each (actions,).

    The share is what the town states for every site (``public_share``: by aim and masking), else what was ``measured`` on the
    ground (nan: not known). A removal has no picture.
    """
    free = np.asarray(kind == "remove", dtype=np.bool_)
    if programme.min_public_share is None:
        return np.ones_like(free), np.ones_like(free)
    if programme.public_share is not None:
        return free | (programme.public_share >= programme.min_public_share), np.ones_like(free)
    share = np.full(len(kind), np.nan) if measured is None else measured
    return free | ~(share < float(programme.min_public_share)), free | ~np.isnan(share)


def power_of(actions: pd.DataFrame, mounts: pd.DataFrame, standing: pd.DataFrame) -> NDArray[np.object_]:
    """``mains`` where the action's mount, or that of its camera, is known to have power; "" where nobody says how it is fed."""
    mount = actions["mount_id"]
    camera = pd.Series(standing["mount_id"].to_numpy(), index=standing["camera_id"])
    where = mount.where(mount != "", actions["camera_id"].map(camera))
    fed = set(mounts.loc[mounts["powered"].fillna(value=False).astype(bool), "mount_id"])
    return np.where(where.isin(fed), "mains", "").astype(object)


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
    site, camera = tree.query(actions.geometry.iloc[new], predicate="dwithin", distance=programme.min_distance_m)
    away_m = shapely.distance(actions.geometry.to_numpy()[new[site]], standing.geometry.to_numpy()[camera])
    near[new[site[away_m < programme.min_distance_m]]] = True  # just as far as asked is far enough
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
