"""A made-up town of two blocks, written by hand: every figure in these tests can be counted on paper.

Two squares of 100 m side by side in plane zone IX: 本町1丁目 west, 本町2丁目 east; the corner is (0, 0).
"""

from __future__ import annotations

import json

TOWN = '[town]\nname = "紙町市"\ncode = "14999"\n'
AREAS = '[areas]\nfile = "areas.geojson"\n'
CRIME = '[crime]\nfile = "crime.csv"\ncolumns = {area = "町名", offence = "罪種", occurred_on = "日"}\n'


def square(east_m: float, north_m: float, side_m: float = 100.0) -> list[list[list[float]]]:
    """A ring as GeoJSON coordinates."""
    e, n, s = east_m, north_m, side_m
    return [[[e, n], [e + s, n], [e + s, n + s], [e, n + s], [e, n]]]


def geojson(features: list[tuple[str, object, dict[str, object]]], epsg: int | None = 6677) -> str:
    """A GeoJSON text of (geometry type, coordinates, properties)."""
    tree: dict[str, object] = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": p, "geometry": None if c is None else {"type": t, "coordinates": c}}
            for t, c, p in features
        ],
    }
    if epsg:
        tree["crs"] = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{epsg}"}}
    return json.dumps(tree, ensure_ascii=False)


TWO_BLOCKS = geojson(
    [
        ("Polygon", square(0, 0), {"area_id": "A1", "name": "本町一丁目", "households": 10}),
        ("Polygon", square(100, 0), {"area_id": "A2", "name": "本町２丁目", "households": 20}),
    ]
)
TWO_THEFTS = "罪種,町名,日\n自転車盗,本町１丁目,2023-01-01\nひったくり,本町二丁目,2023/12/31\n"
