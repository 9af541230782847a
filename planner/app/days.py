"""A day to be chosen: the browser's calendar counts western years, so that the era stands beside it."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from planner import show
from planner.app.session import language, say


def chosen(
    place: Any,
    label: str,
    hint: str,
    key: str,
    *,
    told: Literal["in_force", "today", ""] = "",
    **more: Any,
) -> dt.date | None:
    """The day chosen (None: none); ``told``: which day stands beside it by its era, "": the one chosen.

    In a form the one chosen is known only when it is sent: there its ``value`` at first, in force or today's, is told.
    """
    day = place.date_input(say(label), format="YYYY/MM/DD", key=key, help=say(f"app.hint.{hint}"), **more)
    shown = more["value"] if told else day
    if shown is not None and language() == "ja":
        era = show.Words("ja").day(str(shown))
        place.html(f'<p class="soft">{show.safe(say(f"app.day_{told}", day=era) if told else era)}</p>')
    return day if isinstance(day, dt.date) else None
