"""Standing cameras: what is known of each, and what is taken where nothing is known."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Literal

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
Indices = NDArray[np.int64]
Case = Literal["worst", "assumed", "best"]
TRIED_DEG = np.arange(24) * 15.0  # directions tried for a camera whose bearing nobody knows


def _unknown(name: str, case: Case) -> float:
    """An assumption at the end of its range that shows less, as assumed, or at the end that shows more."""
    known = assumptions.all_assumptions()[name]
    return {"worst": known.low, "assumed": known.value, "best": known.high}[case]


@dataclass(frozen=True)
class Standing:
    """Table ``standing`` with every gap filled, arrays in its row order.

    ``slant_1m_px``: pixels per metre at 1 m; ``share``: what its use lets it count; ``free``: may be changed (our
    own and not locked); ``aimed``: its bearing is known or does not matter. An unknown bearing counts at its
    worst: ``angle_deg`` 0, it sees nothing. ``unknown``: what was not told of each (bearing, angle, range, days, working),
    joined by blanks.
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
    unknown: NDArray[np.object_]
    notes: tuple[Note, ...]

    def rows(self, at: Indices) -> Standing:
        """Some of the cameras, or some of them several times."""
        arrays = {
            f.name: getattr(self, f.name)[at] for f in fields(self) if isinstance(getattr(self, f.name), np.ndarray)
        }
        return replace(self, table=self.table.iloc[at].reset_index(drop=True), **arrays)


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


def _lenses(inputs: frames.Inputs, height: Floats, case: Case) -> tuple[Floats, Floats, Floats, Flags]:
    """Angle (its own before its model's), pixels per metre at 1 m, night range and whether the model is known."""
    models = inputs.models.set_index("model_id").reindex(inputs.standing["model_id"])
    known = models["width_px"].notna().to_numpy(dtype=bool)
    stated = inputs.standing["angle_deg"].to_numpy(dtype=np.float64)
    of_model = models["angle_deg"].fillna(_unknown("standing_angle_deg", case)).to_numpy(dtype=np.float64)
    angle = np.where(np.isnan(stated), of_model, stated)
    far = _unknown("standing_far_m", case)
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


def _told(inputs: frames.Inputs, known_model: Flags, aimed: Flags) -> NDArray[np.object_]:
    """What is not told of each camera, words joined by blanks."""
    table = inputs.standing
    missing = {
        "bearing": ~aimed,
        "angle": ~known_model & table["angle_deg"].isna().to_numpy(dtype=bool),
        "range": ~known_model,
        "days": table["retention_days"].isna().to_numpy(dtype=bool),
        "working": table["working"].isna().to_numpy(dtype=bool),
    }
    told = [" ".join(name for name, lost in missing.items() if lost[i]) for i in range(len(table))]
    return np.asarray(told, dtype=object)


def at_best(inputs: frames.Inputs, wish: CoverageSettings) -> tuple[Standing, Indices]:
    """The cameras with every unknown at its best, and the row of ``standing`` of each.

    A camera of unknown bearing stands there once per direction of ``TRIED_DEG``: it looks one way, so only one of them counts.
    """
    found = read(inputs, wish, "best")
    angle, _, _, _ = _lenses(inputs, found.height_m, "best")
    times = np.where(found.aimed, 1, len(TRIED_DEG))
    camera = np.repeat(np.arange(len(times)), times)
    turn = np.arange(len(camera)) - np.repeat(np.cumsum(times) - times, times)
    many = found.rows(camera)
    bearing = np.where(many.aimed, many.bearing_deg, TRIED_DEG[turn])
    return replace(many, bearing_deg=bearing, angle_deg=angle[camera]), camera


def read(inputs: frames.Inputs, wish: CoverageSettings, case: Case = "assumed") -> Standing:
    """Everything later steps need of the standing cameras, the unknown as ``case`` says (an unknown bearing: never aimed).

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
    angle, slant_1m, night, known_model = _lenses(inputs, height, case)
    bearing = table["bearing_deg"].fillna(0.0).to_numpy(dtype=np.float64) % 360.0
    aimed = table["bearing_deg"].notna().to_numpy(dtype=bool) | (known_model & (angle >= 360.0))
    days = table["retention_days"].to_numpy(dtype=np.float64)
    known_days = ~np.isnan(days)
    standing_days = _unknown("standing_days", case)
    days = np.where(known_days, days, standing_days)
    works_known = table["working"].notna().to_numpy(dtype=bool)
    works = table["working"].fillna(value=case != "worst").to_numpy(dtype=bool)
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
        unknown=_told(inputs, known_model, aimed),
        notes=tuple(notes),
    )
