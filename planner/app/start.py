"""Start: what this is, the town, its plan on the map."""

from __future__ import annotations

import streamlit as st

from planner import show
from planner.app import maps, progress, session, upload
from planner.app.session import language, say


def page() -> None:
    """The first screen: useful without reading."""
    current = session.current()
    st.title(say("app.title"), anchor=False)
    st.html(f"<p>{show.safe(say('app.start.intro'))}</p>")
    upload.choose()
    progress.status(current)
    if current.kept is None:
        return
    folder = str(current.kept.folder)
    plan = session.plan_of(folder)
    st.subheader(session.escaped(say("app.start.town", town=plan.town.name)), anchor=False)
    st.html(show.part(plan, "figures", language()))
    st.html(show.part(plan, "proof", language()))
    left, right = st.columns([3, 2])
    with left:
        spec = maps.on_ground(session.spec_of(folder, None, language()), current.kept)
        maps.still_map(spec, key=f"start-{language()}")
    with right:
        st.html(f"<h4>{show.safe(say('app.start.next'))}</h4>")
        steps = "".join(
            f"<li>{show.safe(say(f'app.start.step_{n}'))}</li>"
            for n in ("data", "risk", "coverage", "plan", "funding", "export", "help")
        )
        st.html(f"<ul class='plain'>{steps}</ul>")
        st.html(f"<h4>{show.safe(say('section.offences'))}</h4>")
        st.html(show.part(plan, "effect", language()))
