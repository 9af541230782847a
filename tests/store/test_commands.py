"""``planner store`` from outside: a version saved, seen, verified, copied and brought back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from planner import show
from planner.plan import Plan
from tests.conftest import ROOT

NAME = "令和9年度当初予算案"


@pytest.fixture
def at(tmp_path: Path, plan: Plan) -> Path:
    show.save(plan, tmp_path / "plan.json")
    return tmp_path


def run(at: Path, *words: object, expect: int = 0) -> dict[str, Any]:
    command = [sys.executable, "-m", "planner", "store", *map(str, words), "--json"]
    path = {"PYTHONPATH": str(ROOT), "PLANNER_STORE": str(at / "plans.sqlite")}
    done = subprocess.run(command, cwd=at, env=os.environ | path, capture_output=True, text=True, check=False)
    assert done.returncode == expect, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_from_saving_to_restoring(at: Path, plan: Plan) -> None:
    first = run(at, "save", "plan.json", NAME, "--author", "危機管理課")
    assert (first["plan_name"], first["number"]) == (NAME, 1)
    told = run(at, "save", "plan.json", NAME, "--author", "危機管理課", "--base", 0, expect=2)
    assert told["error"] == "version_conflict"
    assert "第1版" in told["faults"][0]["sentence"]
    assert [v["number"] for v in run(at, "list")["versions"]] == [1]
    run(at, "show", NAME, "--out", "again.json")
    assert show.load(at / "again.json") == plan
    sound = run(at, "verify")
    assert sound["faults"] == []
    assert run(at, "verify", "--audit-hash", "0" * 64, expect=2)["faults"][0]["code"] == "store_export_unknown"
    assert run(at, "backup", "copy.sqlite")["audit_sha256"] == sound["audit_sha256"]
    (at / "plans.sqlite").unlink()
    assert run(at, "restore", "copy.sqlite")["versions"] == 1
    assert run(at, "verify", "--audit-hash", sound["audit_sha256"])["faults"] == []
