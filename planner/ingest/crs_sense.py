"""In which CRS do these numbers make sense? Where they fall against the areas says it; nothing is transformed in silence.

The numbers are tried as stated, with their axes swapped, and, if that fails, in the plane zones, UTM, Web Mercator
and degrees. The share that falls into the areas' box (or, for the areas themselves, into the region of the study's
plane zone) is the witness. One hypothesis that is clearly right is proposed with a map; none is ever taken unasked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyproj
from numpy.typing import NDArray

from planner.assumptions import number
from planner.errors import InputError, Question
from planner.ingest.ledger import Ledger
from planner.ingest.plane import JGD2011

Box = tuple[float, float, float, float]
_ZONES = range(6669, 6688)  # plane zones I to XIX on JGD2011
_OTHERS = (*range(6688, 6693), 3857, JGD2011)  # UTM 51N to 55N on JGD2011, Web Mercator, degrees
_SAMPLE = 2000  # positions that are tried
_SHOWN = 200  # positions of a choice on the map
_MARGIN_DEG = 1.0  # zones are used a little beyond their edge
_SWAP = "+swap"  # end of a choice: its axes in the other order
HALF = 0.5


@dataclass(frozen=True)
class Home:
    """Where the positions of a file are expected: a box in a CRS (of the areas in m, or of a plane zone in degrees)."""

    epsg: int
    box: Box

    def holds(self, xy: NDArray[Any], crs: pyproj.CRS) -> NDArray[np.bool_]:
        """Per position, given in ``crs`` (x east or longitude first), whether it falls into the box."""
        x, y = _transformer(crs.to_wkt(), self.epsg).transform(xy[:, 0], xy[:, 1], errcheck=False)
        west, south, east, north = self.box
        return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north))


@dataclass(frozen=True)
class Reading:
    """How numbers are taken: a CRS, and whether the second of each pair is the one to the east."""

    crs: pyproj.CRS
    swapped: bool = False

    @property
    def choice(self) -> str:
        """As a choice of a question."""
        code = self.crs.to_epsg()
        return (f"EPSG:{code}" if code else self.crs.name) + (_SWAP if self.swapped else "")

    def turned(self, xy: NDArray[Any]) -> NDArray[Any]:
        """The numbers with east (longitude) first."""
        return xy[:, ::-1] if self.swapped else xy


@cache
def _transformer(wkt: str, epsg: int) -> pyproj.Transformer:
    """Made once per pair of CRS: making one costs far more than using it."""
    return pyproj.Transformer.from_crs(wkt, epsg, always_xy=True)


def home_of(epsg: int, box: Box | None) -> Home | None:
    """The areas' box with the assumption ``near_distance_m`` around it; without one the region of the study's CRS."""
    if box is not None:
        near_m = number("near_distance_m")
        return Home(epsg, (box[0] - near_m, box[1] - near_m, box[2] + near_m, box[3] + near_m))
    use = pyproj.CRS.from_epsg(epsg).area_of_use
    if use is None:
        return None
    d = _MARGIN_DEG
    return Home(JGD2011, (use.west - d, use.south - d, use.east + d, use.north + d))


def sense(
    xy: NDArray[Any], stated: pyproj.CRS | None, epsg: int, box: Box | None, role: str, file: str, ledger: Ledger
) -> Reading:
    """How a file's numbers are to be taken.

    Parameters
    ----------
    xy
        Finite numbers as they stand in the file, one pair per row, shape (n, 2).
    stated
        The CRS that the file, its kind or ``town.toml`` states; None when nothing does.
    epsg, box
        The study's metric CRS and the bounds of its areas (m); None while the areas themselves are read: then the
        region of the study's CRS, which follows from the municipality code, is the judge.
    role, file
        For the messages.
    ledger
        Takes the questions ``crs_swapped``, ``zone_for``, ``crs_for``.

    Returns
    -------
    Reading
        As stated, when half of the positions fall where they should or no other reading puts the assumption
        ``sense_share`` of them there; else as the planner answered (the proposal while there is no answer).

    Raises
    ------
    InputError
        ``zone_wrong``: metres of another plane zone than stated.
    """
    home = home_of(epsg, box)
    few = xy[:: max(1, len(xy) // _SAMPLE)]
    given = Reading(stated) if stated is not None else None
    if home is None or len(few) == 0:
        return given or Reading(pyproj.CRS.from_epsg(epsg))
    if given is not None and home.holds(few, given.crs).mean() >= HALF:
        return given
    degrees = bool((np.abs(few) <= 180).all())
    tried = _hypotheses(given, epsg)
    if degrees and given is not None and given.crs.is_geographic:  # as metres they would all lie at a zone's origin
        tried = [r for r in tried if r.crs.is_geographic]
    shares = {r: float(home.holds(r.turned(few), r.crs).mean()) for r in tried}
    # the first of equals: as stated but swapped, then the study's own zone
    best = max(shares, key=lambda r: shares[r])
    if shares[best] < number("sense_share"):
        if given is not None:
            return given
        best = Reading(pyproj.CRS.from_epsg(JGD2011 if degrees else epsg))
    values = {"role": role, "file": file, "crs": best.choice, "share": shares[best], "rows": len(xy)}
    if given is None:
        return _asked("crs_for", best, [best, *_likely(shares)], few, values, ledger)
    values["stated"] = given.choice
    if best == Reading(given.crs, swapped=True):
        return _asked("crs_swapped", best, [best, given], few, values, ledger)
    if given.crs.is_projected and best.crs.is_projected and not best.swapped:
        raise InputError("zone_wrong", f"{file}: {given.choice} stated, {best.choice} fits", **values)
    return _asked(
        "crs_for" if best.crs.is_geographic else "zone_for", best, [best, *_likely(shares), given], few, values, ledger
    )


def _hypotheses(given: Reading | None, epsg: int) -> list[Reading]:
    """Every way to take the numbers but the stated one, the likelier first."""
    codes = dict.fromkeys((epsg, *_ZONES, *_OTHERS))
    made = [Reading(given.crs, swapped=True)] if given is not None else []
    made += [Reading(pyproj.CRS.from_epsg(code), swapped) for swapped in (False, True) for code in codes]
    return list(dict.fromkeys(r for r in made if r != given))


def _likely(shares: dict[Reading, float]) -> list[Reading]:
    """The readings that put more than half of the positions where they should be."""
    return [r for r, share in shares.items() if share > HALF]


def _asked(
    code: str, best: Reading, readings: Iterable[Reading], few: NDArray[Any], values: dict[str, Any], ledger: Ledger
) -> Reading:
    """Ask how to take the numbers, with a map of each way."""
    by_choice = {r.choice: r for r in readings}
    places = {choice: _lonlat(few, r) for choice, r in by_choice.items()}
    question = Question(code, values["role"], values["file"], best.choice, tuple(by_choice), values, places=places)
    return by_choice[ledger.ask(question)]


def _lonlat(few: NDArray[Any], reading: Reading) -> tuple[tuple[float, float], ...]:
    """Some positions of a reading in degrees, for the map."""
    shown = reading.turned(few[:: max(1, len(few) // _SHOWN)][:_SHOWN])
    lon, lat = _transformer(reading.crs.to_wkt(), JGD2011).transform(shown[:, 0], shown[:, 1], errcheck=False)
    return tuple((float(a), float(b)) for a, b in zip(lon, lat, strict=True) if np.isfinite((a, b)).all())
