"""A save that was acknowledged survives ``kill -9``; rivals never overwrite each other."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from benchmarks import store as benchmark
from planner import show
from planner.plan import Plan

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL on Windows")


@POSIX
def test_no_acknowledged_save_is_lost(tmp_path: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(p for p in sys.path if p))
    file = show.save(plan, tmp_path / "plan.json")
    told = benchmark.kills(tmp_path, file, 4, seed=1)
    assert told["acknowledged"] >= 4
    assert (told["lost"], told["unsound"]) == (0, 0)


def test_every_save_of_four_planners_stands_or_is_told_of_the_other(tmp_path: Path, plan: Plan) -> None:
    told = benchmark.rivals(tmp_path / "rivals.sqlite", plan, 4, 10)
    assert told["saved"] + told["conflicts"] == 40
    assert told["overwritten"] == 0
