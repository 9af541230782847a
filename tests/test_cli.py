"""The command line as a user meets it: one line of JSON, exit codes, words without tracebacks; real processes where they differ."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyogrio
import pytest

from planner.replies import ErrorReply
from planner.selfcheck import examine
from planner.text import LANGUAGES, Language, say
from tests.commands import ROOT, reply, run
from tests.paper_town import write


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    town = write(tmp_path_factory.mktemp("cli") / "town")
    # how many budgets and resamples is not what is tested
    with (town / "town.toml").open("a", encoding="utf-8") as wishes:
        wishes.write("\n[siting]\nfrontier_steps = 6\nresamples = 2\n")
    return town


@pytest.fixture(scope="module")
def out(town: Path) -> Path:
    folder = town.parent / "out"
    made = reply("plan", town, "--out", folder, process=True)
    (folder / "reply.json").write_text(json.dumps(made), encoding="utf-8")
    return folder


def test_check_accounts_for_every_row(town: Path) -> None:
    found = reply("check", town, "--out", town.parent / "check")
    assert found["rows"] == found["accepted"] + found["set_aside"] + found["duplicate"] + found["outside"]
    for file in found["files"]:
        assert file["rows"] == file["accepted"] + file["set_aside"] + file["duplicate"] + file["outside"], file["file"]
    assert found["outside"] == 3
    assert found["placed_in_area"] == 72


def test_plan_writes_six_files_and_tells_the_figures(out: Path) -> None:
    assert {p.name for p in out.iterdir()} == {
        "plan.json",
        "sites.geojson",
        "coverage.geojson",
        "sites.csv",
        "plan.html",
        "ground.json",
        "reply.json",
    }
    made = json.loads((out / "reply.json").read_text(encoding="utf-8"))
    features = json.loads((out / "sites.geojson").read_text(encoding="utf-8"))["features"]
    assert made["sites"] == len(features) == 3
    assert made["cameras"] == 1
    assert (made["status"], made["gap"]) == ("optimal", 0)
    assert made["municipality_yen"] + made["national_yen"] + made["prefecture_yen"] + made["local_body_yen"] == 890_000
    assert sum(made["value_by_offence"].values()) == pytest.approx(made["value"], abs=1e-5)
    assert made["expected_offences_per_year"] == pytest.approx(24)
    assert 0 < made["covered_share_before"] < made["covered_share_after"] < 1


def test_score_holds_out_the_last_year_and_names_the_baselines(town: Path) -> None:
    found = reply("score", town, "--validate")
    assert found["out"] is None
    tested = found["validation"]
    every = {row["method"]: row for row in tested["scores"] if not row["offence_group"]}
    assert set(every) == {"ours", "count", "uniform", "kde_200"}
    assert every["uniform"]["pai_10"] == pytest.approx(1)
    assert every["ours"]["test_records"] == tested["level_observed"] == 19  # of 72, from 2023-09-19 on
    assert (tested["tested_from"], tested["tested_until"]) == ("2023-09-19", "2024-09-17")
    assert [note["code"] for note in tested["notes"]] == ["validation_blocks_only"]
    printed = run("score", town, "--validate", language="en").stdout
    heads = next(line for line in printed.splitlines() if "This estimate" in line and "Item" in line)
    assert all(name in heads for name in ("Past counts", "Spread evenly", "Kernel density"))
    assert "Whether the spread inside a block is right cannot be seen" in printed


def test_score_without_anything_to_do_is_refused(town: Path) -> None:
    told = json.loads(run("score", town, "--json", expect=2).stdout)
    assert told["error"] == "score_without_out"


def test_records_too_short_to_validate_are_scored_all_the_same(town: Path, tmp_path: Path) -> None:
    short = tmp_path / "town"
    shutil.copytree(town, short)
    for file in (short / "crime").glob("*_202[34]*"):
        file.unlink()
    told = json.loads(run("score", short, "--out", tmp_path / "a.gpkg", "--validate", "--json", expect=2).stdout)
    assert told["error"] == "validation_short"
    assert (tmp_path / "a.gpkg").exists()
    assert reply("score", short, "--out", tmp_path / "b.gpkg")["validation"] is None


def test_score_writes_blocks_that_add_up(town: Path) -> None:
    file = town.parent / "demand.gpkg"
    found = reply("score", town, "--out", file)
    assert found["expected_offences_per_year"] == pytest.approx(24)
    assert sum(found["by_measure"].values()) == pytest.approx(24)
    assert {name for name, _ in pyogrio.list_layers(file)} == {"areas", "spots"}
    areas = pyogrio.read_dataframe(file, layer="areas")
    assert areas["expected_per_year"].sum() == pytest.approx(24)
    spots = pyogrio.read_dataframe(file, layer="spots")
    assert spots[["snatching_expected_per_year", "bicycle_theft_expected_per_year"]].to_numpy().sum() == pytest.approx(
        24
    )
    assert (spots["snatching_low_per_year"] <= spots["snatching_expected_per_year"]).all()


def test_frontier_is_a_rising_curve_under_its_bound(town: Path) -> None:
    file = town.parent / "frontier.csv"
    points = reply("frontier", town, "--steps", 8, "--out", file)["points"]
    assert len(points) >= 8
    values = [p["value"] for p in points]
    assert values == sorted(values)
    assert all(p["value"] <= p["bound"] + 1e-9 for p in points)
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("form", ["geojson", "gpkg", "csv", "xlsx", "html"])
def test_export_works_from_the_plan_alone(out: Path, tmp_path: Path, form: str) -> None:
    shutil.copy(out / "plan.json", tmp_path)
    files = reply("export", tmp_path / "plan.json", "--format", form)["files"]
    assert [Path(f).suffix for f in files] == [f".{form}"]
    assert all(Path(f).stat().st_size > 500 for f in files)


def test_why_tells_of_places_from_the_plan_file_alone(out: Path) -> None:
    chosen = {site["mount_id"] for site in json.loads((out / "plan.json").read_text(encoding="utf-8"))["sites"]}
    (left,) = {"m3", "m4"} - chosen  # either of the two makes a best plan
    (told,) = reply("why", out / "plan.json", "--place", left)["places"]
    assert (told["place_id"], told["code"], told["site_id"]) == (f"m:{left}", "outbid", "")
    assert told["place"]["change_per_year"] == pytest.approx(0)
    near = reply("why", out / "plan.json", "--lon", 139.8337, "--lat", 36.0001)["places"]
    assert [p["distance_m"] for p in near] == sorted(p["distance_m"] for p in near)
    assert run("why", out / "plan.json", "--place", "k4", language="en").stdout.count("\n- ") == 3
    assert "m44" in run("why", out / "plan.json", "--place", "m44", expect=2).stderr
    assert run("why", out / "plan.json", "--lon", 139.8, expect=2).stderr
    assert run("why", out / "plan.json", "--lon", 10.0, "--lat", 10.0, expect=2).stderr


def test_alternatives_and_the_plan_that_keeps_to_another(town: Path, out: Path) -> None:
    folder = town.parent / "alternatives"
    found = reply("alternatives", town, "--number", 1, "--most-shared-share", 0.4, "--out", folder)
    best, other = found["plans"]
    assert found["most_shared"] == 1
    assert (best["loss_per_year"], best["shared"], other["shared"] <= 1) == (0, best["sites"], True)
    assert other["loss_per_year"] == pytest.approx(best["value"] - other["value"])
    kept = town.parent / "kept"
    reply("plan", town, "--from-plan", best["file"], "--max-changes", 1, "--budget-yen", 500_000, "--out", kept)
    compared = reply("compare", best["file"], kept / "plan.json")
    assert [c["how"] for c in compared["changes"]] == ["removed"]
    assert compared["changes"][0]["sentence"]
    assert run("plan", town, "--max-changes", 1, expect=2).stderr


def test_compare_says_what_a_smaller_budget_loses(town: Path, out: Path) -> None:
    smaller = town.parent / "smaller"
    reply("plan", town, "--budget-yen", 400_000, "--out", smaller)
    found = reply("compare", out / "plan.json", smaller / "plan.json")
    assert found["same_inputs"]
    assert found["changed_settings"] == ["budget.own_capital_yen"]
    assert found["value_per_year"] < 0
    assert found["municipality_yen"] <= 400_000 - 560_000


def test_verify_counts_a_plan_again(town: Path, out: Path) -> None:
    found = reply("verify", out / "plan.json", town)
    assert found["recounted"]
    assert found["bound_again"] == pytest.approx(found["stored_bound"], abs=1e-9)


def test_verify_refuses_a_plan_that_was_touched(town: Path, out: Path, tmp_path: Path) -> None:
    plan = json.loads((out / "plan.json").read_text(encoding="utf-8"))
    plan["value"] += 0.1
    forged = tmp_path / "plan.json"
    forged.write_text(json.dumps(plan), encoding="utf-8")
    done = run("verify", forged, town, "--json", expect=1)
    assert ErrorReply.model_validate_json(done.stdout).error == "recount_differs"


def test_verify_refuses_other_data(town: Path, out: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "town")
    mounts = other / "municipal" / "mounts.csv"
    mounts.write_text(mounts.read_text(encoding="utf-8").replace("25,50", "25,51"), encoding="utf-8")
    done = run("verify", out / "plan.json", other, "--json", expect=1)
    assert ErrorReply.model_validate_json(done.stdout).faults[0].values["tables"] == "mounts"


def test_doctor_finds_every_vendored_asset_and_misses_a_changed_one(tmp_path: Path) -> None:
    assets = ROOT / "static" / "vendor"
    checks = {c.name: c.ok for c in examine(assets).checks}
    assert checks["leaflet/1.9.4/leaflet.js"]
    assert checks["text"]
    changed = shutil.copytree(assets, tmp_path / "vendor")
    script = changed / "leaflet" / "1.9.4" / "leaflet.js"
    script.write_bytes(script.read_bytes() + b" ")
    found = examine(changed)
    assert not found.ok
    assert not {c.name: c.ok for c in found.checks}["leaflet/1.9.4/leaflet.js"]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_bad_input_is_told_in_words_with_exit_code_2(tmp_path: Path, language: str) -> None:
    done = run("plan", tmp_path / "nowhere", "--out", tmp_path, language=language, expect=2, process=language == "ja")
    assert "nowhere" in done.stderr
    assert ("フォルダ" in done.stderr) == (language == "ja")


def test_an_unknown_setting_names_the_nearest(town: Path, tmp_path: Path) -> None:
    settings = tmp_path / "wish.toml"
    settings.write_text("[budget]\nown_capital_yn = 5\n", encoding="utf-8")
    done = run("plan", town, "--settings", settings, "--out", tmp_path, "--json", expect=2)
    fault = ErrorReply.model_validate_json(done.stdout).faults[0]
    assert (fault.code, fault.values["nearest"]) == ("unknown_setting", "own_capital_yen")


def test_min_days_above_max_days_is_reported_by_rule(town: Path, tmp_path: Path) -> None:
    settings = tmp_path / "wish.toml"
    settings.write_text("[retention]\nmin_days = 40\n", encoding="utf-8")
    done = run("plan", town, "--settings", settings, "--out", tmp_path, "--json", expect=2)
    assert ErrorReply.model_validate_json(done.stdout).error == "retention_conflict"


def test_rules_that_fight_are_named_with_exit_code_3(town: Path, tmp_path: Path) -> None:
    settings = tmp_path / "wish.toml"
    settings.write_text('[rules]\ndistricts = [{ id = "south", floor_share = 0.9 }]\n', encoding="utf-8")
    done = run("plan", town, "--settings", settings, "--out", tmp_path, "--json", expect=3)
    assert "south" in json.dumps(ErrorReply.model_validate_json(done.stdout).faults[0].values, ensure_ascii=False)


def test_a_broken_plan_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("{", encoding="utf-8")
    done = run("export", tmp_path / "plan.json", "--format", "csv", "--json", expect=2)
    assert ErrorReply.model_validate_json(done.stdout).error == "plan_not_readable"


def test_interrupting_twice_ends_with_130_and_no_plan(town: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "planner", "plan", str(town), "--out", str(tmp_path / "out"), "--json"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while process.poll() is None:
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
    printed, _ = process.communicate()
    assert process.returncode in (130, -signal.SIGINT)
    assert not (tmp_path / "out" / "plan.json").exists()
    if printed:
        assert ErrorReply.model_validate_json(printed).exit_code == 130


def test_every_command_helps_in_both_languages() -> None:
    for language, word in (("ja", "街頭防犯カメラ"), ("en", "street security cameras")):
        assert word in run("--help", language=language, process=True).stdout


def test_optics_says_what_a_camera_cannot_do() -> None:
    camera = ("--width-px", 2560, "--angle-deg", 90, "--infrared-m", 30)
    found = reply("optics", *camera, "--retention-days", 30)
    zones = {z["task"]: z for z in found["zones"]}
    assert (zones["discern"]["usable"], zones["identify"]["usable"]) == (True, False)
    assert (found["storage_gb_per_day"], found["storage_gb"]) == pytest.approx((43.2, 1296))
    told = run("optics", *camera).stdout
    assert next(line for line in told.splitlines() if "識別" in line).count("なし") == 3
    assert "1.4～15.8メートル" in next(line for line in told.splitlines() if "判別" in line)
    assert "43.2 GB" in told
    assert "43.2 GB a day" in run("optics", *camera, language="en").stdout


def test_look_tells_a_standing_camera_as_it_is_and_turned(town: Path, tmp_path: Path) -> None:
    (view,) = reply("look", town, "--camera", "k1", "--out", tmp_path / "k1.geojson")["views"]
    assert (view["bearing_deg"], view["height_m"]) == (90, 4)
    assert view["pixels_per_m"] == pytest.approx(80)
    assert view["plate_far_m"] < view["plate_near_m"]  # wide and high: it reads no number plate
    features = json.loads((tmp_path / "k1.geojson").read_text(encoding="utf-8"))["features"]
    assert {f["properties"]["light"] for f in features} == {"day", "night"}
    told = run("look", town, "--camera", "k1", "--bearing-deg", 270).stdout
    assert "読み取れる距離なし" in told
    assert "判別" in told


def test_look_without_a_place_or_at_an_unknown_one_is_refused(town: Path) -> None:
    assert json.loads(run("look", town, "--json", expect=2).stdout)["error"] == "look_without_place"
    assert json.loads(run("look", town, "--camera", "k9", "--json", expect=2).stdout)["error"] == "look_unknown"


def test_gaps_sum_to_what_nobody_sees(town: Path, tmp_path: Path) -> None:
    found = reply("gaps", town, "--out", tmp_path / "gaps.gpkg")
    assert sum(a["unseen_per_year"] for a in found["areas"].values()) == pytest.approx(found["unseen_per_year"])
    # 16 snatchings at places and the park's 2/3; k1 sees 3 of s1's spots, k2 3 of s2's, a third each
    assert found["place_per_year"] == pytest.approx(16 + 2 / 3)
    assert found["unseen_per_year"] == pytest.approx(16 + 2 / 3 - 6 / 3)
    assert set(pyogrio.list_layers(tmp_path / "gaps.gpkg")[:, 0]) == {"areas", "spots"}


def test_floors_on_fronts_and_policy_targets_hold(town: Path, tmp_path: Path) -> None:
    held = tmp_path / "town"
    shutil.copytree(town, held)
    route = {"type": "Feature", "properties": {"target_id": "t1", "name": "通学路", "kind": "school_route"}}
    line = {"type": "LineString", "coordinates": [[0, 50], [100, 50]]}
    named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::6677"}}
    file = {"type": "FeatureCollection", "crs": named, "features": [{**route, "geometry": line}]}
    (held / "municipal" / "targets.geojson").write_text(json.dumps(file, ensure_ascii=False), encoding="utf-8")
    toml = held / "town.toml"
    toml.write_text(
        toml.read_text(encoding="utf-8") + '\n[targets]\nfile = "municipal/targets.geojson"\ncrs = "EPSG:6677"\n'
    )
    wishes = tmp_path / "wishes.toml"
    wishes.write_text(
        '[[rules.floors]]\nmeasure = "front"\nshare = 0.1\n\n'
        '[[rules.floors]]\nmeasure = "target:school_route"\nshare = 0.3\n'
    )
    strict = reply("plan", held, "--settings", wishes, "--out", tmp_path / "strict")
    assert set(strict["covered_share_by_measure"]) == {"place", "front", "target:school_route"}
    assert strict["covered_share_by_measure"]["target:school_route"] >= 0.3
    assert strict["covered_share_by_measure"]["front"] >= 0.1
    assert "政策目標（通学路）" in (tmp_path / "strict" / "plan.html").read_text(encoding="utf-8")


def test_example_writes_a_town_that_check_reads(tmp_path: Path) -> None:
    made = reply("example", tmp_path / "town", "--seed", 2, "--people", 2000)
    assert made["people"] == 2000
    assert len(made["files"]) == 38
    assert sum(Path(f).stat().st_size for f in made["files"]) == made["bytes"]
    found = reply("check", tmp_path / "town", "--out", tmp_path / "check")
    assert "架空" in found["town"]


def test_example_refuses_in_words(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    assert "空ではありません" in run("example", tmp_path, expect=2).stderr
    few = run("example", tmp_path / "town", "--people", 100, language="en", expect=2)
    assert "Choose 2,000 to 500,000" in few.stderr
    refused = run("example", tmp_path, "--json", expect=2).stdout.splitlines()
    assert ErrorReply.model_validate_json(refused[0]).error == "example_folder"


def test_cutback_of_a_stored_plan_with_contracts(town: Path, out: Path) -> None:
    site = json.loads((out / "plan.json").read_text(encoding="utf-8"))["sites"][0]
    contracts = town.parent / "contracts.csv"
    contracts.write_text(f"site_id,contract_yen\n{site['site_id']},{site['total_yen'] - 1000}\n", encoding="utf-8")
    folder = town.parent / "cutback"
    found = reply(
        "cutback", town, "--plan", out / "plan.json", "--refused", "half", "--contracts", contracts, "--out", folder
    )
    assert [p["kind"] for p in found["plans"]].count("cut_nested") == 3
    assert found["refused"] == ["half"]
    assert 0 < found["tender"]["surplus_yen"] <= 1000
    assert {Path(f).name for f in found["files"]} == {"cutbacks.json", "cutbacks.xlsx", "cutbacks.html"}
    wrong = town.parent / "wrong.csv"
    wrong.write_text("site_id\nx\n", encoding="utf-8")
    refused = run("cutback", town, "--plan", out / "plan.json", "--contracts", wrong, expect=2)
    assert "wrong.csv" in refused.stderr


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ("plan", "missing", {"command": "planner plan", "what": "TOWN"}),
        ("plan data --budget-yen", "missing", {"command": "planner", "what": "--budget-yen"}),
        ("plan data --budget-yen abc", "value", {"command": "planner plan", "what": "--budget-yen", "value": "abc"}),
        ("export a --format=pdf", "value", {"command": "planner export", "what": "--format", "value": "pdf"}),
        (
            "plan a --budgetyen 3",
            "option_near",
            {"command": "planner plan", "what": "--budgetyen", "near": "--budget-yen"},
        ),
        ("plan a --zzz", "option", {"command": "planner plan", "what": "--zzz"}),
        ("plann", "words", {"command": "planner", "value": "plann"}),
        ("plan a more", "words", {"command": "planner plan", "value": "plan a more"}),
    ],
)
def test_words_that_no_command_reads_are_refused_in_the_users_language(
    words: str, code: str, told: dict[str, str], language: Language
) -> None:
    done = run(*words.split(), language=language, expect=2)
    assert done.stderr == say(language, f"error.usage_{code}", **told) + "\n"
    assert done.stdout == ""
    first, *more = words.split()
    (fault,) = ErrorReply.model_validate_json(run(first, "--json", *more, expect=2).stdout).faults
    assert fault.code == f"usage_{code}"


@pytest.mark.parametrize("words", [[], ["store"]])
def test_a_command_without_words_shows_how_it_is_used(words: list[str]) -> None:
    done = run(*words, expect=2)
    assert "verify" in done.stdout
    assert done.stderr == ""
