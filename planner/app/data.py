"""Data: what was read, what was set aside, what was assumed."""

from __future__ import annotations

import streamlit as st

from planner import show
from planner.app import progress, session
from planner.app.session import language, say

MOST_ROWS = 200


def page() -> None:
    """Everything the plan stands on."""
    current = session.current()
    st.title(say("app.page.data"), anchor=False)
    progress.status(current)
    if current.kept is None:
        return
    plan = session.plan_of(str(current.kept.folder))
    st.subheader(say("section.sources"), anchor=False)
    st.html(f"<p>{show.safe(say('show.intro_sources'))}</p>")
    st.html(show.part(plan, "sources", language()))
    _set_aside(current.kept.set_aside())
    st.subheader(say("section.notes"), anchor=False)
    st.html(show.part(plan, "notes", language()))
    st.subheader(say("section.standing"), anchor=False)
    st.html(show.part(plan, "standing", language()))
    with st.expander(say("section.settings")):
        st.html(show.part(plan, "settings", language()))
    with st.expander(say("app.data.assumptions")):
        st.html(show.part(plan, "assumptions", language()))


def _set_aside(rows: list[dict[str, str]]) -> None:
    """Rows of the files that the plan does not use, and why."""
    st.subheader(say("app.data.set_aside", number=len(rows)), anchor=False)
    st.html(f"<p>{show.safe(say('app.data.set_aside_intro'))}</p>")
    headings = [say(f"app.data.{name}") for name in ("file", "line", "reason", "text")]
    lines = [(r["file"], r["line"], say(f"reason.{r['reason']}"), r["text"]) for r in rows[:MOST_ROWS]]
    st.html(show.table(language(), headings, lines))
    if len(rows) > MOST_ROWS:
        st.html(f"<p>{show.safe(say('app.data.more_rows', shown=MOST_ROWS, number=len(rows)))}</p>")
