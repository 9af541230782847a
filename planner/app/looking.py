"""Trying views for the page: the stage of a study, kept in memory; beside it what has been asked before."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import streamlit as st

from planner import show, tracing, trying
from planner.app import session
from planner.app.kept import Kept
from planner.app.session import say
from planner.frames import Imagined, Sightings
from planner.plan import settings_of
from planner.settings import merge
from planner.text import Language

Views = tuple[Imagined, ...]


def ready(kept: Kept) -> None:
    """Read the stage, with a word to whoever waits; it then stays in memory."""
    with st.spinner(say("app.unpacking")):
        _stage(str(kept.folder), kept.stage_folder)


def models(kept: Kept) -> dict[str, str]:
    """Models that can be tried: id and name."""
    table = _stage(str(kept.folder), kept.stage_folder).inputs.models
    return dict(zip(table["model_id"], table["name"], strict=True))


def look(
    kept: Kept,
    camera_id: str,
    site_id: str,
    height_m: float | None,
    bearing_deg: float | None,
    model_id: str | None,
) -> Views:
    """The views of a camera or site, as they are (each is worked out once) or otherwise (``trying.look``)."""
    if height_m is None and bearing_deg is None and model_id is None:
        return _as_it_is(str(kept.folder), kept.stage_folder, camera_id, site_id)
    on = _stage(str(kept.folder), kept.stage_folder)
    return trying.look(on, camera_id, site_id, height_m, bearing_deg, model_id)


def turn(
    kept: Kept, camera_id: str, site_id: str, bearing_deg: float | None, model_id: str | None
) -> tuple[dict[str, Any], str]:
    """The wish and the action of a view that is turned or gets another model (``trying.turn``)."""
    return trying.turn(_stage(str(kept.folder), kept.stage_folder), camera_id, site_id, bearing_deg, model_id)


def sites(kept: Kept, site_ids: tuple[str, ...]) -> Views:
    """The views of several sites as they are; each is worked out once."""
    if site_ids:
        ready(kept)
    return tuple(view for site in site_ids for view in _as_it_is(str(kept.folder), kept.stage_folder, "", site))


@st.cache_resource(show_spinner=False, max_entries=500)
def _as_it_is(folder: str, prepared_folder: str, camera_id: str, site_id: str) -> Views:
    return trying.look(_stage(folder, prepared_folder), camera_id, site_id)


@st.cache_resource(show_spinner=False, max_entries=10)
def base(folder: str, lang: Language) -> show.MapSpec:
    """What stays on the map while views are tried."""
    return show.outlined(session.spec_of(folder, None, lang))


def saw(kept: Kept, lon_deg: float, lat_deg: float, at: dt.datetime, now: dt.datetime) -> Sightings:
    """Cameras that saw a place (``tracing.saw``); never cached: nothing of the question is kept."""
    ready(kept)
    on = _stage(str(kept.folder), kept.stage_folder)
    return tracing.saw(on.inputs, on.settings, lon_deg, lat_deg, at, now, on.scene)


@st.cache_resource(show_spinner=False, max_entries=3)
def _stage(folder: str, prepared_folder: str) -> trying.Stage:
    """Keyed by the folders, whose names are the plans' ids: what they hold never changes."""
    plan = session.plan_of(folder)
    return trying.stage(Kept(Path(prepared_folder)).prepared(), merge(("plan", settings_of(plan))).settings)
