"""Rows and layers that lie somewhere else: set aside, asked about, or refused."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from planner.assumptions import number
from planner.errors import InputError, Question
from planner.ingest.crs_sense import Box, home_of
from planner.ingest.ledger import Ledger
from planner.ingest.plane import JGD2011

_ASKED = ("crime", "standing", "mounts")  # registers of the municipality: all of it elsewhere means a wrong boundary
_SHOWN = 200


def judge_far(
    role: str, file: str, shapes: NDArray[Any], why: list[str], epsg: int, box: Box, ledger: Ledger
) -> list[str]:
    """Reasons with those of points that lie far outside the areas; a whole layer elsewhere is asked about or refused.

    Parameters
    ----------
    role, file
        For the message.
    shapes
        Geometries in the study's CRS.
    why
        Reason per geometry; "" where it is usable.
    epsg, box
        The study's CRS and the bounds of the areas in it, m.
    ledger
        Takes the notes ``rows_far_outside`` (with distances) and ``features_far``, the question
        ``right_municipality``.

    Raises
    ------
    InputError
        ``outside_boundary``: more than half of a layer that is no register of the municipality lies farther than
        the assumption ``outside_distance_m`` from the box.
    """
    good = np.flatnonzero([not reason and shape is not None for reason, shape in zip(why, shapes, strict=True)])
    if len(good) == 0:
        return why
    away_m = shapely.distance(shapes[good], shapely.box(*box))
    near_m, limit_m = number("near_distance_m"), number("outside_distance_m")
    far = int((away_m > limit_m).sum())
    told = {"role": role, "file": file, "number": far, "rows": len(good), "distance_m": limit_m}
    outside = away_m > near_m
    if role in _ASKED and outside.sum() * 2 > len(good):
        values = {**told, "number": int(outside.sum()), "distance_m": near_m}
        _ask_municipality(shapely.centroid(shapes[good]), epsg, values, ledger)
    elif role not in _ASKED and far * 2 > len(good):
        raise InputError("outside_boundary", f"{file}: {far} of {len(good)} lie more than {limit_m} m away", **told)
    if role == "crime":  # counted as outside by the areas themselves
        return why
    points = outside & (shapely.get_type_id(shapes[good]) == shapely.GeometryType.POINT)
    if points.any():
        nearest_m, farthest_m = float(away_m[points].min()), float(away_m[points].max())
        ledger.note(
            "rows_far_outside",
            role=role,
            file=file,
            number=int(points.sum()),
            limit_m=near_m,
            nearest_m=nearest_m,
            farthest_m=farthest_m,
        )
    rest = int(((away_m > limit_m) & ~points).sum())
    if rest:
        ledger.note("features_far", role=role, file=file, number=rest)
    out = list(why)
    for at in good[points]:
        out[at] = "far_outside"
    return out


def _ask_municipality(shapes: NDArray[Any], epsg: int, values: dict[str, Any], ledger: Ledger) -> None:
    """Ask whether boundary and register belong together; a map shows the register."""
    few = gpd.GeoSeries(shapes[:: max(1, len(shapes) // _SHOWN)][:_SHOWN], crs=epsg).to_crs(JGD2011)
    places = {"yes": tuple(zip(few.x.tolist(), few.y.tolist(), strict=True))}
    ledger.ask(Question("right_municipality", values["role"], values["file"], "yes", ("yes",), values, places=places))


def refuse_foreign_areas(file: str, shapes: NDArray[Any], epsg: int) -> None:
    """Refuse areas that lie outside the region the study's CRS is made for (foreign coordinates).

    Raises
    ------
    InputError
        ``areas_outside_zone``.
    """
    home = home_of(epsg, None)
    if home is None or len(shapes) == 0:
        return
    centres = shapely.get_coordinates(shapely.centroid(shapes))
    out = int((~home.holds(centres, pyproj.CRS.from_epsg(epsg))).sum())
    if out * 2 > len(shapes):
        raise InputError(
            "areas_outside_zone",
            f"{file}: {out} of {len(shapes)} areas lie outside the region of EPSG:{epsg}",
            file=file,
            number=out,
            rows=len(shapes),
            epsg=epsg,
        )
