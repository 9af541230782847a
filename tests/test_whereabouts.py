"""The nearest 地先 of a point (P22), on paper."""

from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from planner.plan.whereabouts import Whereabouts

AREAS = pd.DataFrame({"area_id": ["A"], "name": ["本町一丁目"]})


def _inputs(rows: list[tuple[str, str, float, float]]) -> Any:
    table = gpd.GeoDataFrame(
        {"name": [r[0] for r in rows], "level": [r[1] for r in rows]}, geometry=[shapely.Point(r[2:]) for r in rows]
    )
    return SimpleNamespace(areas=AREAS, addresses=table)


def test_the_nearest_block_within_100_m_else_the_area() -> None:
    where = Whereabouts(
        _inputs(
            [
                ("本町一丁目", "town", 0, 0),  # a town is no block, however near
                ("本町一丁目3番", "street_block", 30, 0),
                ("本町一丁目2番", "street_block", -30, 0),
            ]
        )
    )
    assert where.address(shapely.Point(10, 0), "A") == "本町一丁目3番地先"
    assert where.address(shapely.Point(0, 0), "A") == "本町一丁目2番地先"  # as near as 3番: the first by name
    assert where.address(shapely.Point(130, 0), "A") == "本町一丁目3番地先"
    assert where.address(shapely.Point(131, 0), "A") == "本町一丁目地先"


def test_without_a_gazetteer_the_area_alone() -> None:
    where = Whereabouts(SimpleNamespace(areas=AREAS, addresses=gpd.GeoDataFrame()))  # type: ignore[arg-type]
    assert where.address(shapely.Point(0, 0), "A") == "本町一丁目地先"
    assert where.address(shapely.Point(0, 0), "") == ""
