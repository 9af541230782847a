"""The planner's answers: kept in the town's settings file, taken back, or given as a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def keep(town: Path, answers: Mapping[str, str]) -> None:
    """Remember answers in ``town.toml``.

    Raises
    ------
    StoreError
        ``file_not_written``.
    """
    from planner import ingest  # slow to load, and needed at the press of a button only

    ingest.remember(town, answers)


def take_back(town: Path, key: str) -> None:
    """Forget one answer; its question is asked again.

    Raises
    ------
    StoreError
        ``file_not_written``.
    """
    from planner import ingest

    ingest.remember(town, {}, (key,))
