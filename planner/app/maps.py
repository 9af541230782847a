"""Maps in the page: one description, drawn by Leaflet in a part of our own, with files of this server only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from planner import show
from planner.app import parts, session
from planner.app.drawn import Moving, moving
from planner.app.kept import Kept
from planner.app.session import say
from planner.plan import Plan

HEIGHT_PX = 560
SWITCHES_FROM_PX = 500  # a lower map has no room for the list of its layers
_HTML = '<div class="live-map" role="region" tabindex="0"></div>'


def on_ground(spec: show.MapSpec, kept: Kept) -> show.MapSpec:
    """The map on the town's own streets and buildings, where it has them."""
    ground = _ground(str(kept.folder))
    if ground is None:
        return spec
    return show.on_ground(spec, picture_address(ground.png, f"ground-{kept.plan_id}"), ground.box)


def ground_of(plan: Plan) -> show.Ground | None:
    """Streets and buildings for a plan's papers, where its town is in view."""
    kept = session.same_town(plan)
    return None if kept is None else _ground(str(kept.folder))


@st.cache_resource(show_spinner=False, max_entries=10)
def _ground(folder: str) -> show.Ground | None:
    return Kept(Path(folder)).ground()


def moving_map(
    base: show.MapSpec,
    now: Moving,
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

    ``on_site`` is told the key of a site (with ``cameras`` also of a standing camera) that was chosen by mouse or Enter,
    before the page is drawn again; ``on_place`` longitude and latitude of a click anywhere else. The map moves to the one ``sought`` (chosen elsewhere on the page), at scale
    ``zoom`` or its own.
    """
    place = now.places.get(sought)
    _map(
        base,
        now,
        key,
        on_site,
        on_place,
        chosen=chosen,
        sought={"place": place, "zoom": zoom} if place else None,
        pickable=["standing"] if cameras else [],
    )


def still_map(
    spec: show.MapSpec, key: str, *, frame: str = "map", height_px: int = HEIGHT_PX, in_step: str = ""
) -> None:
    """A map to look at; each map of a page needs a frame of its own (``map``, ``map-...``).

    Maps of a page that are ``in_step`` under one name show the same piece of the town, whichever is moved.
    """
    _map(spec, moving(spec), key, frame=frame, height_px=height_px, cells=True, step=in_step)


def pointed_map(
    spec: show.MapSpec,
    key: str,
    on_place: Callable[[float, float], None],
    on_site: Callable[[str], None] | None = None,
    *,
    height_px: int = HEIGHT_PX,
) -> None:
    """A map to point on: who wants to know is told longitude and latitude (or the site) before the page is drawn again."""
    _map(spec, moving(spec), key, on_site, on_place, frame=f"map-{key}", height_px=height_px)


def picture_address(png: bytes, name: str) -> str:
    """The address of a picture for this visitor's session only (never among the public static files)."""
    return parts.address(png, "image/png", name)


def _map(
    spec: show.MapSpec,
    now: Moving,
    key: str,
    on_site: Callable[[str], None] | None = None,
    on_place: Callable[[float, float], None] | None = None,
    *,
    frame: str = "map",
    height_px: int = HEIGHT_PX,
    cells: bool = False,
    **more: Any,
) -> None:
    """Draw it over its legend: layers that last by an address that stays the same, moving ones with every step."""
    lasting = [layer for layer in spec.layers if layer.key not in show.MOVING]
    text = "[" + ",".join(_text(layer)[1] for layer in lasting) + "]"

    def picked() -> None:
        site = st.session_state[key].get("picked")
        if site and on_site is not None:
            on_site(str(site))

    def placed() -> None:
        at = st.session_state[key].get("placed")
        if at and on_place is not None:
            on_place(round(float(at[0]), 6), round(float(at[1]), 6))  # a tenth of a metre

    held = st.container(key=frame)
    # behind the map, in sight until (or unless) the map is drawn
    held.html(f'<p class="map-failed">{show.safe(say("app.map_waiting"))}</p>')
    with held:
        parts.draw(
            "map",
            _HTML,
            {
                "label": say("app.map_label"),
                "vendor": parts.below("/app/static/vendor"),
                "frame": show.live_frame(spec),
                "base": parts.address(text.encode(), "application/json", f"layers-{key}"),
                "height": height_px,
                "switches": height_px >= SWITCHES_FROM_PX,
                "cells": cells,
                "chosen": "",
                "sought": None,
                "pickable": [],
                "pointing": on_place is not None,
                "step": "",
                **more,
            },
            key=key,
            written={"moving": now.layers},
            on_picked_change=picked,
            on_placed_change=placed,
        )
    st.html(now.legend)


# keyed by identity: the entry holds the layer itself, so that no other can take its place in memory
@st.cache_resource(show_spinner=False, max_entries=200, hash_funcs={show.Layer: id})
def _text(layer: show.Layer) -> tuple[show.Layer, str]:
    return layer, show.live_text(layer)
