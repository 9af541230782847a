"""The check at each door: one table of every kind of column, and each way to break it."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from planner import frames
from planner.errors import InputError
from planner.frames import checking
from planner.frames.columns import Column, Table

COLUMNS = (
    Column("spot_id", "text"),
    Column("kind", "text", optional=True, words=("park", "road")),
    Column("height_m", "number", low=0, high=50, optional=True),
    Column("days", "whole", low=1),
    Column("seats", "whole", optional=True),
    Column("lit", "flag"),
    Column("seen", "flag", optional=True),
    Column("on", "date", optional=True),
)
KEPT = {
    "spot_id": pd.Series(["a", "b"], dtype="str"),
    "kind": pd.Series(["park", ""], dtype="str"),
    "height_m": pd.Series([50.0, np.nan]),
    "days": pd.Series([1, 2]),
    "seats": pd.Series([3, None], dtype="Int64"),
    "lit": pd.Series([True, False]),
    "seen": pd.Series([True, None], dtype="boolean"),
    "on": pd.Series(pd.to_datetime(["2024-02-29", None])).astype("datetime64[ns]"),
}
POINTS = [shapely.Point(0, 0), shapely.Point(1, 1)]


@pytest.fixture(autouse=True)
def table(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under a name of its own: the schemas of a worker's other tests are kept by name."""
    monkeypatch.setattr(checking, "TABLES", {"paper_spots": Table(("spot_id",), COLUMNS, ("Point",))})


def spots(points: Any = POINTS, crs: str = "EPSG:6677", **changed: Any) -> gpd.GeoDataFrame:
    columns = {name: values for name, values in (KEPT | changed).items() if values is not None}
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=gpd.GeoSeries(points, crs=crs))


def refusal(frame: gpd.GeoDataFrame, epsg: int = 6677) -> InputError:
    with pytest.raises(InputError) as refused:
        frames.check("paper_spots", frame, epsg)
    return refused.value


def test_a_table_as_described_passes_as_it_came() -> None:
    frame = spots()
    assert frames.check("paper_spots", frame, 6677) is frame
    assert frames.check("paper_spots", frame.iloc[:0], 6677).empty
    as_objects = spots(spot_id=pd.Series(["a", "b"], dtype=object))
    assert frames.check("paper_spots", as_objects, 6677) is as_objects


@pytest.mark.parametrize(
    ("name", "values", "fault"),
    [
        ("spot_id", pd.Series(["a", None], dtype="str"), "spot_id[1]=nan"),
        ("spot_id", pd.Series(["", "b"], dtype="str"), "spot_id[0]=''"),
        ("spot_id", pd.Series(["a", "a"], dtype="str"), "spot_id[1]='a'"),
        ("spot_id", pd.Series(["a", 1], dtype=object), "spot_id[1]=1"),
        ("kind", pd.Series(["park", "sea"], dtype="str"), "kind[1]='sea'"),
        ("kind", pd.Series(["park", None], dtype="str"), "kind[1]=nan"),
        ("height_m", pd.Series([-0.5, 1.0]), "height_m[0]=-0.5"),
        ("height_m", pd.Series([1.0, 50.5]), "height_m[1]=50.5"),
        ("height_m", pd.Series([1, 2]), "height_m[None]='int64'"),
        ("days", pd.Series([1, 0]), "days[1]=0"),
        ("days", pd.Series([1, None], dtype="Int64"), "days[1]=<NA>"),
        ("days", pd.Series([1.0, 2.0]), "days[None]='float64'"),
        ("lit", pd.Series([1, 0]), "lit[None]='int64'"),
        ("on", pd.Series(["2024-02-29", ""], dtype="str"), "on[None]='str'"),
        ("seats", None, "paper_spots[None]='seats'"),
        ("more", pd.Series([1, 2]), "paper_spots[None]='more'"),
    ],
)
def test_whatever_breaks_a_rule_is_refused_with_its_place(name: str, values: Any, fault: str) -> None:
    refused = refusal(spots(**{name: values}))
    assert refused.code == "table_refused"
    assert fault in [told.partition(": ")[0] for told in refused.values["faults"].split("; ")]


def test_all_faults_are_counted_and_five_are_named() -> None:
    many = pd.concat([spots(height_m=pd.Series([-1.0, -2.0]))] * 4, ignore_index=True)
    refused = refusal(many)
    assert refused.values["number"] == 8 + 8  # eight heights, and eight keys that do not stand alone
    assert len(refused.values["faults"].split("; ")) == 5


def test_shapes_and_reference_systems_are_held_too() -> None:
    assert refusal(spots([shapely.Point(0, 0), None])).values["faults"].startswith("geometry[1]=None")
    assert refusal(spots([shapely.Point(0, 0), shapely.box(0, 0, 1, 1)])).values["faults"] == "Polygon"
    assert refusal(spots(crs="EPSG:6668")).code == "crs_not_metric"
    assert refusal(spots(), epsg=6678).code == "crs_differs"
