"""Scenes and poses of the coverage benchmarks: a real city and dense small lots."""

from __future__ import annotations

import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray

from benchmarks import samples
from benchmarks.sight import CAMERA_M, scene_of
from planner import example
from planner.coverage import visible
from planner.coverage.scene import Scene

Floats = NDArray[np.float64]
COPIES = 7  # of the extract, each way: 23,700 buildings
APART_M = 12.0
LEAST_M2 = 4.0
LOTS_PEOPLE = 100_000
LOTS_EPSG = 6677
REAL_EPSG = 3067


def real() -> Scene:
    """Central Helsinki of OpenStreetMap, 7 x 7 times: 7.4 x 11.7 km of big blocks and courtyards."""
    table = pyogrio.read_dataframe(samples.helsinki(), layer="multipolygons", on_invalid="ignore")
    table = table[table["building"].notna() & table.geometry.notna()].to_crs(REAL_EPSG)
    shapes = shapely.get_parts(shapely.make_valid(table.geometry.to_numpy()))
    shapes = shapes[(shapely.get_type_id(shapes) == 3) & (shapely.area(shapes) > LEAST_M2)]
    west, south, east, north = shapely.total_bounds(shapes)
    steps = [
        (i * (east - west + APART_M) - west, j * (north - south + APART_M) - south)
        for i in range(COPIES)
        for j in range(COPIES)
    ]
    return scene_of(np.concatenate([shapely.transform(shapes, lambda c, s=step: c + s) for step in steps]))


def lots() -> Scene:
    """The made-up town of 100,000 people: detached houses, terraces, few big blocks; all at full height here."""
    with tempfile.TemporaryDirectory() as folder:
        example.write(Path(folder) / "town", people=LOTS_PEOPLE)
        table = gpd.read_file(Path(folder) / "town" / "municipal" / "buildings.geojson").to_crs(LOTS_EPSG)
    return scene_of(table.geometry.to_numpy())


def poses(scene: Scene, number: int, seed: int = 1) -> Floats:
    """Views half a metre before a facade, turned up to 75 degrees from its normal; 60, 90 or 110 degrees, 30 to 60 m.

    None is nearer than 0.2 m to any building. Columns as in ``visible.table``; no near limit.
    """
    rng = np.random.default_rng(seed)
    rims = shapely.get_exterior_ring(scene.walls)
    share = np.cumsum(shapely.length(rims)) / shapely.length(rims).sum()
    found = np.empty((0, 3))
    while len(found) < number:
        rim = rims[np.searchsorted(share, rng.random(2 * number))]
        at = rng.random(2 * number) * shapely.length(rim)
        here, ahead = (shapely.get_coordinates(shapely.line_interpolate_point(rim, a)) for a in (at, at + 0.01))
        step = ahead - here
        size = np.hypot(step[:, 0], step[:, 1])
        outward = (
            np.column_stack([step[:, 1], -step[:, 0]]) / np.maximum(size, 1e-9)[:, None]
        )  # shells run counter-clockwise
        point = here + 0.5 * outward
        bearing = np.degrees(np.arctan2(outward[:, 0], outward[:, 1])) + rng.uniform(-75, 75, len(point))
        free = size > 1e-4
        free[scene.tree.query(shapely.points(point), predicate="dwithin", distance=0.2)[0]] = False
        found = np.concatenate([found, np.column_stack([point, bearing % 360.0])[free]])
    angle, far = rng.choice([60.0, 90.0, 110.0], number), rng.uniform(30.0, 60.0, number)
    columns = (found[:number, 2], angle, np.zeros(number), far, np.full(number, CAMERA_M))
    return visible.table(found[:number, :2], *columns)


def grid_points(scene: Scene, spacing_m: float) -> Floats:
    """Points of a square grid over the scene that lie in no building."""
    west, south, east, north = shapely.total_bounds(scene.walls)
    x, y = np.meshgrid(np.arange(west, east, spacing_m), np.arange(south, north, spacing_m))
    points = np.column_stack([x.ravel(), y.ravel()])
    inside = np.unique(scene.tree.query(shapely.points(points), predicate="intersects")[0])
    return np.delete(points, inside, axis=0)
