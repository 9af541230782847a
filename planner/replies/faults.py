"""Refusals and remarks: code, values, sentence."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pydantic import BaseModel, ConfigDict

from planner import assumptions
from planner.text import Language, dates, floor_name, knows, say

# rules whose figures are shares of what there is, told in per cent, and those whose figures are yen
SHARES = ("floor", "district_floor")
YEN = (
    "yearly_budget",
    "municipality_budget",
    "running_budget",
    "local_body_budget",
    "programme_total",
    "programme_min",
)


class Frozen(BaseModel):
    """What every reply is: unchangeable, and nothing beyond its declared form."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FaultReply(Frozen):
    """One refusal: a code, the values it is about, and the sentence."""

    code: str
    sentence: str
    values: dict[str, Any]


def fault_reply(code: str, values: Mapping[str, Any], language: Language) -> FaultReply:
    """A refusal in the user's language; the code and its values where no sentence fits (never a crash over words)."""
    sentence = f"{code}: {dict(values)}"
    key = next((k for k in (f"error.{code}", f"question.{code}") if knows(k)), "")
    if key:
        with suppress(KeyError, ValueError, TypeError, IndexError, AttributeError):  # values that do not fit it
            sentence = say(language, key, **_in_words(values, language))
    return FaultReply(code=code, sentence=sentence, values=dict(values))


def _in_words(values: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """The values of a refusal, with the rules that fight named in the user's language."""
    values = {name: _plain(value, language) for name, value in values.items()}
    if isinstance(limit := values.get("limit"), str) and knows(f"assumption.{limit}"):
        values = {**values, "limit": say(language, f"assumption.{limit}")}
    if isinstance(values.get("offences"), list):
        names = {row["offence"]: row[f"name_{language}"] for row in assumptions.rows("offences")}
        values = {**values, "offences": ("、" if language == "ja" else ", ").join(names[o] for o in values["offences"])}
    if "purpose" in values:
        values = {**values, "purpose": say(language, f"purpose.{values['purpose']}")}
    if isinstance(values.get("saved_at"), str):
        values = {**values, "saved_at": dates.moment(language, values["saved_at"])}
    if isinstance(values.get("missing"), list):
        fields = [say(language, f"programme_field.{name}") for name in values["missing"]]
        values = {**values, "missing": ("、" if language == "ja" else ", ").join(fields)}
    if isinstance(floor := values.get("floor"), str):
        values = {**values, "floor": floor_name(floor.removeprefix("floor:"), language)}
    if not isinstance(values.get("rules"), list):
        return dict(values)
    parts = []
    for rule in values["rules"]:
        name, _, about = rule["rule"].partition(":")
        figures = {"limit": rule["limit"], "needed": rule["needed"], "reached": rule.get("reached")}
        shown = {k: _figure(name, figure, language) for k, figure in figures.items() if figure is not None}
        facts = [say(language, f"rule.{k}", **{k: figure}) for k, figure in shown.items()]
        about = floor_name(about, language) if name == "floor" else (rule.get("named") or {}).get(language, about)
        told = (say(language, f"rule.{name}"), about, f"({', '.join(facts)})" if facts else "")
        parts.append(" ".join(p for p in told if p))
    listed = "; ".join(parts)
    near_plan = say(language, "rule.near_plan", listed=listed) if parts else ""
    return {**values, "listed": listed, "fight": _fight(values["rules"], parts, language), "near_plan": near_plan}


def _figure(rule: str, figure: float, language: Language) -> str:
    """A rule's limit, or what is needed or reached of it, with its unit."""
    if rule in SHARES:
        return f"{100 * figure:.4g}%"
    return say(language, "rule.yen", amount=figure) if rule in YEN else f"{figure:,}"


def _plain(value: Any, language: Language) -> Any:
    """A name by language, or a list of them, as text; anything else as it is."""
    if isinstance(value, dict) and language in value:
        return value[language]
    if isinstance(value, list) and any(isinstance(v, dict) and language in v for v in value):
        return ("、" if language == "ja" else ", ").join(str(_plain(v, language)) for v in value)
    return value


def _fight(rules: list[dict[str, Any]], parts: list[str], language: Language) -> str:
    """Own money against the cheapest plan that keeps the other rules, where that is what fights ("" otherwise)."""
    for at, rule in enumerate(rules):
        if rule["rule"] == "municipality_budget" and rule["needed"] is not None and len(rules) > 1:
            others = ("、" if language == "ja" else ", ").join(parts[:at] + parts[at + 1 :])
            return say(language, "rule.fight_budget", limit=rule["limit"], needed=rule["needed"], others=others)
    return ""


class ErrorReply(Frozen):
    """Instead of any other reply when a command refuses (exit codes 1, 2, 3, 130)."""

    error: str
    exit_code: int
    faults: list[FaultReply]


class NoteReply(Frozen):
    """Something odd but bearable."""

    code: str
    sentence: str
    values: dict[str, Any]
