"""The made-up town of 60,000 people, written and read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner import ingest
from planner.example import write
from planner.frames import Inputs
from planner.work import Work


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("example") / "town"
    write(folder)
    return folder


@pytest.fixture(scope="session")
def inputs(town: Path) -> Inputs:
    return ingest.read(town, Work())
