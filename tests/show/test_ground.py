"""The ground under the map: the paper town's streets and its one building stand where the drawing says."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from pyproj import Transformer

from planner import ingest, show
from planner.show.mapspec import Layer, MapSpec
from tests.paper_town import EPSG, write

CLEAR, BUILDING, STREET = 0, 1, 2


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory):
    return ingest.read(write(tmp_path_factory.mktemp("paper") / "town"))


def colour_at(ground: show.Ground, east_m: float, north_m: float) -> int:
    """The palette index at a place, found from the box alone (Web Mercator is linear in longitude and y)."""
    pixels = np.asarray(Image.open(io.BytesIO(ground.png)))
    mercator = Transformer.from_crs(4326, 3857, always_xy=True)
    (west, south), (east, north) = mercator.transform(*ground.box[:2]), mercator.transform(*ground.box[2:])
    x, y = Transformer.from_crs(EPSG, 3857, always_xy=True).transform(east_m, north_m)
    high, wide = pixels.shape
    return int(pixels[int((north - y) / (north - south) * high), int((x - west) / (east - west) * wide)])


@pytest.mark.parametrize(
    ("place", "colour"),
    [
        ((76, 53), BUILDING),
        ((74.3, 53.7), BUILDING),
        ((73, 53), CLEAR),
        ((79, 53), CLEAR),
        ((30, 50), STREET),
        ((30, 51.7), STREET),  # 4 m wide where the file knows no width
        ((30, 53), CLEAR),
        ((50, 30), STREET),
        ((99, 10), STREET),
        ((20, 30), CLEAR),
        ((2, 78), CLEAR),
    ],
)
def test_every_place_has_its_colour(inputs, place: tuple[float, float], colour: int) -> None:
    ground = show.ground(inputs)
    assert ground is not None
    assert colour_at(ground, *place) == colour


def test_without_streets_and_buildings_there_is_no_picture(inputs) -> None:
    assert show.ground(replace(inputs, streets=inputs.streets.iloc[:0], walls=inputs.walls.iloc[:0])) is None


def test_a_wide_street_is_drawn_wide(inputs) -> None:
    wide = inputs.streets.copy()
    wide["width_m"] = 12.0
    ground = show.ground(replace(inputs, streets=wide))
    assert ground is not None
    assert colour_at(ground, 30, 55) == STREET
    assert colour_at(ground, 30, 57) == CLEAR


def test_the_ground_lies_above_the_blocks_and_below_the_rest() -> None:
    spec = MapSpec("ja", None, tuple(Layer(key, key, "shapes", ()) for key in ("areas", "views", "sites")), (), "")
    found = show.on_ground(spec, "../x.png", (1.0, 2.0, 3.0, 4.0))
    assert [layer.key for layer in found.layers] == ["areas", "ground", "views", "sites"]
    (picture,) = found.layers[1].items
    assert (picture.address, picture.box) == ("../x.png", (1.0, 2.0, 3.0, 4.0))
