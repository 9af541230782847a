"""The ground under the map: the paper town's streets and its one building stand where the drawing says."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from pyproj import Transformer

from planner import ingest, show
from planner.errors import StoreError
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


@pytest.fixture
def around(plan) -> show.Ground:
    """A picture of 10 km about the plan's first site, north up in Web Mercator."""
    lonlat = Transformer.from_crs(plan.town.epsg, 4326, always_xy=True)
    middle = plan.sites[0]
    west, south = lonlat.transform(middle.east_m - 5_000, middle.north_m - 5_000)
    east, north = lonlat.transform(middle.east_m + 5_000, middle.north_m + 5_000)
    buffer = io.BytesIO()
    Image.new("P", (4, 4)).save(buffer, format="PNG")
    return show.Ground(buffer.getvalue(), (west, south, east, north))


def test_on_the_sheet_the_ground_lies_where_the_sites_do(plan, around: show.Ground) -> None:
    """A site, found in the picture by Web Mercator and carried over by the sheet's matrix, is where its pin is, to 3 m."""
    text = show.content(plan, "a3", ground=around).decode("utf-8")
    found = re.search(r"<image [^>]*transform=\"matrix\(([^)]+)\)", text)
    assert found
    scale = float(re.search(r"1：([\d,.]+)", text).group(1).replace(",", ""))
    close_mm = 3.0 / scale * 1000
    a, b, c, d, e, f = map(float, found.group(1).split())
    mercator = Transformer.from_crs(4326, 3857, always_xy=True)
    (west, south), (east, north) = mercator.transform(*around.box[:2]), mercator.transform(*around.box[2:])
    pins = re.findall(r'<circle cx="([-\d.]+)" cy="([-\d.]+)" r="2.2"', text)[::-1]
    assert len(pins) == len(plan.sites) > 1
    for site, (x, y) in zip(plan.sites, pins, strict=True):
        there = Transformer.from_crs(plan.town.epsg, 3857, always_xy=True).transform(site.east_m, site.north_m)
        across, down = (there[0] - west) / (east - west), (north - there[1]) / (north - south)
        assert a * across + c * down + e == pytest.approx(float(x), abs=close_mm)
        assert b * across + d * down + f == pytest.approx(float(y), abs=close_mm)


@pytest.mark.parametrize("form", ["html", "a3"])
def test_papers_lie_on_the_ground_that_is_kept_beside_the_plan(plan, around: show.Ground, tmp_path, form) -> None:
    assert show.load_ground(tmp_path) is None
    show.write_all(plan, tmp_path, ground=around)
    kept = show.load_ground(tmp_path)
    assert kept == around
    (with_it,) = show.export(plan, tmp_path / "with", form, ground=kept)
    (without,) = show.export(plan, tmp_path / "without", form)
    assert around.address in with_it.read_text(encoding="utf-8")
    assert "data:image/png" not in without.read_text(encoding="utf-8")


@pytest.mark.parametrize("content", [b"", b'{"box": [0, 0, 1, 1]}', b'{"png": 1, "box": [0, 0, 1, 1]}'])
def test_a_broken_picture_is_refused_in_words(content: bytes, tmp_path) -> None:
    (tmp_path / show.GROUND_FILE).write_bytes(content)
    with pytest.raises(StoreError) as refused:
        show.load_ground(tmp_path)
    assert refused.value.code == "ground_not_readable"
