"""RFC 7946, held by a checker that shares nothing with the writer, and by GDAL."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import show
from planner.show import shapes


def shoelace(ring):
    """Twice the signed area: positive is counter-clockwise."""
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring))


def ring_faults(ring, number):
    """Faults of one linear ring; the first of a polygon is its outer one."""
    turn = shoelace(ring)
    return [
        *(["ring not closed or too short"] if len(ring) < 4 or ring[0] != ring[-1] else []),
        *(["point repeated"] if any(a == b for a, b in pairwise(ring)) else []),
        *([f"ring {number} turns the wrong way ({turn})"] if (turn <= 0 if number == 0 else turn >= 0) else []),
    ]


def position_faults(p):
    """Faults of one position."""
    numbers = [n for n in p if isinstance(n, Decimal)]
    return [
        *([f"position of {len(p)}"] if len(p) != 2 else []),
        *(f"too many decimals: {n}" for n in numbers if -n.as_tuple().exponent > 7),
        *([] if 122 < p[0] < 154 and 20 < p[1] < 46 else [f"outside Japan: {p}"]),
    ]


def geometry_faults(geometry, places):
    """Faults of one geometry; its positions are added to ``places``."""
    found = [] if set(geometry) == {"type", "coordinates"} else [f"geometry members {sorted(geometry)}"]
    kind, coordinates = geometry["type"], geometry["coordinates"]
    polygons = {"Point": [], "Polygon": [coordinates], "MultiPolygon": coordinates}[kind]
    here = [coordinates] if kind == "Point" else [p for rings in polygons for ring in rings for p in ring]
    places += here
    found += [fault for p in here for fault in position_faults(p)]
    return found + [f for rings in polygons for n, ring in enumerate(rings) for f in ring_faults(ring, n)]


def faults(raw):
    """Everything in a file that RFC 7946 does not allow (and that Japan does not contain)."""
    found = ["BOM"] if raw[:3] == b"\xef\xbb\xbf" else []
    document = json.loads(raw.decode("utf-8-sig"), parse_float=Decimal, parse_constant=found.append)
    features = document["features"]
    if document["type"] != "FeatureCollection":
        found.append("not a FeatureCollection")
    if "crs" in document or any("crs" in f for f in features):
        found.append("crs member")
    found += [name for name in ("coordinates", "geometries", "geometry", "properties") if name in document]
    places = []
    for feature in features:
        if feature["type"] != "Feature" or set(feature) - {"type", "id", "geometry", "properties", "bbox"}:
            found.append(f"feature members {sorted(feature)}")
        if feature["geometry"] is not None:
            found += geometry_faults(feature["geometry"], places)
    if not places:
        return found + (["bbox of nothing"] if "bbox" in document else [])
    west, south = min(p[0] for p in places), min(p[1] for p in places)
    east, north = max(p[0] for p in places), max(p[1] for p in places)
    if [Decimal(str(v)) for v in document["bbox"]] != [Decimal(str(v)) for v in (west, south, east, north)]:
        found.append(f"bbox {document['bbox']}")
    return found


@pytest.fixture
def files(plan, tmp_path):
    show.export(plan, tmp_path / "sites.geojson", "geojson")
    show.export(plan, tmp_path / "coverage.geojson", "coverage")
    return tmp_path / "sites.geojson", tmp_path / "coverage.geojson"


def test_the_checker_itself_finds_faults():
    bad = {
        "type": "FeatureCollection",
        "crs": {},
        "bbox": [139, 35, 140, 36],
        "features": [
            {
                "type": "Feature",
                "properties": {},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [[[139, 35], [139, 36], [140, 36], [140, 36], [140.12345678, 35], [139, 35]]],
                },
            }
        ],
    }
    text = " | ".join(faults(b"\xef\xbb\xbf" + json.dumps(bad).encode()))
    for word in ("BOM", "crs", "decimals", "repeated", "wrong way", "bbox"):
        assert word in text


def test_both_files_keep_rfc_7946(files):
    for path in files:
        assert faults(path.read_bytes()) == []


def test_big_and_empty_plans_keep_it_too(big_plan, empty_plan, tmp_path):
    for plan in (big_plan, empty_plan):
        show.export(plan, tmp_path / "s.geojson", "geojson")
        show.export(plan, tmp_path / "c.geojson", "coverage")
        assert faults((tmp_path / "s.geojson").read_bytes()) == []
        assert faults((tmp_path / "c.geojson").read_bytes()) == []


def test_gdal_reads_the_same_back(plan, files):
    sites = pyogrio.read_dataframe(files[0])
    assert sites.crs.to_epsg() == 4326
    assert len(sites) == len(plan.sites)
    assert sites["area_name"].tolist() == [s.area_name for s in plan.sites]
    back = pyproj.Transformer.from_crs(4326, 6677, always_xy=True)
    east, north = back.transform(sites.geometry.x, sites.geometry.y)
    assert np.abs(east - [s.east_m for s in plan.sites]).max() < 0.02
    assert np.abs(north - [s.north_m for s in plan.sites]).max() < 0.02
    coverage = pyogrio.read_dataframe(files[1])
    views = [v for owner in (*plan.sites, *plan.standing) for v in owner.views]
    assert len(coverage) == len(views)
    assert coverage.geometry.is_valid.all()
    assert coverage["standing"].sum() == sum(len(c.views) for c in plan.standing)
    metric = coverage.to_crs(6677).area
    exact = shapely.area(shapes.metric([v.polygons for v in views]))
    assert np.allclose(metric, exact, rtol=0.002)


def test_a_place_worked_out_by_the_survey_authority(plan):
    # Origin of plane zone IX: 36 N, 139 50' E (Ministry's public notice No. 9 of 2002).
    lon, lat = shapes.lonlat(6677, np.array([[0.0, 0.0]]))[0]
    assert (lon, lat) == pytest.approx((139 + 50 / 60, 36.0), abs=1e-7)


def test_sites_tell_everything_the_paper_needs(plan, files):
    document = json.loads(files[0].read_text(encoding="utf-8"))
    head = document["planner"]
    assert head["plan_id"] == plan.plan_id
    assert head["gap"] == plan.gap
    assert head["status"] == "within_gap"
    assert "内部資料・取扱注意" in head["mark"]
    assert "INTERNAL DRAFT" in head["mark"]
    assert head["sources"][0]["sha256"] == "ab" * 32
    first = document["features"][0]["properties"]
    assert first["views"][1]["bearing_deg"] == 200.0
    assert len(document["features"]) == len(plan.sites)
    assert first["specification"] == {"width_px": 2560, "angle_deg": 90.0}
    assert first["payers_yen"] == {
        "national": 0, "prefecture": 180_000, "municipality": 180_000, "local_body": 0
    }  # fmt: skip
    assert first["retention_rule_ja"] == "14日以上30日以内（根拠：市の要綱）"
    assert first["gain_low_per_year"] < first["gain_per_year"] < first["gain_high_per_year"]
    assert "自転車盗" in first["reason_ja"]
    assert "bicycle theft" in first["reason_en"]
    assert all(f["properties"]["mark"] == head["mark"] for f in document["features"])
    # vendor models stay internal (P25), in both files
    for path in files:
        assert "acme" not in path.read_text(encoding="utf-8").lower()


def test_what_is_no_number_becomes_null(plan, tmp_path):
    odd = plan.model_copy(update={"sites": [plan.sites[0].model_copy(update={"gain_per_year": math.nan})]})
    show.export(odd, tmp_path / "s.geojson", "geojson")
    text = (tmp_path / "s.geojson").read_text(encoding="utf-8")
    assert "NaN" not in text
    assert json.loads(text)["features"][0]["properties"]["gain_per_year"] is None


def test_a_view_that_vanishes_on_the_grid_has_no_geometry(plan, tmp_path):
    e, n = -34_000.0, -58_000.0
    sliver = (
        plan.sites[0]
        .views[0]
        .model_copy(update={"polygons": [[[(e, n), (e + 40, n), (e + 40, n + 1e-5), (e, n + 1e-5), (e, n)]]]})
    )
    odd = plan.model_copy(update={"sites": [plan.sites[0].model_copy(update={"views": [sliver]})], "standing": []})
    show.export(odd, tmp_path / "c.geojson", "coverage")
    document = json.loads((tmp_path / "c.geojson").read_text(encoding="utf-8"))
    assert [f["geometry"] for f in document["features"]] == [None]
    assert "bbox" not in document


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 360), st.floats(0.004, 30)), min_size=3, max_size=30),
    st.floats(0.0, 0.02),
)
def test_any_star_is_written_valid_and_right_handed(corners, notch):
    """Random star polygons, some thinner than the grid, with a hole of a few millimetres."""
    e, n = -34_000.0, -58_000.0
    ring = [(e + r * math.cos(math.radians(a)), n + r * math.sin(math.radians(a))) for a, r in sorted(corners)]
    hole = [(e, n), (e + notch, n), (e + notch, n + notch), (e, n)]
    turned = shapes.degrees(6677, shapes.metric([[[ring, hole]]]))
    document = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {}, "geometry": shapes.geometry(turned[0])}],
    }
    box = shapes.bounds(turned)
    if box is not None:
        document["bbox"] = box
    assert faults(json.dumps(document).encode()) == []
    written = document["features"][0]["geometry"]
    assert written is None or shapely.is_valid(shapely.geometry.shape(written))
