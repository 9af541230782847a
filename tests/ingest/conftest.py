"""Fixtures of the town of two blocks (two_blocks.py)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from planner import ingest  # noqa: F401 - sets GDAL's allow-list before any test imports pyogrio
from tests.ingest import two_blocks
from tests.ingest.two_blocks import AREAS, CRIME, TOWN, TWO_BLOCKS, TWO_THEFTS

Maker = Callable[..., Path]


@pytest.fixture
def square() -> Callable[..., object]:
    return two_blocks.square


@pytest.fixture
def geojson() -> Callable[..., str]:
    return two_blocks.geojson


@pytest.fixture
def make_town(tmp_path: Path) -> Maker:
    """Write a town folder: ``make_town(extra_toml, {"name": text or bytes})``; areas and crime are there already."""

    def make(toml: str = "", files: dict[str, str | bytes] | None = None, *, base: str = TOWN + AREAS + CRIME) -> Path:
        folder = tmp_path / "town"
        folder.mkdir(exist_ok=True)
        content: dict[str, str | bytes] = {
            "town.toml": base + toml,
            "areas.geojson": TWO_BLOCKS,
            "crime.csv": TWO_THEFTS,
            **(files or {}),
        }
        for name, text in content.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return folder

    return make
