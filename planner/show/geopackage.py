"""GeoPackage in the town's own metric CRS: sites, what cameras see, town blocks."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from planner.plan import Plan
from planner.show import shapes
from planner.show.geojson import coverage_rows, provenance, site_properties
from planner.show.words import MARK


def _frame(rows: list[dict[str, Any]], columns: list[str], geometry: Any, epsg: int) -> gpd.GeoDataFrame:
    """Properties beside geometry; lists and tables become JSON text, since a column holds single values."""
    flat = [
        {k: json.dumps(v, ensure_ascii=False) if isinstance(v, (dict, list)) else v for k, v in row.items()}
        for row in rows
    ]
    frame = pd.DataFrame(flat, columns=columns)
    for name in frame.columns[[bool(frame[c].isna().all()) for c in frame.columns]]:
        frame[name] = frame[name].astype(object if len(frame) == 0 else float)
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(geometry, crs=epsg), crs=epsg)


def layers(plan: Plan) -> dict[str, tuple[gpd.GeoDataFrame, str]]:
    """The three layers with their geometry types."""
    epsg = plan.town.epsg
    sites = [site_properties(plan, s) for s in plan.sites]
    views = coverage_rows(plan)
    areas = [a.model_dump(exclude={"polygons"}) | {"mark": MARK} for a in plan.areas]
    points = shapely.points([(s.east_m, s.north_m) for s in plan.sites]) if sites else []
    return {
        "sites": (_frame(sites, list(sites[0]) if sites else ["id", "mark"], points, epsg), "Point"),
        "coverage": (
            _frame(
                [p for p, _ in views],
                list(views[0][0]) if views else ["id", "mark"],
                shapes.metric([v.polygons for _, v in views]),
                epsg,
            ),
            "MultiPolygon",
        ),
        "areas": (
            _frame(
                areas,
                list(areas[0]) if areas else ["area_id", "mark"],
                shapes.metric([a.polygons for a in plan.areas]),
                epsg,
            ),
            "MultiPolygon",
        ),
    }


def packed(layers: Mapping[str, tuple[gpd.GeoDataFrame, str]], metadata: Mapping[str, str] | None = None) -> bytes:
    """Layers with their geometry types as one GeoPackage.

    GDAL writes to a place of its own, so that the caller can rename the file whole.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layers.gpkg"
        for name, (frame, kind) in layers.items():
            pyogrio.write_dataframe(
                frame,
                path,
                layer=name,
                driver="GPKG",
                append=path.exists(),
                geometry_type=kind,
                promote_to_multi=kind == "MultiPolygon",
                layer_metadata=dict(metadata) if metadata else None,
            )
        return path.read_bytes()


def gpkg_bytes(plan: Plan, audit_sha256: str = "") -> bytes:
    """The plan's layers as bytes, with its provenance on each."""
    origin = provenance(plan, audit_sha256)
    metadata = {k: v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for k, v in origin.items()}
    return packed(layers(plan), metadata)
