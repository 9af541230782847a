"""Coordinates that are not what they are called."""

from __future__ import annotations

import json

import pyproj
import pytest

from planner.ingest.plane import JGD2011
from tests.ingest.bad import Bench, Steps, case
from tests.ingest.two_blocks import AREAS, CRIME, TOWN, geojson, square

PLACES = '[places]\nfile = "p.csv"\n'
STREETS = '[streets]\nfile = "s.geojson"\n'
SPOTS = [(10.0 + 9 * n, 20.0 + 4 * n) for n in range(20)]  # plane zone IX: m east, m north, in the two blocks


def in_crs(epsg: int, spots: list[tuple[float, float]] = SPOTS) -> list[tuple[float, float]]:
    """Positions of zone IX in another CRS, east first (datums apart: by PROJ's own transformation)."""
    change = pyproj.Transformer.from_crs(6677, epsg, always_xy=True)
    return [change.transform(e, n) for e, n in spots]


def table(pairs: list[tuple[float, float]], first: str = "lon", second: str = "lat", form: str = ".7f") -> str:
    """A CSV of places."""
    return f"kind,{first},{second}\n" + "".join(f"park,{a:{form}},{b:{form}}\n" for a, b in pairs)


def degrees(spots: list[tuple[float, float]] = SPOTS) -> list[tuple[float, float]]:
    """Longitude and latitude of places in the town."""
    return in_crs(JGD2011, spots)


def street(epsg: int | None, pairs: list[tuple[float, float]]) -> str:
    """A street layer of one line."""
    return geojson([("LineString", [list(p) for p in pairs], {"kind": "市道"})], epsg)


def away_from_the_origin(town: Bench) -> None:
    """The two blocks near Tokyo Station: where axes can be told apart (at the origin of a zone they cannot)."""
    blocks: list[tuple[str, object, dict[str, object]]] = [
        ("Polygon", square(-6000, -35000), {"name": "本町1丁目"}),
        ("Polygon", square(-5900, -35000), {"name": "本町2丁目"}),
    ]
    town.write("areas.geojson", geojson(blocks))


@case("B055", "ASK", "crs_swapped", "latitude and longitude swapped", keeps="all rows, once the planner agrees")
def swapped_degrees(town: Bench) -> Steps:
    town.toml(PLACES)
    town.write("p.csv", table([(lat, lon) for lon, lat in degrees()]))
    seen = yield
    (question,) = seen.questions
    assert question.proposal == "EPSG:6668+swap"
    lon, lat = question.places["EPSG:6668+swap"][0]
    assert (lon, lat) == pytest.approx(degrees()[0], abs=1e-6)
    seen = yield
    assert seen.the_inputs.places.geometry.x.tolist() == pytest.approx([e for e, _ in SPOTS], abs=0.02)


@case("B055", "ASK", "crs_swapped", "the areas themselves with latitude first", keeps="the areas")
def swapped_areas(town: Bench) -> Steps:
    ring = [[lat, lon] for lon, lat in degrees([(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)])]
    both = [[lat, lon] for lon, lat in degrees([(100, 0), (200, 0), (200, 100), (100, 100), (100, 0)])]
    blocks: list[tuple[str, object, dict[str, object]]] = [
        ("Polygon", [ring], {"name": "本町一丁目"}),
        ("Polygon", [both], {"name": "本町二丁目"}),
    ]
    town.write("areas.geojson", geojson(blocks, None))
    seen = yield
    assert seen.questions[0].role == "areas"
    seen = yield
    assert seen.the_inputs.areas.area.tolist() == pytest.approx([1e4, 1e4], rel=1e-3)


@case(
    "B056", "SET", "coordinate_swapped", "some rows swapped, others not", keeps="the other rows; an answer turns them"
)
def some_swapped(town: Bench) -> Steps:
    town.toml(PLACES)
    rows = degrees()
    town.write("p.csv", table([(b, a) if n in (3, 7) else (a, b) for n, (a, b) in enumerate(rows)]))
    seen = yield
    assert seen.account.set_aside["line"].tolist() == [5, 9]
    assert len(seen.the_inputs.places) == 18
    assert seen.note("offered").values["key"] == "places:rows_swapped:p.csv"


@case("B056", "FIX", "rows_turned", "some rows swapped, and the planner wants them turned", keeps="all rows")
def some_swapped_and_turned(town: Bench) -> Steps:
    town.toml(PLACES)
    town.answers["places:rows_swapped:p.csv"] = "swap"
    town.write("p.csv", table([(b, a) if n == 3 else (a, b) for n, (a, b) in enumerate(degrees())]))
    seen = yield
    assert seen.the_inputs.places.geometry.x.tolist() == pytest.approx([e for e, _ in SPOTS], abs=0.02)
    assert seen.corrections("rows_turned")["line"].tolist() == [5]


@case("B057", "SET", "coordinate_placeholder", "0, -1 or 999 for not known", keeps="the other rows")
def placeholders(town: Bench) -> Steps:
    town.toml(PLACES)
    town.write("p.csv", table([(0, 0), (999, 999), (-1, -1), *degrees()]))
    seen = yield
    assert seen.reasons() == ["coordinate_placeholder"] * 3
    assert len(seen.the_inputs.places) == len(SPOTS)


