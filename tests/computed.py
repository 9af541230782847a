"""A town folder and its study, computed once in a process of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from planner.app.job import Job
from planner.app.kept import Kept

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Computed:
    """A town folder, the folder in which its studies are kept, and the study of the town's own wishes (tests add others)."""

    town: Path
    cache: Path
    kept: Kept


def compute(town: Path, cache: Path) -> Computed:
    news = Job(town, [], cache).wait(300)
    assert news.done
    assert not news.refused
    assert news.kept is not None
    return Computed(town, cache, news.kept)
