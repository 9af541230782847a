"""Positions judged before they are used: placeholders, absurd or swapped numbers, one place for all, coarse rounding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.transformer import TransformerGroup

from planner.assumptions import number
from planner.errors import Question
from planner.ingest.crs_sense import Box, Reading, home_of, sense
from planner.ingest.ledger import Ledger

_PLACEHOLDERS = (0.0, -1.0, 999.0, -999.0, 9999.0, -9999.0)  # what forms and programs write for "not known"
_FEW = 10  # fewer rows say nothing about a file's habits
_TOKYO, _JGD2000 = 4301, 4612
_SHIFTED_ZONES = (6677, 6678)  # Kanto and Tohoku: moved by the earthquake of 2011
_DEGREE_M = 111_000  # of latitude, for a person's idea of a rounded coordinate


@dataclass(frozen=True)
class Where:
    """Which rows of which file, and where they are expected: the study's CRS and the areas' bounds in it (or None)."""

    role: str
    file: str
    lines: Sequence[int]
    box: Box | None
    epsg: int


def judge(
    xy: NDArray[Any],
    single: NDArray[np.bool_],
    reasons: NDArray[Any],
    stated: pyproj.CRS | None,
    where: Where,
    ledger: Ledger,
) -> tuple[Reading, NDArray[np.bool_]]:
    """How the numbers of a file are to be taken, row by row where rows differ.

    Parameters
    ----------
    xy
        One position per row as it stands in the file (of a line or polygon its first vertex), shape (n, 2).
    single
        Per row, whether it is a point: only points are set aside for what they say.
    reasons
        Per row a reason ("" usable); filled in with ``coordinate_placeholder``, ``coordinate_absurd``,
        ``coordinate_swapped``.
    stated
        The CRS that is stated; None when nothing states one.
    where, ledger
        For messages and the judgement by place.

    Returns
    -------
    (Reading, NDArray[bool])
        The CRS and axis order of the file; the rows whose axes are in the other order than the file's and that the
        planner wants turned.

    Raises
    ------
    InputError
        ``zone_wrong``.
    """
    free = reasons == ""
    absurd = free & ~(np.abs(xy) <= number("ordinate_limit_m")).all(axis=1)  # NaN is no more than anything
    reasons[absurd] = "coordinate_absurd"
    free &= ~absurd
    odd = free & single & _placeholders(xy, stated, where)
    reasons[odd] = "coordinate_placeholder"
    free &= ~odd
    reading = sense(xy[free], stated, where.epsg, where.box, where.role, where.file, ledger)
    turned = _turned_rows(xy, free & single, reading, reasons, where, ledger)
    free = reasons == ""
    _note_habits(xy[free & single], reading, where, ledger)
    note_transformation(reading.crs, where, int(free.sum()), ledger)
    if reading.crs.is_geographic:
        lonlat = reading.turned(xy)
        lonlat = np.where(turned[:, None], lonlat[:, ::-1], lonlat)
        beyond = free & ~((np.abs(lonlat[:, 0]) <= 180) & (np.abs(lonlat[:, 1]) <= 90))
        reasons[beyond] = "coordinate_absurd"
    return reading, turned


def _placeholders(xy: NDArray[Any], stated: pyproj.CRS | None, where: Where) -> NDArray[np.bool_]:
    """Pairs of one and the same placeholder number, unless the town lies there."""
    home = home_of(where.epsg, where.box)
    out = np.zeros(len(xy), dtype=bool)
    for value in _PLACEHOLDERS:
        same = (xy == value).all(axis=1)
        if same.any() and (stated is None or home is None or not home.holds(np.array([[value, value]]), stated)[0]):
            out |= same
    return out


def _turned_rows(
    xy: NDArray[Any], free: NDArray[np.bool_], reading: Reading, reasons: NDArray[Any], where: Where, ledger: Ledger
) -> NDArray[np.bool_]:
    """Rows that fall near the areas only with their axes in the other order: set aside, or turned if so answered."""
    turned = np.zeros(len(xy), dtype=bool)
    home = home_of(where.epsg, where.box)
    if where.box is None or home is None or not free.any():
        return turned
    away = np.flatnonzero(free)[~home.holds(reading.turned(xy[free]), reading.crs)]
    if len(away) == 0:
        return turned
    swapped = away[home.holds(Reading(reading.crs, not reading.swapped).turned(xy[away]), reading.crs)]
    if len(swapped) == 0:
        return turned
    told = {"role": where.role, "file": where.file, "number": len(swapped)}
    answer = ledger.offer(Question("rows_swapped", where.role, where.file, "set_aside", ("set_aside", "swap"), told))
    if answer == "swap":
        turned[swapped] = True
        cells = [(where.lines[at], f"{xy[at, 0]}, {xy[at, 1]}", f"{xy[at, 1]}, {xy[at, 0]}") for at in swapped]
        ledger.corrected("rows_turned", where.role, where.file, "coordinates", cells)
    else:
        reasons[swapped] = "coordinate_swapped"
    return turned


def _note_habits(xy: NDArray[Any], reading: Reading, where: Where, ledger: Ledger) -> None:
    """Points that are all one place (B059), and degrees rounded so far that a street cannot be told (B069)."""
    if len(xy) < _FEW:
        return
    told = {"role": where.role, "file": where.file, "rows": len(xy)}
    _, numbers = np.unique(xy, axis=0, return_counts=True)
    share = float(numbers.max() / len(xy))
    if share >= number("one_place_share"):
        ledger.note("one_place", **told, share=share)
    elif reading.crs.is_geographic:
        decimals = int(number("coarse_decimals"))
        scaled = xy * 10**decimals
        if (np.abs(scaled - np.round(scaled)) < 1e-6).all():  # what a decimal number loses as a binary one
            ledger.note("coordinates_coarse", **told, decimals=decimals, precision_m=_DEGREE_M / 10**decimals)


def without_common_place(shapes: NDArray[Any]) -> NDArray[Any]:
    """Points, None where they stand on the one place that nearly all share: it says nothing about where."""
    placed = np.flatnonzero(~shapely.is_missing(shapes))
    if len(placed) < _FEW:
        return shapes
    _, inverse, numbers = np.unique(shapely.get_coordinates(shapes), axis=0, return_inverse=True, return_counts=True)
    out = shapes.copy()
    if numbers.max() / len(placed) >= number("one_place_share"):
        out[placed[inverse == numbers.argmax()]] = None
    return out


def _datum(crs: pyproj.CRS) -> int:
    """The datum by the EPSG number of its degrees (0: one that needs no word)."""
    geodetic = crs.geodetic_crs
    name = "" if geodetic is None else geodetic.name.replace("_", " ").upper()
    if "TOKYO" in name:
        return _TOKYO
    return _JGD2000 if "JGD2000" in name.replace(" ", "") else 0


def note_transformation(crs: pyproj.CRS, where: Where, rows: int, ledger: Ledger) -> None:
    """What a change of CRS does beyond the everyday one from degrees: recorded, with its accuracy where it is poor."""
    if rows == 0 or crs.to_epsg() == where.epsg:
        return
    datum = _datum(crs)
    told = {"role": where.role, "file": where.file}
    cells = [(1, crs.name, f"EPSG:{where.epsg}")] * rows
    if datum == _TOKYO:
        ledger.corrected("datum_shifted", where.role, where.file, "CRS", cells)
        group = TransformerGroup(_TOKYO, _JGD2000, always_xy=True)
        grids = ", ".join(g.short_name for o in group.unavailable_operations for g in o.grids if not g.available)
        ledger.note("datum_accuracy", **told, accuracy_m=group.transformers[0].accuracy, grids=grids or "-")
    elif datum == _JGD2000 and where.epsg in _SHIFTED_ZONES:
        ledger.note("jgd2000_unshifted", **told)
    elif crs.is_projected:
        ledger.corrected("reprojected", where.role, where.file, "CRS", cells)
