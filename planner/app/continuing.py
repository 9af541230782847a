"""A saved version brought back: its conditions become the wishes on screen, and the next plan goes on from it."""

from __future__ import annotations

import streamlit as st

from planner import show
from planner.app import session, shelf, wishing
from planner.app.session import language, say
from planner.plan import Plan
from planner.store import Version


def offer(version: Version, plan: Plan, key: str) -> None:
    """The button, or in words why the version cannot be gone on from."""
    if session.same_town(plan) is None:
        seen = session.seen_before()
        if seen is None:
            st.html(f'<p class="soft">{show.safe(say("app.shelf.not_yet"))}</p>')
            return
        now = session.plan_of(str(seen.folder))
        st.info(say("app.shelf.other_tables", tables=show.tables_differing(plan, now, language())))
        return
    if st.button(say("app.shelf.continue"), key=f"continue-{key}", help=say("app.shelf.continue_help")):
        wishes = wishing.conditions_of(plan)
        session.start_from(plan.plan_id, wishes)
        session.wish(wishes)
        session.again()
        st.session_state["went-on"] = shelf.name_of(version)
        st.switch_page(st.session_state["pages"]["plan"])
