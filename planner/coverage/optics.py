"""Optics: from pixels and angle to the annulus in which a camera does its task.

A camera ``width_px`` wide with horizontal angle ``angle_deg`` shows ``p`` pixels per metre at the slant distance
``d = width_px / (2 p tan(angle_deg / 2))``; from 180 degrees on the picture is taken along the arc, where
``d = width_px / (p angle_rad)``. Seen from a mount ``height_m`` high, what matters is the horizontal distance to a
face ``target_height_m`` high; it begins where the line of sight is no steeper than the task allows (``steepest_deg`` of
table ``densities``: 15 degrees where a face is to be told, ``tilt_limit_deg`` where nothing is stated).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from planner import assumptions
from planner.errors import Note, SettingsError
from planner.settings import CoverageSettings

Floats = NDArray[np.float64]
REFERENCE = ("iec_62676_4_2025", "discern")  # sees reaches at least this far, so that finer tasks re-threshold
FACE = ("iec_62676_4_2025", "characterise")  # 250 px/m: the density at which DORI speaks of identifying a person
PLATE = "number_plate"
CODECS = ("h264", "h265", "smart")
SCENES = ("quiet", "ordinary", "busy")


def densities(standard: str) -> dict[str, float]:
    """Pixels per metre by task of one standard (table ``densities``, source there)."""
    return {r["task"]: float(r["pixels_per_m"]) for r in _tasks(standard)}


def _tasks(standard: str) -> list[Mapping[str, str]]:
    """Rows of table ``densities`` of one standard."""
    return [r for r in assumptions.rows("densities") if r["standard"] == standard]


def _steepest(row: Mapping[str, str]) -> float:
    """Largest depression angle of a row of table ``densities``."""
    return float(row["steepest_deg"] or assumptions.number("tilt_limit_deg"))


def task_density(wish: CoverageSettings) -> float:
    """Pixels per metre that the chosen task of the chosen standard needs.

    Raises
    ------
    SettingsError
        ``unknown_task`` with the tasks that the standard knows.
    """
    known = densities(wish.standard)
    if wish.task not in known:
        raise SettingsError(
            "unknown_task",
            f"{wish.standard} has no task {wish.task}",
            task=wish.task,
            standard=wish.standard,
            known=", ".join(known),
        )
    return known[wish.task]


def steepest_deg(standard: str, task: str) -> float:
    """How steeply down a camera may look for a task, degrees below the horizontal."""
    return next(_steepest(r) for r in _tasks(standard) if r["task"] == task)


def reach_density(wish: CoverageSettings) -> float:
    """The lower of the chosen task's density and that of ``REFERENCE``: how far ``sees`` reaches."""
    standard, task = REFERENCE
    return min(task_density(wish), densities(standard)[task])


def density_1m(width_px: ArrayLike, angle_deg: ArrayLike) -> Floats:
    """Pixels per metre at 1 m: ``width_px / (2 tan(angle / 2))``, from 180 degrees on ``width_px / angle_rad``.

    The density at slant distance ``d`` is this divided by ``d``.
    """
    width = np.asarray(width_px, dtype=np.float64)
    angle = np.radians(np.asarray(angle_deg, dtype=np.float64))
    wide = angle >= np.pi - 1e-12
    plane = width / (2 * np.tan(np.where(wide, 1.0, angle) / 2))
    return np.where(wide, width / angle, plane)


def drop_m(height_m: ArrayLike) -> Floats:
    """How far the mount stands above the face looked at (``target_height_m``), m; negative when below."""
    return np.asarray(height_m, dtype=np.float64) - assumptions.number("target_height_m")


def _ground(slant_m: ArrayLike, drop: Floats) -> Floats:
    """Horizontal distance that belongs to a slant distance: ``sqrt(slant^2 - drop^2)``, 0 when out of reach."""
    slant = np.asarray(slant_m, dtype=np.float64)
    return np.sqrt(np.maximum(slant**2 - drop**2, 0.0))


def far_m(slant_m: ArrayLike, height_m: ArrayLike) -> Floats:
    """Horizontal distance to a face that belongs to a slant distance; 0 when out of reach."""
    return _ground(slant_m, drop_m(height_m))


def near_m(height_m: ArrayLike, steepest: float | None = None) -> Floats:
    """Horizontal distance from which on the view is no steeper than the limit: ``drop / tan(steepest)``.

    Without a limit ``tilt_limit_deg``, the widest of all tasks: nearer than this a camera does nothing.
    """
    limit = np.radians(assumptions.number("tilt_limit_deg") if steepest is None else steepest)
    return np.asarray(np.maximum(drop_m(height_m), 0.0) / np.tan(limit))


def task_near_m(wish: CoverageSettings, height_m: ArrayLike) -> Floats:
    """Where the chosen task begins, m from the foot of the mount."""
    return near_m(height_m, steepest_deg(wish.standard, wish.task))


def night_far_m(infrared_m: ArrayLike, height_m: ArrayLike) -> Floats:
    """Horizontal reach by infrared: the catalogue range times ``infrared_reach_share``, taken as slant distance."""
    return far_m(np.asarray(infrared_m, dtype=np.float64) * assumptions.number("infrared_reach_share"), height_m)


