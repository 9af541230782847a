"""Every kind of setting is told in words, on every part and in every format, and no code or English word stands in Japanese."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest

from planner import show
from planner.plan import Advice, Duties, PricePart
from planner.plan.document import SettingPart
from planner.programmes import Programme
from planner.settings import Settings
from planner.show.table import Table
from planner.show.tables_advice import prices
from planner.show.tables_programmes import programmes
from planner.show.tables_town import settings
from planner.show.words import Words
from planner.text import LANGUAGES, Language, say
from tests.show.conftest import build

EDIT = {
    "rate": "2/3", "cap_per_camera_yen": 120_000, "max_units": 3, "max_units_of": "site", "min_retention_days": 14,
    "min_public_share": "0.5", "min_distance_m": 50.0, "stackable": True, "stacks_on": ["p2"], "joint": True,
    "power": "solar", "public_share": "1/4", "origin": "要綱第3条",
}  # fmt: skip
CHOSEN: dict[str, dict[str, Any]] = {
    "budget": {"own_capital_yen": 1_000_000, "running_yen_per_year": 50_000, "local_body_yen": 0},
    "funding": {"fiscal_year": 2027, "sections": {"camera": "備品購入費"}},
    "retention": {"min_days": 14, "min_origin": "警察の要望", "max_days": 30, "max_origin": "条例"},
    "rules": {
        "districts": [{"id": "北小学校区", "min_sites": 1, "max_sites": 3, "floor_share": 0.1}],
        "floors": [{"measure": "place", "district": "北小学校区", "share": 0.2}],
        "pins": [{"site": "m1", "reason": "police_opinion", "who": "紙署", "when": "2026-10-01"}],
        "bans": [{"site": "m2", "reason": "owner_refused"}],
        "views": [{"site": "m1", "model": "acme-4000", "bearing_deg": 90.0}],
        "given": ["s001", "s002"],
        "max_changes": 2,
        "unlike": [["s001", "s002"], ["s003"]],
        "most_shared": 1,
    },
    "schedule": {"as_of": "2026-11-01", "grant_decision_on": "2027-06-01", "yearly_own_yen": 500_000},
    "programmes": {"use": ["p1"], "edit": {"p1": EDIT}},
    "review": {"police_stations": {"北小学校区": "紙警察署"}},
    "siting": {"gap_goal": 0.0},
}  # fmt: skip
PLAIN = ("大和市", "中央一丁目", "つきみ野二丁目", "東電タウン", "市の規則", "確認済")


def _programme(identity: str, name: str) -> Programme:
    return Programme.model_validate(
        {"id": identity, "name_ja": name, "name_en": f"Grant {identity}", "payer": "prefecture", "rate": "1/2",
         "cap_per_camera_yen": 100_000, "source": "要綱"}
    )  # fmt: skip


@pytest.fixture(scope="module")
def chosen():
    """A plan that was made with every kind of setting."""
    parts = []
    for section, group in Settings.model_validate(CHOSEN):
        for key, value in group.model_dump(mode="json").items():
            extra = type(group).model_fields[key].json_schema_extra
            unit = str(extra.get("unit", "-")) if isinstance(extra, dict) else "-"
            parts.append(SettingPart(key=f"{section}.{key}", value=value, origin="widget", unit=unit))
    known = [_programme("p1", "県の設置補助"), _programme("p2", "町の上乗せ補助")]
    told = [
        PricePart(rule=rule, limit=limit, who="", when="", cost_per_year=1.0, low_per_year=0.5, high_per_year=1.5)
        for rule, limit in (("changes", "2"), ("shared", "1"), ("pin:m1", "policy"), ("floor:place", "0.2"))
    ]
    return build(names=PLAIN, settings=parts, duties=Duties(programmes=known), advice=Advice(prices=told))


def _told(table: Table) -> dict[str, str]:
    return {str(row[0]): str(row[1]) for row in table.rows}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", get_args(show.PartName))
def test_every_part_is_shown(chosen, name: show.PartName, language: Language) -> None:
    assert show.part(chosen, name, language) is not None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", get_args(show.Format))
def test_every_format_is_written(chosen, form: show.Format, language: Language) -> None:
    assert show.content(chosen, form, language)


def test_settings_are_told_in_japanese(chosen) -> None:
    told = _told(settings(chosen, Words("ja")))
    view = told[say("ja", "setting.rules.views")]
    assert "（m1）" in view
    assert "ACME 4000、東（90度）" in view
    edits = told[say("ja", "setting.programmes.edit")]
    for words in (
        "県の設置補助",
        "共同申請である",
        "太陽電池",
        "2/3",
        "25％",
        "50％",
        "町の上乗せ補助",
        "根拠",
        "120,000円",
        "14日",
    ):
        assert words in edits, words
    assert told[say("ja", "setting.programmes.use")] == "県の設置補助"
    for value in told.values():
        assert not re.search(r"\b(origin|joint|power|True|False|solar|p1|p2|stackable|s00\d|acme-4000)\b", value), value


@pytest.mark.parametrize("language", LANGUAGES)
def test_terms_stated_otherwise_are_told_in_words(chosen, language: Language) -> None:
    words = Words(language)
    edited = next(str(row) for row in programmes(chosen, words).rows)
    for key in ("joint_yes", "solar"):
        assert words.say(f"app.funding.{key}") in edited
    assert words.percent(0.25) in edited
    assert "True" not in edited


def test_what_holds_for_the_whole_plan_is_named_so(chosen) -> None:
    named = [row[1] for row in prices(chosen, Words("ja")).rows]
    assert named[:2] == [say("ja", "show.whole_plan")] * 2
    assert "東電タウン" in named[2] or "m1" in named[2]
    assert show.thing_name(chosen, "") == ""
