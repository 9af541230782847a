"""The funding page: what is changed there becomes wishes that every page keeps."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from planner import ingest, show, study
from planner.app import funding, session
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
    plan = paper.kept.plan()
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


def press(at: AppTest, key: str, number: int = 0) -> None:
    """Press the n-th button that bears this text."""
    [b for b in at.button if b.label == say("ja", key)][number].click().run()
    assert not at.exception, at.exception


def test_who_pays_is_shown_at_once(page: AppTest, paper: Computed, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = keep_from_computing(monkeypatch)
    kept = paper.kept
    plan = kept.plan()
    assert any(s.programme_id for s in plan.sites)
    page.multiselect(key="f-use").set_value([])
    press(page, "app.funding.preview")
    told = html_of(page)
    own = study.repriced(kept.prepared(), plan, ("widget", {"programmes": {"use": []}}))[0]
    assert own.payers.municipality_yen == plan.total_yen
    assert show.part(own, "payers", "ja") in told
    assert show.part(own, "removed", "ja") in told
    limit = next(s.value for s in plan.settings if s.key == "budget.own_capital_yen")
    assert f"{plan.total_yen:,}円となり、上限の{limit:,}円" in told
    assert taken == []  # nothing is computed


def test_other_terms_are_shown_at_once_too(page: AppTest, paper: Computed, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = keep_from_computing(monkeypatch)
    plan = paper.kept.plan()
    used = next(s.programme_id for s in plan.sites if s.programme_id)
    page.selectbox(key="f-which").set_value(used).run()
    page.text_input(key=f"e-{used}-rate").set_value("1/10")
    page.text_input(key=f"e-{used}-origin").set_value("要綱（架空）")
    press(page, "app.funding.preview", 1)
    assert say("ja", "app.funding.previewed") in html_of(page)
    assert taken == []


def test_a_shipped_programme_is_taken_into_the_town(
    visit,  # noqa: F811
    paper: Computed,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    town = tmp_path / "town"
    shutil.copytree(paper.town, town)
    at = visit("funding")
    monkeypatch.setattr(session, "again", lambda: None)
    monkeypatch.setattr(session, "town", lambda: town)
    kept = paper.kept
    monkeypatch.setattr(session, "current", lambda: session.Current(kept, None))
    at.run()
    at.selectbox(key="a-which").set_value("jp-juten-shien").run()
    assert "重点支援地方交付金" in html_of(at)
    press(at, "app.funding.adopt_take")
    assert at.error[0].value == say(
        "ja", "app.funding.adopt_missing", fields=say("ja", "programme_field.cap_total_yen")
    )
    at.number_input(key="a-jp-juten-shien-cap_total_yen").set_value(1_200_000)
    press(at, "app.funding.adopt_take")
    programmes = tomllib.loads((town / "town.toml").read_text(encoding="utf-8"))["programmes"]
    assert programmes["shipped"] == ["jp-juten-shien"]
    assert programmes["fill"] == {"jp-juten-shien": {"cap_total_yen": 1_200_000}}
    assert [p.id for p in ingest.read(town).programmes][-1] == "jp-juten-shien"


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ({"rate": "1/2", "public_share": "0.5"}, ""),
        ({"rate": "1/0"}, "app.funding.rate_wrong 1/0"),
        ({"rate": "1/2", "public_share": "half"}, "app.funding.share_wrong half"),
        ({"public_share": "1/0"}, "app.funding.share_wrong 1/0"),
    ],
)
def test_the_field_that_cannot_be_read_is_named(
    paper: Computed, monkeypatch: pytest.MonkeyPatch, stated: dict[str, str], told: str
) -> None:
    monkeypatch.setattr(funding, "say", lambda key, text: f"{key} {text}")
    programme = paper.kept.prepared().inputs.programmes[0]
    assert funding._refused(programme, {**stated, "origin": "要綱（架空）"}) == told
