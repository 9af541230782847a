"""Standing cameras: what is known of each, and what is taken where nothing is known."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner import assumptions, frames
from planner.coverage import mounts, optics
from planner.errors import Note
from planner.settings import CoverageSettings

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Standing:
    """Table ``standing`` with every gap filled, arrays in its row order.

    ``slant_1m_px``: pixels per metre at 1 m; ``share``: what its use lets it count; ``free``: may be changed (our
    own and not locked); ``aimed``: its bearing is known or does not matter. An unknown bearing counts at its
    worst: ``angle_deg`` 0, it sees nothing.
    """

    table: gpd.GeoDataFrame
    points: Floats
    height_m: Floats
    angle_deg: Floats
    bearing_deg: Floats
    aimed: Flags
    slant_1m_px: Floats
    night_far_m: Floats
    days: Floats
    share: Floats
    works: Flags
    free: Flags
    notes: tuple[Note, ...]


def _note(code: str, table: gpd.GeoDataFrame, which: Flags, **values: object) -> list[Note]:
    """A note naming the first five cameras and how many there are; none when there are none."""
    names = table.loc[which, "camera_id"]
    if not len(names):
        return []
    return [Note(code, {"number": len(names), "ids": ", ".join(names.iloc[:5]), **values})]


def _locked(inputs: frames.Inputs) -> tuple[Flags, str]:
    """Which cameras are locked, as of the latest day that the data know (never today's date)."""
    until = inputs.standing["locked_until"]
    known = pd.concat([inputs.incidents["occurred_on"], inputs.standing["installed_on"]]).dropna()
    if known.empty:
        return until.notna().to_numpy(dtype=bool), "-"
    return (until > known.max()).to_numpy(dtype=bool), known.max().date().isoformat()


def _lenses(inputs: frames.Inputs, height: Floats) -> tuple[Floats, Floats, Floats, Flags]:
    """Angle (its own before its model's), pixels per metre at 1 m, night range and whether the model is known."""
    models = inputs.models.set_index("model_id").reindex(inputs.standing["model_id"])
    known = models["width_px"].notna().to_numpy(dtype=bool)
    stated = inputs.standing["angle_deg"].to_numpy(dtype=np.float64)
    of_model = models["angle_deg"].fillna(assumptions.number("standing_angle_deg")).to_numpy(dtype=np.float64)
    angle = np.where(np.isnan(stated), of_model, stated)
    far = assumptions.number("standing_far_m")
    standard, task = optics.REFERENCE
    guess = far * optics.densities(standard)[task]  # standing_far_m is stated at this density
    width = models["width_px"].astype("float64").fillna(1.0).to_numpy()
    slant_1m = np.where(known, optics.density_1m(width, angle), guess)
    # nothing is known of the infrared of an unlisted model: taken to reach as far as its picture
    infrared = models["infrared_m"].astype("float64").fillna(far).to_numpy()
    return angle, np.asarray(slant_1m, dtype=np.float64), optics.night_far_m(infrared, height), known


def _shares(use: pd.Series[str], wish: CoverageSettings) -> Floats:
    """What each use lets a camera count."""
    table = {
        "own": 1.0,
        "agreed": 1.0,
        "on_request": wish.on_request_share,
        "unknown": wish.unknown_use_share,
    }
    return np.asarray(use.map(table), dtype=np.float64)


def read(inputs: frames.Inputs, wish: CoverageSettings) -> Standing:
    """Everything later steps need of the standing cameras.

    Reads ``standing``, ``mounts`` (heights), ``models`` and the dates of ``incidents``. A camera is locked while
    ``locked_until`` lies after the latest day in the data (offences, installations), so that the same question
    has the same answer tomorrow; without any date every ``locked_until`` locks.

    Notes: ``standing_model_unknown``, ``standing_bearing_unknown``, ``standing_days_unknown``,
    ``standing_working_unknown``, ``standing_broken``, ``standing_locked``.
    """
    table = inputs.standing
    own_heights = pd.Series(mounts.heights(inputs.mounts), index=inputs.mounts["mount_id"].to_numpy(), dtype="float64")
    of_mount = table["mount_id"].map(own_heights).fillna(assumptions.number("mount_height_m"))
    height = table["height_m"].fillna(of_mount).to_numpy(dtype=np.float64)
    angle, slant_1m, night, known_model = _lenses(inputs, height)
    bearing = table["bearing_deg"].fillna(0.0).to_numpy(dtype=np.float64) % 360.0
    aimed = table["bearing_deg"].notna().to_numpy(dtype=bool) | (known_model & (angle >= 360.0))
    days = table["retention_days"].to_numpy(dtype=np.float64)
    known_days = ~np.isnan(days)
    standing_days = assumptions.number("standing_days")
    days = np.where(known_days, days, standing_days)
    works_known = table["working"].notna().to_numpy(dtype=bool)
    works = table["working"].fillna(value=True).to_numpy(dtype=bool)
    locked, as_of = _locked(inputs)
    notes = [
        *_note(
            "standing_model_unknown",
            table,
            ~known_model,
            angle_deg=assumptions.number("standing_angle_deg"),
            far_m=assumptions.number("standing_far_m"),
            night_m=assumptions.number("standing_far_m") * assumptions.number("infrared_reach_share"),
        ),
        *_note("standing_bearing_unknown", table, ~aimed),
        *_note("standing_days_unknown", table, ~known_days, days=standing_days),
        *_note("standing_working_unknown", table, ~works_known),
        *_note("standing_broken", table, ~works),
        *_note("standing_locked", table, locked, as_of=as_of),
    ]
    return Standing(
        table=table,
        points=mounts.coordinates(table),
        height_m=height,
        angle_deg=np.where(aimed, angle, 0.0),
        bearing_deg=bearing,
        aimed=aimed,
        slant_1m_px=slant_1m,
        night_far_m=night,
        days=days,
        share=_shares(table["use"], wish),
        works=works,
        free=(table["use"] == "own").to_numpy(dtype=bool) & ~locked,
        notes=tuple(notes),
    )
