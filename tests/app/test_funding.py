"""The funding page: what is changed there becomes wishes that every page keeps."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from planner import show
from planner.app import session
from planner.app.kept import Kept
from planner.text import say
from tests.app.test_pages import html_of, visit  # noqa: F401 - a fixture
from tests.computed import Computed


@pytest.fixture
def page(visit, monkeypatch: pytest.MonkeyPatch) -> AppTest:  # noqa: F811
    monkeypatch.setattr(session, "again", lambda: None)
    return visit("funding")


def keep_from_computing(monkeypatch: pytest.MonkeyPatch) -> list[dict]:
    """The wishes that the page takes, without the computation that follows."""
    taken: list[dict] = []
    monkeypatch.setattr(session, "wish", taken.append)
    return taken


def compute(at: AppTest, number: int) -> None:
    """Press the n-th button that computes again: 0 the conditions, 1 the terms of a programme."""
    [b for b in at.button if b.label == say("ja", "app.plan.compute")][number].click().run()
    assert not at.exception, at.exception


def test_the_page_shows_what_the_files_say(page: AppTest, paper: Computed) -> None:
    plan = Kept(next(paper.cache.glob("*/study.json")).parent).plan()
    told = html_of(page)
    for name in ("payers", "programmes", "removed", "outside", "weighed", "hosts", "kpi", "detectable"):
        assert show.part(plan, name, "ja") in told, name


def test_conditions_become_wishes_with_their_origin(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = keep_from_computing(monkeypatch)
    page.multiselect(key="f-use").set_value(["half"])
    page.number_input(key="f-retention.max_days").set_value(60)
    page.text_input(key="f-retention.max_origin").set_value("改正要綱（架空）")
    page.number_input(key="f-retention.min_days").set_value(30)
    page.number_input(key="f-year").set_value(2027)
    compute(page, 0)
    assert taken[-1] == {
        "retention": {
            "max_days": 60,
            "max_origin": "改正要綱（架空）",
            "min_days": 30,
            "min_origin": say("ja", "origin.widget"),
        },
        "programmes": {"use": ["half"]},
        "funding": {"fiscal_year": 2027},
    }


def test_terms_of_a_programme_need_an_origin(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = keep_from_computing(monkeypatch)
    page.text_input(key="e-half-rate").set_value("1/4")
    compute(page, 1)
    assert taken == []
    assert page.error[0].value == say("ja", "app.funding.edit_needs_origin")
    page.text_input(key="e-half-origin").set_value("要綱（架空）")
    page.text_input(key="e-half-rate").set_value("9/4")
    compute(page, 1)
    assert page.error[0].value == say("ja", "app.funding.rate_wrong", text="9/4")
    page.text_input(key="e-half-rate").set_value("1/4")
    page.number_input(key="e-half-cap_total_yen").set_value(200_000)
    compute(page, 1)
    edit = {"rate": "1/4", "cap_total_yen": 200_000, "origin": "要綱（架空）"}
    assert taken[-1] == {"programmes": {"edit": {"half": edit}}}
