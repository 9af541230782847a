"""Choosing the town: the server's, or one made of the visitor's own files."""

from __future__ import annotations

import streamlit as st

from planner import show
from planner.app import session, towns
from planner.app.session import language, say
from planner.errors import PlannerError
from planner.replies import InitReply

LARGEST_MB = 200  # as the assumption file_size_mb: what a reading accepts
ROLES = ("crime", "counts", "areas", "streets", "walls", "places", "mounts", "standing", "zones", "targets", "requests")
KINDS = ["csv", "txt", "tsv", "xlsx", "xls", "geojson", "json", "gpkg", "zip", "gml", "pbf", "yaml", "toml"]


def choose() -> None:
    """Which town is planned, and a place to drop files."""
    own = towns.names()
    if own:
        served = say("app.towns.served")
        now = session.own_town()
        chosen = st.selectbox(
            say("app.towns.choose"),
            ["", *own],
            index=own.index(now) + 1 if now in own else 0,
            format_func=lambda name: name or served,
            help=say("app.towns.choose_help"),
            key=f"town-choice-{now}-{len(own)}",
        )
        if chosen != now:
            session.go_to(chosen)
            st.rerun()
    with st.expander(say("app.towns.own"), expanded=bool(session.own_town())):
        _drop()
        _told()
        _remove()


def _drop() -> None:
    """The place for files; they are let go from memory as soon as they stand in a folder."""
    here = session.own_town()
    st.html(f"<p>{show.safe(say('app.towns.intro'))}</p><p class='soft'>{show.safe(say('app.towns.needed'))}</p>")
    turn = st.session_state.setdefault("upload-turn", 0)
    files = st.file_uploader(
        say("app.towns.files", most=LARGEST_MB),
        type=KINDS,
        accept_multiple_files=True,
        max_upload_size=LARGEST_MB,
        key=f"upload-{turn}",
        help=say("app.towns.files_help"),
    )
    left, right = st.columns(2)
    new = left.button(say("app.towns.found"), type="primary", key="town-found", disabled=not files)
    more = bool(here) and right.button(
        session.escaped(say("app.towns.add", town=here)), key="town-add", disabled=not files
    )
    if not (new or more):
        return
    given = [(f.name, f.getvalue()) for f in files]
    try:
        with st.spinner(say("app.towns.looking")):
            name, reply = (here, towns.add(here, given, language())) if more else towns.found(given, language())
    except PlannerError as error:
        st.error(session.refusal(error))
        return
    st.session_state["upload-turn"] = turn + 1
    session.go_to(name)
    st.session_state["founded"] = (name, reply)
    st.rerun()


def _told() -> None:
    """What each file was taken for, and what is still needed."""
    name, reply = st.session_state.get("founded", ("", None))
    if not isinstance(reply, InitReply) or name != session.own_town():
        return
    words = show.Words(language())
    lines = [
        (f.file, words.coded("role", f.role) if f.role else say("app.towns.unused"), f.why, f"{f.rows:,}")
        for f in reply.files
    ]
    headings = [say(f"app.towns.{key}") for key in ("file", "role", "why", "rows")]
    needed = [m for m in reply.missing if m.required]
    if needed:
        listed = "".join(
            f"<li>{show.safe(say('app.towns.lacking', role=words.coded('role', m.role), source=m.source))}</li>"
            for m in needed
        )
        st.warning(say("app.towns.incomplete"))
        st.html(f"<ul class='plain'>{listed}</ul>")
    st.html(show.table(language(), headings, lines))
    _tell(name, [f.file for f in reply.files if not f.role])
    session.link_to("data", say("app.to_data"))


def _tell(name: str, unknown: list[str]) -> None:
    """Say what a file is where its content does not tell."""
    if not unknown:
        return
    words = show.Words(language())
    left, middle, right = st.columns([3, 2, 1], vertical_alignment="bottom")
    file = left.selectbox(
        say("app.towns.which_file"),
        unknown,
        key="town-which-file",
        persist_state="session",
        help=say("app.towns.which_help"),
    )
    role = middle.selectbox(
        say("app.towns.which_role"),
        ROLES,
        format_func=lambda role: words.coded("role", role),
        key=session.lasting("town-which-role"),
        help=say("app.hint.which_role"),
        persist_state="session",
    )
    if right.button(say("app.towns.tell"), key="town-tell"):
        try:
            st.session_state["founded"] = (name, towns.add(name, [], language(), {file: role}))
        except PlannerError as error:
            st.error(session.refusal(error))
        else:
            st.rerun()


def _remove() -> None:
    """Delete the town in view; asked twice."""
    here = session.own_town()
    if not here:
        return
    sure = st.checkbox(
        session.escaped(say("app.towns.sure", town=here)), key=f"town-sure-{here}", help=say("app.towns.remove_help")
    )
    if st.button(say("app.towns.remove"), key="town-remove", disabled=not sure):
        towns.remove(here)
        session.go_to("")
        st.rerun()
