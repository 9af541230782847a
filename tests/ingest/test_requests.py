"""Requests and targets: read and checked like any other layer, kept, and said aloud to move nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from planner import frames, ingest
from planner.errors import InputFaults, Note
from planner.frames import Inputs, Tally
from planner.text import LANGUAGES, say

Maker = Callable[..., Path]
Geojson = Callable[..., str]
REQUESTS = '[requests]\nfile = "r.csv"\n'
TARGETS = '[targets]\nfile = "t.geojson"\n'
KEPT = ("requests_not_scored", "targets_counted_apart")
ROUTE = ("LineString", [[0, 50], [200, 50]], {"name": "本町小学校の通学路", "kind": "通学路"})


def codes(folder: Path) -> list[str]:
    with pytest.raises(InputFaults) as caught:
        ingest.read(folder)
    return [f.code for f in caught.value.faults]


def aside(inputs: Inputs) -> list[list[object]]:
    return inputs.set_aside[["role", "line", "reason"]].to_numpy().tolist()


def tally(inputs: Inputs, role: str) -> Tally:
    return next(t for t in inputs.tallies if t.role == role)


def kept(inputs: Inputs) -> list[Note]:
    return [n for n in inputs.notes if n.code in KEPT]


def test_a_register_of_requests(make_town: Maker) -> None:
    toml = (
        REQUESTS + 'columns = {request_id = "受付番号", received_on = "受付日", requester = "要望者", wish = "内容"}\n'
    )
    text = (
        "受付番号,受付日,要望者,内容,経度,緯度\n"
        "R6-1,令和6年4月1日,本町自治会,防犯カメラの新設,139.8337,36.0004\n"
        "R6-2,不明,,,139.8338,36.0004\n"
    )
    inputs = ingest.read(make_town(toml, {"r.csv": text}))
    table = inputs.requests
    assert table["request_id"].tolist() == ["R6-1", "R6-2"]
    assert str(table["received_on"][0].date()) == "2024-04-01"
    assert table["received_on"].isna().tolist() == [False, True]
    assert table["requester"].tolist() == ["本町自治会", ""]
    assert table["wish"].tolist() == ["防犯カメラの新設", ""]
    assert table.geometry.y.tolist() == pytest.approx([44.4, 44.4], abs=0.2)
    assert (tally(inputs, "requests").rows, tally(inputs, "requests").accepted) == (2, 2)
    frames.check("requests", table, 6677)


def test_requests_without_anything_but_points(make_town: Maker, geojson: Geojson) -> None:
    """Metres in a text file, or the points of a map layer; equal rows are two requests where no number tells."""
    inputs = ingest.read(make_town(REQUESTS, {"r.csv": "east_m,north_m\n10,20\n10,20\n30,40\n"}))
    assert inputs.requests["request_id"].tolist() == ["r1", "r2", "r3"]
    assert [(p.x, p.y) for p in inputs.requests.geometry] == [(10, 20), (10, 20), (30, 40)]
    assert inputs.requests["received_on"].isna().all()
    text = geojson([("Point", [10, 20], {"requester": "本町小学校"})])
    inputs = ingest.read(make_town('[requests]\nfile = "r.geojson"\n', {"r.geojson": text}))
    assert inputs.requests[["request_id", "requester"]].to_numpy().tolist() == [["r1", "本町小学校"]]
    assert [(p.x, p.y) for p in inputs.requests.geometry] == [(10, 20)]


def test_requests_set_aside_with_their_reason(make_town: Maker) -> None:
    text = (
        "request_id,received_on,wish,east_m,north_m\n"
        "1,2024-04-01,新設,10,20\n"
        "2,きのう,新設,10,20\n"
        "3,2024-04-01,新設,,\n"
        "4,2024-04-01,新設,駅前,20\n"
        "1,2024-05-01,増設,10,20\n"
        "1,2024-04-01,新設,10,20\n"
        ",2024-04-01,新設,10,20\n"
        "5,2024-04-01\n"
    )
    inputs = ingest.read(make_town(REQUESTS, {"r.csv": text}))
    assert inputs.requests["request_id"].tolist() == ["1"]
    assert sorted(aside(inputs), key=lambda row: int(str(row[1]))) == [
        ["requests", 3, "date_unreadable"],
        ["requests", 4, "coordinate_missing"],
        ["requests", 5, "coordinate_unreadable"],
        ["requests", 6, "id_repeated"],
        ["requests", 8, "value_missing"],
        ["requests", 9, "field_count"],
    ]
    mine = tally(inputs, "requests")
    assert (mine.rows, mine.accepted, mine.set_aside, mine.duplicate, mine.outside) == (8, 1, 6, 1, 0)
    assert [n.values["number"] for n in kept(inputs)] == [1]


def test_requests_that_are_no_points(make_town: Maker, geojson: Geojson) -> None:
    toml = '[requests]\nfile = "r.geojson"\n'
    text = geojson([("Point", [1, 1], {}), ROUTE, ("Point", None, {})])
    assert codes(make_town(toml, {"r.geojson": text})) == ["kinds_mixed"]
    inputs = ingest.read(make_town(toml, {"r.geojson": text}), answers={"requests:kinds_mixed:r.geojson": "point"})
    assert len(inputs.requests) == 1
    assert aside(inputs) == [["requests", 2, "geometry_kind"], ["requests", 3, "geometry_missing"]]
    assert codes(make_town(toml, {"r.geojson": geojson([ROUTE])})) == ["nothing_usable"]
    assert codes(make_town(REQUESTS, {"r.csv": "requester\n本町自治会\n"})) == ["column_missing"]


def test_targets_of_every_shape(make_town: Maker, geojson: Geojson, square: Callable[..., object]) -> None:
    features = [
        ROUTE,
        ("MultiLineString", [[[0, 0], [9, 0]], [[0, 9], [9, 9]]], {"name": "東通学路", "kind": "school_route"}),
        ("Point", [0, 50], {"name": "西口", "kind": "地域の出入口"}),
        ("Polygon", square(10, 10, 20), {"name": "本町公園", "kind": "都市公園"}),
        ("Point", [100, 50], {"name": "紙町駅", "kind": "駅前広場"}),
    ]
    inputs = ingest.read(make_town(TARGETS, {"t.geojson": geojson(features)}))
    table = inputs.targets
    assert table["target_id"].tolist() == ["t1", "t2", "t3", "t4", "t5"]
    assert table["kind"].tolist() == ["school_route", "school_route", "entrance", "park", "station_front"]
    assert set(table["kind"]) == set(frames.TARGET_KINDS)
    assert table.length.tolist() == pytest.approx([200, 18, 0, 80, 0])
    assert inputs.set_aside.empty
    frames.check("targets", table, 6677)


def test_targets_set_aside_with_their_reason(make_town: Maker, geojson: Geojson) -> None:
    bow_tie = [[[0, 0], [10, 10], [10, 0], [0, 10], [0, 0]]]
    features = [
        ("Point", [1, 1], {"target_id": "a", "name": "本町公園", "kind": "公園"}),
        ("Point", [1, 1], {"target_id": "b", "name": "", "kind": "公園"}),
        ("Point", [1, 1], {"target_id": "c", "name": "不夜城", "kind": "繁華街"}),
        ("Point", [1, 1], {"target_id": "d", "name": "何か", "kind": "不明"}),
        ("MultiPoint", [[1, 1], [2, 2]], {"target_id": "e", "name": "二つの口", "kind": "出入口"}),
        ("Polygon", bow_tie, {"target_id": "f", "name": "蝶公園", "kind": "公園"}),
        ("Point", None, {"target_id": "g", "name": "無公園", "kind": "公園"}),
        ("Point", [2, 2], {"target_id": "a", "name": "本町公園", "kind": "公園"}),
    ]
    answers = {"targets:repair_area:t.geojson": "set_aside"}
    inputs = ingest.read(make_town(TARGETS, {"t.geojson": geojson(features)}), answers=answers)
    assert inputs.targets["target_id"].tolist() == ["a"]
    assert [row[1:] for row in aside(inputs)] == [
        [2, "value_missing"],
        [3, "unknown_word"],
        [4, "value_missing"],
        [5, "geometry_kind"],
        [6, "geometry_invalid"],
        [7, "geometry_missing"],
        [8, "id_repeated"],
    ]
    mine = tally(inputs, "targets")
    assert (mine.rows, mine.accepted, mine.set_aside, mine.duplicate, mine.outside) == (8, 1, 7, 0, 0)


def test_targets_refused(make_town: Maker, geojson: Geojson) -> None:
    unnamed = geojson([("Point", [1, 1], {"kind": "park"})])
    assert codes(make_town(TARGETS, {"t.geojson": unnamed})) == ["column_missing"]
    kindless = geojson([("Point", [1, 1], {"name": "本町公園"})])
    assert codes(make_town(TARGETS, {"t.geojson": kindless})) == ["column_missing"]
    points = "name,kind,east_m,north_m\n本町公園,公園,1,1\n"
    assert codes(make_town('[targets]\nfile = "t.csv"\n', {"t.csv": points})) == ["file_kind_refused"]


def test_elsewhere_is_refused_and_a_few_far_off_are_noted(make_town: Maker, geojson: Geojson) -> None:
    far = "east_m,north_m\n90000,0\n90000,0\n1,1\n"
    assert codes(make_town(REQUESTS, {"r.csv": far})) == ["outside_boundary"]
    park = {"name": "遠い公園", "kind": "公園"}
    text = geojson([("Point", [90000, 0], park)])
    assert codes(make_town(TARGETS, {"t.geojson": text})) == ["outside_boundary"]
    text = geojson([ROUTE, ("Point", [90000, 0], park)])
    inputs = ingest.read(make_town(TARGETS, {"t.geojson": text}))
    assert len(inputs.targets) == 1
    assert aside(inputs) == [["targets", 2, "far_outside"]]
    (told,) = [n.values for n in inputs.notes if n.code == "rows_far_outside"]
    assert told["nearest_m"] == told["farthest_m"] == 89_800  # from the eastern edge at 200 m


def test_a_note_where_they_are_given_and_none_where_not(make_town: Maker, geojson: Geojson) -> None:
    inputs = ingest.read(make_town())
    assert kept(inputs) == []
    assert not {n.values.get("role") for n in inputs.notes} & {"requests", "targets"}
    for name in ("requests", "targets"):
        table = getattr(inputs, name)
        assert table.empty
        frames.check(name, table, 6677)
    files = {"r.csv": "east_m,north_m\n1,1\n2,2\n", "t.geojson": geojson([ROUTE])}
    notes = kept(ingest.read(make_town(REQUESTS + TARGETS, files)))
    assert notes == [Note("requests_not_scored", {"number": 2}), Note("targets_counted_apart", {"number": 1})]
    for language in LANGUAGES:
        for note in notes:
            assert str(note.values["number"]) in say(language, f"note.{note.code}", **note.values)
