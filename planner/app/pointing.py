"""A map to point on: a click tells a place, or the site that was clicked."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit_folium import st_folium

from planner import show
from planner.app import maps
from planner.app.session import say


def pointed_map(
    spec: show.MapSpec,
    key: str,
    on_place: Callable[[float, float], None],
    on_site: Callable[[str], None] | None = None,
    *,
    height_px: int = maps.HEIGHT_PX,
) -> None:
    """The map; who wants to know is told longitude and latitude in degrees (or the site's key) before the page is drawn again."""
    chart, groups = show.live_maps(spec, maps.VENDOR)
    places = show.places(spec, cameras=False)

    def clicked() -> None:
        told = st.session_state.get(key) or {}
        on, at = told.get("last_object_clicked"), told.get("last_clicked")
        if on and on != st.session_state.get(f"{key}-on"):  # a pin: Leaflet tells of no click on the ground below it
            st.session_state[f"{key}-on"] = on
            for site, (lat_deg, lon_deg) in places.items():
                if on_site and abs(lat_deg - on["lat"]) < maps.NEAR_DEG and abs(lon_deg - on["lng"]) < maps.NEAR_DEG:
                    on_site(site)
                    return
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
            returned_objects=["last_clicked", "last_object_clicked"],
            on_change=clicked,
        )
    st.html(show.legend(spec))
