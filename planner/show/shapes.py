"""From the town's metric CRS to longitude and latitude, by the letter of RFC 7946."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from planner.plan.document import Polygons

DECIMALS = 7  # about 1 cm
GRID_DEG = 10.0**-DECIMALS


@cache
def _to_wgs84(epsg: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(epsg, 4326, always_xy=True)


def lonlat(epsg: int, metres: NDArray[np.float64]) -> NDArray[np.float64]:
    """East and north in m, shape (n, 2), to longitude and latitude in degrees, rounded to ``DECIMALS``."""
    if not len(metres):
        return np.zeros((0, 2))
    lon, lat = _to_wgs84(epsg).transform(metres[:, 0], metres[:, 1])
    return np.round(np.column_stack([lon, lat]), DECIMALS) + 0.0  # + 0.0: no "-0.0"


def metric(polygons: Sequence[Polygons]) -> NDArray[Any]:
    """Stored rings as shapely (multi)polygons in the town's CRS, one per element; broken ones are mended."""
    shapes = []
    for parts in polygons:
        made = [shapely.Polygon(rings[0], rings[1:]) for rings in parts if rings and len(rings[0]) >= 3]
        shapes.append(made[0] if len(made) == 1 else shapely.MultiPolygon(made))
    array = np.array(shapes, dtype=object)
    broken = ~shapely.is_valid(array) if len(array) else np.zeros(0, dtype=bool)
    array[broken] = [_areal(s) for s in shapely.make_valid(array[broken])]
    return array


def _areal(shape: Any) -> Any:
    """Only the polygons of a mended shape."""
    parts = [
        p
        for p in shapely.get_parts(shapely.get_parts(shape))
        if p.geom_type in ("Polygon", "MultiPolygon") and not p.is_empty
    ]
    return shapely.union_all(parts) if parts else shapely.Polygon()


def degrees(epsg: int, shapes: NDArray[Any]) -> NDArray[Any]:
    """(Multi)polygons in the town's CRS as valid, right-handed polygons on a grid of ``DECIMALS`` decimals.

    Rounding can fold a thin ring onto itself: shapely's precision grid keeps the result valid, drops repeated
    points and lets parts and holes without an area vanish. What vanishes whole comes back empty.
    """
    if not len(shapes):
        return shapes
    turned = shapely.transform(shapes, lambda xy: np.column_stack(_to_wgs84(epsg).transform(xy[:, 0], xy[:, 1])))
    return shapely.orient_polygons(shapely.set_precision(turned, GRID_DEG), exterior_cw=False)


def geometry(shape: Any) -> dict[str, Any] | None:
    """The GeoJSON geometry of one (multi)polygon in degrees; None when it is empty."""
    if shape.is_empty:
        return None
    parts = [
        [[[round(x, DECIMALS) + 0.0, round(y, DECIMALS) + 0.0] for x, y in ring] for ring in _rings(part)]
        for part in shapely.get_parts(shape)
    ]
    if len(parts) == 1:
        return {"type": "Polygon", "coordinates": parts[0]}
    return {"type": "MultiPolygon", "coordinates": parts}


def _rings(part: Any) -> list[list[list[float]]]:
    """Outer ring, then holes, as coordinate pairs."""
    return [shapely.get_coordinates(ring).tolist() for ring in (part.exterior, *part.interiors)]


def bounds(shapes: NDArray[Any]) -> list[float] | None:
    """West, south, east, north of everything that is not empty, rounded to ``DECIMALS``."""
    filled = shapes[~shapely.is_empty(shapes)] if len(shapes) else shapes
    if not len(filled):
        return None
    return [round(float(v), DECIMALS) + 0.0 for v in shapely.total_bounds(filled)]
