"""What was chosen on a page is still chosen when one comes back; what a link asks for and cannot be had is told."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from planner import store
from planner.app import planning
from planner.text import LANGUAGES, Language, say
from tests.app.test_kept_versions import NAME, filled, shelf  # noqa: F401 - fixtures
from tests.app.test_kept_versions import visit as opened
from tests.app.test_pinning import visit  # noqa: F401 - a fixture
from tests.computed import ROOT, Computed


def go(at: AppTest, name: str) -> AppTest:
    at._page_hash = next(key for key, info in at._registered_pages.items() if info["url_pathname"] == name)
    at.run()
    assert not at.exception, at.exception
    return at


def test_the_version_and_the_station_stay_when_the_page_is_left(filled, paper: Computed) -> None:  # noqa: F811
    """An answer may not land on another version, nor another station's part be shown."""
    at = opened("review")
    with store.opened(filled) as kept:
        first = min(kept.versions(), key=lambda v: v.number)
    assert at.selectbox(key="review-version").value != first
    at.selectbox(key="review-version").set_value(first).run()
    at.text_input(key="answer-station").set_value("紙署")
    at.select_slider(key="review-hours").set_value((6, 9))
    at.multiselect(key="review-districts").set_value([paper.kept.plan().sites[0].district_id])
    at.run()
    with store.opened(filled) as kept:  # somebody saves the next version meanwhile
        kept.save(paper.kept.plan(), NAME, 2, "危機管理課")
    at = go(go(at, "plan"), "review")
    assert at.selectbox(key="review-version").value == first
    assert at.text_input(key="answer-station").value == "紙署"
    assert at.select_slider(key="review-hours").value == (6, 9)
    assert at.multiselect(key="review-districts").value == [paper.kept.plan().sites[0].district_id]


def test_the_files_offered_follow_the_plan_in_view(filled, paper: Computed) -> None:  # noqa: F811
    """A version that was chosen beside one plan is not that of another."""
    at = opened("export")
    with store.opened(filled) as kept:
        second = max(kept.versions(), key=lambda v: v.number)
    at.selectbox(key="export-version").set_value(second).run()
    at = go(go(at, "data"), "export")
    assert at.selectbox(key="export-version").value == second
    at = go(at, "plan")
    at.select_slider(key=f"budget-{paper.kept.plan_id[:12]}").set_value(paper.kept.budgets_yen()[-1]).run()
    at = go(at, "export")
    assert at.selectbox(key="export-version").value == ""  # the plan in view, which is not saved


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_budget_that_a_link_asks_for_in_vain_is_told(visit, paper: Computed, language: Language) -> None:  # noqa: F811
    own = paper.kept.plan().setting("budget.own_capital_yen")
    at = visit(language, **{"asked-budget": "123"})
    names = planning._budget_names((123, own), language)
    told = say(language, "app.plan.budget_unknown", asked=names[123], shown=names[own])
    assert told in [i.value for i in at.info]
    slider = next(s for s in at.select_slider if str(s.key).startswith("budget-"))
    assert slider.value == own
    slider.set_value(paper.kept.budgets_yen()[0]).run()
    assert told not in [i.value for i in at.info]


def test_a_town_that_a_link_asks_for_in_vain_is_told(shelf) -> None:  # noqa: F811
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.query_params["town"] = "よその町"
    at.run()
    assert not at.exception, at.exception
    assert say("ja", "app.town_unknown", town="よその町") in [i.value for i in at.info]
