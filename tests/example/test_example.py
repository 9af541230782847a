"""The made-up town: as large as promised, shaped like the facts, whole, and nothing in it real."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
import yaml

from planner import coverage, frames, ingest, risk, study
from planner.errors import InputError
from planner.example import write
from planner.frames import Inputs
from planner.ingest import roles
from planner.work import Work

# tests/facts: shares in crime-shape.md; three years hold about 870 thefts
THEFTS = {
    "bicycle_theft": 0.629,
    "motorcycle_theft": 0.131,
    "theft_from_car": 0.115,
    "car_parts_theft": 0.082,
    "car_theft": 0.016,
    "vending_machine_theft": 0.015,
    "snatching": 0.012,
}
PLACES = {
    "parking": 0.394,
    "low_flats": 0.167,
    "high_flats": 0.154,
    "detached_house": 0.114,
    "other": 0.101,
    "road": 0.07,
}
QUARTERS = (0.06, 0.24, 0.33, 0.37)  # of all thefts: the table's rows weighted by their shares
TOLERANCE = 0.05  # three standard deviations of a share of 0.4 among 870


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp932")


def test_the_numbers_promised(town: Path, inputs: Inputs) -> None:
    assert 25 <= len(inputs.areas) <= 35
    assert 4 <= inputs.areas["district_id"].nunique() <= 6
    assert len(inputs.walls) >= 8_000
    assert inputs.walls["height_m"].between(2, 60).all()
    assert (inputs.walls["use"] != "").all()
    assert len(inputs.mounts) >= 3_000
    assert 40 <= len(inputs.standing) <= 80
    assert len(inputs.programmes) == 6
    assert {p.payer for p in inputs.programmes} == {"national", "prefecture", "municipality"}
    assert {p.recipient for p in inputs.programmes} == {"municipality", "local_body"}
    assert 750 <= len(inputs.incidents) <= 1_050  # 250 to 350 a year
    assert sum(len(c) for c in _contents(town).values()) < 5_000_000
    assert inputs.areas["households"].sum() == pytest.approx(60_000 / 2.2, rel=0.01)


def test_spots_and_actions(inputs: Inputs) -> None:
    settings = study.wishes(inputs).settings
    demand = risk.score(inputs, settings.risk)
    survey = coverage.survey(inputs, demand, settings)
    assert len(demand.spots) >= 20_000
    assert len(survey.actions) >= 20_000
    assert demand.spots["place_id"].ne("").sum() > 500


def test_some_names_lie_in_two_polygons(town: Path, inputs: Inputs) -> None:
    polygons = gpd.read_file(town / "municipal" / "areas.geojson")
    assert len(polygons) - len(inputs.areas) in (2, 3)
    assert inputs.areas["name"].is_unique


def test_registers_hold_every_kind_of_entry(inputs: Inputs) -> None:
    assert set(inputs.mounts["kind"]) == {"utility_pole", "street_light", "signal_pole", "wall", "own_pole"}
    assert set(inputs.mounts["state"]) == {"agreed", "asked", "unknown", "refused"}
    assert inputs.mounts["host"].nunique() >= 5
    cameras = inputs.standing
    assert set(cameras["use"]) == {"own", "agreed", "on_request", "unknown"}
    assert set(cameras["retention_days"].dropna()) == {7, 14, 30}
    assert cameras["retention_days"].isna().any()
    assert cameras["bearing_deg"].isna().any()
    assert (~cameras["working"]).any()
    assert cameras["locked_until"].notna().any()
    assert (
        cameras.geometry.distance(inputs.places.loc[inputs.places["kind"] == "station"].geometry.iloc[0]).median() < 400
    )
    assert len(inputs.zones) >= 2


def test_shares_by_theft_hour_and_place(inputs: Inputs) -> None:
    found = inputs.incidents
    thefts = found["offence"].value_counts(normalize=True)
    assert set(thefts.index) == set(THEFTS)
    for offence, share in THEFTS.items():
        assert thefts[offence] == pytest.approx(share, abs=TOLERANCE), offence
    places = found.loc[found["place_kind"] != "unknown", "place_kind"].value_counts(normalize=True)
    for kind, share in PLACES.items():
        assert places[kind] == pytest.approx(share, abs=TOLERANCE), kind
    quarters = (found["hour"].dropna().astype(int) // 6).value_counts(normalize=True)
    for quarter, share in enumerate(QUARTERS):
        assert quarters[quarter] == pytest.approx(share, abs=TOLERANCE), quarter
    assert (found["place_kind"] == "unknown").any()
    assert found["hour"].isna().any()


def test_thefts_gather_where_towns_have_them(inputs: Inputs) -> None:
    placed = inputs.incidents.loc[inputs.incidents["precision"] == "area", "area_id"].value_counts(normalize=True)
    top = placed.iloc[: round(len(inputs.areas) * 12 / 113)].sum()  # the top 12 of 113 names hold 43.5 %
    assert 0.25 < top < 0.6
    station = inputs.places.loc[inputs.places["kind"] == "station"].geometry.iloc[0]
    near = inputs.areas.loc[inputs.areas.geometry.distance(station) < 50, "area_id"]
    assert placed.reindex(near).sum() > 1.5 * len(near) / len(inputs.areas)


def test_every_row_is_accounted_for(inputs: Inputs) -> None:
    for t in inputs.tallies:
        assert t.rows == t.accepted + t.set_aside + t.duplicate + t.outside, t.file
    crime = [t for t in inputs.tallies if t.role == "crime"]
    assert len(crime) == 21
    assert sum(t.set_aside for t in crime) == 3
    assert sum(t.outside for t in crime) > 100
    assert sum(t.duplicate for t in inputs.tallies) == 1
    assert set(inputs.set_aside["reason"]) == {"date_impossible", "hour_unreadable", "field_count", "total_row"}
    others = [t for t in inputs.tallies if t.role not in ("crime", "counts")]
    assert sum(t.set_aside for t in others) == 0


def test_police_files_have_the_quirks_of_real_ones(town: Path, inputs: Inputs) -> None:
    encodings = Counter(t.encoding for t in inputs.tallies if t.role == "crime")
    assert encodings == {"cp932": 14, "utf-8-sig": 7}
    old = _text((town / "crime" / "kakuu_2022zitensyatou.csv").read_bytes())
    new = _text((town / "crime" / "kakuu_2024zitensyatou.csv").read_bytes())
    assert "発生場所の属性" in old
    assert "発生場所の詳細" in new
    assert "発生場所の詳細" not in _text((town / "crime" / "kakuu_2024hittakuri.csv").read_bytes())
    assert old.count("\r\n") == old.count("\n")
    everything = "".join(_text(p.read_bytes()) for p in (town / "crime").iterdir())
    for spelling in ("１丁目", "1丁目", "一丁目", "大字", "不明", "/"):
        assert spelling in everything, spelling
    assert (inputs.incidents["precision"] == "city").any()
    named = inputs.incidents["precision"] == "area"
    assert named.mean() > 0.95


def test_every_file_says_that_it_is_made_up(town: Path) -> None:
    for name, content in _contents(town).items():
        assert "架空" in _text(content), name


def test_nothing_is_real(town: Path, inputs: Inputs) -> None:
    assert inputs.town.code.startswith("99")
    assert "架空" in inputs.town.name
    programmes = yaml.safe_load((town / "municipal" / "programmes.yaml").read_text(encoding="utf-8"))["programmes"]
    assert all("架空" in p["name_ja"] and "made-up" in p["name_en"] and p["source"] == "架空" for p in programmes)
    for path in (town / "crime").iterdir():
        for line in _text(path.read_bytes()).splitlines()[1:]:
            assert line.split(",")[4] in ("992011", "992020"), path.name


def test_geojson_keeps_the_standard(town: Path) -> None:
    for path in sorted((town / "municipal").glob("*.geojson")):
        tree = json.loads(path.read_text(encoding="utf-8"))
        assert "crs" not in tree
        for feature in tree["features"]:
            shape = shapely.from_geojson(json.dumps(feature["geometry"]))
            assert shape.is_valid, (path.name, feature["properties"])
            west, south, east, north = shape.bounds
            assert 139 < west <= east < 141
            assert 35 < south <= north < 37
            outer = [shape] if shape.geom_type == "Polygon" else []
            assert all(p.exterior.is_ccw for p in outer), path.name


def test_buildings_stand_free_of_streets_and_of_each_other(inputs: Inputs) -> None:
    walls = inputs.walls.geometry.to_numpy()
    tree = shapely.STRtree(walls)
    one, other = tree.query(walls, predicate="dwithin", distance=0.3)
    assert (one == other).all()
    sample = np.random.default_rng(5).choice(len(inputs.streets), 600, replace=False)
    lines = inputs.streets.geometry.to_numpy()[sample]
    surface = shapely.buffer(lines, inputs.streets["width_m"].to_numpy()[sample] / 2 - 0.05, cap_style="flat")
    street, _ = tree.query(surface, predicate="intersects")
    assert len(street) == 0


def test_houses_stand_a_metre_apart(inputs: Inputs) -> None:
    houses = inputs.walls.loc[inputs.walls["use"] == "戸建住宅"].geometry.to_numpy()
    gap = shapely.STRtree(houses).query_nearest(houses, exclusive=True, return_distance=True, all_matches=False)[1]
    assert 0.9 < np.median(gap) < 2.5
    assert np.mean(gap < 1.3) > 0.2


def test_streets_form_one_net_with_dead_ends_and_grids_of_many_directions(inputs: Inputs) -> None:
    lines = inputs.streets.geometry.to_numpy()
    ends = np.round(np.vstack([shapely.get_coordinates(shapely.get_point(lines, k)) for k in (0, -1)]), 1)
    _, degree = np.unique(ends, axis=0, return_counts=True)
    assert 0.02 < np.mean(degree == 1) < 0.35
    assert np.mean(degree >= 3) > 0.5
    step = shapely.get_coordinates(shapely.get_point(lines, -1)) - shapely.get_coordinates(shapely.get_point(lines, 0))
    turn = (np.degrees(np.arctan2(step[:, 1], step[:, 0])) % 90) // 5
    assert len(set(turn.tolist())) >= 8
    assert "旧道" in set(inputs.streets["kind"])


def test_requests_and_targets_are_written(town: Path) -> None:
    lines = (town / "municipal" / "requests.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "request_id,received_on,requester,wish,lon,lat"
    assert len(lines) == 26
    targets = gpd.read_file(town / "municipal" / "targets.geojson")
    assert set(targets["kind"]) == {"school_route", "entrance", "park", "station_front"}
    assert targets["target_id"].is_unique
    routes = targets.loc[targets["kind"] == "school_route"]
    assert (routes.geometry.geom_type == "LineString").all()
    assert len(routes) >= 10


def test_town_toml_names_only_what_is_read(town: Path) -> None:
    tree = tomllib.loads((town / "town.toml").read_text(encoding="utf-8"))
    known = {r.name for r in roles() if r.supported}
    assert set(tree) <= known | {"town", "budget", "retention", "rules"}
    assert len(tree["rules"]["districts"]) == 2


def test_same_seed_same_bytes_other_seed_other_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        write(tmp_path / name, seed, 4_000)
    first, again, other = (_contents(tmp_path / name) for name in "abc")
    assert first == again
    assert first != other


@pytest.mark.parametrize(("people", "seed"), [(2_000, 1), (2_000, 2), (2_000, 3), (9_000, 1), (9_000, 2), (33_000, 3)])
def test_other_sizes_are_read_without_a_fault(tmp_path: Path, people: int, seed: int) -> None:
    write(tmp_path / "town", seed, people)
    found = ingest.read(tmp_path / "town", Work())
    assert abs(len(found.areas) - max(2, people / 2_000)) <= max(2, 0.3 * people / 2_000)
    assert len(found.walls) > people / 20
    assert found.set_aside["role"].isin(["crime", "counts"]).all()


def test_a_small_town_gets_a_plan(tmp_path: Path) -> None:
    write(tmp_path / "town", 1, 2_000)
    made = study.make(tmp_path / "town", (("test", {"siting": {"frontier_steps": 3, "resamples": 0}}),), Work())
    assert len(made.sites) >= 1
    assert made.value > 0
    assert made.gap <= 0.05


@pytest.mark.parametrize("people", [-1, 0, 1_999, 500_001])
def test_people_out_of_range_are_refused(tmp_path: Path, people: int) -> None:
    with pytest.raises(InputError) as refusal:
        write(tmp_path / "town", 1, people)
    assert refusal.value.code == "example_people"
    assert not (tmp_path / "town").exists()


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    for folder in (tmp_path, tmp_path / "mine.txt"):
        with pytest.raises(InputError) as refusal:
            write(folder, 1, 2_000)
        assert refusal.value.code == "example_folder"
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    write(tmp_path, 1, 2_000)
    assert (tmp_path / "town.toml").is_file()


def test_the_office_has_places_under_way_and_a_log_of_requests(inputs: Inputs) -> None:
    steps, states = inputs.steps, dict(zip(inputs.mounts["mount_id"], inputs.mounts["state"], strict=True))
    assert set(steps["place_id"]) <= set(states)
    assert set(steps["step"]) == {
        *("candidate", "site_checked", "host_consent", "neighbours_told", "police_opinion", "permit")
    }
    consent = steps.loc[steps["step"] == "host_consent"]
    assert {states[m] for m in consent["place_id"]} == {"agreed"}
    for _, place in steps.groupby("place_id", sort=False):
        assert place["done_on"].is_monotonic_increasing
        assert place["step"].tolist() == list(frames.STEPS[: len(place)])
    numbered = steps.loc[steps["document_number"] != "", "document_number"]
    assert numbered.is_unique
    handled = study.wishes(inputs).settings.coverage  # the log says what the default says: three days
    assert (handled.handling_days, handled.handling_low_days) == (3, 1)
    log = inputs.footage_log
    assert (log["recognised_on"] <= log["received_on"]).all()
    assert (log["received_on"] <= log["secured_on"]).all()
    assert {"supplied", "overwritten", "out_of_view", "unknown"} <= set(log["outcome"])
