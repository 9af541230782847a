"""Questions in words, as the file they are answered in, on a map; rows set aside and corrections as CSV."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from planner import ingest, show
from planner.errors import Question
from planner.show.questions import _comment
from planner.text import LANGUAGES, Language, say

SIGNS = st.characters(exclude_categories=["Cs"])
TEXT = st.text(SIGNS, max_size=12)
PROPOSAL = re.compile(r'^# (?="(?:[^"\\]|\\.)*" = ")', re.MULTILINE)


def question(file: str, about: str, proposal: str, others: tuple[str, ...] = (), first: str = "1") -> Question:
    choices = (proposal, *others) if others else ()
    values = {"column": about, "heading": proposal, "optional": False}
    return Question(
        "column_for", "standing", file, proposal, choices, values, about=about, preview=dict.fromkeys(choices, (first,))
    )


ASKED = st.lists(st.tuples(TEXT.filter(bool), TEXT, TEXT.filter(bool), TEXT), min_size=1, max_size=4)


@given(ASKED, st.sampled_from(LANGUAGES))
def test_uncommenting_every_proposal_gives_a_file_of_answers(asked: list[tuple[str, ...]], language: Language) -> None:
    questions = {(q := question(file, about, one, (other,), other)).key: q for file, about, one, other in asked}
    text = show.answers_file([*questions.values()], {}, language)
    assert tomllib.loads(text) == {"answers": {}}
    assert tomllib.loads(PROPOSAL.sub("", text))["answers"] == {key: q.proposal for key, q in questions.items()}


def test_the_file_is_read_back_by_load_answers(tmp_path: Path) -> None:
    questions = [question("b.csv", "lat", "北緯", ("東経",)), question("a.csv", "lon", 'a"\\b', ("x",))]
    text = show.answers_file(questions, {}, "ja")
    assert text.index("a.csv") < text.index("b.csv")
    path = tmp_path / "answers.toml"
    path.write_text(text, encoding="utf-8")
    assert ingest.load_answers(path) == {}
    path.write_text(PROPOSAL.sub("", text), encoding="utf-8")
    assert ingest.load_answers(path) == {q.key: q.proposal for q in questions}


def test_answers_that_stood_there_stay(tmp_path: Path) -> None:
    now = question("a.csv", "lon", "x", ("y",))
    text = show.answers_file([now], {now.key: "y", "areas:column_for:name": "町名"}, "en")
    assert tomllib.loads(text)["answers"] == {now.key: "y", "areas:column_for:name": "町名"}
    assert say("en", "answers.before") in text


def test_sentence_choices_and_preview_stand_above_the_proposal() -> None:
    asked = question("a.csv", "lon", "東経", ("北緯", "-"), "139.8")
    text = show.answers_file([asked], {}, "ja")
    assert f"# 1. {show.asked(asked, 'ja')}" in text
    assert '"東経"（提案）: 139.8' in text
    assert f'"-" {say("ja", "choice.column_for.-")}' in text


def test_a_question_without_a_sentence_shows_its_code() -> None:
    assert show.asked(Question("nobody_knows", "crime", "c.csv", "a", ("a",)), "ja").startswith("nobody_knows: ")


@given(st.text())
def test_a_comment_never_ends_early(text: str) -> None:
    plain = text.encode("utf-8", "replace").decode()
    assert tomllib.loads("\n".join(_comment(plain))) == {}


@pytest.fixture
def areas() -> gpd.GeoDataFrame:
    squares = [shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)]
    return gpd.GeoDataFrame({"area_id": ["a", "b"]}, geometry=squares, crs=6677)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_map_shows_where_each_choice_would_put_the_rows(areas: gpd.GeoDataFrame, language: str) -> None:
    outline = show.outline(areas)
    assert outline is not None
    assert outline["type"] == "Polygon"
    west, south, east, north = shapely.geometry.shape(outline).bounds
    assert (west, south) == pytest.approx((139 + 50 / 60, 36), abs=1e-6)  # zone IX begins at 139°50' E, 36° N
    assert shapely.geometry.shape(outline).area == pytest.approx((east - west) * (north - south), rel=1e-3)
    asked = Question(
        "open_as", "mounts", "m.csv", "keep", ("keep", "swap"), {"kind": "a", "promised": "b"},
        places={"keep": ((139.8, 36.1),), "swap": ((36.1, 139.8), (36.2, 139.9))},
    )  # fmt: skip
    spec = show.describe_question(asked, outline, language)  # type: ignore[arg-type]
    assert spec is not None
    assert [(layer.key, len(layer.items)) for layer in spec.layers] == [("boundary", 1), ("choice0", 1), ("choice1", 2)]
    assert spec.box == pytest.approx((36.1, 36.0, 139.8356, 139.9), abs=1e-3)
    assert not {layer.key for layer in spec.layers} & set(show.MOVING)
    assert not [text for text in map(show.live_text, spec.layers) if "://" in text]
    assert show.describe_question(Question("open_as", "m", "f", "a", ("a",)), outline, "ja") is None


def test_rows_set_aside_carry_reason_and_remedy_and_no_formula() -> None:
    row = {"role": "crime", "file": "c.csv", "line": 4, "reason": "field_count", "text": "=1+1,x"}
    heads, cells = csv.reader(io.StringIO(show.set_aside_csv([row], "ja").decode("utf-8-sig")))
    assert heads == ["資料の種類", "ファイル", "行", "理由コード", "理由", "対処", "元の記載"]
    said = [say("ja", f"{table}.field_count") for table in ("reason", "remedy")]
    assert cells == [say("ja", "role.crime"), "c.csv", "4", "field_count", *said, "'=1+1,x"]


def test_corrections_say_what_was_done() -> None:
    row = {
        "role": "crime", "file": "c.csv", "column": "日", "code": "names_blank", "before": "１", "after": "1",
        "number": 3, "line": 2,
    }  # fmt: skip
    heads, cells = csv.reader(io.StringIO(show.corrections_csv([row], "en").decode("utf-8-sig")))
    assert len(heads) == len(cells) == 9
    assert cells[2:7] == ["日", "１", "1", "3", "2"]
    assert cells[8] == say("en", "note.names_blank", number=3)
