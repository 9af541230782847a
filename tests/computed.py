"""A town folder and its study, computed once in a process of its own, for all workers of a test run."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from planner.app import kept
from planner.app.job import Job
from planner.app.kept import Kept

ROOT = Path(__file__).parent.parent
LONG = 600  # seconds after which a worker gives up waiting for another's folder


@dataclass(frozen=True)
class Computed:
    """A town folder, the folder in which its studies are kept, and the study of the town's own wishes (tests add others)."""

    town: Path
    cache: Path
    kept: Kept


def once(temporary: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first worker who asks fills and the others wait for; nobody may change what is in it."""
    base = temporary.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, done = base / name, base / f"{name}.done"
    try:
        folder.mkdir()
    except FileExistsError:
        end = time.monotonic() + LONG
        while not done.exists():
            assert time.monotonic() < end, f"{name} was never made"
            time.sleep(0.2)
    else:
        try:
            make(folder)
        finally:
            done.touch()
    return folder


def computed(temporary: pytest.TempPathFactory, name: str, write: Callable[[Path], object]) -> Computed:
    """A study of the town that ``write`` puts into a folder, in folders of one's own: computed once, then copied."""

    def make(folder: Path) -> None:
        write(folder / "town")
        news = Job(folder / "town", [], folder / "cache").wait(LONG)
        assert news.done
        assert news.refused == []

    return copied(once(temporary, name, make), temporary.mktemp(name))


def copied(source: Path, mine: Path) -> Computed:
    """The town and study in a folder, copied into another: who saves or computes anew changes no other test's."""
    town, cache = (Path(shutil.copytree(source / part, mine / part)) for part in ("town", "cache"))
    found = kept.find(cache, kept.question_of(town, []))
    assert found is not None
    return Computed(town, cache, found)
