"""What stands in the town: buildings and places, and the rectangles they are drawn with."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

STOREY_M = 2.9  # plausible
USE = {
    "house": "戸建住宅",
    "low_flats": "共同住宅（3階建て以下）",
    "high_flats": "共同住宅（4階建て以上）",
    "shop": "店舗",
    "office": "事務所",
    "school": "学校",
    "public": "公共施設",
    "factory": "工場",
    "supermarket": "店舗",
    "station": "駅舎",
    "shrine": "神社",
}

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Building:
    """One building."""

    shape: shapely.Polygon
    kind: str
    storeys: int
    households: int
    cell: int

    @property
    def height_m(self) -> float:
        """Height over the ground."""
        return round(STOREY_M * self.storeys + (1.6 if self.kind == "house" else 0.8), 1)


@dataclass(frozen=True)
class Place:
    """A place that is no street: a park, a car park, a station."""

    shape: shapely.Geometry
    kind: str
    owner: str
    cell: int


@dataclass
class Built:
    """What stands in the town."""

    buildings: list[Building] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)


def box(centre: Array, u: Array, v: Array, size: tuple[float, float]) -> shapely.Polygon:
    """A rectangle around a point."""
    a, b = u * size[0] / 2, v * size[1] / 2
    return shapely.Polygon([centre - a - b, centre + a - b, centre + a + b, centre - a + b])


def sides(shape: shapely.Polygon) -> tuple[Array, Array, Array, float, float]:
    """Middle, directions and lengths of the smallest rectangle around a shape, the longer side first."""
    corners = np.asarray(shape.minimum_rotated_rectangle.exterior.coords)[:4]
    a, b = corners[1] - corners[0], corners[2] - corners[1]
    if np.hypot(*a) < np.hypot(*b):
        a, b = b, a
    long, short = float(np.hypot(*a)), float(np.hypot(*b))
    return corners.mean(axis=0), a / long, b / short, long, short
