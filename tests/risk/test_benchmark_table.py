import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from benchmarks import risk, risk_table

TASK = risk.Task(
    Path(),
    Path(),
    Path(),
    "street",
    pd.Timestamp("2013-01-01"),
    pd.Timestamp("2016-01-01"),
    None,
    "totals",
    0.0,
    1.0,
    0,
)


def made(task=TASK, **ours):
    """Figures that meet every goal but for what is given."""
    good = {"pai_1": 11.0, "pai_5": 6.0, "slope": 1.0, "covered_share": 0.9, "covered_top_share": 0.9}
    others = {name: {"pai_1": 10.0, "pai_5": 4.0} for name in ("count", "eb", "kde_200", "uniform")}
    names = ("kind", "areal_km2", "fit", "exact_share", "thin", "seed")
    told = {name: getattr(task, name) for name in names} | {"zero_cells": ours.pop("zero_cells", 0)}
    return {"ours": good | ours, "baselines": others, "task": told}


def test_every_case_stands_in_the_table_once_and_is_run_once(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(risk, "run", lambda task: asked.append(task) or json.dumps(made(task)))
    kept = tmp_path / "kept.jsonl"
    first = list(risk_table.run(TASK, kept))
    assert len(set(first)) == len(first) == len(asked) == 21
    kept.write_text("".join(f"{line}\n" for line in kept.read_text().splitlines()[:-2]))
    assert list(risk_table.run(TASK, kept)) == first
    assert len(asked) == 23
    assert (
        "| street, 10 % exact, 0.25 km2, seed 0 | 11.00 / 6.000 | 1.500 x | 1.000 | 0.900 / 0.900 | 1.25 x; met |"
        in first
    )
    assert any(row.startswith("| street, halves, 0.25 km2, 5 % of the history, seed 1 |") for row in first)


@pytest.mark.parametrize(
    ("case", "figures", "missed"),
    [
        ({}, {"slope": 1.051}, "slope"),
        ({"thin": 0.05}, {"slope": 1.051}, ""),
        ({}, {"covered_top_share": 0.98}, "intervals"),
        ({}, {"pai_1": 9.9}, "PAI@1"),
        ({}, {"pai_1": 9.97}, ""),
        ({}, {"pai_5": 5.5}, "x KDE"),
        ({"areal_km2": 0.25, "fit": "halves"}, {"pai_5": 4.5}, "x"),
        ({"areal_km2": 1.0, "fit": "halves"}, {"pai_5": 4.5}, ""),
        ({"areal_km2": 2.0}, {"pai_5": 3.9, "zero_cells": 3}, "x, zero intensity"),
    ],
)
def test_each_goal_that_is_missed_is_named(case, figures, missed):
    row = risk_table.row(made(replace(TASK, **case), **figures))
    assert row.endswith(f"; missed: {missed} |" if missed else "; met |")
