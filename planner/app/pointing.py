"""A map to point on: a click tells a place."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit_folium import st_folium

from planner import show
from planner.app import maps
from planner.app.session import say


def pointed_map(
    spec: show.MapSpec, key: str, on_place: Callable[[float, float], None], *, height_px: int = maps.HEIGHT_PX
) -> None:
    """The map; ``on_place`` is told longitude and latitude in degrees before the page is drawn again."""
    chart, groups = show.live_maps(spec, maps.VENDOR)

    def clicked() -> None:
        at = (st.session_state.get(key) or {}).get("last_clicked")
        if at:
            on_place(round(float(at["lng"]), 6), round(float(at["lat"]), 6))  # a tenth of a metre

    frame = st.container(key=f"map-{key}")
    frame.html(f'<p class="map-failed">{show.safe(say("app.map_waiting"))}</p>')
    with frame:
        st_folium(
            chart,
            key=key,
            height=height_px,
            use_container_width=True,
            feature_group_to_add=groups or None,
            returned_objects=["last_clicked"],
            on_change=clicked,
        )
    st.html(show.legend(spec))
