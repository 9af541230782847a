"""The surface of expected offences: classes by hand, edges by pyproj's own ellipsoid, everything inside the picture."""

from __future__ import annotations

import io

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from PIL import Image
from pyproj import Geod, Transformer

from planner import frames, show
from planner.show.mapspec import CLASS_COLOURS
from planner.show.surface import MOST_CELLS

EPSG = 6677
EAST_M, NORTH_M = -34_000.0, -58_000.0  # about 139.46 E, 35.48 N
GEOD = Geod(ellps="WGS84")


def demand(points, expected, groups=("snatching",)):
    """Spots at metres from a corner of the town, and what is expected at each for each group."""
    table = frames.empty("spots", EPSG).drop(columns="geometry").reindex(range(len(points)))
    for name in ("area_id", "district_id", "street_id", "place_id"):
        table[name] = pd.Series(["a"] * len(points), dtype="str")
    table["spot_id"] = pd.Series([f"s{n}" for n in range(len(points))], dtype="str")
    table["measure"] = pd.Series(["place"] * len(points), dtype="str")
    shapes = [shapely.Point(EAST_M + e, NORTH_M + n) for e, n in points]
    spots = frames.check("spots", gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes, crs=EPSG), crs=EPSG), EPSG)
    values = np.array(expected, dtype=float).reshape(len(points), len(groups))
    return frames.Demand(spots, tuple(groups), values, frames.empty("area_demand", EPSG))


def drawn(surface):
    """Palette indices, row 0 in the south."""
    image = Image.open(io.BytesIO(surface.png))
    assert image.mode == "P"
    return np.asarray(image)[::-1]


def lonlat(point):
    return Transformer.from_crs(EPSG, 4326, always_xy=True).transform(EAST_M + point[0], NORTH_M + point[1])


def cell_of(surface, point):
    """Row and column under a point, found from the box alone (Web Mercator is linear in longitude and y)."""
    mercator = Transformer.from_crs(4326, 3857, always_xy=True)
    west, south = mercator.transform(*surface.box[:2])
    east, north = mercator.transform(*surface.box[2:])
    x, y = mercator.transform(*lonlat(point))
    high, wide = drawn(surface).shape
    return int((y - south) / (north - south) * high), int((x - west) / (east - west) * wide)


FIVE = [(0, 0), (400, 0), (800, 300), (300, 700), (1200, 900)]  # each far from the others: a square of its own


@pytest.fixture(scope="module")
def five():
    return show.surfaces(demand(FIVE, [3, 1, 5, 2, 4]), EPSG)["snatching"]


def test_classes_by_hand(five):
    # squares of 2,500 m2: 1..5 offences a year are 400, 800, 1200, 1600, 2000 a km2; their quintiles 720, 1040, 1360,
    # 1680 in two digits are 720, 1000, 1400, 1700
    assert five.cell_m == pytest.approx(50)
    assert five.breaks == (720.0, 1000.0, 1400.0, 1700.0)
    classes = drawn(five)
    found = {point: int(classes[cell_of(five, point)]) for point in FIVE}
    assert found == {FIVE[0]: 3, FIVE[1]: 1, FIVE[2]: 5, FIVE[3]: 2, FIVE[4]: 4}
    assert (classes > 0).sum() == 5


def test_a_density_at_a_limit_belongs_to_the_class_below():
    made = show.surfaces(demand(FIVE[:2], [1, 1]), EPSG)["snatching"]
    assert made.breaks == (400.0,)
    assert set(np.unique(drawn(made))) == {0, 1}


def test_spots_of_one_square_add_up():
    # ten spots of 1/4 within a metre: 2.5 a year on 2,500 m2
    near = [(500 + k * 0.1, 500) for k in range(10)]
    made = show.surfaces(demand([(0, 0), *near], [1, *[0.25] * 10]), EPSG)["snatching"]
    assert cell_of(made, near[0]) == cell_of(made, near[-1])
    assert made.breaks == (520.0, 640.0, 760.0, 880.0)  # between 400 and 1000
    assert drawn(made)[cell_of(made, near[0])] == 5
    assert drawn(made)[cell_of(made, (0, 0))] == 1


