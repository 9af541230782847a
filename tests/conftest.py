"""Options and places shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import planner.gdal_guard  # noqa: F401 - before any test file imports GDAL

ROOT = Path(__file__).parent.parent
# In which turn the workers take the files: the longest first, beside what needs nothing compiled (a clean checkout compiles for most
# of a minute, and whoever comes meanwhile compiles the same again), then the other long ones, so that no long one is left to the end.
TURNS = (
    "app/test_browser.py",
    *("ingest/", "store/", "funding/"),
    *("app/", "siting/", "test_cli.py", "test_yamato.py", "test_tiny_towns.py", "test_scenarios.py", "test_study.py"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew-golden", action="store_true", help="write golden files anew (then read the difference)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _turn(item.path.relative_to(ROOT / "tests").as_posix()))


def _turn(path: str) -> int:
    return next((at for at, turn in enumerate(TURNS) if path.startswith(turn)), len(TURNS))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data; the one permitted reason to leave a test out."""
    folder = ROOT / os.environ.get("PLANNER_REAL_DATA", "../shared/data")
    if not (folder / "yamato").is_dir():
        pytest.skip("real data absent (PLANNER_REAL_DATA)")
    return folder
