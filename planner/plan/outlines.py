"""What the plans of one question draw alike: every view and every outline is written down once, however many plans show it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd

from planner.plan import document as doc
from planner.plan.recount import records
from planner.plan.values import maybe, rings_of, zone_of

_MAP_TOLERANCE_M = 0.5  # block outlines are drawn, not measured: half a metre is invisible on any map of a town


class Outlines:
    """Views and blocks as the document has them.

    Parameters
    ----------
    views
        ``view_id``, ``area_m2``, where it reads number plates, and polygon of every view that a plan may show (study CRS).
    zones
        The same views by class of pixels per metre, by day and night (table ``view_zones``).
    mounts
        Where views may hang.
    """

    def __init__(self, views: gpd.GeoDataFrame, zones: gpd.GeoDataFrame | None, mounts: pd.DataFrame) -> None:
        self.table = views
        self.views = {r["view_id"]: r for r in records(views)}
        self.mounts = {r["mount_id"]: r for r in records(mounts)}
        self._zones: dict[str, list[doc.ZonePart]] = defaultdict(list)
        for row in [] if zones is None else records(zones):
            self._zones[row["view_id"]].append(zone_of(row))
        self._parts: dict[tuple[str, float], doc.ViewPart] = {}
        self._blocks: dict[str, doc.Polygons] = {}

    def view(self, view: Mapping[str, Any], pixels_per_m: float) -> doc.ViewPart:
        """One view (a row of table ``views``) for a task of so many pixels per metre."""
        key = view["view_id"], pixels_per_m
        if key not in self._parts:
            self._parts[key] = self._part(view, pixels_per_m)
        return self._parts[key]

    def _part(self, view: Mapping[str, Any], pixels_per_m: float) -> doc.ViewPart:
        outline = self.views[view["view_id"]]
        return doc.ViewPart(
            view_id=view["view_id"],
            bearing_deg=round(view["bearing_deg"], 1),
            angle_deg=view["angle_deg"],
            near_m=round(view["near_m"], 2),
            far_m=round(view["far_m"], 2),
            pixels_per_m=pixels_per_m,
            area_m2=round(outline["area_m2"], 1),
            polygons=rings_of(outline["geometry"]),
            plate_near_m=round(outline["plate_near_m"], 2),
            plate_far_m=round(outline["plate_far_m"], 2),
            storage_gb_per_day=maybe(outline["storage_gb_per_day"]),
            zones=self._zones.get(view["view_id"], []),
        )

    def block(self, identity: str, geometry: Any) -> doc.Polygons:
        """The outline of a block or a zone, for drawing."""
        if identity not in self._blocks:
            self._blocks[identity] = rings_of(geometry, _MAP_TOLERANCE_M)
        return self._blocks[identity]
