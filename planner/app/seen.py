"""Which camera saw it, until when: a place on the map and a time; nothing of it is kept (P28)."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from planner import show, tracing
from planner.app import days, looking, maps, progress, session, shelf
from planner.app.kept import Kept
from planner.app.session import language, say


def page() -> None:
    """Point, give a time, read whom to ask."""
    current = progress.headed("saw")
    kept = current.kept
    if kept is None:
        return
    if not kept.stage_folder:
        progress.comes_later()
        return
    st.html(f"<p>{show.safe(say('app.saw.intro'))}</p>")
    _ask(kept)


@st.fragment
def _ask(kept: Kept) -> None:
    """Place and time, then the cameras."""
    plan = session.plan_of(str(kept.folder))
    left, right, lon_at, lat_at = st.columns(4)
    now = tracing.now()
    st.session_state.setdefault("saw-day", now.date())
    st.session_state.setdefault("saw-time", now.time().replace(minute=now.minute // 5 * 5, second=0, microsecond=0))
    day = days.chosen(left, "app.saw.day", "saw_day", "saw-day", max_value=now.date())
    if day is not None:
        days.tell(left, day)
    hour = right.time_input(say("app.saw.time"), step=300, key="saw-time", help=say("app.hint.saw_time"))
    for place, name in ((lon_at, "lon"), (lat_at, "lat")):
        place.number_input(
            say(f"app.saw.{name}"), -180.0, 180.0, None, format="%.6f", key=f"saw-{name}", help=say("app.hint.degrees"),
            placeholder=say("app.saw.point"),
        )  # fmt: skip
    lon, lat = (st.session_state.get(f"saw-{name}") for name in ("lon", "lat"))
    found = None
    if lon is not None and lat is not None and day is not None:
        at = dt.datetime.combine(day, hour)
        found = shelf.told(lambda: looking.saw(kept, lon, lat, at, now))
    maps.pointed_map(show.describe_sightings(plan, found, language()), f"saw-{language()}", _point)
    if found is not None:
        st.html(show.sightings_part(found, language()))
    st.html(f"<h4>{show.safe(say('saw.procedure'))}</h4>{show.procedure_part(language())}")
    _log(now.date())


def _log(received: dt.date) -> None:
    """A line for the town's own log of requests: taken away as a file, kept nowhere here."""
    st.html(f"<h4>{show.safe(say('app.saw.log'))}</h4><p>{show.safe(say('app.saw.log_intro'))}</p>")
    left, middle, right = st.columns(3, vertical_alignment="bottom")
    number = left.text_input(say("input.footage_log.log_id"), key="log-id", help=say("app.hint.log_number"))
    recognised = days.chosen(
        middle, "input.footage_log.recognised_on", "log_day", "log-day", value=None, max_value=received
    )
    right.download_button(
        say("app.saw.log_save"),
        show.log_line(number.strip(), "" if recognised is None else recognised.isoformat(), received.isoformat()),
        file_name="footage_log.csv",
        mime="text/csv",
        on_click="ignore",
        disabled=not number.strip(),
        key="log-line",
        width="stretch",
    )


def _point(lon_deg: float, lat_deg: float) -> None:
    """A click on the map fills in the place."""
    st.session_state["saw-lon"], st.session_state["saw-lat"] = lon_deg, lat_deg
