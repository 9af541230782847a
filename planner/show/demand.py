"""Expected offences as a GeoPackage in the town's own metric CRS: per spot and per town block."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.frames import Demand
from planner.show import files
from planner.show.geopackage import packed
from planner.show.words import MARK


def _blocks(demand: Demand, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """One row per block and offence group."""
    return gpd.GeoDataFrame(
        demand.areas.merge(areas[["area_id", "name", "district_id", "geometry"]], on="area_id").assign(mark=MARK),
        crs=areas.crs,
    )


def _spots(demand: Demand) -> gpd.GeoDataFrame:
    """Spots of the blocks whose records are not exact points: near those a spot would give the point away."""
    exact = set(demand.areas.loc[demand.areas["precision"] == "point", "area_id"])
    shown = ~demand.spots["area_id"].isin(exact).to_numpy(dtype=bool)
    table = demand.areas.pivot_table(index="area_id", columns="offence_group", aggfunc="first", observed=True)
    spots = demand.spots.loc[shown].reset_index(drop=True)
    parts = {}
    for at, group in enumerate(demand.groups):
        expected = demand.expected[shown, at]
        whole = table["expected_per_year"][group].reindex(spots["area_id"]).to_numpy(dtype=np.float64)
        parts[f"{group}_expected_per_year"] = expected
        for end in ("low_per_year", "high_per_year"):
            edge = table[end][group].reindex(spots["area_id"]).to_numpy(dtype=np.float64)
            parts[f"{group}_{end}"] = np.divide(expected * edge, whole, out=np.zeros_like(expected), where=whole > 0)
    return gpd.GeoDataFrame(
        pd.concat([spots, pd.DataFrame(parts)], axis=1).assign(precision="area", mark=MARK),
        geometry="geometry",
        crs=demand.spots.crs,
    )


def write_demand(demand: Demand, areas: gpd.GeoDataFrame, path: Path) -> list[Path]:
    """Write layers ``spots`` and ``areas``: expected recorded offences a year with low and high.

    Parameters
    ----------
    demand
        What ``risk.score`` gave.
    areas
        Town blocks (study CRS).
    path
        File to write, whole or not at all. Blocks with exact records are left out of ``spots``.

    Raises
    ------
    StoreError
        ``file_not_written``.
    """
    made = {"spots": (_spots(demand), "Point"), "areas": (_blocks(demand, areas), "MultiPolygon")}
    return files.put({Path(path): packed(made)})
