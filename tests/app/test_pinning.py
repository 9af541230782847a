"""Pins, bans, why not here and the ways to another plan, on the page without a browser."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from planner import show, study
from planner.app import session
from planner.plan import Plan, place_of
from planner.text import LANGUAGES, Language, say
from planner.work import Work
from tests.computed import ROOT, Computed


@pytest.fixture
def plan(paper: Computed) -> Plan:
    return paper.kept.plan()


@pytest.fixture
def visit(paper: Computed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    st.cache_data.clear()
    st.cache_resource.clear()
    monkeypatch.setenv("PLANNER_TOWN", str(paper.town))
    monkeypatch.setenv("PLANNER_CACHE", str(paper.cache))
    monkeypatch.setenv("PLANNER_STORE", str(tmp_path / "plans.sqlite"))

    def opened(language: str = "ja", **state: object) -> AppTest:
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        for name, value in (
            {"lang": "ja"} | state
        ).items():  # with a language the visitor is known, and keeps the state
            at.session_state[name] = value
        at.run()
        if language != "ja":
            at.radio[0].set_value(language).run()
        at._page_hash = next(key for key, info in at._registered_pages.items() if info["url_pathname"] == "plan")
        return step(at)

    return opened


def step(on: Any) -> AppTest:
    at: AppTest = on.run()
    assert not at.exception, at.exception
    return at


def html_of(at: AppTest) -> str:
    return "\n".join(element.proto.body for element in at.get("html"))


def submit(at: AppTest, label: str) -> AppTest:
    return step(next(b for b in at.button if b.label == label).click())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_site_can_be_banned_with_its_reason_and_the_ban_taken_back(visit, plan: Plan, language: Language) -> None:
    site = plan.sites[0]
    at = visit(language, site=site.site_id)
    assert show.safe(show.why_here(plan, site, language)) in html_of(at)
    at.radio(key="site-kind").set_value("ban")
    at.selectbox(key="site-reason").set_value("owner_refused")
    at.text_input(key="site-who").set_value("管財課")
    at = submit(at, say(language, "app.pin.propose"))
    (wish,) = at.session_state["draft"]["rules"]["bans"]
    assert (wish["site"], wish["reason"], wish["who"]) == (place_of(site), "owner_refused", "管財課")
    assert "wishes" not in at.session_state  # nothing is computed yet
    assert say(language, "app.pin.pending") in [i.value for i in at.info]
    assert say(language, "wish_reason.owner_refused") in html_of(at)
    at = step(at.button(key=f"unwish-ban-{place_of(site)}").click())
    assert at.session_state["draft"]["rules"]["bans"] == []
    at = step(at.button(key="undo").click())
    assert at.session_state["draft"]["rules"]["bans"] == [wish]


def test_a_ban_means_the_place_and_takes_the_pin_of_its_site_away(visit, plan: Plan, paper: Computed) -> None:
    site = plan.sites[0]
    at = visit("ja", site=site.site_id)
    at = submit(at, say("ja", "app.pin.propose"))
    assert [w["site"] for w in at.session_state["draft"]["rules"]["pins"]][-1] == site.site_id
    at.radio(key="site-kind").set_value("ban")
    rules = submit(at, say("ja", "app.pin.propose")).session_state["draft"]["rules"]
    assert site.site_id not in [w["site"] for w in rules["pins"]]
    wishes = {"rules": rules, "siting": {"frontier_steps": 0, "resamples": 0}}
    made = study.make(paper.town, (("widget", wishes),), Work())
    assert place_of(site) in [place_of(s) for s in plan.sites]
    assert place_of(site) not in [place_of(s) for s in made.sites]  # nor with other days or another model


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_not_here_is_told_of_a_number_and_of_a_click(visit, plan: Plan, language: Language) -> None:
    at = visit(language)
    at = step(at.text_input(key="asked-id").set_value("m4"))
    for line in show.why(plan, "m4", language).sentences:
        assert show.safe(line) in html_of(at)
    at = step(at.text_input(key="asked-id").set_value("m44"))
    assert any("m44" in i.value for i in at.info)
    lon, lat = 139.8337, 36.0001
    at = visit(language, asked=(lon, lat))
    nearest = show.why_at(plan, lon, lat, language)
    radio = next(r for r in at.radio if r.label == say(language, "app.pin.nearest"))
    assert len(radio.options) == len(nearest) == 3
    assert show.safe(nearest[0].sentences[0]) in html_of(at)
    at = submit(at, say(language, "app.pin.propose"))
    wished = at.session_state["draft"]["rules"]["pins"]
    assert [w["site"] for w in wished] == [nearest[0].site_id or nearest[0].place_id]


def test_a_pin_is_computed_and_its_price_shown(
    visit, plan: Plan, paper: Computed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pin that the plan keeps anyway costs nothing; the study with the changed wishes is another one."""
    shutil.copytree(paper.cache, tmp_path / "cache")
    monkeypatch.setenv("PLANNER_CACHE", str(tmp_path / "cache"))
    kept = next(s for s in plan.sites if s.camera_id == "k4")
    at = submit(visit(site=kept.site_id), say("ja", "app.pin.propose"))
    assert say("ja", "app.pin.no_price") in html_of(at)
    at = step(at.button(key="compute-wishes").click())
    assert [w["site"] for w in at.session_state["wishes"]["rules"]["pins"]] == [kept.site_id]
    (job,) = session._jobs().by_question.values()
    assert job.wait(120).refused == []
    at = step(at)
    assert say("ja", "app.pin.no_price") not in html_of(at)
    assert say("ja", "advice.price_none") in html_of(at)
    assert say("ja", "app.pin.pending") not in [i.value for i in at.info]


def test_keep_differ_and_prove_become_wishes(visit, plan: Plan) -> None:
    at = visit()
    at = step(at.number_input(key="keep-most").set_value(1))
    at = step(at.button(key="keep").click())
    rules = at.session_state["draft"]["rules"]
    assert (rules["max_changes"], rules["given"]) == (1, [s.site_id for s in plan.sites])
    at = step(at.button(key="differ").click())
    rules = at.session_state["draft"]["rules"]
    assert (rules["most_shared"], rules["unlike"]) == (1, [[s.site_id for s in plan.sites]])
    for what, numbers in (("keep", {"number": 1}), ("differ", {"number": 1, "plans": 1})):
        assert show.safe(say("ja", f"app.pin.in_force_{what}", **numbers)) in html_of(at)
        at = step(at.button(key=f"unwish-{what}").click())
        assert show.safe(say("ja", f"app.pin.in_force_{what}", **numbers)) not in html_of(at)
    assert plan.status == "optimal"
    assert at.button(key="prove").disabled
    assert all(place_of(s) for s in plan.sites)


def test_counters_tell_before_and_after(visit, plan: Plan) -> None:
    assert show.part(plan, "counters", "ja") in html_of(visit())
    assert say("ja", "figure.per_million") in show.part(plan, "counters", "ja")
