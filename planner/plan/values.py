"""Values as the document holds them: what JSON can hold, shares, sums over payers, rings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from planner.frames import PAYERS
from planner.plan import document as doc
from planner.plan.money import Payers

_ZONE_TOLERANCE_M = 0.2  # classes are drawn, not measured: 10 polygons a view must not swell the document


def plain(value: Any) -> Any:
    """A value that JSON can hold."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(v) for v in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def share_of(part: float, whole: float) -> float:
    """A part of a whole, 0-1 (0 of nothing)."""
    return min(1.0, max(0.0, part / whole)) if whole > 0 else 0.0


def maybe(value: Any) -> Any:
    """None for what is unknown."""
    return None if pd.isna(value) else plain(value)


def add_payers(parts: Iterable[Payers]) -> Payers:
    """Sum over payers, yen."""
    sums = dict.fromkeys((f"{p}_yen" for p in PAYERS), 0)
    for part in parts:
        for name in sums:
            sums[name] += getattr(part, name)
    return Payers(**sums)


def rings_of(shape: Any, tolerance_m: float = 0.0) -> doc.Polygons:
    """Rings as coordinate pairs to 1 cm."""
    if tolerance_m:
        shape = shapely.simplify(shape, tolerance_m)
    polygons: doc.Polygons = []
    for part in shapely.get_parts(shape):
        rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" and not part.is_empty else []
        if rings:
            polygons.append([[(round(x, 2), round(y, 2)) for x, y in ring.coords] for ring in rings])
    return polygons


def zone_of(row: Mapping[str, Any]) -> doc.ZonePart:
    """One row of table ``view_zones``."""
    return doc.ZonePart(
        task=row["task"],
        pixels_per_m=row["pixels_per_m"],
        light=row["light"],
        near_m=round(row["near_m"], 2),
        far_m=round(row["far_m"], 2),
        area_m2=round(row["area_m2"], 1),
        polygons=rings_of(row["geometry"], _ZONE_TOLERANCE_M),
    )
