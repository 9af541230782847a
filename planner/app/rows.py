"""The site table: keyboard and mouse choose a row, and a site chosen on the map is marked in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from planner.app import parts
from planner.app.session import say

_HTML = '<div class="rows" role="region" tabindex="0"><table><thead></thead><tbody></tbody></table></div>'


def site_table(rows: Mapping[str, str], chosen: str, key: str, on_site: Callable[[str], None]) -> None:
    """Show the table (``drawn.Drawn``); ``on_site`` is told the key of the row that was chosen."""

    def picked() -> None:
        site = st.session_state[key].get("picked")
        if site:
            on_site(str(site))

    parts.draw(
        "rows",
        _HTML,
        {"label": say("section.sites"), "chosen": chosen, "failed": say("app.rows_failed")},
        key,
        written=rows,
        on_picked_change=picked,
    )
