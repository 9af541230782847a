"""A town folder and its study, computed once in a process of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from planner.app.job import Job

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Computed:
    """A town folder and the folder in which its study is kept."""

    town: Path
    cache: Path


def compute(town: Path, cache: Path) -> Computed:
    news = Job(town, [], cache).wait(300)
    assert news.done
    assert not news.refused
    return Computed(town, cache)
