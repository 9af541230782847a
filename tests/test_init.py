"""``init``: dropped files become a town folder; what cannot be made out is said, nothing is written over."""

from __future__ import annotations

import json
import os
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from planner import founding, ingest, study
from planner.errors import InputError
from planner.ingest import recognise
from planner.replies import InitReply
from planner.text import LANGUAGES
from planner.work import Work
from tests.commands import reply, run
from tests.computed import ROOT
from tests.ingest.two_blocks import geojson, square

REAL = Path(os.environ.get("PLANNER_REAL_DATA", ROOT.parent / "shared" / "data")) / "yamato"


def written(folder: Path, **given: Any) -> tuple[InitReply, dict[str, Any]]:
    found = founding.look(folder, given.get("name"), given.get("code"))
    path = founding.write(folder, found, "ja")
    return founding.reply(found, path, "ja"), tomllib.loads(path.read_text(encoding="utf-8"))


@pytest.mark.real
@pytest.mark.skipif(not REAL.is_dir(), reason="no real data")
def test_police_files_and_a_census_boundary_alone_become_a_plan(tmp_path: Path) -> None:
    town = tmp_path / "town"
    shutil.copytree(REAL / "crime_npa", town / "crime_npa")
    (town / "boundary").mkdir()
    shutil.copy(REAL / "boundary" / "boundary_chome.geojson", town / "boundary")
    made = reply("init", town)
    assert (made["town"], made["code"], made["complete"]) == ("大和市", "14213", True)
    assert {f["role"] for f in made["files"]} == {"crime", "areas"}
    quick = tmp_path / "quick.toml"
    quick.write_text("[siting]\nfrontier_steps = 0\nresamples = 0\n", encoding="utf-8")
    plan = reply("plan", town, "--out", tmp_path / "out", "--budget-yen", 3_000_000, "--settings", quick)
    assert plan["sites"] > 0
    assert plan["municipality_yen"] <= 3_000_000
    document = json.loads((tmp_path / "out" / "plan.json").read_text(encoding="utf-8"))
    notes = {note["code"] for note in document["notes"]}
    assert {"role_absent", "streets_absent_ring", "walls_absent_no_occlusion", "mounts_assumed_corners"} <= notes


def test_the_example_town_is_recognised_without_its_settings(tmp_path: Path) -> None:
    town = Path(shutil.copytree(ROOT / "data", tmp_path / "town"))
    before = tomllib.loads((town / "town.toml").read_text(encoding="utf-8"))
    (town / "town.toml").unlink()
    made, tree = written(town)
    assert made.complete
    assert not [m.role for m in made.missing if m.role in before]
    assert (tree["town"]["code"], tree["town"]["crs"]) == (before["town"]["code"], before["town"]["crs"])
    for role in ("counts", "areas", "streets", "walls", "places", "mounts", "standing", "zones", "models", "targets"):
        assert tree[role]["file"] == before[role]["file"], role
    assert len(tree["crime"]["files"]) == 21
    mine = ingest.read(town)
    theirs = ingest.read(ROOT / "data")
    assert [(t.role, t.file, t.accepted, t.set_aside) for t in mine.tallies] == [
        (t.role, t.file, t.accepted, t.set_aside) for t in theirs.tallies
    ]
    assert study.wishes(mine).settings.budget.own_capital_yen == founding.FIRST_BUDGET_YEN


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_known_stands_as_comment(tmp_path: Path, language: str) -> None:
    (tmp_path / "読んで.txt").write_text("ただの文章\nです", encoding="utf-8")
    (tmp_path / "page.csv").write_text("<html><body>login</body></html>", encoding="utf-8")
    (tmp_path / "empty.csv").write_bytes(b"")
    found = recognise(tmp_path)
    assert [(s.file, s.role, s.why) for s in found.files] == [
        ("empty.csv", "", "kind"),
        ("page.csv", "", "kind"),
        ("読んで.txt", "", "unknown"),
    ]
    text = founding.town_file(found, language)  # type: ignore[arg-type]
    assert tomllib.loads(text)["town"] == {}
    for name in ("empty.csv", "page.csv", "読んで.txt"):
        assert f"# {name}: " in text
    made = founding.reply(found, tmp_path / "town.toml", language)  # type: ignore[arg-type]
    assert {m.role for m in made.missing if m.required} == {"areas", "crime"}
    assert not made.complete


def test_an_existing_town_file_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "town.toml").write_text("mine", encoding="utf-8")
    said = run("init", tmp_path, "--name", "紙町市", "--code", "14999").stdout
    assert "上書きせず" in said
    again, tree = written(tmp_path)
    assert (tmp_path / "town.toml").read_text(encoding="utf-8") == "mine"
    assert tomllib.loads((tmp_path / "town.toml.new").read_text(encoding="utf-8"))["town"]["name"] == "紙町市"
    assert again.written.endswith("town.toml.new2")
    assert tree["town"] == {}


def test_columns_that_may_name_persons_are_not_shown(tmp_path: Path) -> None:
    table = "request_id,received_on,requester,wish,lon,lat,氏名,電話番号\nR1,2024-01-01,自治会,設置,139.8,36.0,山田太郎,090\n"
    (tmp_path / "r.csv").write_text(table, encoding="utf-8")
    (seen,) = recognise(tmp_path).files
    assert seen.role == "requests"
    assert not {"氏名", "電話番号"} & set(seen.headings)
    assert "山田太郎" not in str(vars(seen))
    assert "090" not in str(vars(seen))


def test_lines_are_streets_and_polygons_with_height_are_walls(tmp_path: Path) -> None:
    line = geojson([("LineString", [[0, 0], [50, 0]], {"highway": "residential"})])
    walls = geojson([("Polygon", square(0, 0, 10), {"高さ": 6.5})])
    blocks = geojson(
        [("Polygon", square(0, 0), {"町名": "本町1丁目"}), ("Polygon", square(100, 0), {"町名": "本町2丁目"})]
    )
    for name, text in (("a.geojson", line), ("b.geojson", walls), ("c.geojson", blocks)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = recognise(tmp_path)
    assert [(s.role, dict(s.columns)) for s in found.files] == [
        ("streets", {"kind": "highway"}),
        ("walls", {"height_m": "高さ"}),
        ("areas", {"name": "町名"}),
    ]
    _, tree = written(tmp_path, name="紙町市", code="14999")
    assert tree["walls"] == {"file": "b.geojson", "columns": {"height_m": "高さ"}}
    with pytest.raises(InputError) as refused:  # nothing but the crime records is missing
        ingest.read(tmp_path, Work())
    assert [f.code for f in refused.value.faults] == ["role_missing"]


def test_no_such_folder(tmp_path: Path) -> None:
    assert "nowhere" in run("init", tmp_path / "nowhere", expect=2).stderr
