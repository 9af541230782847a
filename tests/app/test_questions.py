"""The data page asks what the files leave open, keeps the answers, and takes one back."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from planner.app import session, worker
from planner.app.job import Job, News
from planner.errors import InputFaults, Question, UnansweredError
from planner.ingest.ledger import Ledger
from planner.text import LANGUAGES, plain, say
from tests.computed import ROOT
from tests.ingest.two_blocks import AREAS, CRIME, TOWN, TWO_BLOCKS, TWO_THEFTS

STANDING = '[standing]\nfile = "cameras.csv"\n\n[siting]\nfrontier_steps = 2\nresamples = 0\n'
CAMERAS = "camera_id,北緯,東経\nC1,36.00036,139.83389\nC2,36.00045,139.83444\nC3,36.0004,x\n"
LON, LAT = "standing:column_for:lon", "standing:column_for:lat"


@pytest.fixture
def town(tmp_path: Path) -> Path:
    folder = tmp_path / "town"
    folder.mkdir()
    (folder / "town.toml").write_text(TOWN + AREAS + CRIME + STANDING, encoding="utf-8")
    (folder / "areas.geojson").write_text(TWO_BLOCKS, encoding="utf-8")
    (folder / "crime.csv").write_text(TWO_THEFTS + "自転車盗,本町1丁目,2023-02-02,余分\n", encoding="utf-8")
    (folder / "cameras.csv").write_text(CAMERAS, encoding="utf-8")
    return folder


@pytest.fixture
def visit(town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    st.cache_data.clear()
    st.cache_resource.clear()
    monkeypatch.setenv("PLANNER_TOWN", str(town))
    monkeypatch.setenv("PLANNER_CACHE", str(tmp_path / "cache"))

    def opened(page: str, language: str = "ja") -> AppTest:
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        at.run()
        if language != "ja":
            at.radio[0].set_value(language).run()
        found = [key for key, info in at._registered_pages.items() if info["url_pathname"] == page]
        at._page_hash = found[0]
        settle(at)
        return at

    return opened


def settle(at: AppTest) -> None:
    """Draw the page until the computations of this server have ended."""
    at.run()
    for job in list(session._jobs().by_question.values()):
        job.wait(120)
    at.run()
    assert not at.exception, at.exception


def html_of(at: AppTest) -> str:
    return "\n".join(element.proto.body for element in at.get("html") if "<style>" not in element.proto.body)


def button(at: AppTest, key: str) -> object:
    return next(b for b in at.button if b.key == key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_questions_stand_with_proposal_and_first_rows(visit, language: str) -> None:
    at = visit("data", language)
    answers = {r.key: r for r in at.radio if str(r.key).startswith("answer-")}
    assert set(answers) == {f"answer-{LON}", f"answer-{LAT}"}
    assert answers[f"answer-{LON}"].value == "東経"
    assert answers[f"answer-{LON}"].options[0] == say(language, "app.questions.proposed", choice="東経")
    assert answers[f"answer-{LON}"].options[-1] == say(language, "choice.column_for.-")
    assert "139.83389" in html_of(at)
    assert "余分" in html_of(at)  # what could be read is accounted for all the same
    assert not at.error


def test_another_page_points_to_the_data_page(visit) -> None:
    at = visit("plan")
    assert "お答えいただきたい事項2件" in at.error[0].value
    assert [link.proto.label for link in at.get("page_link")] == [say("ja", "app.to_data")]


def test_answers_are_kept_and_one_can_be_taken_back(visit, town: Path) -> None:
    at = visit("data")
    button(at, "save-answers").click()
    settle(at)
    assert f'"{LON}" = "東経"' in (town / "town.toml").read_text(encoding="utf-8")
    assert re.search("有効な回答（2件）", "\n".join(s.value for s in at.subheader))
    assert "余分" in html_of(at)
    assert say("ja", "app.data.save_set_aside") in [d.proto.label for d in at.get("download_button")]
    at.selectbox(key="take-back-key").set_value(LAT)
    button(at, "take-back").click()
    settle(at)
    text = (town / "town.toml").read_text(encoding="utf-8")
    assert f'"{LON}" = "東経"' in text
    assert LAT not in text
    assert {r.key for r in at.radio if str(r.key).startswith("answer-")} == {f"answer-{LAT}"}


def test_a_folder_that_cannot_be_written_gives_the_answers_as_a_file(visit, town: Path) -> None:
    before = (town / "town.toml").read_bytes()
    (town / "town.toml.part").mkdir()
    at = visit("data")
    button(at, "save-answers").click().run()
    assert not at.exception
    assert "town.toml" in at.error[0].value
    assert say("ja", "app.questions.unwritten").replace("`", "") in at.error[0].value
    assert [d.proto.label for d in at.get("download_button")] == [plain("ja", "app.questions.save_file")]
    assert (town / "town.toml").read_bytes() == before


def test_a_question_comes_through_the_pipe_as_it_was(tmp_path: Path) -> None:
    question = Question(
        "column_for", "crime", "c.csv", "a", ("a", "b"), {"column": "x", "heading": "a"}, about="x", lasting=True,
        preview={"a": ("1", "2")}, places={"a": ((139.5, 35.5), (139.6, 35.6))},
    )  # fmt: skip
    told = worker._reading(InputFaults([UnansweredError(question)], Ledger().account()))
    job = Job.__new__(Job)
    job.news = News()
    job._hear({"refused": [], **json.loads(json.dumps(told))})
    assert job.news.questions == [question]
    assert job.news.done
