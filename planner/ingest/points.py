"""Points from the columns of a text file: longitude and latitude, or metres east and north."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from planner.errors import InputError
from planner.ingest import cells, words
from planner.ingest.columns import column_fault, pick, written
from planner.ingest.crs_sense import Box
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec
from planner.ingest.plane import JGD2011, crs_of
from planner.ingest.positions import Where, judge
from planner.ingest.shapes import to_study
from planner.ingest.texts import TextRows


def has_points(rows: TextRows, spec: RoleSpec) -> bool:
    """Whether the file holds a pair of coordinate columns."""
    return any(all(our in spec.columns or rows.headings.count(our) == 1 for our in pair) for pair in _PAIRS)


_PAIRS = (("lon", "lat"), ("east_m", "north_m"))


def points(
    rows: TextRows,
    spec: RoleSpec,
    epsg: int,
    box: Box | None,
    ledger: Ledger,
    judged: Sequence[int] | None = None,
) -> tuple[NDArray[Any], list[str]]:
    """Points in the study's CRS and per row a reason.

    ``lon``, ``lat`` are JGD2011 unless the role names a CRS; ``east_m``, ``north_m`` are in the study's CRS unless
    the role names one (then a note is not needed). Whether that makes sense is judged by where they fall
    (`crs_sense.sense`); ``judged`` are the rows that should fall near the areas (all).

    Reasons: ``coordinate_missing``, ``coordinate_unreadable``, and those of `positions.judge`.

    Raises
    ------
    InputError
        ``column_missing``: no pair of coordinate columns; ``crs_kind``: degrees given in a metric CRS or the other
        way round; ``crs_unknown``; as `crs_sense.sense`.
    """
    for pair in _PAIRS:
        first, second = (pick(rows, spec.name, our, spec.columns) for our in pair)
        if first is not None and second is not None:
            break
    else:
        raise column_fault(rows, spec.name, [name for pair in _PAIRS for name in pair])
    crs = _stated(rows, spec, pair, epsg, ledger)
    (x, why_x), (y, why_y) = (
        cells.reals(
            cells.Cells(spec.name, rows.file.name, our, texts, written(rows, our, spec.columns, texts), rows.lines),
            ledger,
            degrees=pair[0] == "lon",
        )
        for our, texts in zip(pair, (first, second), strict=True)
    )
    xy = np.column_stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])
    known = np.isfinite(xy).all(axis=1)
    reasons = np.full(len(xy), "", dtype=object)
    for at in np.flatnonzero(~known | np.array([bool(a or b) for a, b in zip(why_x, why_y, strict=True)], dtype=bool)):
        blank = all(text.lower() in words.UNKNOWN for text in (first[at], second[at]))
        reasons[at] = "coordinate_missing" if blank else "coordinate_unreadable"
    ours = np.arange(len(xy)) if judged is None else np.array(judged, dtype=int)
    where = Where(spec.name, rows.file.name, [rows.lines[at] for at in ours.tolist()], box, epsg)
    marks = reasons[ours]
    reading, turned = judge(xy[ours], np.ones(len(ours), dtype=bool), marks, crs, where, ledger)
    reasons[ours] = marks
    xy = reading.turned(xy).copy()
    xy[ours[turned]] = xy[ours[turned], ::-1]
    good = reasons == ""
    shapes = np.full(len(xy), None, dtype=object)
    shapes[good] = shapely.points(xy[good])
    return np.asarray(to_study(shapes, reading.crs, epsg).array), [str(r) for r in reasons]


def _stated(rows: TextRows, spec: RoleSpec, pair: tuple[str, str], epsg: int, ledger: Ledger) -> pyproj.CRS:
    """The CRS that the columns or the role state."""
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
    return crs
