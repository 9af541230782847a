"""The real example town: 1,788 records of three years on 573 km of derived streets."""

import os
import re
import time
import unicodedata
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from planner import assumptions
from planner.risk import score
from planner.settings import RiskSettings

EPSG = 6677
ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("PLANNER_REAL_DATA", "../shared/data"))
YAMATO = (FOLDER if FOLDER.is_absolute() else ROOT / FOLDER) / "yamato"
NUMERALS = "〇一二三四五六七八九"
KIND = {
    "道路上": "road",
    "駐車(輪)場": "parking",
    "一戸建住宅": "detached_house",
    "その他の住宅(3階建て以下共同住宅等)": "low_flats",
    "4階建て以上共同住宅": "high_flats",
    "その他": "other",
}


def _town_name(text):
    text = unicodedata.normalize("NFKC", text)
    return re.sub(r"[一-九](?=丁目)", lambda m: str(NUMERALS.index(m[0])), text)


@pytest.fixture(scope="module")
def yamato():
    if not YAMATO.is_dir():
        pytest.skip(f"real data absent: {YAMATO} (set PLANNER_REAL_DATA)")
    rows = pd.concat([pd.read_csv(path, dtype=str) for path in sorted((YAMATO / "crime_npa").glob("*.csv"))])
    rows = rows[rows["市区町村コード（発生地）"] == "142131"].reset_index(drop=True)
    areas = gpd.read_file(YAMATO / "boundary/boundary_chome.geojson").to_crs(EPSG)
    chome = areas["chome"].fillna("").astype(str).str.replace(r"\.0$", "", regex=True)
    areas["name"] = areas["town"].where(chome == "", areas["town"] + chome + "丁目").map(_town_name)
    areas["households"] = areas["num_households"].astype(float)
    areas = areas.dissolve("name", aggfunc={"households": "sum"}).reset_index()
    areas = areas.assign(area_id=areas["name"], district_id="all")
    streets = gpd.read_file(YAMATO / "streets_derived/yamato_street_skeleton.gpkg", layer="edges").to_crs(EPSG)
    streets = streets[streets["n_blocks"] > 1]
    places = gpd.read_file(YAMATO / "poi_osm2014/osm_poi_2014_yamato.geojson").to_crs(EPSG)
    names = rows["町丁目（発生地）"].fillna("").map(_town_name)
    offence = {row["modus_ja"]: row["offence"] for row in assumptions.rows("offences")}
    kind = rows["発生場所の属性"].fillna(rows["発生場所"])
    kind = kind.fillna("").map(lambda text: KIND.get(unicodedata.normalize("NFKC", text), "unknown"))
    incidents = gpd.GeoDataFrame(
        {
            "incident_id": [f"i{n}" for n in range(len(rows))],
            "offence": rows["手口"].map(offence),
            "occurred_on": pd.Series([pd.NaT] * len(rows), dtype="datetime64[ns]"),
            "place_kind": kind,
            "area_id": names,
            "precision": np.where(names == "", "city", "area"),
            "candidates": "",
        },
        geometry=gpd.GeoSeries([None] * len(rows), crs=EPSG),
    )
    return areas, incidents, streets, places


@pytest.mark.real
def test_yamato_is_scored_quickly_and_keeps_its_1788_records(build, yamato):
    areas, incidents, streets, places = yamato
    inputs = replace(
        build({"x": (0, 0, 1, 1)}),
        areas=areas,
        incidents=incidents,
        streets=streets[["geometry"]].assign(street_id=streets["edge_id"].astype(str)),
        places=places[["geometry"]].assign(
            place_id=[f"p{n}" for n in range(len(places))], kind=places["category"], owner=""
        ),
    )
    began = time.process_time()
    demand = score(inputs, RiskSettings())
    seconds = time.process_time() - began
    notes = {note.code: note.values for note in demand.notes}
    print(len(demand.spots), round(seconds, 2), notes)
    assert seconds < 10
    assert len(demand.groups) == 7
    assert demand.expected.sum() * 3 == pytest.approx(1788, rel=1e-9)
    sums = pd.Series(demand.expected.sum(axis=1)).groupby(demand.spots["area_id"].to_numpy()).sum()
    wanted = demand.areas.groupby("area_id")["expected_per_year"].sum()
    assert sums[wanted.index].to_numpy() == pytest.approx(wanted.to_numpy(), rel=1e-9)
    assert notes["records_without_area"] == {"number": 30, "total": 1788}
    on_street = demand.spots["street_id"] != ""
    assert 105_000 < demand.spots[on_street]["measure"].eq("place").sum() < 125_000
    assert set(demand.areas["area_id"]) == set(areas["area_id"])
    rate = demand.areas["recorded"] / 3
    within = (demand.areas["low_per_year"] <= rate) & (rate <= demand.areas["high_per_year"] * 1.02)
    assert within[demand.areas["recorded"] >= 3].mean() > 0.8  # where much was recorded, the estimate stays near it
