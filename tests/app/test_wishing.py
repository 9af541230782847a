"""Wishes on screen: pins and bans over the town's own, and taking them back."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st

from planner.app import session, wishing
from tests.computed import Computed

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
