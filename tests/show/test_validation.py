"""Tables of the held-out year and of sureness, from rows written by hand."""

from __future__ import annotations

from typing import Any

import pytest

from planner.show import Words, basis_part, precision_sentence, validation_lines, validation_part, validation_sentences
from planner.show.tables_validation import deciles, districts, offences, scores
from planner.text import LANGUAGES, Language

METHODS = ("ours", "count", "uniform", "kde_200")


def score(group: str, split: str, unit: str, method: str, pai: float) -> dict[str, Any]:
    shares = {f"hit_{a}_share": pai * a / 100 for a in (1, 2, 5, 10)}
    figures = {f"{name}_{a}": value for name, value in (("pai", pai), ("pei", pai / 5)) for a in (1, 2, 5, 10)}
    covered = 0.9 if method == "ours" and unit == "area" else None
    return {
        "offence_group": group, "split": split, "unit": unit, "method": method, "units": 20, "test_records": 40,
        **shares, **figures, "slope": 0.98, "deviance": 1.25, "covered_share": covered, "covered_top_share": covered,
    }  # fmt: skip


def held_out(parts: tuple[tuple[str, str], ...] = (("time", "area"),)) -> dict[str, Any]:
    pai = dict(zip(METHODS, (4.0, 3.5, 1.0, 2.0), strict=True))
    return {
        "tested_from": "2023-01-01",
        "tested_until": "2023-12-31",
        "history_years": 2.0,
        "level_predicted": 44.4,
        "level_observed": 40.0,
        "interval_share": 0.9,
        "scores": [score(g, s, u, m, pai[m]) for s, u in parts for g in ("snatching", "") for m in METHODS],
        "deciles": [
            {"offence_group": "", "split": "time", "unit": "area", "decile": d, "predicted": p, "observed": o}
            for d, p, o in ((1, 3.0, 2.0), (2, 37.0, 38.0), (3, 0.0, 0.0))
        ],
        "districts": [
            {
                "offence_group": "", "district_id": "<b>north", "areas": 3, "predicted": 20.0, "observed": 30.0,
                "slope": None, "hit_10_share": 0.25,
            }
        ],
        "notes": [{"code": "validation_blocks_only", "values": {"records": 40}}],
    }  # fmt: skip


def test_every_figure_stands_beside_its_baselines() -> None:
    table = scores(held_out(), "time", "area", Words("en"))
    assert [c.key for c in table.columns[1:]] == list(METHODS)
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["PAI (top 5% of area)"] == ("4.00", "3.50", "1.00", "2.00")
    assert rows["Hit rate (top 10% of area)"] == ("40.0%", "35.0%", "10.0%", "20.0%")
    assert rows["PEI (top 1% of area)"] == ("0.80", "0.70", "0.20", "0.40")
    assert rows["Town blocks whose recorded number lies in its 90% range"] == ("90.0%", None, None, None)
    assert len(rows) == 16


def test_squares_have_no_row_for_intervals_and_no_table_without_points() -> None:
    assert scores(held_out(), "space", "cell", Words("en")).rows == ()
    cells = scores(held_out((("space", "cell"),)), "space", "cell", Words("en"))
    assert len(cells.rows) == 14


def test_offences_deciles_and_districts() -> None:
    words = Words("en")
    assert offences(held_out(), words).rows == (("snatching", 40, "4.00", "3.50", "1.00", "2.00", "0.98"),)
    assert deciles(held_out(), words).rows == ((1, 3.0, 2.0), (2, 37.0, 38.0))  # a tenth without blocks is no row
    assert districts(held_out(), words).rows == (("<b>north", 3, 20.0, 30.0, "1.50", None, "25.0%"),)


@pytest.mark.parametrize("language", LANGUAGES)
def test_part_and_lines_tell_the_same_tables_and_why_only_blocks(language: Language) -> None:
    made = held_out((("time", "area"), ("time", "cell"), ("space", "cell")))
    part, lines = validation_part(made, language), validation_lines(made, language)
    assert len(lines) == part.count("<table") == 6
    assert all(heading in part for heading, _, _ in lines)
    assert "<b>" not in part
    told = validation_sentences(made, language)
    assert len(told) == 3
    assert "44.4" in told[0]
    assert "40" in told[1]


def test_precision_and_basis_in_words() -> None:
    row = {
        "offence_group": "snatching", "records": 8, "point_share": 0.25, "without_area_share": 0.125, "town_share": 0.5,
        "recorded_per_year": 2.5, "level_per_year": 1.75, "prior": "length", "surface": "", "bandwidth_m": None,
    }  # fmt: skip
    sure = {"ranks": [], "basis": [row], "precision": {"point": 2, "area": 5, "city": 1}}
    told = precision_sentence(sure, "en")
    assert "8 records, 25.0% are known to the point, 62.5% to the town block and 12.5%" in told
    part = basis_part(sure, "en")
    assert "length of street only" in part
    assert all(cell in part for cell in (">50%<", ">2.5<", ">1.8<"))
    exact = row | {"prior": "points", "surface": "network", "bandwidth_m": 150.0}
    assert "along the streets (150 m)" in basis_part({**sure, "basis": [exact]}, "en")
    assert "0.0" in precision_sentence({**sure, "precision": {"point": 0, "area": 0, "city": 0}}, "en")