@case(
    "B058", "SET", "far_outside", "a point beyond the border and 500 m", keeps="the other rows; the distance is shown"
)
def beyond_the_border(town: Bench) -> Steps:
    town.toml(PLACES)
    town.write("p.csv", table([*degrees(), *degrees([(200 + 499, 50), (200 + 750, 50)])]))
    seen = yield
    assert seen.account.set_aside["line"].tolist() == [len(SPOTS) + 3]
    assert seen.note("rows_far_outside").values["farthest_m"] == pytest.approx(750, abs=0.1)


@case("B059", "WARN", "one_place", "all records on the centre of the town", keeps="the records, as of unknown position")
def one_place(town: Bench) -> Steps:
    base = CRIME.replace('日"}', '日", lon = "経度", lat = "緯度"}')
    town.toml("", TOWN + AREAS + base)
    ((lon, lat),) = degrees([(50, 50)])
    rows = [f"自転車盗,本町２丁目,2023-01-{n + 1:02d},{lon:.7f},{lat:.7f}\n" for n in range(20)]
    town.write("crime.csv", "罪種,町名,日,経度,緯度\n" + "".join(rows))
    seen = yield
    incidents = seen.the_inputs.incidents
    assert seen.note("one_place").values["share"] == 1
    assert set(incidents["precision"]) == {"area"}  # the name places them, not the common point
    assert set(incidents["area_id"]) == {"A2"}


@case("B060", "ASK", "crs_for", "a shapefile without .prj", keeps="all features")
def no_crs(town: Bench) -> Steps:
    import geopandas as gpd
    import shapely

    town.toml('[streets]\nfile = "s.shp"\n')
    line = gpd.GeoDataFrame({"kind": ["city"]}, geometry=[shapely.LineString([(0, 0), (150, 50)])], crs=6677)
    line.to_file(town.folder / "s.shp")
    (town.folder / "s.prj").unlink()
    seen = yield
    (question,) = seen.questions
    assert question.proposal == "EPSG:6677"
    assert len(question.places["EPSG:6677"]) == 1
    seen = yield
    assert seen.the_inputs.streets.length.tolist() == pytest.approx([25_000**0.5])


@case("B061", "ASK", "zone_for", "metres in GeoJSON, which GDAL calls degrees", keeps="all features")
def metres_in_geojson(town: Bench) -> Steps:
    away_from_the_origin(town)
    town.toml(STREETS)
    town.write("s.geojson", street(None, [(-6000.0 + e, -35000.0 + n) for e, n in SPOTS]))
    seen = yield
    assert seen.questions[0].proposal == "EPSG:6677"
    seen = yield
    assert seen.the_inputs.streets.total_bounds.tolist() == pytest.approx([-5990, -34980, -5819, -34904])


@case("B061", "ASK", "zone_for", "Web Mercator metres in GeoJSON", keeps="all features")
def mercator_in_geojson(town: Bench) -> Steps:
    town.toml(STREETS)
    town.write("s.geojson", street(None, in_crs(3857)))
    seen = yield
    assert seen.questions[0].proposal == "EPSG:3857"
    seen = yield
    assert seen.the_inputs.streets.total_bounds.tolist() == pytest.approx([10, 20, 181, 96], abs=0.01)


@case("B062", "STOP", "zone_wrong", "the wrong plane zone", keeps="the right zone is proposed")
def wrong_zone(town: Bench) -> Steps:
    town.toml(STREETS)
    town.write("s.geojson", street(6676, SPOTS))
    seen = yield
    (fault,) = seen.faults
    assert (fault.values["stated"], fault.values["crs"]) == ("EPSG:6676", "EPSG:6677")


@case("B062", "STOP", "zone_wrong", "the areas in the wrong plane zone: the municipality code is the judge")
def wrong_zone_of_areas(town: Bench) -> Steps:
    blocks: list[tuple[str, object, dict[str, object]]] = [("Polygon", square(-9000, -30000), {"name": "本町"})]
    town.write("areas.geojson", geojson(blocks, 6674))
    seen = yield
    assert seen.faults[0].values["crs"] == "EPSG:6677"


@case("B063", "ASK", "crs_swapped", "X (north) and Y (east) of a survey taken for east and north", keeps="all rows")
def survey_axes(town: Bench) -> Steps:
    away_from_the_origin(town)
    town.toml(PLACES)
    spots = [(-6000.0 + e, -35000.0 + n) for e, n in SPOTS]
    town.write("p.csv", table([(n, e) for e, n in spots], "east_m", "north_m", ".1f"))
    seen = yield
    assert seen.questions[0].proposal == "EPSG:6677+swap"
    seen = yield
    assert seen.the_inputs.places.geometry.x.tolist() == pytest.approx([e for e, _ in spots])