def test_the_picture_ends_where_the_squares_end(five):
    west, south, east, north = five.box
    high, wide = drawn(five).shape
    lon, lat = np.array([lonlat(p) for p in FIVE]).T
    assert west <= lon.min() <= lon.max() <= east
    assert south <= lat.min() <= lat.max() <= north
    middle = (south + north) / 2
    across = GEOD.inv(west, middle, east, middle)[2]
    upward = GEOD.inv(west, south, west, north)[2]
    assert across == pytest.approx(wide * 50, rel=0.01)  # Web Mercator's scale is that of a sphere
    assert upward == pytest.approx(high * 50, rel=0.01)
    for edge, outermost in ((west, lon.min()), (east, lon.max())):
        assert GEOD.inv(edge, middle, outermost, middle)[2] < 50.5
    for edge, outermost in ((south, lat.min()), (north, lat.max())):
        assert GEOD.inv(west, edge, west, outermost)[2] < 50.5


def test_nothing_expected_has_no_colour_and_the_classes_have_theirs(five):
    image = Image.open(io.BytesIO(five.png)).convert("RGBA")
    pixels = np.asarray(image)[::-1]
    classes = drawn(five)
    assert (pixels[classes == 0][:, 3] == 0).all()
    for number, colour in enumerate(CLASS_COLOURS, start=1):
        (pixel,) = pixels[classes == number]
        assert tuple(pixel) == (*(int(colour[k : k + 2], 16) for k in (1, 3, 5)), 255)


def test_groups_apart_and_all_together():
    points = FIVE[:3]
    made = show.surfaces(demand(points, [[1, 0, 0], [0, 2, 0], [2, 1, 0]], ("a", "b", "c")), EPSG)
    assert set(made) == {show.ALL, "a", "b"}  # c is expected nowhere
    assert made["a"].box == made["b"].box == made[show.ALL].box
    seen = {name: [bool(drawn(s)[cell_of(s, p)]) for p in points] for name, s in made.items()}
    assert seen == {"a": [True, False, True], "b": [False, True, True], show.ALL: [True, True, True]}
    # all together 1, 2 and 3 a year: 400, 800, 1200 a km2; fifths at 560, 720, 880, 1040
    assert made[show.ALL].breaks == (560.0, 720.0, 880.0, 1000.0)
    assert [int(drawn(made[show.ALL])[cell_of(made[show.ALL], p)]) for p in points] == [1, 3, 5]


def test_nothing_gives_nothing():
    assert show.surfaces(demand([], []), EPSG) == {}
    assert show.surfaces(demand(FIVE, [0] * 5), EPSG) == {}


def test_one_spot_is_one_square():
    made = show.surfaces(demand([(0, 0)], [2]), EPSG)
    assert made["snatching"] == made[show.ALL]
    assert drawn(made["snatching"]).tolist() == [[1]]
    assert made["snatching"].breaks == (800.0,)


@pytest.mark.parametrize("far", [(300_000, 1_000), (1_000, 250_000), (102_350, 102_350)])
def test_a_large_town_gets_larger_squares_not_a_larger_picture(far):
    made = show.surfaces(demand([(0, 0), far], [1, 2]), EPSG)["snatching"]
    classes = drawn(made)
    assert max(classes.shape) <= MOST_CELLS
    assert max(classes.shape) > MOST_CELLS * 0.9
    assert made.cell_m == pytest.approx(max(50.0, max(far) / MOST_CELLS), rel=0.02)
    # from one offence per square to two
    low, high = (n / made.cell_m**2 * 1e6 for n in (1, 2))
    assert low < made.breaks[0] < made.breaks[-1] < high
    assert classes[cell_of(made, (0, 0))] == 1
    assert classes[cell_of(made, far)] == 5
    assert (classes > 0).sum() == 2


def test_the_same_demand_gives_the_same_picture():
    assert show.surfaces(demand(FIVE, [3, 1, 5, 2, 4]), EPSG) == show.surfaces(demand(FIVE, [3, 1, 5, 2, 4]), EPSG)
