"""A town computed once: the paper town for the logic of pages, the example town for the browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from planner import example as made_up
from tests import paper_town
from tests.browser import Watched, browser
from tests.computed import Computed, computed, copied

# a few budgets and resamples: pages show as many plans as there are, and each takes its time
FEWER = "\n[siting]\nfrontier_steps = {steps}\nresamples = 3\n"


PEOPLE = 12_000  # of the made-up town in the browser: a fifth of the shipped one, with the same files


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
    """The made-up town as it is shipped, smaller."""

    def write(town: Path) -> None:
        made_up.write(town, seed=1, people=PEOPLE)
        _with_fewer(town, 8)

    return computed(tmp_path_factory, "example", write)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Watched]:
    with browser() as watched:
        yield watched
