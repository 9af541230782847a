"""Compiled kernels and their sources: what is older than the last change goes, for a program that really runs too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from planner.kernel_cache import forget_stale

INNER = "import numba\n@numba.njit(cache=True)\ndef inner():\n    return {}\n"
OUTER = "import numba\nfrom rooms.inner import inner\n@numba.njit(cache=True)\ndef outer():\n    return inner()\n"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A room of two sources with kernels of one, compiled after both."""
    kept = tmp_path / "room" / "__pycache__"
    kept.mkdir(parents=True)
    for number, name in enumerate(("room/first.py", "room/plain.py", "room/__pycache__/first.go-3.py311.nbi")):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (100.0 + number, 100.0 + number))
    return tmp_path


def test_kernels_newer_than_all_sources_stay(package: Path) -> None:
    assert forget_stale(package) == 0
    assert (package / "room/__pycache__/first.go-3.py311.nbi").exists()


def test_a_changed_source_without_kernels_changes_nothing(package: Path) -> None:
    os.utime(package / "room/plain.py", (500.0, 500.0))
    assert forget_stale(package) == 0


def test_a_changed_kernel_makes_all_older_ones_go(package: Path) -> None:
    young = package / "room/__pycache__/second.run-9.py311.nbi"
    (package / "room/second.py").touch()
    young.touch()
    os.utime(package / "room/second.py", (200.0, 200.0))
    os.utime(young, (300.0, 300.0))
    assert forget_stale(package) == 1
    assert young.exists()
    assert not (package / "room/__pycache__/first.go-3.py311.nbi").exists()


def test_a_caller_hears_of_a_change_in_what_it_calls(tmp_path: Path) -> None:
    """Numba alone would go on with the old number: the caller's own file has not changed."""
    room = tmp_path / "rooms"
    room.mkdir()
    (room / "outer.py").write_text(OUTER, encoding="utf-8")

    def answer(number: int, at: float) -> str:
        (room / "inner.py").write_text(INNER.format(number), encoding="utf-8")
        os.utime(room / "inner.py", (at, at))
        command = [sys.executable, "-c", "from rooms.outer import outer; print(outer())"]
        environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
        environment.pop("NUMBA_CACHE_DIR", None)
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()

    now = room.stat().st_mtime
    assert answer(1, now - 50) == "1"
    assert answer(2, now + 50) == "1"  # the trap
    assert forget_stale(tmp_path) > 0
    assert answer(2, now + 50) == "2"