@case("B064", "FIX", "datum_shifted", "Tokyo Datum, as its CRS says", keeps="the original coordinates in the file")
def tokyo_datum(town: Bench) -> Steps:
    town.toml(PLACES + 'crs = "EPSG:4301"\n')
    town.write("p.csv", table(in_crs(4301)))
    seen = yield
    assert seen.the_inputs.places.geometry.x.tolist() == pytest.approx([e for e, _ in SPOTS], abs=0.05)
    accuracy = seen.note("datum_accuracy").values
    assert accuracy["accuracy_m"] == 9
    assert "tky2jgd" in str(accuracy["grids"]).lower()


@case("B065", "WARN", "layer_shifted", "Tokyo Datum called JGD2011: 460 m off the streets", keeps="all rows, unmoved")
def shifted(town: Bench) -> Steps:
    side = 3000.0
    big = geojson(
        [("Polygon", square(0, 0, side), {"name": "本町1丁目"}), ("Polygon", square(3000, 0, side), {"name": "沖"})]
    )
    town.write("areas.geojson", big)
    roads = [[[0, n], [6000, n]] for n in range(100, 3000, 310)] + [[[e, 0], [e, 3000]] for e in range(90, 6000, 470)]
    town.write("s.geojson", geojson([("LineString", r, {"kind": "市道"}) for r in roads]))
    town.toml(STREETS + '[mounts]\nfile = "m.csv"\n')
    spots = [(1000.0 + 137 * n, 410.0 + 310 * (n % 7)) for n in range(30)]  # poles along the streets
    poles = "".join(f"電柱,{lon:.7f},{lat:.7f}\n" for lon, lat in in_crs(4301, spots))
    town.write("m.csv", "kind,lon,lat\n" + poles)
    seen = yield
    told = seen.note("layer_shifted").values
    assert told["role"] == "mounts"
    assert told["length_m"] == pytest.approx(463, abs=60)
    assert len(seen.the_inputs.mounts) == 30


@case("B066", "WARN", "jgd2000_unshifted", "JGD2000 where the ground moved in 2011", keeps="all rows")
def before_the_earthquake(town: Bench) -> Steps:
    town.toml(PLACES + 'crs = "EPSG:4612"\n')
    town.write("p.csv", table(degrees()))
    seen = yield
    assert len(seen.the_inputs.places) == len(SPOTS)


@case("B067", "FIX", "reprojected", "a layer in another CRS than the others", keeps="the shapes, in one CRS")
def two_crs(town: Bench) -> Steps:
    town.toml(STREETS)
    town.write("s.geojson", street(3857, in_crs(3857, [(0, 0), (100, 0)])))
    seen = yield
    assert seen.the_inputs.streets.length.tolist() == pytest.approx([100], abs=0.01)
    assert seen.corrections("reprojected")["after"].tolist() == ["EPSG:6677"]


@case("B068", "STOP", "crs_not_metric", "degrees as the unit of distances: no study can be made in them")
def degrees_for_metres(town: Bench) -> Steps:
    town.toml("", TOWN + 'crs = "EPSG:6668"\n' + AREAS + CRIME)
    seen = yield
    assert seen.inputs is None


@case("B068", "ASK", "crs_for", "degrees in the columns for metres", keeps="all rows")
def degrees_in_metre_columns(town: Bench) -> Steps:
    away_from_the_origin(town)
    town.toml(PLACES)
    spots = [(-6000.0 + e, -35000.0 + n) for e, n in SPOTS]
    town.write("p.csv", table(degrees(spots), "east_m", "north_m"))
    seen = yield
    assert seen.questions[0].proposal == "EPSG:6668"
    seen = yield
    assert seen.the_inputs.places.geometry.y.tolist() == pytest.approx([n for _, n in spots], abs=0.02)


@case("B069", "WARN", "coordinates_coarse", "coordinates rounded to two decimals", keeps="all rows near the areas")
def two_decimals(town: Bench) -> Steps:
    town.write("areas.geojson", geojson([("Polygon", square(-9000, -9000, 20_000), {"name": "本町1丁目"})]))
    town.toml(PLACES)
    spots = [(-8000.0 + 800 * n, -7000.0 + 700 * n) for n in range(20)]
    town.write("p.csv", table(degrees(spots), form=".2f"))
    seen = yield
    assert seen.note("coordinates_coarse").values["precision_m"] == pytest.approx(1110)
    assert len(seen.the_inputs.places) == 20


@case(
    "B070",
    "SET",
    "coordinate_absurd",
    "coordinates beyond the world, or none, in a geometry",
    keeps="the other features",
)
def absurd(town: Bench) -> Steps:
    town.toml(STREETS)
    text = geojson(
        [
            ("LineString", [[0, 0], [100, 0]], {"kind": "市道"}),
            ("LineString", [[0, 0], [1e12, 0]], {"kind": "市道"}),
            ("LineString", [[0, 0], [float("nan"), 0]], {"kind": "市道"}),
        ]
    )
    assert "NaN" in text
    assert json.loads(text)
    town.write("s.geojson", text)
    seen = yield
    assert seen.account.set_aside["line"].tolist() == [2, 3]
    assert len(seen.the_inputs.streets) == 1
