"""A/B/C案, cut-backs and the rest on the plan page, without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.app import shelf
from planner.app.kept import Kept
from planner.text import LANGUAGES, Language, say
from tests.app.test_pages import html_of, visit  # noqa: F401 - the fixture
from tests.computed import Computed


def study_of(paper: Computed) -> Kept:
    return paper.kept


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plan_page_shows_what_stands_beside_the_plan(visit, paper: Computed, language: Language) -> None:  # noqa: F811
    at = visit("plan", language)
    shown = html_of(at)
    found = study_of(paper).cutbacks()
    assert found is not None
    assert {p.kind for p in found.plans} == {"cut_nested", "cut_free", "without_grant"}
    for key in ("section.cuts", "section.reserve", "scenario.goes", "scenario.stays", "scenario.without_grant"):
        assert say(language, key).split("{")[0] in shown, key
    headings = [s.value for s in at.subheader]
    assert say(language, "app.scenarios.three") in headings
    assert say(language, "section.scenarios") in headings
    assert say(language, "section.phases") not in headings  # all is built at once


@pytest.mark.parametrize("language", LANGUAGES)
def test_another_budget_for_plan_a_is_looked_up(visit, paper: Computed, language: Language) -> None:  # noqa: F811
    at = visit("plan", language)
    kept = study_of(paper)
    own = next(s.value for s in kept.plan().settings if s.key == "budget.own_capital_yen")
    box = next(b for b in at.selectbox if str(b.key).startswith("three-a"))
    assert box.value == min((y for y in kept.budgets_yen() if y < own), key=lambda y: abs(y - own * 0.7))
    other = next(y for y in kept.budgets_yen() if y < own and y != box.value)
    box.set_value(other).run()
    assert not at.exception
    assert say(language, "scenario.plan_a", yen=f"{other:,}") in html_of(at)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_store_that_cannot_be_read_is_said_in_the_hash_s_place(
    paper: Computed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: Language
) -> None:
    broken = tmp_path / "plans.sqlite"
    monkeypatch.setenv("PLANNER_STORE", str(broken))
    assert shelf.audit_of(paper.kept.plan(), language) == ""  # there is none yet
    broken.write_bytes(b"no store" * 1000)
    told = shelf.audit_of(paper.kept.plan(), language)
    assert told.startswith(say(language, "app.shelf.no_hash", reason="|").split("|")[0])
    assert str(broken) in told
