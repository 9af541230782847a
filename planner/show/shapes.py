"""From the town's metric CRS to longitude and latitude, by the letter of RFC 7946."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from planner.plan import Polygons

DECIMALS = 7  # about 1 cm
_MENDINGS = 8
_LEAST_DEG2 = 0.4 * 10.0 ** (-2 * DECIMALS)  # corners on the grid enclose half a square of it, or nothing


@cache
def _to_wgs84(epsg: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(epsg, 4326, always_xy=True)


def lonlat(epsg: int, metres: NDArray[np.float64]) -> NDArray[np.float64]:
    """East and north in m, shape (n, 2), to longitude and latitude in degrees, rounded to ``DECIMALS``."""
    if not len(metres):
        return np.zeros((0, 2))
    lon, lat = _to_wgs84(epsg).transform(metres[:, 0], metres[:, 1])
    return np.round(np.column_stack([lon, lat]), DECIMALS) + 0.0  # + 0.0: no "-0.0"


def east_north(epsg: int, lon_deg: float, lat_deg: float) -> tuple[float, float]:
    """One point back: longitude and latitude to east and north in m."""
    east_m, north_m = _to_wgs84(epsg).transform(lon_deg, lat_deg, direction="INVERSE")
    return float(east_m), float(north_m)


def metric(polygons: Sequence[Polygons]) -> NDArray[Any]:
    """Stored rings as shapely (multi)polygons in the town's CRS, one per element; broken ones are mended."""
    shapes = []
    for parts in polygons:
        made = [shapely.Polygon(rings[0], rings[1:]) for rings in parts if rings and len(rings[0]) >= 3]
        shapes.append(made[0] if len(made) == 1 else shapely.MultiPolygon(made))
    return _mended(np.array(shapes, dtype=object))


def _mended(shapes: NDArray[Any]) -> NDArray[Any]:
    """The same shapes, those that are not valid replaced by the area they enclose (nothing, if they enclose none)."""
    if not len(shapes):
        return shapes
    shapes, broken = shapes.copy(), ~shapely.is_valid(shapes)
    shapes[broken] = [
        _areal(shapely.get_parts(s))
        for s in shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    ]
    return shapes


def _areal(parts: Iterable[Any]) -> Any:
    """Only polygons, as one shape."""
    kept = [p for p in parts if p.geom_type == "Polygon" and not p.is_empty]
    return kept[0] if len(kept) == 1 else shapely.MultiPolygon(kept)


def degrees(epsg: int, shapes: NDArray[Any]) -> NDArray[Any]:
    """(Multi)polygons in the town's CRS as valid, right-handed polygons with ``DECIMALS`` decimals.

    Rounding can fold a thin ring onto itself; mending it makes new corners, which are rounded again, until nothing
    is left to mend. Holes and parts thinner than the grid vanish; what vanishes whole comes back empty.
    (GEOS's own precision grid gives up on some of these rings.)
    """
    if not len(shapes):
        return shapes
    turned = shapely.transform(shapes, lambda xy: np.column_stack(_to_wgs84(epsg).transform(xy[:, 0], xy[:, 1])))
    turned = _rounded(turned)
    for _ in range(_MENDINGS):
        if shapely.is_valid(turned).all():
            break
        turned = _rounded(_mended(turned))
    hopeless = ~shapely.is_valid(turned)
    turned[hopeless] = [_simple(s) for s in turned[hopeless]]
    turned = shapely.remove_repeated_points(turned)
    parts, owner = shapely.get_parts(turned, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    flat = shapely.area(shapely.polygons(rings)) < _LEAST_DEG2
    for position in np.unique(owner[part[flat]]):
        turned[position] = _without_flat_rings(turned[position])
    oriented: NDArray[Any] = shapely.orient_polygons(turned, exterior_cw=False)
    return oriented


def _without_flat_rings(shape: Any) -> Any:
    """Parts and holes whose corners lie on one line of the grid left out: a reader cannot tell which way they turn."""

    def wide(ring: Any) -> bool:
        return float(shapely.Polygon(ring).area) >= _LEAST_DEG2

    return _areal(
        shapely.Polygon(part.exterior, [hole for hole in part.interiors if wide(hole)])
        for part in shapely.get_parts(shape)
        if not part.is_empty and wide(part.exterior)
    )


def _rounded(shapes: NDArray[Any]) -> NDArray[Any]:
    """Every corner on the grid."""
    found: NDArray[Any] = shapely.transform(shapes, lambda xy: np.round(xy, DECIMALS))
    return found


def _simple(shape: Any) -> Any:
    """The largest part that is valid without its holes (empty if none is): for what no mending settles."""
    rings = [shapely.Polygon(part.exterior) for part in shapely.get_parts(shape) if not part.is_empty]
    return max((r for r in rings if r.is_valid), key=lambda r: r.area, default=shapely.Polygon())


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
