"""Wishes on screen: what a page's form changes against the plan in view, kept over every page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from planner.app import session
from planner.app.session import say
from planner.plan import Plan

MAN_YEN = 10_000  # Japanese budgets are spoken of in 万円


def setting(plan: Plan, key: str) -> Any:
    """The value of a setting that the plan was made with; None where the plan does not tell."""
    return next((s.value for s in plan.settings if s.key == key), None)


def label(key: str) -> str:
    """The name of a setting as the settings table has it."""
    return say(f"setting.{key}")


def with_changes(plan: Plan, given: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The wishes so far and those that differ from the plan's settings (an emptied field leaves them as they are)."""
    wishes = {section: dict(values) for section, values in session.wishes().items()}
    for key, value in given.items():
        section, name = key.split(".")
        if value is None or value == setting(plan, key):
            continue
        wishes.setdefault(section, {})[name] = value
        if section == "retention" and name.endswith("_days"):  # whoever set the old limit did not set this one
            wishes[section][name.replace("_days", "_origin")] = say("origin.widget")
    return wishes


def yen(place: Any, plan: Plan, key: str, step: int, prefix: str = "w") -> int | None:
    """An amount asked for in 10,000 yen; None when left empty."""
    now = setting(plan, key)
    man = place.number_input(
        say("app.plan.in_man", name=label(key)),
        0.0,
        10_000_000.0,
        None if now is None else now / MAN_YEN,
        float(step),
        format="%.0f" if now is None or now % MAN_YEN == 0 else "%.4f",
        key=f"{prefix}-{key}",
        placeholder=say("app.plan.as_it_is"),
    )
    return None if man is None else round(man * MAN_YEN)
