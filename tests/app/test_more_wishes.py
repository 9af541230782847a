"""What the page of the plan can ask beyond budgets: years, safety, rules of districts, a refused grant, contracts, a turned view."""

from __future__ import annotations

import datetime as dt
import shutil
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from planner import show, study
from planner.app import limits, looking, session, worker
from planner.app.job import News
from planner.plan import Advice, Plan, PricePart
from planner.text import LANGUAGES, Language, say
from planner.work import Work
from tests.app.test_pinning import html_of, step, submit, visit  # noqa: F401 - the fixture
from tests.computed import Computed


@pytest.fixture
def plan(paper: Computed) -> Plan:
    return paper.kept.plan()


class Asked:
    """A computation that is over at once; what was asked is kept."""

    asked: list[tuple[Any, ...]] = []  # noqa: RUF012 - emptied by the fixture

    def __init__(self, town: Path, layers: Any, root: Path, beside: Any = None) -> None:
        self.news = News(done=True)
        self.asked.append((town, layers, root, beside))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    Asked.asked.clear()
    monkeypatch.setattr(session, "Job", Asked)
    return Asked.asked


def page(at: AppTest, name: str) -> AppTest:
    at._page_hash = next(key for key, info in at._registered_pages.items() if info["url_pathname"] == name)
    return step(at)


@pytest.mark.parametrize("language", LANGUAGES)
def test_money_a_year_at_a_time_and_safety_are_wished_in_the_form(visit, asked, language: Language) -> None:  # noqa: F811
    at = visit(language)
    assert say(language, "app.plan.more_wishes") in [e.label for e in at.expander]
    at.number_input(key="w-schedule.yearly_own_yen").set_value(12.0)
    at.number_input(key="w-plan-years").set_value(4)
    at.number_input(key="w-mount").set_value(2)
    at.selectbox(key="w-purpose").set_value("street_crime")
    at = submit(at, say(language, "app.plan.compute"))
    wishes = at.session_state["wishes"]
    assert wishes["schedule"] == {"yearly_own_yen": 120_000, "plan_years": 4}
    assert wishes["rules"]["max_per_mount"] == 2
    assert wishes["purpose"] == {"profile": "street_crime"}
    assert "siting" not in wishes
    ((_, layers, _, _),) = asked
    assert layers == [("widget", wishes)]
    at.number_input(key="w-schedule.yearly_own_yen").set_value(None)
    at.checkbox(key="w-robust").check()
    at = submit(at, say(language, "app.plan.compute"))
    assert at.session_state["wishes"]["schedule"] == {"plan_years": 4}
    assert at.session_state["wishes"]["siting"] == {"robust_rounds": 8}


@pytest.mark.parametrize("language", LANGUAGES)
def test_rules_of_districts_and_measures_are_added_and_taken_away(visit, plan: Plan, language: Language) -> None:  # noqa: F811
    at = visit(language)
    own = len([b for b in at.button if str(b.key).startswith("unrule-districts")])
    district = plan.districts[0].district_id
    at.selectbox(key="limit-district").set_value(district)
    at.number_input(key="limit-min_sites").set_value(1)
    at.number_input(key="limit-floor").set_value(5.0)
    at = submit(at, say(language, "app.limits.add_district"))
    rule = at.session_state["draft"]["rules"]["districts"][-1]
    assert rule == {"id": district, "min_sites": 1, "floor_share": 0.05}
    assert show.safe(show.rule_sentence(plan, rule, show.Words(language))) in html_of(at)
    at.selectbox(key="limit-measure").set_value("place")
    at.number_input(key="limit-share").set_value(20.0)
    at = submit(at, say(language, "app.limits.add_floor"))
    assert at.session_state["draft"]["rules"]["floors"] == [{"measure": "place", "district": "", "share": 0.2}]
    at = step(at.button(key="unrule-floors-0").click())
    assert at.session_state["draft"]["rules"]["floors"] == []
    assert len([b for b in at.button if str(b.key).startswith("unrule-districts")]) in (own, own + 1)


def test_other_programmes_are_taken_to_be_refused(visit, plan: Plan, asked) -> None:  # noqa: F811
    at = visit()
    refused = at.multiselect(key="beside-refused")
    assert plan.duties is not None
    name = plan.duties.programmes[0]
    refused.set_value([name.id])
    at = step(at.button(key="compute-beside").click())
    ((_, layers, _, beside),) = asked
    assert (layers, beside) == ([], {"refused": [name.id], "contracts": None})


def test_contracts_change_what_stands_beside_the_plan(paper: Computed, plan: Plan, tmp_path: Path) -> None:
    root = Path(shutil.copytree(paper.cache, tmp_path / "cache"))
    site, news = plan.sites[0], []
    price = site.total_yen // 2
    request = {"town": str(paper.town), "root": str(root), "layers": []}
    worker.run(request | {"beside": {"refused": [], "contracts": {site.site_id: [price, None]}}}, Work(), news.append)
    assert news[0] == {"plan": plan.plan_id}
    assert news[-1] == {"done": plan.plan_id}
    found = type(paper.kept)(root / plan.plan_id).cutbacks()
    assert found is not None
    assert found.tender is not None
    assert (found.tender.sites, found.refused) == (1, [])
    before = paper.kept.cutbacks()
    assert before is not None
    assert before.tender is None


