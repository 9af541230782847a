"""Maps in the page: one description, drawn by folium with files of this server only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import streamlit as st
from streamlit_folium import st_folium

from planner import show
from planner.app.kept import Kept
from planner.app.session import say

# seen from the component's own page, so that it also holds under a base path
VENDOR = "../../app/static/vendor"
MEDIA = "../.."
HEIGHT_PX = 560
CLICKS = ("last_object_clicked", "last_object_clicked_count", "last_clicked")
NEAR_DEG = 1e-7  # a click on a site tells the site's own place


def on_ground(spec: show.MapSpec, kept: Kept) -> show.MapSpec:
    """The map on the town's own streets and buildings, where it has them."""
    ground = _ground(str(kept.folder))
    if ground is None:
        return spec
    return show.on_ground(spec, picture_address(ground.png, f"ground-{kept.plan_id}"), ground.box)


@st.cache_resource(show_spinner=False, max_entries=10)
def _ground(folder: str) -> show.Ground | None:
    return Kept(Path(folder)).ground()


def moving_map(
    base: show.MapSpec,
    now: show.MapSpec,
    chosen: str,
    sought: str,
    key: str,
    on_site: Callable[[str], None],
    *,
    cameras: bool = False,
    zoom: int | None = None,
    on_place: Callable[[float, float], None] | None = None,
) -> None:
    """The map on which the budget moves: ``base`` stays in the browser, sites and their views come from ``now``.

    ``on_site`` is told the key of a site (with ``cameras`` also of a standing camera) that was clicked, before the page is
    drawn again; ``on_place`` longitude and latitude of a click anywhere else. The map moves to the one ``sought`` (chosen elsewhere on the page), at scale ``zoom`` or its own.
    """
    moving = {layer.key: layer for layer in now.layers}
    spec = replace(
        base, layers=tuple(moving[layer.key] if layer.key in show.MOVING else layer for layer in base.layers)
    )
    chart, groups = show.live_maps(spec, VENDOR, chosen)
    places = show.places(now, cameras=cameras)

    def clicked() -> None:
        told = st.session_state.get(key) or {}
        before = st.session_state.get(f"{key}-before", {})
        st.session_state[f"{key}-before"] = {name: told.get(name) for name in CLICKS}
        fresh = {name: told[name] for name in CLICKS if told.get(name) and told[name] != before.get(name)}
        site = _site_at(places, told["last_object_clicked"]) if fresh.keys() & set(CLICKS[:2]) else ""
        if site:
            on_site(site)
        elif on_place and "last_clicked" in fresh:
            on_place(float(fresh["last_clicked"]["lng"]), float(fresh["last_clicked"]["lat"]))

    with _framed():
        st_folium(
            chart,
            key=key,
            height=HEIGHT_PX,
            use_container_width=True,
            feature_group_to_add=groups,
            returned_objects=list(CLICKS if on_place else CLICKS[:2]),
            on_change=clicked,
            center=places.get(sought),
            zoom=zoom if sought in places else None,
        )
    st.html(show.legend(now))


def _site_at(places: Mapping[str, tuple[float, float]], at: Mapping[str, float]) -> str:
    """The site that was clicked, "" for none."""
    near = (
        s for s, (lat, lon) in places.items() if abs(lat - at["lat"]) < NEAR_DEG and abs(lon - at["lng"]) < NEAR_DEG
    )
    return next(near, "")


def still_map(spec: show.MapSpec, key: str, *, frame: str = "map", height_px: int = HEIGHT_PX) -> None:
    """A map to look at; each map of a page needs a frame of its own (``map``, ``map-...``)."""
    chart, groups = show.live_maps(spec, VENDOR)
    with _framed(frame):
        st_folium(
            chart,
            key=key,
            height=height_px,
            use_container_width=True,
            feature_group_to_add=groups or None,
            returned_objects=[],
            pixelated=True,
        )
    st.html(show.legend(spec))


def picture_address(png: bytes, name: str) -> str:
    """The address of a picture for this visitor's session only (never among the public static files)."""
    media = st.runtime.get_instance().media_file_mgr
    return f"{MEDIA}{media.add(png, 'image/png', name)}"


def _framed(name: str = "map") -> st.delta_generator.DeltaGenerator:
    """A frame with a sentence behind the map, in sight until (or unless) the map is drawn."""
    frame = st.container(key=name)
    frame.html(f'<p class="map-failed">{show.safe(say("app.map_waiting"))}</p>')
    return frame
