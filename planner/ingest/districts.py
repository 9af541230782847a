"""School districts: an area belongs to the district in which its representative point lies."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from planner.ingest.ledger import Ledger

_SHOWN = 10


def assign(areas: gpd.GeoDataFrame, districts: gpd.GeoDataFrame, ledger: Ledger) -> gpd.GeoDataFrame:
    """Table ``areas`` with ``district_id`` = the name of the district that holds a point drawn inside each area.

    Where districts overlap, the first of the file holds it. An area in none keeps the district it had; the notes
    ``districts_assigned`` and ``areas_without_district`` say how many and which.
    """
    points = shapely.point_on_surface(np.asarray(areas.geometry.array))
    tree = shapely.STRtree(np.asarray(districts.geometry.array))
    names, holder = districts["name"].to_numpy(), np.full(len(areas), -1)
    for point, district in sorted(zip(*tree.query(points, predicate="intersects").tolist(), strict=True), reverse=True):
        holder[point] = district
    assigned = areas.copy()
    kept = areas["district_id"].tolist()
    assigned["district_id"] = [str(names[h]) if h >= 0 else own for h, own in zip(holder, kept, strict=True)]
    ledger.note(
        "districts_assigned", number=int((holder >= 0).sum()), districts=len({names[h] for h in holder if h >= 0})
    )
    lost = areas["name"].to_numpy()[holder < 0]
    if len(lost):
        ledger.note("areas_without_district", number=len(lost), names="、".join(lost[:_SHOWN]))
    return assigned
