"""A refusal in words."""

from __future__ import annotations

from typing import Any

import pytest

from planner.replies import fault_reply
from planner.text import LANGUAGES, Language, catalogue

CODE = "no_plan_keeps_all_rules"


def rule(name: str, limit: float | None = None, needed: float | None = None) -> dict[str, Any]:
    return {"rule": name, "limit": limit, "needed": needed}


def told(*rules: dict[str, Any], language: Language) -> str:
    values = {"rules": list(rules), "number": len(rules), "listed": "district_min:D1 (1 / 0)", "proven": True}
    reply = fault_reply(CODE, values, language)
    assert reply.code == CODE
    assert reply.values == values  # machines read what they always read
    return reply.sentence


def test_rules_that_fight_in_english() -> None:
    sentence = told(
        rule("municipality_budget", 150_000, 1_234_567), rule("district_min:駅前", 1, 0), rule("spacing"), language="en"
    )
    listed = (
        "limit of own money (set: 150,000 yen, the other rules allow: 1,234,567 yen); least sites of a district 駅前 "
    )
    assert listed + "(set: 1, the other rules allow: 0); spacing between sites. " in sentence


def test_rules_that_fight_in_japanese() -> None:
    sentence = told(
        rule("municipality_budget", 150_000, 1_234_567), rule("district_floor:駅前", 0.5, 0.25), rule("spacing"),
        language="ja",
    )  # fmt: skip
    assert "一般財源の上限" in sentence
    assert "150,000円" in sentence
    assert "1,234,567円" in sentence
    assert "地区の撮影範囲内の下限 駅前" in sentence
    assert "25%" in sentence
    assert not any(code in sentence for code in ("budget", "district", "spacing", "None", "D1"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_rule_of_which_only_its_limit_is_known(language: Language) -> None:
    sentence = told(rule("programme_units:third", 3), language=language)
    name = catalogue(language)["rule.programme_units"]
    limit = catalogue(language)["rule.limit"].format(limit=3)
    assert f"{name} third ({limit})" in sentence
    assert "None" not in sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_no_plan_was_found_the_nearest_one_is_told(language: Language) -> None:
    near = rule("district_floor:駅前", 0.19) | {"reached": 0.17044}
    sentence = fault_reply("no_plan_found", {"rules": [near], "near_plan": ""}, language).sentence
    limit, reached = (
        catalogue(language)[f"rule.{k}"].format(limit="19%", reached="17.04%") for k in ("limit", "reached")
    )
    assert f"駅前 ({limit}, {reached})" in sentence
    for values in ({}, {"rules": []}):
        without = fault_reply("no_plan_found", {**values, "near_plan": ""}, language).sentence
        assert without == catalogue(language)["error.no_plan_found"].format(near_plan="")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_of_the_model_has_a_name(language: Language) -> None:
    names = [
        "municipality_budget", "running_budget", "local_body_budget", "programme_total:p", "programme_units:p",
        "district_min:d", "district_max:d", "district_floor:d", "spacing",
    ]  # fmt: skip
    sentences = {name: told(rule(name), language=language) for name in names}
    assert len(set(sentences.values())) == len(names)
    for name, sentence in sentences.items():
        assert name.partition(":")[0] not in sentence or name == "spacing"  # in English also the plain word


def test_a_name_with_a_colon_or_braces_stays_whole() -> None:
    assert "least sites of a district 北:{x}" in told(rule("district_min:北:{x}"), language="en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_values_stand_in_the_sentence(language: Language) -> None:
    reply = fault_reply("internal_error", {"kind": "KeyError", "detail": "<b>{x}"}, language)
    assert "KeyError" in reply.sentence
    assert "<b>{x}" in reply.sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_code_without_a_sentence_is_told_as_it_is(language: Language) -> None:
    reply = fault_reply("unheard_of", {"number": 3, "rules": "none"}, language)
    assert reply.sentence.startswith("unheard_of")
    assert "3" in reply.sentence
    assert reply.values == {"number": 3, "rules": "none"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("internal_error", {}),
        (CODE, {}),
        (CODE, {"rules": [{"rule": "a_new_rule:x", "limit": 1, "needed": None}]}),
        (CODE, {"rules": [{"rule": "spacing"}]}),
        (CODE, {"rules": ["spacing"]}),
    ],
)
def test_words_never_fail_a_refusal(language: Language, code: str, values: dict[str, Any]) -> None:
    reply = fault_reply(code, values, language)
    assert reply.sentence == f"{code}: {values}"
    assert reply.values == values


@pytest.mark.parametrize("language", LANGUAGES)
def test_programmes_are_called_by_their_names(language: Language) -> None:
    named = {"ja": "架空の補助", "en": "made-up subsidy"}
    assert f" {named[language]}" in told({**rule("programme_min:g1", 3), "named": named}, language=language)
    for code, values in (
        ("programme_incomplete", {"id": "g1", "name": named, "missing": ["rate"]}),
        ("programme_edit_refused", {"id": "g1", "name": named, "field": "rate", "reason": "-"}),
        ("too_many_programmes", {"number": 6, "most": 5, "programmes": [named, "g2"]}),
    ):
        sentence = fault_reply(code, values, language).sentence
        assert named[language] in sentence
        assert "{" not in sentence


def test_floors_are_named_by_measure_and_district() -> None:
    floors = (rule("floor:front", 0.05, 0.02), rule("floor:target:school_route:第1小学校区", 0.3, 0.1))
    japanese, english = told(*floors, language="ja"), told(*floors, language="en")
    assert not any(word in japanese for word in ("front", "target", "school_route"))
    assert "（第1小学校区）" in japanese
    assert not any(word in english for word in ("target:", "school_route"))
    reply = fault_reply("floor_without_rows", {"floor": "floor:target:park"}, "ja")
    assert "target" not in reply.sentence
    assert reply.values == {"floor": "floor:target:park"}
