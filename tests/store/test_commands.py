"""``planner store`` from outside: a version saved, seen, verified, copied and brought back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from planner import reviewing, show, store
from planner.plan import Plan
from planner.text import dates
from tests import commands

NAME = "令和9年度当初予算案"


@pytest.fixture
def at(tmp_path: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> Path:
    show.save(plan, tmp_path / "plan.json")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLANNER_STORE", str(tmp_path / "plans.sqlite"))
    return tmp_path


def run(*words: object, expect: int = 0) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(commands.run("store", *words, "--json", expect=expect).stdout)
    return told


def test_from_saving_to_restoring(at: Path, plan: Plan) -> None:
    first = run("save", "plan.json", NAME, "--author", "危機管理課")
    assert (first["plan_name"], first["number"]) == (NAME, 1)
    told = run("save", "plan.json", NAME, "--author", "危機管理課", "--base", 0, expect=2)
    assert told["error"] == "version_conflict"
    assert "第1版" in told["faults"][0]["sentence"]
    assert dates.moment("ja", first["saved_at"]) in told["faults"][0]["sentence"]
    assert dates.moment("ja", first["saved_at"]) in commands.run("store", "list").stdout
    assert [v["number"] for v in run("list")["versions"]] == [1]
    run("show", NAME, "--out", "again.json")
    assert show.load(at / "again.json") == plan
    sound = run("verify")
    assert sound["faults"] == []
    assert run("verify", "--audit-hash", "0" * 64, expect=2)["faults"][0]["code"] == "store_export_unknown"
    assert run("backup", "copy.sqlite")["audit_sha256"] == sound["audit_sha256"]
    (at / "plans.sqlite").unlink()
    assert run("restore", "copy.sqlite")["versions"] == 1
    assert run("verify", "--audit-hash", sound["audit_sha256"])["faults"] == []


def test_a_file_that_answers_came_in_comes_back_as_it_came(at: Path, plan: Plan) -> None:
    run("save", "plan.json", NAME, "--author", "危機管理課")
    with store.opened(at / "plans.sqlite") as shelf:
        answer = store.Answer(plan.sites[0].site_id, "no_objection", "", "大和署 地域課", "2026-11-20")
        reviewing.keep(shelf, shelf.version(NAME), [answer], b"as it came", "回答.xlsx", "危機管理課")
    (told,) = run("show", NAME)["reviews"]
    written = run("upload", told["upload_sha256"], "--out", "back.xlsx")
    assert (written["name"], written["author"]) == ("回答.xlsx", "危機管理課")
    assert (at / "back.xlsx").read_bytes() == b"as it came"
    assert run("upload", "0" * 64, "--out", "none.xlsx", expect=2)["error"] == "upload_unknown"


def test_an_export_bears_the_hash_of_the_store_that_keeps_the_plan(at: Path, plan: Plan) -> None:
    run("save", "plan.json", NAME, "--author", "危機管理課")
    audit = run("verify")["audit_sha256"]
    words = ("export", "plan.json", "--format", "hosts", "--store", "plans.sqlite", "--json")
    (file,) = json.loads(commands.run(*words).stdout)["files"]
    assert audit in (at / file).read_text(encoding="utf-8-sig")
    show.save(plan.model_copy(update={"plan_id": "f" * 64}), at / "plan.json")
    assert json.loads(commands.run(*words, expect=2).stdout)["error"] == "plan_not_kept"
