"""Actions: what can be done at each mount and with each standing camera."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import sparse

from planner.coverage.aims import turn_deg
from planner.coverage.standing import Standing
from planner.coverage.views import Poses
from planner.frames import INSTALLS
from planner.settings import RulesSettings

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
NONE = -1


@dataclass(frozen=True)
class Listing:
    """Actions as parallel arrays: kind, owner (row of mounts for install, else of standing), tier or NONE, views or NONE."""

    kind: NDArray[np.object_]
    owner: Indices
    tier: Indices
    first: Indices
    second: Indices


def _listing(kind: str, owner: Indices, tier: Indices, first: Indices, second: Indices | None = None) -> Listing:
    """Actions of one kind."""
    kinds = np.full(len(owner), kind, dtype=object)
    return Listing(kinds, owner, tier, first, np.full(len(owner), NONE) if second is None else second)


def _per_tier(kind: str, poses: Poses, view: Indices, tiers: int, second: Indices | None = None) -> Listing:
    """One action per view (or pair of views) and tier."""
    again = np.repeat(view, tiers)
    tier = np.tile(np.arange(tiers), len(view))
    return _listing(kind, poses.owner[again], tier, again, None if second is None else np.repeat(second, tiers))


def bundles(poses: Poses) -> tuple[Indices, Indices]:
    """Pairs of views that can share a mount: same mount and model, sectors that do not overlap.

    Bearings differ by at least the angle, so that the second camera films what the first does not. A view that another
    one dominates may still be half of the best pair.
    """
    table = poses.table
    model = pd.factorize(table["model_id"], sort=True)[0]
    bearing, angle = table["bearing_deg"].to_numpy(), table["angle_deg"].to_numpy()
    at = np.flatnonzero(poses.kind == "install")
    at = at[np.lexsort((bearing[at], model[at], poses.owner[at]))]
    left, right = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for ahead in range(1, len(at)):
        a, b = at[:-ahead], at[ahead:]
        same = (poses.owner[a] == poses.owner[b]) & (model[a] == model[b])
        if not same.any():
            break
        apart = same & (turn_deg(bearing[a], bearing[b]) >= angle[a] - 1e-6)
        left.append(a[apart])
        right.append(b[apart])
    return np.concatenate(left), np.concatenate(right)


def dominated(poses: Poses, seen: sparse.csr_matrix) -> NDArray[np.bool_]:
    """Views that could be installed but see no spot that another view of their mount and model does not see.

    One place, one lens: what both see they see at the same distance, so that no task, night or retention turns the order
    round. Of equals the first stays.
    """
    spare = np.zeros(len(poses.table), dtype=bool)
    model = pd.factorize(poses.table["model_id"], sort=True)[0]
    at = np.flatnonzero(poses.kind == "install")
    at = at[np.lexsort((at, model[at], poses.owner[at]))]
    number = np.diff(seen.indptr)
    flags = sparse.csr_matrix((np.ones(seen.nnz, dtype=np.int8), seen.indices, seen.indptr), shape=seen.shape)
    for ahead in range(1, len(at)):
        a, b = at[:-ahead], at[ahead:]
        same = (poses.owner[a] == poses.owner[b]) & (model[a] == model[b])
        if not same.any():
            break
        a, b = a[same], b[same]
        both = np.asarray(flags[a].multiply(flags[b]).sum(axis=1, dtype=np.int64)).ravel()
        spare[b[both == number[b]]] = True
        spare[a[(both == number[a]) & (number[b] > number[a])]] = True
    return spare


def _moved(poses: Poses, standing: Standing, installs: Listing) -> Listing:
    """The installs again with a camera taken down elsewhere: models of which a working camera of ours may be removed."""
    ours = standing.free & standing.works & (standing.table["model_id"] != "").to_numpy(dtype=bool)
    model = poses.table["model_id"].to_numpy(dtype=object)[installs.first]
    at = np.flatnonzero(np.isin(model, sorted(set(standing.table["model_id"][ours]))))
    return _listing("install_reused", installs.owner[at], installs.tier[at], installs.first[at], installs.second[at])


def _joined(parts: list[Listing]) -> Listing:
    """Several listings as one."""
    return Listing(
        np.concatenate([p.kind for p in parts]),
        np.concatenate([p.owner for p in parts]).astype(np.int64),
        np.concatenate([p.tier for p in parts]).astype(np.int64),
        np.concatenate([p.first for p in parts]).astype(np.int64),
        np.concatenate([p.second for p in parts]).astype(np.int64),
    )


def _with_standing(poses: Poses, standing: Standing, tier_days: Floats) -> list[Listing]:
    """Keep for every camera; extend, repair, renew and remove for those that may be changed."""
    n = len(standing.table)
    view = np.flatnonzero(poses.kind == "keep")  # in the row order of standing
    everyone = np.arange(n)
    none = np.full(n, NONE)
    camera, tier = np.nonzero((standing.free & standing.works)[:, None] & (tier_days[None, :] > standing.days[:, None]))
    broken = np.flatnonzero(standing.free & ~standing.works)
    free = np.flatnonzero(standing.free)
    return [
        _listing("keep", everyone, none, view),
        _listing("extend", camera, tier, view[camera]),
        _listing("repair", broken, none[broken], view[broken]),
        _per_tier("renew", poses, np.flatnonzero(poses.kind == "renew"), len(tier_days)),
        _listing("remove", free, none[free], none[free]),
    ]


def _ids(listing: Listing, owner_ids: NDArray[np.object_], poses: Poses, tier_ids: NDArray[np.object_]) -> list[str]:
    """First 12 hexadecimal digits of SHA-256 of kind, mount or camera, model, bearings to 1 degree, tier."""
    model = np.append(poses.table["model_id"].to_numpy(dtype=object), "")
    turn = np.append([f"{b:03d}" for b in np.rint(poses.table["bearing_deg"]).astype(int) % 360], "").astype(object)
    low = turn[listing.first]
    high = turn[listing.second]
    swap = (listing.second != NONE) & (high < low)
    low, high = np.where(swap, high, low), np.where(swap, low, high)
    tier = np.append(tier_ids, "")[listing.tier]
    parts = zip(listing.kind, owner_ids, model[listing.first], low, high, tier, strict=True)
    return [_hashed(p) for p in parts]


def _hashed(parts: Iterable[str]) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:12]


def action_id(kind: str, owner_id: str, model_id: str, bearing_deg: float, tier_id: str) -> str:
    """The id of an action with one view, as the table has it."""
    return _hashed((kind, owner_id, model_id, f"{int(np.rint(bearing_deg)) % 360:03d}", "", tier_id))


def _shares(listing: Listing, standing: Standing) -> Floats:
    """What each action counts: 1 if ours and new; a standing camera what its use allows, 0 while broken."""
    share = np.ones(len(listing.kind))
    for kind, counts in (
        ("keep", standing.share * standing.works),
        ("extend", standing.share),
        ("repair", standing.share),
    ):
        at = listing.kind == kind
        share[at] = counts[listing.owner[at]]
    share[listing.kind == "remove"] = 0.0
    return share


def _days(listing: Listing, standing: Standing, tier_days: Floats) -> Floats:
    """Retention of each action: its tier's, else the standing camera's; none after removal."""
    days = np.append(tier_days, np.nan)[listing.tier]
    as_now = np.isin(listing.kind, ["keep", "repair"])
    days[as_now] = standing.days[listing.owner[as_now]]
    return days


def _conditions(
    listing: Listing, poses: Poses, standing: Standing, mounts: gpd.GeoDataFrame, hanging: NDArray[np.object_]
) -> dict[str, NDArray[np.object_]]:
    """Whose mount it is and whether it was agreed to; which model moves; what must be taken down first."""
    new = np.isin(listing.kind, INSTALLS)
    names = ("host", "mount_state", "reused_model_id", "needs_removed")
    found = {name: np.full(len(new), "", dtype=object) for name in names}
    found["host"][new] = mounts["host"].to_numpy(dtype=object)[listing.owner[new]]
    found["mount_state"][new] = mounts["state"].to_numpy(dtype=object)[listing.owner[new]]
    found["needs_removed"][new] = hanging[listing.owner[new]]
    again = listing.kind == "install_reused"
    found["reused_model_id"][again] = poses.table["model_id"].to_numpy(dtype=object)[listing.first[again]]
    freed = np.flatnonzero(listing.kind == "remove")
    freed = freed[standing.works[listing.owner[freed]]]
    found["reused_model_id"][freed] = standing.table["model_id"].to_numpy(dtype=object)[listing.owner[freed]]
    return found


def _table(
    listing: Listing,
    poses: Poses,
    standing: Standing,
    mounts: gpd.GeoDataFrame,
    tiers: pd.DataFrame,
    areas: tuple[pd.DataFrame, pd.DataFrame],
    hanging: NDArray[np.object_],
) -> gpd.GeoDataFrame:
    """Table ``actions`` of a listing (``areas``: area_id and district_id per mount, per standing camera)."""
    new = np.isin(listing.kind, INSTALLS)
    at_mount, at_camera = listing.owner[new], listing.owner[~new]

    def either(from_mounts: pd.Series[str], from_standing: pd.Series[str]) -> NDArray[np.object_]:
        out = np.full(len(new), "", dtype=object)
        out[new] = from_mounts.to_numpy(dtype=object)[at_mount]
        out[~new] = from_standing.to_numpy(dtype=object)[at_camera]
        return out

    mount_ids, camera_ids = mounts["mount_id"], standing.table["camera_id"]
    owner_ids = either(mount_ids, camera_ids)
    point = either(mounts.geometry, standing.table.geometry)
    n = len(new)
    columns = {
        "action_id": _ids(listing, owner_ids, poses, tiers["tier_id"].to_numpy(dtype=object)),
        "kind": listing.kind,
        "group_id": np.where(new, "m:", "c:").astype(object) + owner_ids,
        "mount_id": either(mount_ids, standing.table["mount_id"]),
        "camera_id": np.where(new, "", owner_ids),
        "model_id": np.append(poses.table["model_id"].to_numpy(dtype=object), "")[listing.first],
        "tier_id": np.append(tiers["tier_id"].to_numpy(dtype=object), "")[listing.tier],
        "area_id": either(areas[0]["area_id"], areas[1]["area_id"]),
        "district_id": either(areas[0]["district_id"], areas[1]["district_id"]),
        "limit_origin": np.full(n, "", dtype=object),
        **_conditions(listing, poses, standing, mounts, hanging),
    }
    frame = pd.DataFrame({name: pd.Series(values, dtype="str") for name, values in columns.items()})
    frame["retention_days"] = _days(listing, standing, tiers["retention_days"].to_numpy(dtype=np.float64))
    frame["count_share"] = _shares(listing, standing)
    frame["cameras"] = (listing.first != NONE).astype(np.int64) + (listing.second != NONE)
    frame["min_days"] = frame["max_days"] = np.nan  # written by `limits.limited`
    return gpd.GeoDataFrame(frame, geometry=shapely.points(shapely.get_coordinates(point)), crs=mounts.crs)


def actions(
    poses: Poses,
    standing: Standing,
    mounts: gpd.GeoDataFrame,
    tiers: pd.DataFrame,
    areas: tuple[pd.DataFrame, pd.DataFrame],
    rules: RulesSettings,
    spare: NDArray[np.bool_],
    hanging: NDArray[np.object_],
) -> tuple[gpd.GeoDataFrame, sparse.csr_matrix]:
    """Everything that can be done, and the views that each action has.

    ``keep`` for every standing camera (group ``c:`` + camera_id); for those that may be changed also ``extend`` (a
    tier of more days; not while broken), ``repair`` (if broken), ``renew`` (model x tier) and ``remove``; ``install``
    (group ``m:`` + mount_id) per view and tier, and per pair of views if ``max_per_mount`` is 2; with ``moves`` the same
    once more as ``install_reused`` for the models of cameras that can be taken down.

    Parameters
    ----------
    poses
        Surveyed views; all views of kind keep, in the row order of ``standing``, come first.
    standing, mounts, tiers
        What the actions are made of; ``mounts`` are the usable ones.
    areas
        area_id and district_id per mount and per standing camera.
    rules
        ``max_per_mount``, ``moves``.
    spare
        Views that are no install of their own (dominated), only half of a pair.
    hanging
        Per mount the standing camera that must be removed first, or "".

    Returns
    -------
    Table ``actions``, and CSR int8 0/1, actions x views.
    """
    days = tiers["retention_days"].to_numpy(dtype=np.float64)
    alone = np.flatnonzero((poses.kind == "install") & ~spare)
    installs = [_per_tier("install", poses, alone, len(tiers))]
    if rules.max_per_mount == 2:
        first, second = bundles(poses)
        installs.append(_per_tier("install", poses, first, len(tiers), second))
    parts = [*_with_standing(poses, standing, days), *installs]
    if rules.moves:
        parts.append(_moved(poses, standing, _joined(installs)))
    listing = _joined(parts)
    table = _table(listing, poses, standing, mounts, tiers, areas, hanging)
    row = np.concatenate([np.flatnonzero(listing.first != NONE), np.flatnonzero(listing.second != NONE)])
    view = np.concatenate([listing.first, listing.second])
    view = view[view != NONE]
    shape = (len(table), len(poses.table))
    matrix = sparse.csr_matrix((np.ones(len(row), dtype=np.int8), (row, view)), shape=shape)
    matrix.sort_indices()
    return table, matrix
