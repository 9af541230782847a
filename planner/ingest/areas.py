"""Areas: polygons of one name are one area."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner import frames
from planner.frames import Town
from planner.ingest.ledger import Ledger
from planner.ingest.names import place_name
from planner.ingest.plane import prefecture_name

_SHOWN = 10  # names listed in a note


def join_by_name(areas: gpd.GeoDataFrame, town: Town, ledger: Ledger) -> gpd.GeoDataFrame:
    """One area per comparable name.

    Parameters
    ----------
    areas
        Table ``areas`` as read; several rows may share a name (and an id).
    town
        The municipality.
    ledger
        Takes the notes ``areas_joined`` (names and numbers) and ``area_districts_differ``.

    Returns
    -------
    GeoDataFrame
        ``area_id`` and ``name`` of the first piece, summed households (unknown when one is), united polygons.
    """
    prefecture = prefecture_name(town.code)
    keys = pd.Series([place_name(n, municipality=town.name, prefecture=prefecture) for n in areas["name"]], dtype="str")
    members: dict[str, list[int]] = {}
    for at, key in enumerate(keys):
        members.setdefault(key, []).append(at)
    first = [group[0] for group in members.values()]
    joined = areas.iloc[first].reset_index(drop=True)
    shapes = np.asarray(areas.geometry.array)
    households = areas["households"].to_numpy(dtype=float)
    joined["households"] = [float(households[group].sum()) for group in members.values()]
    joined = joined.set_geometry(
        gpd.GeoSeries(
            [shapes[g[0]] if len(g) == 1 else shapely.union_all(shapes[g]) for g in members.values()], crs=areas.crs
        )
    )
    several = {areas["name"].iloc[g[0]]: len(g) for g in members.values() if len(g) > 1}
    if several:
        listed = "、".join(f"{name} {count}" for name, count in list(several.items())[:_SHOWN])
        ledger.note("areas_joined", number=len(several), polygons=sum(several.values()), names=listed)
    districts = areas["district_id"].to_numpy()
    split = [areas["name"].iloc[g[0]] for g in members.values() if len(set(districts[g])) > 1]
    if split:
        ledger.note("area_districts_differ", number=len(split), names="、".join(split[:_SHOWN]))
    return frames.check("areas", joined, town.epsg)
