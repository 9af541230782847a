"""Views that somebody asks for: a mount or camera turned, or with another model, than the survey would propose (P14)."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from planner import frames
from planner.coverage import mounts, views
from planner.coverage.actions import action_id
from planner.coverage.imagine import Stage
from planner.coverage.standing import Standing
from planner.coverage.views import Poses
from planner.errors import InputError, SettingsError
from planner.settings import CoverageSettings, ViewWish


def asked_views(
    inputs: frames.Inputs,
    usable: gpd.GeoDataFrame,
    free: NDArray[np.bool_],
    known: Standing,
    asked: Sequence[ViewWish],
    wish: CoverageSettings,
) -> dict[str, Poses]:
    """The views asked for by view_id: at a free mount as an installation, at a camera of ours as a renewal.

    Raises
    ------
    SettingsError
        ``view_refused``: no such mount or camera that may be changed, no such model, or a model that cannot do the task there.
    """
    height, points = mounts.heights(usable), mounts.coordinates(usable)
    of_mount = {m: i for i, m in enumerate(usable["mount_id"]) if free[i]}
    of_camera = {c: i for i, c in enumerate(known.table["camera_id"]) if known.free[i]}
    found = {}
    for one in asked:
        models = inputs.models[inputs.models["model_id"] == one.model].reset_index(drop=True)
        bearing = np.array([one.bearing_deg])
        if one.site in of_mount:
            at = np.array([of_mount[one.site]])
            ids, kind, where, high = (one.site, ""), "install", points[at], height[at]
        elif one.site in of_camera:
            at = np.array([of_camera[one.site]])
            ids, kind = (str(known.table["mount_id"].iloc[at[0]]), one.site), "renew"
            where, high = known.points[at], known.height_m[at]
        else:
            raise _refused(one)
        names = (np.array([ids[0]], dtype=object), np.array([ids[1]], dtype=object))
        poses, _ = views.from_models(kind, at, where, names, (bearing, high), models, wish, inputs.town.epsg)
        if poses.table.empty:
            raise _refused(one)
        found[str(poses.table["view_id"].iloc[0])] = poses
    return found


def _refused(one: ViewWish) -> SettingsError:
    return SettingsError("view_refused", f"{one.site} {one.model}", site=one.site, model=one.model)


def turned(
    on: Stage, camera_id: str, site_id: str, bearing_deg: float | None, model_id: str | None
) -> tuple[ViewWish, str]:
    """The view that a camera or site would have turned or with another model, and the action that it makes.

    Days stay as they are at the site; a standing camera gets the shortest days that are no fewer than today's and its limit.

    Raises
    ------
    InputError
        ``look_unknown``; ``turn_impossible``: it holds two cameras, has no model of the list, or may not be changed.
    """
    actions, tiers = on.survey.actions, on.inputs.tiers
    hit = (
        (actions["camera_id"] == camera_id) & (actions["kind"] == "keep")
        if camera_id
        else actions["action_id"] == site_id
    )
    at = np.flatnonzero(hit.to_numpy())
    name = camera_id or site_id
    if not len(at):
        raise InputError("look_unknown", f"neither camera nor site: {name}", id=name)
    action = actions.iloc[int(at[0])]
    seen = on.survey.views.iloc[on.survey.action_views[int(at[0])].indices]
    model = model_id or str(action["model_id"])
    new = not action["camera_id"]
    site = str(action["mount_id"] if new else action["camera_id"])
    changeable = new or bool((actions.loc[actions["camera_id"] == site, "kind"] == "remove").any())
    if len(seen) != 1 or model not in set(on.inputs.models["model_id"]) or not changeable:
        raise InputError("turn_impossible", f"{name}: {len(seen)} views, model {model}", id=name)
    tier = str(action["tier_id"])
    if not tier:
        least = np.nanmax([0.0, float(action["retention_days"]), float(action["min_days"])])
        order = tiers.sort_values("retention_days")
        fits = order[order["retention_days"] >= least]
        tier = str((fits if len(fits) else order.iloc[::-1])["tier_id"].iloc[0])
    bearing = float(seen["bearing_deg"].iloc[0]) if bearing_deg is None else bearing_deg % 360.0
    around = on.inputs.models["model_id"][on.inputs.models["angle_deg"] >= 360].tolist()
    bearing = 0.0 if model in around else bearing  # what sees all around looks nowhere in particular
    wish = ViewWish(site=site, model=model, bearing_deg=round(bearing, 1) % 360.0)
    kind = "install" if new else "renew"
    return wish, action_id(kind, site, model, wish.bearing_deg, tier)
