"""Who pays for the sites in view under other terms, at once: the tables of the study, kept in memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from planner import study
from planner.app import session
from planner.app.kept import Kept
from planner.plan import Plan, Prepared

Passed = list[tuple[str, float, float]]


def repriced(kept: Kept, wishes: Mapping[str, Mapping[str, Any]]) -> tuple[Plan, Passed]:
    """The plan in view with its sites paid under these wishes, and the limits that are passed then (``study.repriced``)."""
    folder = str(kept.folder)
    with st.spinner(session.say("app.unpacking")):
        prepared = _prepared(kept.stage_folder)
    return study.repriced(prepared, session.plan_of(folder), ("widget", wishes))


@st.cache_resource(show_spinner=False, max_entries=2)
def _prepared(folder: str) -> Prepared:
    """Keyed by the folder, whose name is the plan's id: what it holds never changes."""
    return Kept(Path(folder)).prepared()