def plate_density() -> float:
    """Pixels per metre that reading a number plate needs: ``plate_px / plate_width_m``."""
    return assumptions.number("plate_px") / assumptions.number("plate_width_m")


def plate_m(density_1m_px: ArrayLike, height_m: ArrayLike) -> tuple[Floats, Floats]:
    """From where to where number plates are read, m from the foot of the mount; a far below near: nowhere.

    The plate hangs ``plate_height_m`` high and is read no steeper than ``plate_steepest_deg``.
    """
    drop = np.maximum(np.asarray(height_m, dtype=np.float64) - assumptions.number("plate_height_m"), 0.0)
    near = drop / np.tan(np.radians(assumptions.number("plate_steepest_deg")))
    return near, _ground(np.asarray(density_1m_px, dtype=np.float64) / plate_density(), drop)


def shutter_s(speed_km_h: float) -> float:
    """Longest exposure that leaves the plate of a moving car readable, s: ``1 / (plate_shutter_per_km_h speed)``."""
    return 1.0 / (assumptions.number("plate_shutter_per_km_h") * speed_km_h)


def usable(width_px: float, angle_deg: float, height_m: float, infrared_m: float) -> pd.DataFrame:
    """From where to where one camera does each task of each standard, and reads number plates.

    Returns
    -------
    standard, task, pixels_per_m, steepest_deg, near_m, far_m (by day), infrared_far_m (unlit night), lit_far_m (night in
    a lit street), usable: whether the annulus of the day has an inside. Horizontal distances, m; a far below near: none.
    """
    at_1m = float(density_1m(width_px, angle_deg))
    rows = []
    for row in assumptions.rows("densities"):
        density, steepest = float(row["pixels_per_m"]), _steepest(row)
        near, far = float(near_m(height_m, steepest)), float(far_m(at_1m / density, height_m))
        rows.append((row["standard"], row["task"], density, steepest, near, far))
    start, end = plate_m(at_1m, height_m)
    rows.append((PLATE, PLATE, plate_density(), assumptions.number("plate_steepest_deg"), float(start), float(end)))
    names = ["standard", "task", "pixels_per_m", "steepest_deg", "near_m", "far_m"]
    table = pd.DataFrame(rows, columns=names)
    table["infrared_far_m"] = np.minimum(table["far_m"], float(night_far_m(infrared_m, height_m)))
    table["lit_far_m"] = np.minimum(table["far_m"], assumptions.number("lit_street_reach_m"))
    table["usable"] = table["far_m"] > table["near_m"]
    return table


def face_notes(models: pd.DataFrame, height_m: Floats) -> list[Note]:
    """A note per model that can tell no face (``FACE``) even from the lowest mount: its annulus is empty."""
    if len(height_m) == 0:
        return []
    lowest = float(np.min(height_m))
    standard, task = FACE
    density, near = densities(standard)[task], float(near_m(lowest, steepest_deg(standard, task)))
    far = far_m(density_1m(models["width_px"].to_numpy(), models["angle_deg"].to_numpy()) / density, lowest)
    values = {"pixels_per_m": density, "height_m": lowest, "near_m": near}
    return [
        Note("model_tells_no_face", {"model_id": str(model), "far_m": float(end), **values})
        for model, end in zip(models["model_id"], far, strict=True)
        if end <= near
    ]


def _bitrates(kind: str) -> dict[str, float]:
    """Values of one kind of table ``bitrates`` by name."""
    return {r["name"]: float(r["value"]) for r in assumptions.rows("bitrates") if r["kind"] == kind}


def bitrate_mbps(width_px: float, codec: str, scene: str = "ordinary") -> float:
    """What a camera sends, Mbps: table ``bitrates`` of the nearest width, times the codec's and the scene's share.

    Parameters
    ----------
    width_px
        Width of the picture.
    codec
        One of ``CODECS``.
    scene
        How much moves: one of ``SCENES``.
    """
    widths = _bitrates("width_px")
    nearest = min(widths, key=lambda name: abs(float(name) - width_px))
    return widths[nearest] * _bitrates("codec")[codec] * _bitrates("scene")[scene]


def storage_gb_per_day(mbps: float) -> float:
    """Storage of one camera recorded all day, decimal GB per day: ``mbps 86400 s / 8 bits / 1000``."""
    return mbps * 86_400 / 8 / 1000


def model_storage_gb_per_day(models: pd.DataFrame) -> pd.Series[float]:
    """Storage of one camera of each model, GB per day by model_id.

    Its own ``bitrate_mbps``, or where that is not told ``bitrate_mbps`` of its width (``h265``, an ordinary scene).
    """
    own = models["bitrate_mbps"].to_numpy(dtype=np.float64)
    usual = np.array([bitrate_mbps(width, "h265") for width in models["width_px"]])
    mbps = np.where(np.isnan(own), usual, own)
    return pd.Series(
        [storage_gb_per_day(rate) for rate in mbps.tolist()], index=models["model_id"].tolist(), dtype="float64"
    )
