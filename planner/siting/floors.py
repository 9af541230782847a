"""Floors on any measure: rows that count for a floor alone, beside the rows that count for the value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from planner import frames
from planner.errors import SettingsError
from planner.settings import FloorRule, Settings
from planner.siting.net import Ints


@dataclass(frozen=True)
class Wide:
    """Rows of the value, then a copy of the rows of each floor.

    ``weight`` counts for the value, ``need`` for the floor ``key`` (a district for the rows of the value), both per row and
    ladder step.
    """

    quality: sparse.csr_matrix
    weight: Ints
    need: Ints
    key: pd.Series[str]


def rows_of(rows: frames.Rows, floor: FloorRule) -> Ints:
    """Positions of the rows that a floor counts."""
    here = rows.table["measure"] == floor.measure
    if floor.district:
        here &= rows.table["district_id"] == floor.district
    return np.flatnonzero(here.to_numpy())


def total_of(rows: frames.Rows, floor: FloorRule) -> int:
    """All that a floor counts, in whole units (at least 1)."""
    return max(1, int(rows.table["weight_micro"].to_numpy(np.int64)[rows_of(rows, floor)].sum()) * rows.steps)


def widen(rows: frames.Rows, settings: Settings, value: Ints | None = None) -> Wide:
    """Rows of measure place with their weight and their district, and the rows of each floor with what it needs.

    A layer can count for one floor only, so that the rows of a floor that may overlap another are repeated. ``value``: per row
    what counts for the value in place of its weight; floors count the weight in any case.

    Raises
    ------
    SettingsError
        ``floor_without_rows``: nothing is counted by that measure, so that the floor would hold whatever is chosen.
    """
    weight = rows.table["weight_micro"].to_numpy(np.int64)
    here = (rows.table["measure"] == "place").to_numpy()
    place, counted = np.where(here, weight, 0), np.where(here, weight if value is None else value, 0)
    district = rows.table["district_id"].reset_index(drop=True)
    floors = settings.rules.floors
    if not floors:
        return Wide(rows.quality, counted, place, district)
    at = [rows_of(rows, floor) for floor in floors]
    for floor, positions in zip(floors, at, strict=True):
        if not positions.size:
            raise SettingsError("floor_without_rows", f"{floor.name}: nothing to count", floor=floor.name)
    columns = rows.quality.tocsc()
    quality = sparse.csr_matrix(sparse.hstack([columns, *(columns[:, a] for a in at)], format="csr"))
    quality.sort_indices()
    nothing = np.zeros(sum(a.size for a in at), np.int64)
    keys = [pd.Series([floor.name] * a.size, dtype="str") for floor, a in zip(floors, at, strict=True)]
    return Wide(
        quality,
        np.concatenate([counted, nothing]),
        np.concatenate([place, *(weight[a] for a in at)]),
        pd.concat([district, *keys], ignore_index=True),
    )
