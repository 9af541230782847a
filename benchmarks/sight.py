"""``python -m benchmarks sight``: the area that each of some poses sees, on any building footprints."""

from __future__ import annotations

import argparse
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner.coverage import visible
from planner.coverage.scene import Scene, build, stand

POSES = ("east_m", "north_m", "bearing_deg", "angle_deg", "near_m", "far_m")
CAMERA_M = 4.0  # without a height of the pose every wall blocks at any height, so that this counts for nothing
ON_WALL_M = 1e-6  # a pose this near to an outline stands on it and looks out from it


def scene_of(shapes: NDArray[np.object_]) -> Scene:
    """The scene of any geometries, every wall at full height; what is no polygon is left out."""
    parts = shapely.get_parts(shapely.get_parts(shapely.force_2d(shapes[~shapely.is_missing(shapes)])))
    polygons = parts[shapely.get_type_id(parts) == 3]
    names = pd.Series([f"w{i}" for i in range(len(polygons))], dtype="str")
    return build(gpd.GeoDataFrame({"wall_id": names, "height_m": np.full(len(polygons), np.nan)}, geometry=polygons))


def areas(scene: Scene, poses: pd.DataFrame) -> NDArray[np.float64]:
    """Area of each pose (columns ``POSES``), m2."""
    points = poses[["east_m", "north_m"]].to_numpy(dtype=np.float64)
    if len(scene.walls):
        rims = shapely.STRtree(shapely.boundary(scene.walls))
        on_wall = np.unique(rims.query(shapely.points(points), predicate="dwithin", distance=ON_WALL_M)[0])
        points[on_wall] = stand(points[on_wall], scene)[0]
    return visible.areas(scene, visible.table_of(points, poses.assign(height_m=CAMERA_M)))


def main(arguments: list[str]) -> None:
    """Read walls and poses, write pose_id and area_m2."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks sight", description=__doc__)
    parser.add_argument("--walls", type=Path, required=True, help="building polygons in a metric CRS (GeoPackage)")
    parser.add_argument("--poses", type=Path, required=True, help=f"CSV: pose_id, {', '.join(POSES)}")
    parser.add_argument("--out", type=Path, required=True, help="CSV: pose_id, area_m2")
    given = parser.parse_args(arguments)
    walls = gpd.read_file(given.walls, on_invalid="fix")
    if walls.crs is not None and not walls.crs.is_projected:
        parser.error(f"{given.walls} is in {walls.crs.name}: a metric CRS is needed")
    poses = pd.read_csv(given.poses, dtype={"pose_id": "str"})
    missing = [name for name in ("pose_id", *POSES) if name not in poses]
    if missing:
        parser.error(f"{given.poses} has no column {', '.join(missing)}")
    area = areas(scene_of(walls.geometry.to_numpy()), poses)
    pd.DataFrame({"pose_id": poses["pose_id"], "area_m2": area}).to_csv(given.out, index=False)
