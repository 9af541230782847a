"""Options and places shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import planner.gdal_guard  # noqa: F401 - before any test file imports GDAL

ROOT = Path(__file__).parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew-golden", action="store_true", help="write golden files anew (then read the difference)")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data; the one permitted reason to leave a test out."""
    folder = ROOT / os.environ.get("PLANNER_REAL_DATA", "../shared/data")
    if not (folder / "yamato").is_dir():
        pytest.skip("real data absent (PLANNER_REAL_DATA)")
    return folder
