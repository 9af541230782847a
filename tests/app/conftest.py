"""A town computed once: the paper town for the logic of pages, the example town for the browser."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.computed import ROOT, Computed, compute
from tests.paper_town import write

BUDGETS = 12


@pytest.fixture(scope="session")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Computed:
    folder = tmp_path_factory.mktemp("paper")
    return compute(write(folder / "town"), folder / "cache")


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Computed:
    """The made-up city with fewer budgets: pages show as many plans as there are, and each takes its time."""
    folder = tmp_path_factory.mktemp("example")
    town = Path(shutil.copytree(ROOT / "data", folder / "town"))
    with (town / "town.toml").open("a", encoding="utf-8") as wishes:
        wishes.write(f"\n[siting]\nfrontier_steps = {BUDGETS}\n")
    return compute(town, folder / "cache")
