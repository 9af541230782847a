"""A study that was stopped: what there is of it is shown, and how to have the rest."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from planner.app import session
from planner.app.job import News
from planner.app.kept import Kept
from planner.text import LANGUAGES, Language, say
from tests.app.test_more_wishes import page
from tests.app.test_pinning import html_of, step, visit  # noqa: F401 - the fixture
from tests.computed import Computed


@pytest.fixture
def started(paper: Computed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every computation ends with a plan and nothing beside it."""
    kept = Kept(Path(shutil.copytree(paper.cache, tmp_path / "cache")) / paper.kept.folder.name)
    for name in ("study.json", "cutbacks.json", "prepared", "validation.json"):
        (kept.folder / name).unlink()
    found: list[Any] = []

    class Stopped:
        def __init__(self, *asked: Any) -> None:
            self.news = News(done=True, kept=kept)
            found.append(asked)

    monkeypatch.setattr(session, "Job", Stopped)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_stopped_study_says_so_and_can_be_made_again(
    visit,  # noqa: F811
    started: list[Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    language: Language,
) -> None:
    monkeypatch.setenv("PLANNER_CACHE", str(tmp_path / "cache"))
    at = visit(language)
    for name in ("plan", "coverage", "saw", "funding", ""):
        at = page(at, name) if name != "plan" else at
        told = [i.value for i in at.info]
        assert say(language, "app.stopped") in told, name
        assert say(language, "app.coverage.not_kept") not in told
        if name in ("plan", "coverage", "saw"):
            assert say(language, "app.stopped_part") in told
    assert len(started) == 1
    step(at.button(key="again").click())
    assert len(started) == 2


@pytest.mark.parametrize("refused", [[], [("nothing_fits", {})]])
def test_the_plan_before_is_shown_as_such(visit, paper: Computed, monkeypatch, refused) -> None:  # noqa: F811
    news = News(done=bool(refused), refused=refused)
    monkeypatch.setattr(session, "Job", lambda *_: type("Job", (), {"news": news})())
    at = visit(wishes={"budget": {"own_capital_yen": 1}}, seen=str(paper.kept.folder))
    told = [i.value for i in at.info]
    assert (say("ja", "app.plan.before") in told) != bool(refused)
    assert (say("ja", "app.plan.before_refused") in told) == bool(refused)
    assert html_of(at)
