"""A day to be chosen: the browser's calendar counts western years, so that the era stands beside it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from planner import show
from planner.app.session import language, say
from planner.app.wishing import begun
from planner.plan import Plan


def chosen(place: Any, label: str, hint: str, key: str, **more: Any) -> dt.date | None:
    """The day chosen (None: none)."""
    day = place.date_input(say(label), format="YYYY/MM/DD", key=key, help=say(f"app.hint.{hint}"), **more)
    return day if isinstance(day, dt.date) else None


def in_force(place: Any, label: str, hint: str, key: str, plan: Plan, setting: str, **more: Any) -> dt.date | None:
    """A day that may be left out, in a form: what is chosen is known when it is sent, so that the day in force is told."""
    iso = plan.setting(setting)
    begun(plan, key, dt.date.fromisoformat(iso) if iso else None)
    day = chosen(place, label, hint, key, value=None, **more)
    if iso:
        tell(place, iso, "app.day_in_force")
    return day


def tell(place: Any, day: dt.date | str, key: str = "") -> None:
    """A day by its era, where the page speaks Japanese; ``key``: in which sentence."""
    if language() == "ja":
        era = show.Words("ja").day(str(day))
        place.html(f'<p class="soft">{show.safe(say(key, day=era) if key else era)}</p>')