def test_a_turned_view_is_pinned_with_its_reason(visit, plan: Plan, paper: Computed) -> None:  # noqa: F811
    site = next(s for s in plan.sites if s.kind == "install")
    at = page(visit(looked=site.site_id), "coverage")
    assert say("ja", "app.coverage.pin_intro") not in html_of(at)
    turned = (round(site.views[0].bearing_deg, 1) + 30) % 360
    key = f"bearing-{plan.plan_id[:12]}-{site.site_id}"
    at = step(at.number_input(key=key).set_value(turned))
    assert say("ja", "app.coverage.pin_intro") in html_of(at)
    at.selectbox(key=f"turned-{site.site_id}-reason").set_value("local_request")
    at = submit(at, say("ja", "app.pin.propose"))
    rules = at.session_state["draft"]["rules"]
    (view,) = rules["views"]
    assert view == {"site": site.mount_id, "model": site.model_id, "bearing_deg": turned}
    assert [w["reason"] for w in rules["pins"]][-1] == "local_request"
    _, action = looking.turn(paper.kept, "", site.site_id, turned, None)
    assert rules["pins"][-1]["site"] == action
    planned = html_of(page(at, "plan"))  # called by its place: no plan knows the action yet
    place = show.thing_name(plan, site.mount_id)
    assert say("ja", "app.pin.turned", place=place, bearing=show.Words("ja").compass(turned)) in planned
    at = page(at, "coverage")
    at = step(at.number_input(key=f"height-{plan.plan_id[:12]}-{site.site_id}").set_value(9.0))
    assert say("ja", "app.coverage.no_height") in html_of(at)


def test_the_pinned_view_is_chosen_and_priced(paper: Computed, plan: Plan) -> None:
    """Prepared anew with the view among the others; by the id that the page gave it."""
    site = next(s for s in plan.sites if s.kind == "install")
    view, action = looking.turn(paper.kept, "", site.site_id, (site.views[0].bearing_deg + 90) % 360, None)
    rules = {"views": [view], "pins": [{"site": action, "reason": "policy"}]}
    made = study.make(
        paper.town, (("widget", {"rules": rules, "siting": {"frontier_steps": 0, "resamples": 0}}),), Work()
    )
    chosen = next(s for s in made.sites if s.site_id == action)
    assert chosen.views[0].bearing_deg == pytest.approx(view["bearing_deg"])
    assert chosen.mount_id == site.mount_id
    assert made.advice is not None
    (price,) = [p for p in made.advice.prices if p.rule == f"pin:{action}"]
    assert price.cost_per_year == pytest.approx(max(0.0, plan.value - made.value), abs=1e-6)


def test_a_site_is_moved_to_another_place(visit, plan: Plan) -> None:  # noqa: F811
    site = next(s for s in plan.sites if s.kind == "install")
    at = visit(site=site.site_id)
    at = step([b for b in at.button if b.label == say("ja", "app.pin.propose")][-1].click())  # pinned where it is
    at = step(at.text_input(key="asked-id").set_value("m4"))
    at.radio(key="place-kind").set_value("move")
    buttons = [b for b in at.button if b.label == say("ja", "app.pin.propose")]
    at = step(buttons[0].click())
    rules = at.session_state["draft"]["rules"]
    assert [w["site"] for w in rules["bans"]][-1] == f"m:{site.mount_id}"
    assert len(rules["pins"]) == 1  # of the place it moves to: the one before gave way
    assert rules["pins"][0]["site"] != site.site_id


def test_criteria_are_settled_in_the_form_before_computing(visit, asked) -> None:  # noqa: F811
    at = visit("ja")
    at.text_area(key="w-criteria").set_value(" 通学路を優先する ")
    at.date_input(key="w-criteria-day").set_value(dt.date(2026, 10, 1))
    at = submit(at, say("ja", "app.plan.compute"))
    assert at.session_state["wishes"] == {"criteria": {"text": "通学路を優先する", "decided_on": "2026-10-01"}}


def test_a_floor_is_shown_with_its_price_where_that_was_computed(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {})
    told = {"limit": "0.2", "who": "", "when": "", "cost_per_year": 1.5, "low_per_year": 1.0, "high_per_year": 2.0}
    price = PricePart(rule="floor:place:south", **told)
    plan = plan.model_copy(update={"advice": Advice(prices=[price])})
    floor = {"measure": "place", "district": "south", "share": 0.2}
    assert show.price_sentence(price, "ja") in limits._priced(plan, floor)
    assert limits._priced(plan, floor | {"share": 0.3}) == ""  # another floor, not computed yet
    assert limits._priced(plan, {"id": "south", "min_sites": 1}) == ""


def test_who_waits_for_tables_is_told_so(visit, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    told: list[str] = []

    def spinner(words: str) -> Any:
        told.append(words)
        return nullcontext()

    monkeypatch.setattr(st, "spinner", spinner)
    page(visit(), "coverage")
    assert say("ja", "app.unpacking") in told
    told.clear()
    at = page(visit(), "funding")
    next(b for b in at.button if b.label == say("ja", "app.funding.preview")).click().run()
    assert say("ja", "app.unpacking") in told
