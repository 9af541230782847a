"""What cameras see: exact areas and polygons of many views at once.

Bearings run clockwise from grid north; angles are full horizontal angles. What a view sees is its annular sector
``near_m``..``far_m`` minus the insides of buildings minus their shadows; what stands nearer than ``near_m`` still blocks.
Where the height of a wall is known, its shadow ends where the sight line to a target ``target_height_m`` high passes over it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner import assumptions
from planner.coverage import kernel, regions
from planner.coverage.scene import Scene

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
T = TypeVar("T")
COLUMNS = ("bearing_deg", "angle_deg", "near_m", "far_m", "height_m")  # of a view, after its place
BLOCK_VIEWS = 2048  # views worked on at a time by one thread
TILE_M = 200.0  # views of one tile are worked on together: they look at the same walls


def table(
    points: Floats,
    bearing_deg: Floats,
    angle_deg: Floats,
    near_m: Floats,
    far_m: Floats,
    height_m: Floats,
) -> Floats:
    """Views as the kernel reads them, (n, 7).

    Parameters
    ----------
    points
        (n, 2) east_m, north_m of the cameras, moved off their facades by ``scene.stand``.
    bearing_deg, angle_deg, near_m, far_m, height_m
        (n,) each: degrees clockwise from grid north, full horizontal angle, horizontal distances, height of the camera.
    """
    columns = (points, bearing_deg, angle_deg, near_m, far_m, height_m)
    return np.ascontiguousarray(np.column_stack([np.asarray(c, dtype=np.float64) for c in columns]))


def table_of(points: Floats, views: pd.DataFrame) -> Floats:
    """``table`` of (geo)data frame ``views``, which holds ``COLUMNS``, at places of their own."""
    return table(points, *(views[name].to_numpy(dtype=np.float64) for name in COLUMNS))


def blocks(views: Floats) -> list[Indices]:
    """Positions of views that are worked on together, neighbours beside each other."""
    if len(views) == 0:
        return []
    tile = (views[:, [kernel.NORTH, kernel.EAST]] // TILE_M).T
    order = np.lexsort((tile[1], tile[0]))
    size = int(np.clip(len(views) // (4 * kernel.THREADS) + 1, 16, BLOCK_VIEWS))
    return np.split(order, np.arange(size, len(views), size))


def side_by_side(work: Callable[[Indices], T], parts: list[Indices]) -> Iterator[T]:
    """Results of the parts in their order, computed on every core (the kernel lets go of the interpreter)."""
    with ThreadPoolExecutor(kernel.THREADS) as pool:
        futures = [pool.submit(work, part) for part in parts]
        try:
            for future in futures:
                yield future.result()
        finally:
            for future in futures:
                future.cancel()


def _low_shadows(scene: Scene, view: Floats, target_m: float) -> NDArray[np.object_]:
    """Low buildings within ``far_m`` and what they hide: each edge swept as far as its shadow reaches."""
    here = view[:2]
    close = scene.tree.query(shapely.Point(here), predicate="dwithin", distance=view[kernel.FAR])
    low = close[scene.height_m[close] < view[kernel.HEIGHT]]
    swept = [scene.walls[low]]
    for i in low[scene.height_m[low] > target_m]:
        reach = kernel.shadow_of(scene.height_m[i], view[kernel.HEIGHT], target_m)
        points, ring = shapely.get_coordinates(shapely.get_rings(scene.walls[i]), return_index=True)
        a, b = points[:-1][ring[1:] == ring[:-1]], points[1:][ring[1:] == ring[:-1]]
        quads = np.stack([a, b, here + reach * (b - here), here + reach * (a - here)], axis=1)
        swept.append(shapely.make_valid(shapely.polygons(quads)))
    return np.concatenate(swept)


def _valid(shape: object) -> shapely.MultiPolygon:
    """A repaired shape as a MultiPolygon without lines and points."""
    parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(shape)))
    return shapely.MultiPolygon(list(parts[(shapely.get_type_id(parts) == 3) & (shapely.area(parts) > 0)]))


def _assembled(point: Floats, length: Indices, number: Indices) -> NDArray[np.object_]:
    """MultiPolygons of rings as ``regions.rings`` returns them."""
    shell = np.flatnonzero(length > 0)
    owner = np.repeat(np.arange(len(number)), number)
    offsets = (
        np.concatenate([[0], np.cumsum(np.abs(length))]),
        np.append(shell, len(length)),
        np.concatenate([[0], np.cumsum(np.bincount(owner[shell], minlength=len(number)))]),
    )
    return np.asarray(shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, point, offsets), dtype=object)


def areas(scene: Scene, views: Floats) -> Floats:
    """Area that each view sees, m2 (n,); 0 for a camera inside a building, of angle 0, or with ``far_m <= near_m``.

    In closed form: ``sum of (far^2 - near^2) angle / 2`` over open spans and of ``|p x q| / 2 - near^2 angle / 2`` over
    walls from p to q. Where low walls leave something to be seen behind them, the area of the polygon.

    Parameters
    ----------
    scene
        The walls.
    views
        (n, 7) as ``table`` makes it.
    """
    target_m = assumptions.number("target_height_m")
    area, low = np.zeros(len(views)), np.zeros(len(views), dtype=bool)
    parts = blocks(views)
    found = side_by_side(lambda part: regions.areas(scene.grid, views[part], target_m), parts)
    for part, (values, lower) in zip(parts, found, strict=True):
        area[part], low[part] = values, lower > 0
    if low.any():
        area[low] = shapely.area(_polygons(scene, views[low], target_m))
    return area


def _polygons(scene: Scene, views: Floats, target_m: float) -> NDArray[np.object_]:
    """Polygons of views as a table."""
    shapes = np.full(len(views), shapely.MultiPolygon(), dtype=object)
    parts = blocks(views)
    found = side_by_side(lambda part: regions.rings(scene.grid, views[part], target_m), parts)
    for part, (point, length, number, lower) in zip(parts, found, strict=True):
        made = _assembled(point, length, number)
        for i in np.flatnonzero(~shapely.is_valid(made)):  # borders that touch themselves
            made[i] = _valid(made[i])
        for i in np.flatnonzero(lower > 0):
            made[i] = _valid(
                shapely.difference(made[i], shapely.union_all(_low_shadows(scene, views[part[i]], target_m)))
            )
        shapes[part] = made
    return shapes


def polygons(scene: Scene, views: Floats) -> NDArray[np.object_]:
    """What each view sees: object array (n,) of valid shapely MultiPolygons, empty where ``areas`` is 0.

    Parameters as in ``areas``. Arcs are drawn by chords of at most 1 degree.
    """
    return _polygons(scene, views, assumptions.number("target_height_m"))
