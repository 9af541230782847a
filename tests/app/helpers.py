"""What the tests of studies and of the worker share."""

from __future__ import annotations

from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from planner import ingest, study
from planner.plan import Prepared, table_hashes
from planner.settings import Merged
from planner.work import Work

FEW = {"siting": {"frontier_steps": 8, "resamples": 2}}  # how many budgets and resamples is not what is tested
LAYERS = [("test", FEW)]


def prepared_of(town: Path, *layers: tuple[str, dict[str, Any]]) -> tuple[Prepared, Merged]:
    inputs = ingest.read(town, Work())
    merged = study.wishes(inputs, *layers)
    return study.prepare(inputs, merged.settings, Work()), merged


def _equal(one: Any, two: Any) -> None:
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(two), check_exact=True)
    elif isinstance(one, dict):
        assert one.keys() == two.keys()
        for name in one:
            _equal(one[name], two[name])
    elif isinstance(one, tuple):
        for left, right in zip(one, two, strict=True):
            _equal(left, right)
    elif is_dataclass(one):
        _equal(vars(one), vars(two))
    elif hasattr(one, "toarray"):
        np.testing.assert_array_equal(one.toarray(), two.toarray())
    elif isinstance(one, np.ndarray):
        np.testing.assert_array_equal(one, two)
    else:
        assert one == two


def assert_same_tables(one: Prepared, two: Prepared) -> None:
    """Every table and matrix of two preparations, value by value."""
    assert table_hashes(one.inputs) == table_hashes(two.inputs)
    for part in ("demand", "survey", "offers"):
        left, right = vars(getattr(one, part)), vars(getattr(two, part))
        assert left.keys() == right.keys()
        for name in left:
            _equal(left[name], right[name])


def same_tables(one: Prepared, two: Prepared) -> bool:
    try:
        assert_same_tables(one, two)
    except AssertionError:
        return False
    return True
