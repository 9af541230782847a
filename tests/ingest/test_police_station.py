"""Whose jurisdiction a block is: a column of the areas, under the names that offices give it."""

from __future__ import annotations

import pytest

from planner import ingest
from tests.ingest.two_blocks import geojson, square


@pytest.mark.parametrize("heading", ["police_station", "管轄署", "所轄警察署"])
def test_the_column_is_found_by_its_names(make_town, heading: str) -> None:
    areas = geojson(
        [
            ("Polygon", square(0, 0), {"area_id": "A1", "name": "本町一丁目", heading: "紙署"}),
            ("Polygon", square(100, 0), {"area_id": "A2", "name": "本町２丁目", heading: None}),
        ]
    )
    inputs = ingest.read(make_town(files={"areas.geojson": areas}))
    assert inputs.areas["police_station"].tolist() == ["紙署", ""]


def test_without_the_column_nobody_is_named(make_town) -> None:
    toml = '\n[review]\npolice_stations = { all = "紙署" }\n'
    inputs = ingest.read(make_town(toml))
    assert inputs.areas["police_station"].tolist() == ["", ""]
    assert inputs.wishes["review"] == {"police_stations": {"all": "紙署"}}
