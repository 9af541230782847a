"""Wishes on screen: what a page's form changes against the plan in view, kept over every page."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any, Literal

from planner.app import session
from planner.app.session import say
from planner.plan import Plan

MAN_YEN = 10_000  # Japanese budgets are spoken of in 万円
Kind = Literal["pin", "ban"]
KINDS: tuple[Kind, ...] = ("pin", "ban")


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


def of_sites(kind: Kind) -> list[dict[str, str]]:
    """Pins or bans in force: as wished on screen, else those of the town's own settings."""
    wished = session.wishes().get("rules", {})
    if f"{kind}s" not in wished:
        own = tomllib.loads((session.town() / "town.toml").read_text(encoding="utf-8-sig"))
        wished = own.get("rules", {})
    return [dict(wish) for wish in wished.get(f"{kind}s", [])]


def propose(site: str, kind: Kind, reason: str, who: str, when: str) -> None:
    """Pin or ban a site from now on; computed with the next "compute again", which also tells the price.

    What was wished of the same site before gives way. ``site`` and ``reason`` as in ``settings.Wish``; ``when``: ISO day.
    """
    wish = {"site": site, "reason": reason, "who": who, "when": when}
    _put({k: [*_of_others(k, site), *([wish] if k == kind else [])] for k in KINDS})


def withdraw(site: str, kind: Kind) -> None:
    """Wish nothing of a site any more."""
    _put({kind: _of_others(kind, site)})


def _of_others(kind: Kind, site: str) -> list[dict[str, str]]:
    return [wish for wish in of_sites(kind) if wish["site"] != site]


def _put(lists: Mapping[Kind, list[dict[str, str]]]) -> None:
    """Put pins and bans among the wishes on screen."""
    rules = {**session.wishes().get("rules", {}), **{f"{kind}s": wished for kind, wished in lists.items()}}
    session.wish({**session.wishes(), "rules": rules})
