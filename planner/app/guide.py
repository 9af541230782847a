"""Help: how to read the pages, and the words."""

from __future__ import annotations

import streamlit as st

from planner import show, text
from planner.app import session
from planner.app.session import language, say


def page() -> None:
    """How to use it, what the words mean, what the figures do not say."""
    st.title(say("app.page.help"), anchor=False)
    st.subheader(say("app.help.use"), anchor=False)
    steps = _all("app.help.step_")
    st.html("<ol>" + "".join(f"<li>{show.safe(s)}</li>" for s in steps) + "</ol>")
    st.subheader(say("app.help.words"), anchor=False)
    names = [key.removeprefix("app.term.") for key in text.catalogue(language()) if key.startswith("app.term.")]
    lines = [(say(f"app.term.{name}"), say(f"app.meaning.{name}")) for name in names]
    st.html(show.table(language(), [say("app.help.word"), say("app.help.meaning")], lines))
    st.subheader(say("section.limits"), anchor=False)
    current = session.current()
    if current.kept is None:
        st.info(say("app.help.limits_later"))
    else:
        st.html(show.part(session.plan_of(str(current.kept.folder)), "limits", language()))
    st.html(f'<p class="soft">{show.safe(say("app.help.own_town"))}</p>')


def _all(stem: str) -> list[str]:
    """Sentences whose keys begin alike, in order."""
    return [sentence for key, sentence in text.catalogue(language()).items() if key.startswith(stem)]
