"""The made-up town of 60,000 people as it is shipped (``test_data`` holds it equal to what is written), read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner import ingest
from planner.frames import Inputs
from planner.work import Work
from tests.computed import ROOT


@pytest.fixture(scope="session")
def town() -> Path:
    return ROOT / "data"


@pytest.fixture(scope="session")
def inputs(town: Path) -> Inputs:
    return ingest.read(town, Work())
