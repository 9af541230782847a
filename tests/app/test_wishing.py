"""Wishes on screen: pins and bans over the town's own, and taking them back."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from planner.app import session, wishing
from planner.plan import Plan, SettingPart
from planner.programmes import fiscal_year_today
from planner.settings import NO_LIMIT, merge
from tests.app.test_pages import visit  # noqa: F401 - the fixture
from tests.computed import Computed
from tests.golden_plan import golden_plan

TOML = """[budget]
running_yen_per_year = 50000

[rules]
max_changes = 4
spacing_m = 25
pins = [{ site = "m1", reason = "policy" }]
"""


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "town.toml").write_text(TOML, encoding="utf-8")
    monkeypatch.setenv("PLANNER_TOWN", str(tmp_path))
    monkeypatch.setattr(st, "session_state", {})
    return tmp_path


def sites(kind: wishing.Kind) -> list[str]:
    return [wish["site"] for wish in wishing.of_sites(kind)]


def test_a_proposal_stands_over_the_towns_own_and_the_latest_of_a_site_counts(town: Path) -> None:
    assert (sites("pin"), sites("ban")) == (["m1"], [])
    wishing.propose("m2", "pin", "police_opinion", "紙署地域課", "2026-10-01")
    assert (sites("pin"), sites("ban")) == (["m1", "m2"], [])
    wishing.propose("m1", "ban", "owner_refused", "", "")
    assert (sites("pin"), sites("ban")) == (["m2"], ["m1"])
    assert session.draft()["rules"]["bans"] == [{"site": "m1", "reason": "owner_refused", "who": "", "when": ""}]
    wishing.withdraw("m1", "ban")
    assert (sites("pin"), sites("ban")) == (["m2"], [])


def test_proposals_wait_for_the_next_computation(town: Path) -> None:
    wishing.propose("m2", "pin", "policy", "", "")
    assert session.wishes() == {}
    session.wish(session.draft())
    assert [w["site"] for w in session.wishes()["rules"]["pins"]] == ["m1", "m2"]


def test_every_change_of_the_wishes_can_be_taken_back(town: Path) -> None:
    session.wish({"budget": {"own_capital_yen": 1}})
    wishing.propose("m2", "ban", "policy", "", "")
    session.wish(session.draft())  # computed, and no change of its own
    assert session.undone() == 2
    session.undo()
    assert session.draft() == {"budget": {"own_capital_yen": 1}}
    assert [w["site"] for w in session.wishes()["rules"]["bans"]] == ["m2"]
    session.undo()
    assert (session.draft(), session.undone()) == ({}, 0)


def test_a_proof_is_asked_for_with_enough_work(town: Path, paper: Computed) -> None:
    plan = paper.kept.plan()
    wishing.prove(plan)
    assert session.draft()["siting"] == {"gap_goal": 0.0, "mip_nodes": wishing.PROOF_NODES}


def test_an_emptied_limit_is_lifted_whoever_set_it(town: Path, paper: Computed) -> None:
    plan = paper.kept.plan()
    assert plan.setting("retention.max_days") is not None
    given = {"retention.max_days": None, "budget.running_yen_per_year": None, "budget.own_capital_yen": None}
    session.redraft({"retention": {"max_days": 90}})
    session.redraft(wishing.with_changes(plan, given))
    assert "max_days" not in session.draft()["retention"]  # the file of this town sets none
    assert session.draft()["budget"] == {
        "running_yen_per_year": NO_LIMIT
    }  # but this one, and one is not without own money
    assert merge(("widget", session.draft())).settings.budget.running_yen_per_year is None
    assert wishing.with_changes(plan, {"budget.running_yen_per_year": None}) == session.draft()


def test_a_wish_that_was_refused_is_taken_back_in_the_form(town: Path, paper: Computed) -> None:
    """The plan in view is then the one of before: what the form says again is what is computed."""
    plan = paper.kept.plan()
    own = plan.setting("budget.own_capital_yen")
    session.redraft({"budget": {"own_capital_yen": 1}})
    assert wishing.with_changes(plan, {"budget.own_capital_yen": own}) == {"budget": {"own_capital_yen": own}}


def test_keeping_without_a_limit_lifts_the_earlier_one(town: Path, paper: Computed) -> None:
    plan = paper.kept.plan()
    wishing.keep(plan, 1)
    assert session.draft()["rules"]["max_changes"] == 1
    wishing.keep(plan, None)
    assert session.draft()["rules"]["max_changes"] == NO_LIMIT  # the town's own is four


def test_what_was_wished_beside_sites_is_told_and_taken_back_singly(town: Path, paper: Computed) -> None:
    plan = paper.kept.plan()
    wishing.keep(plan, 1)
    wishing.differ(plan, 2)
    wishing.differ(plan, 2)
    wishing.prove(plan)
    wishing.propose("m2", "pin", "policy", "", "")
    told = {"keep": {"number": 1}, "differ": {"number": 2, "plans": 2}, "prove": {}}
    assert wishing.beyond_sites() == told
    for what in ("keep", "differ", "prove"):
        wishing.lift(what)
        del told[what]
        assert wishing.beyond_sites() == told
    assert sites("pin")[-1] == "m2"
    made = merge(("widget", session.draft())).settings
    assert (made.rules.given, made.rules.unlike, made.rules.max_changes) == ((), (), None)
    assert made.siting == merge().settings.siting
    wishing.differ(plan, 3)
    assert wishing.beyond_sites()["differ"] == {"number": 3, "plans": 1}  # what was taken back does not come again


def test_a_turned_view_goes_with_its_pin(town: Path) -> None:
    view = {"site": "m1", "model": "acme", "bearing_deg": 90.0}
    wishing.propose_view(view, "action", "m1", "policy", "", "")
    assert wishing.of_rules("views") == [view]
    wishing.withdraw("action", "pin")
    assert (sites("pin"), wishing.of_rules("views")) == ([], [])


def version_of(plan: Plan, *layers: tuple[str, dict[str, Any]]) -> Plan:
    """A saved plan whose settings are those of the layers."""
    merged = merge(("today", {"funding": {"fiscal_year": fiscal_year_today()}}), *layers)
    parts = [
        SettingPart(key=f"{section}.{key}", value=value, origin=merged.origins[f"{section}.{key}"], unit="-")
        for section, group in merged.settings
        for key, value in group.model_dump(mode="json").items()
    ]
    return plan.model_copy(update={"settings": parts, "plan_id": "saved"})


def test_the_conditions_of_a_version_are_what_differs_from_the_towns_file_of_today(town: Path) -> None:
    then = ("town.toml", {"rules": {"spacing_m": 40.0, "pins": [{"site": "m1", "reason": "policy"}]}})
    widget = ("widget", {"budget": {"own_capital_yen": 7}, "rules": {"bans": [{"site": "m3", "reason": "policy"}]}})
    saved = version_of(golden_plan(), then, widget)
    ban = {"site": "m3", "reason": "policy", "who": "", "when": ""}
    lifted = {"running_yen_per_year": NO_LIMIT}, {"max_changes": NO_LIMIT}  # the town sets both today
    asked = {"budget": {"own_capital_yen": 7, **lifted[0]}, "rules": {"spacing_m": 40.0, "bans": [ban], **lifted[1]}}
    assert wishing.conditions_of(saved) == asked
    with (town / "town.toml").open("a", encoding="utf-8") as file:
        file.write("[retention]\nmin_days = 14\n")
    again = wishing.conditions_of(saved)
    assert again == {**asked, "retention": {"min_days": NO_LIMIT}}
    assert merge(("widget", again)).settings.retention.min_days is None


def test_what_answers_suggest_starts_from_the_versions_conditions_and_one_undo_takes_it_back(town: Path) -> None:
    plan = version_of(golden_plan(), ("widget", {"budget": {"own_capital_yen": 7}}))
    session.wish({"budget": {"own_capital_yen": 99}})
    told = {"site": "m2", "reason": "police_opinion", "who": "署", "when": "2026-10-01"}
    wishing.take_up(plan, "pin", [told], ["m2"])
    assert session.draft()["budget"] == {"own_capital_yen": 7, "running_yen_per_year": NO_LIMIT}
    assert sites("pin") == ["m2"]
    session.redraft({**session.draft(), "purpose": {"profile": "street_crime"}})
    wishing.take_up(plan, "ban", [{**told, "site": "m9"}], [""])
    assert session.draft()["purpose"] == {"profile": "street_crime"}
    assert (sites("pin"), sites("ban")) == (["m2"], ["m9"])
    session.undo()
    session.undo()
    session.undo()
    assert session.draft() == {"budget": {"own_capital_yen": 99}}
    assert not session.started_from(plan.plan_id)


SETTINGS = re.compile(r"^[wfe]-(?!which$)")  # keys of fields that show what a plan was made with


@pytest.mark.parametrize("name", ["plan", "funding", "coverage"])
def test_every_field_begins_anew_with_another_plan(visit, name: str) -> None:  # noqa: F811
    """Streamlit knows a field by its key alone: what an earlier plan had must neither be shown nor sent as a wish."""
    at = visit(name)
    if name == "coverage":
        at.radio[0].run()
    kinds = ("number_input", "text_input", "text_area", "selectbox", "multiselect", "checkbox", "date_input")
    fields = {f.key: f for kind in kinds for f in getattr(at, kind) if f.key and SETTINGS.match(f.key)}
    before = {key: field.value for key, field in fields.items()}
    assert len(before) >= {"plan": 8, "funding": 15, "coverage": 1}[name], sorted(before)
    for key, field in fields.items():
        field.set_value(_other(field))
        assert f"{key} of" in at.session_state, key
        at.session_state[f"{key} of"] = "another plan"
    at.run()
    assert not at.exception
    after = {f.key: f.value for kind in kinds for f in getattr(at, kind) if f.key in before}
    assert after == before


def _other(field: Any) -> Any:
    """A value that the field does not have."""
    if field.type == "checkbox":
        return not field.value
    if field.type == "number_input":
        return field.min + 1 if field.value != field.min + 1 else field.min
    if field.type in ("text_input", "text_area"):
        return f"{field.value} before"
    if field.type == "date_input":
        return dt.date(2020, 1, 1)
    if field.type == "multiselect":
        return []
    return next(o for o in field.options if o != field.value)
