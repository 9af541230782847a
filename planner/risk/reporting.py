"""What would change if a district reported more or less of its offences than the others."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from planner import assumptions, frames
from planner.risk.sureness import first_blocks


def reporting(demand: frames.Demand, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """How many of the first blocks change when one district's reporting rate is low or high.

    Parameters
    ----------
    demand
        Table ``area_demand``: expected recorded offences a year per block.
    areas
        Table ``areas`` (``district_id``), study CRS.

    Returns
    -------
    DataFrame
        Table ``reporting_rates``, two rows per district: ``rate`` of reporting against the rest of the municipality
        (``reporting_low_share``, ``reporting_high_share``), ``top_blocks`` (a tenth of the blocks by offences a year and
        km2), ``changed_blocks`` of them that are others than with equal reporting. Expected offences of the district
        are divided by the rate. Records made where the police look for them, not where victims report, are not read at all.
    """
    per_area = demand.areas.groupby("area_id")["expected_per_year"].sum().reindex(areas["area_id"]).fillna(0.0)
    density = per_area.to_numpy() / areas.geometry.area.to_numpy() * 1e6
    district = areas["district_id"].to_numpy()
    most = first_blocks(len(areas))
    first = _first(density, most)
    rows = []
    for name in sorted(set(district)):
        for end in ("reporting_low_share", "reporting_high_share"):
            rate = assumptions.number(end)
            moved = _first(np.where(district == name, density / rate, density), most)
            rows.append((str(name), rate, most, len(moved - first)))
    table = pd.DataFrame(rows, columns=["district_id", "rate", "top_blocks", "changed_blocks"])
    kinds = {"district_id": "str", "rate": "float64", "top_blocks": "int64", "changed_blocks": "int64"}
    return pd.DataFrame(frames.check("reporting_rates", table.astype(kinds)))


def _first(density: np.ndarray, most: int) -> set[int]:
    """Positions of the highest densities (ties by position)."""
    return set(np.argsort(-density, kind="stable")[:most].tolist())
