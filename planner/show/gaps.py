"""What nobody sees today as a GeoPackage in the town's own metric CRS: per block, and per spot where that gives nothing away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.frames import Demand
from planner.show import files
from planner.show.geopackage import packed
from planner.show.words import MARK


def write_gaps(
    unseen: Demand, blocks: Mapping[str, tuple[float, float]], areas: gpd.GeoDataFrame, path: Path
) -> list[Path]:
    """Write layers ``areas`` (place and unseen offences a year) and ``spots`` (unseen offences a year, all groups).

    Parameters
    ----------
    unseen
        The demand that no standing camera sees (``coverage.unseen``).
    blocks
        Per area_id what is expected at places and what of it nobody sees.
    areas
        Town blocks (study CRS).
    path
        File to write, whole or not at all. Blocks with exact records are left out of ``spots``.

    Raises
    ------
    StoreError
        ``file_not_written``.
    """
    told = [blocks.get(a, (0.0, 0.0)) for a in areas["area_id"]]
    figures = pd.DataFrame(told, columns=["place_per_year", "unseen_per_year"], index=areas.index)
    named = areas[["area_id", "name", "district_id", "geometry"]].join(figures).assign(mark=MARK)
    exact = set(unseen.areas.loc[unseen.areas["precision"] == "point", "area_id"])
    lost = unseen.expected.sum(axis=1)
    shown = np.flatnonzero((lost > 0) & ~unseen.spots["area_id"].isin(exact).to_numpy(dtype=bool))
    spots = unseen.spots.iloc[shown][["spot_id", "area_id", "geometry"]].assign(unseen_per_year=lost[shown], mark=MARK)
    named = gpd.GeoDataFrame(named, crs=areas.crs)
    return files.put({Path(path): packed({"areas": (named, "MultiPolygon"), "spots": (spots, "Point")})})
