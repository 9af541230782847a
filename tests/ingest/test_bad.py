"""Every bad input of the catalogue has its outcome, its sentence in both languages, and what must survive does."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.text import knows
from tests.ingest.bad import Case, catalogue, run

CATALOGUE = catalogue()
PREFIXES = {"STOP": "error", "ASK": "question", "SET": "reason", "FIX": "note", "WARN": "note"}


@pytest.mark.parametrize("one", CATALOGUE, ids=lambda one: f"{one.number}-{one.make.__name__}")
def test_a_bad_input_ends_as_the_catalogue_says(one: Case, tmp_path: Path) -> None:
    run(one, tmp_path)
    assert one.outcome == "READ" or knows(f"{PREFIXES[one.outcome]}.{one.code}")


def test_the_catalogue_is_whole() -> None:
    assert {one.number for one in CATALOGUE} == {f"B{n:03d}" for n in range(1, 89)} | {"B117"}
