"""Points from the columns of a text file: longitude and latitude, or metres east and north."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from planner.errors import InputError
from planner.ingest import cells, words
from planner.ingest.columns import column_fault, pick, written
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec
from planner.ingest.plane import JGD2011, crs_of
from planner.ingest.shapes import to_study
from planner.ingest.texts import TextRows


def has_points(rows: TextRows, spec: RoleSpec) -> bool:
    """Whether the file holds a pair of coordinate columns."""
    return any(all(our in spec.columns or rows.headings.count(our) == 1 for our in pair) for pair in _PAIRS)


_PAIRS = (("lon", "lat"), ("east_m", "north_m"))


def points(rows: TextRows, spec: RoleSpec, epsg: int, ledger: Ledger) -> tuple[NDArray[Any], list[str]]:
    """Points in the study's CRS and per row a reason (``coordinate_missing``, ``coordinate_unreadable``).

    ``lon``, ``lat`` are JGD2011 unless the role names a CRS; ``east_m``, ``north_m`` are in
    the study's CRS unless the role names one (then a note is not needed).

    Raises
    ------
    InputError
        ``column_missing``: no pair of coordinate columns; ``crs_kind``: degrees given in a metric CRS or the other
        way round; ``crs_unknown``.
    """
    for pair in _PAIRS:
        first, second = (pick(rows, spec.name, our, spec.columns) for our in pair)
        if first is not None and second is not None:
            break
    else:
        raise column_fault(rows, spec.name, [name for pair in _PAIRS for name in pair])
    degrees = pair[0] == "lon"
    crs = pyproj.CRS.from_epsg(JGD2011 if degrees else epsg)
    if spec.crs is not None:
        crs = crs_of(spec.crs, key=f"[{spec.name}] crs")
    elif not degrees:
        ledger.note("crs_assumed", role=spec.name, file=rows.file.name, epsg=epsg)
    if crs.is_geographic != degrees:
        raise InputError(
            "crs_kind",
            f"{rows.file.name}: {pair} in {crs.name}",
            role=spec.name,
            file=rows.file.name,
            columns=", ".join(pair),
            crs=crs.name,
        )
    (x, why_x), (y, why_y) = (
        cells.reals(
            cells.Cells(spec.name, rows.file.name, our, texts, written(rows, our, spec.columns, texts), rows.lines),
            ledger,
            degrees=degrees,
        )
        for our, texts in zip(pair, (first, second), strict=True)
    )
    xy = np.column_stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])
    known = np.isfinite(xy).all(axis=1)
    if degrees:
        known &= (np.abs(xy[:, 0]) <= 180) & (np.abs(xy[:, 1]) <= 90)
    shapes = np.full(len(xy), None, dtype=object)
    shapes[known] = shapely.points(xy[known])
    shapes = np.asarray(to_study(shapes, crs, epsg).array)
    reasons = []
    for a, b, there, text in zip(why_x, why_y, known, zip(first, second, strict=True), strict=True):
        blank = all(t.lower() in words.UNKNOWN for t in text)
        reasons.append("" if there and not (a or b) else "coordinate_missing" if blank else "coordinate_unreadable")
    return shapes, reasons
