"""``planner saw``: from degrees and a time to the cameras to ask."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from pyproj import Transformer

from planner import assumptions, ingest, study, tracing
from planner.errors import InputError
from planner.work import Work
from tests.commands import reply, run
from tests.paper_town import write

AT, NOW = dt.datetime.fromisoformat("2026-11-01T21:30"), dt.datetime.fromisoformat("2026-11-10T09:00")


def degrees(east_m: float, north_m: float) -> tuple[float, float]:
    lon, lat = Transformer.from_crs(6677, 4326, always_xy=True).transform(east_m, north_m)
    return float(lon), float(lat)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("saw") / "town")


def test_the_command_answers_in_its_form_and_in_words(town: Path) -> None:
    lon, lat = degrees(10, 50)
    found = reply("saw", town, "--lon", lon, "--lat", lat, "--at", "2026-01-05T21:30")
    first = found["cameras"][0]
    assert (first["camera_id"], first["part"], first["owner"], first["overwritten"]) == ("k1", "place", "紙町", True)
    assert first["distance_m"] == pytest.approx(10, abs=0.01)
    assert first["kept_until_low"] == "2026-01-12T21:30:00"
    printed = run("saw", town, "--lon", lon, "--lat", lat, "--at", "2026-01-05T21:30", language="en").stdout
    assert "Code of Criminal Procedure" in printed
    refused = run("saw", town, "--lon", lon, "--lat", lat, "--at", "2099-01-05T21:30", "--json", expect=2).stdout
    assert json.loads(refused)["error"] == "time_ahead"


def test_a_place_far_from_every_block_is_refused(town: Path) -> None:
    inputs = ingest.read(town, Work())
    settings = study.wishes(inputs).settings
    reach = assumptions.number("ways_out_m")
    near = tracing.saw(inputs, settings, *degrees(50, 81 + reach / 2), AT, NOW)
    assert set(near.cameras["part"]) == {"way"}  # 111 m from the street
    with pytest.raises(InputError) as refused:
        tracing.saw(inputs, settings, *degrees(50, 81 + reach), AT, NOW)
    assert refused.value.code == "place_outside_town"
