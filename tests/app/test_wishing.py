"""Wishes on screen: pins and bans over the town's own, and taking them back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from planner.app import session, wishing
from planner.plan import Plan, SettingPart
from planner.programmes import fiscal_year_today
from planner.settings import merge
from tests.computed import Computed
from tests.golden_plan import golden_plan

TOML = """[rules]
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
    wishes, lost = wishing.conditions_of(version_of(golden_plan(), then, widget))
    ban = {"site": "m3", "reason": "policy", "who": "", "when": ""}
    assert wishes == {"budget": {"own_capital_yen": 7}, "rules": {"spacing_m": 40.0, "bans": [ban]}}
    assert lost == []
    with (town / "town.toml").open("a", encoding="utf-8") as file:
        file.write("[retention]\nmin_days = 14\n")
    assert wishing.conditions_of(version_of(golden_plan(), then, widget))[1] == ["retention.min_days"]


def test_what_answers_suggest_starts_from_the_versions_conditions_and_one_undo_takes_it_back(town: Path) -> None:
    plan = version_of(golden_plan(), ("widget", {"budget": {"own_capital_yen": 7}}))
    session.wish({"budget": {"own_capital_yen": 99}})
    told = {"site": "m2", "reason": "police_opinion", "who": "署", "when": "2026-10-01"}
    wishing.take_up(plan, "pin", [told], ["m2"])
    assert session.draft()["budget"] == {"own_capital_yen": 7}
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
