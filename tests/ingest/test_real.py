"""The real town: police records of a whole prefecture, census blocks, a derived street skeleton."""

import csv
import os
import time
from collections import Counter
from pathlib import Path

import pytest

from planner import ingest
from planner.frames import Inputs

ROOT = Path(__file__).resolve().parents[2]
YAMATO = (ROOT / os.environ.get("PLANNER_REAL_DATA", "../shared/data")).resolve() / "yamato"
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not YAMATO.is_dir(), reason="real data absent (set PLANNER_REAL_DATA)"),
]


@pytest.fixture(scope="module")
def yamato() -> Inputs:
    return ingest.read(YAMATO)


def test_every_row_is_somewhere(yamato: Inputs) -> None:
    mine = [t for t in yamato.tallies if t.role == "crime"]
    assert len(mine) == 21
    assert sum(t.rows for t in mine) == 45_317
    assert sum(t.accepted for t in mine) == 1_788
    assert sum(t.set_aside for t in mine) == 6  # neither code nor municipality
    assert sum(t.duplicate for t in mine) == 0
    assert sum(t.outside for t in mine) == 43_523
    for t in yamato.tallies:
        assert t.rows == t.accepted + t.set_aside + t.duplicate + t.outside
    assert yamato.set_aside["reason"].tolist() == ["municipality_unknown"] * 6


def test_all_of_the_city_are_placed(yamato: Inputs) -> None:
    table = yamato.incidents
    assert table["precision"].value_counts().to_dict() == {"area": 1_758, "city": 30}
    assert set(table["area_id"]) - {""} <= set(yamato.areas["area_id"])
    joined = next(n.values for n in yamato.notes if n.code == "areas_joined")
    assert (joined["number"], joined["polygons"]) == (5, 20)
    assert {p.split()[0] for p in joined["names"].split("、")} == {"下鶴間", "福田", "上和田", "下和田", "深見"}
    assert len(yamato.areas) == 136 - 20 + 5
    assert yamato.areas["households"].sum() == 110_519
    assert yamato.areas.area.sum() / 1e6 == pytest.approx(27.1, abs=0.1)
    assert yamato.years == 3.0


def test_counts_by_name_agree_with_a_plain_reading(yamato: Inputs) -> None:
    """The same count with csv and a dictionary, without any of our code."""
    plain: Counter[str] = Counter()
    for path in sorted((YAMATO / "crime_npa").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                if row["市区町村コード（発生地）"] == "142131":
                    plain[row["町丁目（発生地）"].translate(str.maketrans("０１２３４５６７８９", "0123456789"))] += 1
    names = yamato.areas.set_index("area_id")["name"]
    ours = Counter(names[a] if a else "" for a in yamato.incidents["area_id"])
    assert ours == plain


def test_place_kinds_are_those_of_the_fact_sheet(yamato: Inputs) -> None:
    """Of 1,726 rows whose place is known: parks 39.4 %, low flats 16.7, high flats 15.4, houses 11.4, other 10.1, road 7.0."""
    shares = yamato.incidents["place_kind"].value_counts()
    known = shares.drop("unknown")
    assert known.sum() == 1_726
    published = {
        "parking": 39.4,
        "low_flats": 16.7,
        "high_flats": 15.4,
        "detached_house": 11.4,
        "other": 10.1,
        "road": 7.0,
    }
    assert (100 * known / known.sum()).round(1).to_dict() == published


def test_it_is_quick(yamato: Inputs) -> None:
    begin = time.process_time()
    ingest.read(YAMATO)
    assert time.process_time() - begin < 10  # about 1 s alone on a machine of 2026; ten leaves room for a busy one


def test_layers(yamato: Inputs) -> None:
    assert len(yamato.streets) == 8_443
    assert yamato.streets.length.sum() / 1e3 == pytest.approx(603.4, abs=0.1)
    assert len(yamato.places) == 209
    assert yamato.places["kind"].value_counts()["convenience"] == 63
