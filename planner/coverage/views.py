"""Views: mount x model x bearing, and the views that standing cameras have or would have when renewed."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner import frames
from planner.coverage import mounts, optics
from planner.coverage.aims import aims
from planner.coverage.standing import Standing
from planner.errors import Note
from planner.settings import CoverageSettings

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Poses:
    """Views before they are surveyed: table ``views`` plus what only the survey needs, arrays in its row order.

    ``kind``: keep (a standing camera as it is), renew or install; ``owner``: row of ``standing`` or of the usable
    mounts; ``reach_m``: how far ``sees`` looks.
    """

    table: gpd.GeoDataFrame
    kind: NDArray[np.object_]
    owner: Indices
    reach_m: Floats

    def take(self, kept: NDArray[np.bool_]) -> Poses:
        """Only some of the views."""
        return Poses(self.table.loc[kept].reset_index(drop=True), self.kind[kept], self.owner[kept], self.reach_m[kept])


def _poses(
    kind: str,
    owner: Indices,
    points: Floats,
    texts: dict[str, NDArray[np.object_]],
    numbers: dict[str, Floats],
    wish: CoverageSettings,
    epsg: int,
) -> Poses:
    """Assemble views of one kind; far and reach follow from the pixels per metre at 1 m."""
    height, density = numbers["height_m"], numbers["density_1m_px"]
    frame = pd.DataFrame(
        {
            **{name: pd.Series(values, dtype="str") for name, values in texts.items()},
            **numbers,
            "near_m": optics.task_near_m(wish, height),
            "far_m": optics.far_m(density / optics.task_density(wish), height),
        }
    )
    table = gpd.GeoDataFrame(frame, geometry=shapely.points(points), crs=epsg)
    reach = optics.far_m(density / optics.reach_density(wish), height)
    return Poses(table, np.full(len(table), kind, dtype=object), owner, reach)


def from_models(
    kind: str,
    owner: Indices,
    points: Floats,
    ids: tuple[NDArray[np.object_], NDArray[np.object_]],
    aim: tuple[Floats, Floats],
    models: pd.DataFrame,
    wish: CoverageSettings,
    epsg: int,
) -> tuple[Poses, list[Note]]:
    """Every model at every aim (``ids``: mount_id, camera_id; ``aim``: bearing, height); no empty annulus.

    A model that sees all around is listed once per owner.
    """
    n, kinds = len(owner), len(models)
    which, model = np.repeat(np.arange(n), kinds), np.tile(np.arange(kinds), n)
    angle = models["angle_deg"].to_numpy(dtype=np.float64)[model]
    first = np.ones(n, dtype=bool)
    first[1:] = owner[1:] != owner[:-1]
    listed = (angle < 360.0) | first[which]
    which, model, angle = which[listed], model[listed], angle[listed]
    bearing = np.where(angle < 360.0, aim[0][which], 0.0)
    names = models["model_id"].to_numpy(dtype=object)[model]
    mount_id, camera_id = ids[0][which], ids[1][which]
    base = mount_id if kind == "install" else camera_id
    prefix = "m:" if kind == "install" else "c:"
    # the bearing in the name is rounded; aims of one mount differ by more than that
    view_id = [f"{prefix}{b}:{m}:{round(d) % 360:03d}" for b, m, d in zip(base, names, bearing, strict=True)]
    numbers = {
        "bearing_deg": bearing,
        "angle_deg": angle,
        "night_far_m": optics.night_far_m(models["infrared_m"].to_numpy(dtype=np.float64)[model], aim[1][which]),
        "height_m": aim[1][which],
        "density_1m_px": optics.density_1m(models["width_px"].to_numpy(dtype=np.float64)[model], angle),
    }
    texts = {
        "view_id": np.asarray(view_id, dtype=object),
        "mount_id": mount_id,
        "camera_id": camera_id,
        "model_id": names,
    }
    poses = _poses(kind, owner[which], points[which], texts, numbers, wish, epsg)
    empty = (poses.table["far_m"] <= poses.table["near_m"]).to_numpy(dtype=bool)
    notes = [
        Note(
            "model_cannot_do_task",
            {
                "model_id": str(name),
                "task": wish.task,
                "standard": wish.standard,
                "near_m": float(lost["near_m"].max()),
                "far_m": float(lost["far_m"].min()),
                "number": len(set(lost["mount_id"] if kind == "install" else lost["camera_id"])),
            },
        )
        for name, lost in poses.table.loc[empty].groupby("model_id", sort=True)
    ]
    return poses.take(~empty), notes


def candidates(
    inputs: frames.Inputs, usable: gpd.GeoDataFrame, free: NDArray[np.bool_], wish: CoverageSettings
) -> tuple[Poses, list[Note]]:
    """Views that could be installed: every ``free`` usable mount x model x aim.

    Note ``model_cannot_do_task`` per model whose annulus is empty at some mounts.
    """
    height = mounts.heights(usable)
    density = optics.density_1m(inputs.models["width_px"].to_numpy(), inputs.models["angle_deg"].to_numpy())
    farthest = float(np.max(density, initial=0.0)) / optics.task_density(wish)
    at = np.flatnonzero(free)
    points = mounts.coordinates(usable)
    mount, bearing = aims(points[at], inputs.streets, inputs.places, farthest)
    owner = at[mount]
    ids = (usable["mount_id"].to_numpy(dtype=object)[owner], np.full(len(owner), "", dtype=object))
    aim = (bearing, height[owner])
    return from_models("install", owner, points[owner], ids, aim, inputs.models, wish, inputs.town.epsg)


def renewals(inputs: frames.Inputs, standing: Standing, wish: CoverageSettings) -> tuple[Poses, list[Note]]:
    """Views of free standing cameras with another model, same bearing (an unknown bearing has none)."""
    owner = np.flatnonzero(standing.free & standing.aimed)
    ids = (
        standing.table["mount_id"].to_numpy(dtype=object)[owner],
        standing.table["camera_id"].to_numpy(dtype=object)[owner],
    )
    aim = (standing.bearing_deg[owner], standing.height_m[owner])
    return from_models("renew", owner, standing.points[owner], ids, aim, inputs.models, wish, inputs.town.epsg)


def as_they_stand(standing: Standing, wish: CoverageSettings, epsg: int) -> tuple[Poses, list[Note]]:
    """One view per standing camera; it stays listed even if it sees nothing (note ``standing_cannot_do_task``)."""
    camera_id = standing.table["camera_id"].to_numpy(dtype=object)
    texts = {
        "view_id": np.asarray([f"c:{c}" for c in camera_id], dtype=object),
        "mount_id": standing.table["mount_id"].to_numpy(dtype=object),
        "camera_id": camera_id,
        "model_id": standing.table["model_id"].to_numpy(dtype=object),
    }
    numbers = {
        "bearing_deg": standing.bearing_deg,
        "angle_deg": standing.angle_deg,
        "night_far_m": standing.night_far_m,
        "height_m": standing.height_m,
        "density_1m_px": standing.slant_1m_px,
    }
    owner = np.arange(len(camera_id))
    poses = _poses("keep", owner, standing.points, texts, numbers, wish, epsg)
    lost = poses.table.loc[poses.table["far_m"] <= poses.table["near_m"], "camera_id"]
    values = {"number": len(lost), "ids": ", ".join(lost.iloc[:5]), "task": wish.task, "standard": wish.standard}
    return poses, [Note("standing_cannot_do_task", values)] if len(lost) else []


def pose(view: frames.Pose, wish: CoverageSettings, epsg: int) -> Poses:
    """One view by itself, ready to be surveyed."""
    texts = {
        name: np.array([text], dtype=object)
        for name, text in (
            ("view_id", "v"),
            ("mount_id", ""),
            ("camera_id", view.camera_id),
            ("model_id", view.model_id),
        )
    }
    names = ("bearing_deg", "angle_deg", "night_far_m", "height_m", "density_1m_px")
    numbers = {name: np.array([getattr(view, name)]) for name in names}
    return _poses(
        "keep", np.zeros(1, dtype=np.int64), np.array([[view.east_m, view.north_m]]), texts, numbers, wish, epsg
    )


def stack(*parts: Poses) -> Poses:
    """Several kinds of views as one."""
    table = gpd.GeoDataFrame(pd.concat([p.table for p in parts], ignore_index=True), crs=parts[0].table.crs)
    return Poses(
        table,
        np.concatenate([p.kind for p in parts]),
        np.concatenate([p.owner for p in parts]),
        np.concatenate([p.reach_m for p in parts]),
    )
