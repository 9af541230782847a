"""Expected offences as a picture: squares in five classes, a palette PNG that lies on the map."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pyproj import Transformer

from planner.frames import Demand
from planner.show.mapspec import CLASS_COLOURS, quintiles

CELL_M = 50.0  # side of a square on the ground: some ten spots of street each; the records are coarser still
MOST_CELLS = 2048  # along either side: a larger picture makes browsers stutter
ALL = ""  # the key of the surface of all offences together


@dataclass(frozen=True)
class Surface:
    """Squares of ``cell_m`` on the ground, five classes of offences a year and km2.

    Attributes
    ----------
    png
        Palette PNG, north up, Web Mercator; no colour where nothing is expected.
    box
        West, south, east, north in degrees.
    breaks
        Upper limits of all classes but the last, offences a year and km2.
    cell_m
        Side of a square on the ground, metres.
    """

    png: bytes
    box: tuple[float, float, float, float]
    breaks: tuple[float, ...]
    cell_m: float


def surfaces(demand: Demand, epsg: int) -> dict[str, Surface]:
    """A surface of all offences together (key ``""``) and of every offence group that is expected at all."""
    points = demand.spots.geometry
    if not len(points):
        return {}
    mercator = Transformer.from_crs(epsg, 3857, always_xy=True)
    east, north = mercator.transform(points.x.to_numpy(), points.y.to_numpy())
    lonlat = Transformer.from_crs(3857, 4326, always_xy=True)
    latitude = lonlat.transform(float(np.mean(east)), float(np.mean(north)))[1]
    stretch = 1.0 / math.cos(math.radians(latitude))  # Mercator metres per metre on the ground
    extent = max(np.ptp(east), np.ptp(north))
    step = max(CELL_M * stretch, extent / (MOST_CELLS - 1))
    west, south = math.floor(east.min() / step) * step, math.floor(north.min() / step) * step
    column = ((east - west) / step).astype(np.int64)
    row = ((north - south) / step).astype(np.int64)
    high, wide = int(row.max()) + 1, int(column.max()) + 1
    corners = [lonlat.transform(west, south), lonlat.transform(west + wide * step, south + high * step)]
    box = (corners[0][0], corners[0][1], corners[1][0], corners[1][1])
    cell_m = step / stretch
    expected = demand.expected
    weights = {ALL: expected.sum(axis=1), **{g: expected[:, n] for n, g in enumerate(demand.groups)}}
    made = {}
    for name, weight in weights.items():
        if weight.sum() <= 0:
            continue
        cells = np.bincount(row * wide + column, weights=weight, minlength=high * wide).reshape(high, wide)
        density = cells / (cell_m * cell_m) * 1e6
        breaks = quintiles(density[density > 0])
        made[name] = Surface(_png(density, breaks), box, breaks, cell_m)
    return made


def _png(density: NDArray[np.float64], breaks: tuple[float, ...]) -> bytes:
    """One byte a square: 0 is no colour, 1 to 5 are the classes."""
    classes = np.where(density > 0, 1 + np.searchsorted(breaks, density, side="left"), 0).astype(np.uint8)
    image = Image.fromarray(classes[::-1], mode="P")
    palette = [255, 255, 255, *(int(c[k : k + 2], 16) for c in CLASS_COLOURS for k in (1, 3, 5))]
    image.putpalette(palette)
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", transparency=0, optimize=True)
    return buffer.getvalue()
