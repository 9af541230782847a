"""A town computed once: the paper town for the logic of pages, the example town for the browser."""

from __future__ import annotations

import pytest

from tests.computed import ROOT, Computed, compute
from tests.paper_town import write


@pytest.fixture(scope="session")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Computed:
    folder = tmp_path_factory.mktemp("paper")
    return compute(write(folder / "town"), folder / "cache")


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Computed:
    return compute(ROOT / "data", tmp_path_factory.mktemp("example"))
