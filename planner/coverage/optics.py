"""Optics: from pixels and angle to the annulus in which a camera does its task.

A camera ``width_px`` wide with horizontal angle ``angle_deg`` shows ``p`` pixels per metre at the slant distance
``d = width_px / (2 p tan(angle_deg / 2))``; from 180 degrees on the picture is taken along the arc, where
``d = width_px / (p angle_rad)``. Seen from a mount ``height_m`` high, what matters is the horizontal distance to a
face ``target_height_m`` high; it begins where the line of sight is no steeper than ``tilt_limit_deg``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner import assumptions
from planner.errors import SettingsError
from planner.settings import CoverageSettings

Floats = NDArray[np.float64]
REFERENCE = ("iec_62676_4_2025", "discern")  # sees reaches at least this far, so that finer tasks re-threshold


def densities(standard: str) -> dict[str, float]:
    """Pixels per metre by task of one standard (table ``densities``, source there)."""
    return {r["task"]: float(r["pixels_per_m"]) for r in assumptions.rows("densities") if r["standard"] == standard}


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


def far_m(slant_m: ArrayLike, height_m: ArrayLike) -> Floats:
    """Horizontal distance that belongs to a slant distance: ``sqrt(slant^2 - drop^2)``, 0 when out of reach."""
    slant = np.asarray(slant_m, dtype=np.float64)
    return np.sqrt(np.maximum(slant**2 - drop_m(height_m) ** 2, 0.0))


def near_m(height_m: ArrayLike) -> Floats:
    """Horizontal distance from which on the view is no steeper than the limit: ``drop / tan(tilt_limit_deg)``."""
    steepest = np.radians(assumptions.number("tilt_limit_deg"))
    return np.asarray(np.maximum(drop_m(height_m), 0.0) / np.tan(steepest))


def night_far_m(infrared_m: ArrayLike, height_m: ArrayLike) -> Floats:
    """Horizontal reach by infrared: the catalogue range times ``infrared_reach_share``, taken as slant distance."""
    return far_m(np.asarray(infrared_m, dtype=np.float64) * assumptions.number("infrared_reach_share"), height_m)
