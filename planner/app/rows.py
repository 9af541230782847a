"""The site table: keyboard and mouse choose a row, and a site chosen on the map is marked in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from planner import show
from planner.app.session import say

_HERE = Path(__file__).parent


@st.cache_resource(show_spinner=False)
def _component() -> st.components.v2.types.ComponentRenderer:
    return st.components.v2.component(
        "planner_rows",
        html='<div class="rows" role="region" tabindex="0"><table><thead></thead><tbody></tbody></table></div>',
        css=(_HERE / "rows.css").read_text(encoding="utf-8"),
        js=(_HERE / "rows.js").read_text(encoding="utf-8"),
        isolate_styles=False,
    )


def site_table(rows: show.SiteRows, chosen: str, key: str, on_site: Callable[[str], None]) -> None:
    """Show the table; ``on_site`` is told the key of the row that was chosen."""

    def picked() -> None:
        site = st.session_state[key].get("picked")
        if site:
            on_site(str(site))

    data = {
        "label": say("section.sites"),
        "headings": list(rows.headings),
        "numeric": list(rows.numeric),
        "rows": [{"key": k, "cells": list(cells)} for k, cells in zip(rows.keys, rows.rows, strict=True)],
        "chosen": chosen,
    }
    _component()(data=data, key=key, on_picked_change=picked)
