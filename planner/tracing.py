"""Which camera saw it, until when: from a place in degrees and a time to the cameras to ask (P28). Nothing is kept."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from planner import assumptions, coverage, frames
from planner.coverage import Scene
from planner.errors import InputError
from planner.settings import Settings

_JAPAN = dt.timezone(dt.timedelta(hours=9))


def now() -> dt.datetime:
    """The time in Japan, wherever the server's clock stands, without a zone."""
    return dt.datetime.now(_JAPAN).replace(tzinfo=None)


def saw(
    inputs: frames.Inputs,
    settings: Settings,
    lon_deg: float,
    lat_deg: float,
    at: dt.datetime,
    now: dt.datetime,
    scene: Scene | None = None,
) -> frames.Sightings:
    """Standing cameras that see a place or the ways past it (``coverage.saw``).

    Parameters
    ----------
    lon_deg, lat_deg
        WGS 84 (JGD2011 is the same to a hair's breadth of a metre).
    at, now
        Local time without a zone: when it happened, when this is asked.

    Raises
    ------
    InputError
        ``place_outside_town`` of `place_in_town`, ``time_ahead`` (``at`` lies after ``now``).
    """
    if at > now:
        raise InputError(
            "time_ahead", f"{at} lies after {now}", at=at.isoformat(), now=now.isoformat(timespec="minutes")
        )
    place = place_in_town(inputs.town.epsg, inputs.areas.geometry.to_numpy(), lon_deg, lat_deg)
    return coverage.saw(inputs, settings.coverage, place, at, now, scene)


def place_in_town(epsg: int, areas: NDArray[np.object_], lon_deg: float, lat_deg: float) -> tuple[float, float]:
    """A place as ``east_m, north_m`` of the town's CRS.

    Parameters
    ----------
    epsg
        The town's metric CRS.
    areas
        Polygons of its blocks in that CRS.
    lon_deg, lat_deg
        WGS 84.

    Raises
    ------
    InputError
        ``place_outside_town``: farther from every area than ``ways_out_m``, or nowhere on the ground (nan, a pole).
    """
    east, north = Transformer.from_crs(4326, epsg, always_xy=True).transform(lon_deg, lat_deg)
    known = math.isfinite(east + north) and len(areas) > 0
    away_m = float(np.min(shapely.distance(areas, shapely.Point(east, north)))) if known else math.inf
    if away_m > assumptions.number("ways_out_m"):
        raise InputError("place_outside_town", f"{lon_deg}, {lat_deg}", lon_deg=lon_deg, lat_deg=lat_deg)
    return float(east), float(north)
