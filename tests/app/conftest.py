"""A town computed once: the paper town for the logic of pages, the example town for the browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import paper_town
from tests.browser import Watched, browser
from tests.computed import ROOT, Computed, computed, copied

# a few budgets and resamples: pages show as many plans as there are, and each takes its time
FEWER = "\n[siting]\nfrontier_steps = {steps}\nresamples = 3\n"


def _with_fewer(town: Path, steps: int) -> None:
    with (town / "town.toml").open("a", encoding="utf-8") as wishes:
        wishes.write(FEWER.format(steps=steps))


@pytest.fixture(scope="session")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Computed:
    return computed(tmp_path_factory, "paper", lambda town: _with_fewer(paper_town.write(town), 12))


@pytest.fixture(scope="module")
def own_paper(paper: Computed, tmp_path_factory: pytest.TempPathFactory) -> Computed:
    """The paper town for a module that saves versions, answers and files beside the plan."""
    return copied(paper.town.parent, tmp_path_factory.mktemp("own_paper"))


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Computed:
    """The made-up city as it is shipped."""
    shipped = ROOT / "data"
    return computed(tmp_path_factory, "example", lambda town: _with_fewer(Path(shutil.copytree(shipped, town)), 8))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Watched]:
    with browser() as watched:
        yield watched
