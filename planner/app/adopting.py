"""A shipped programme taken into the town: chosen, completed with what only the town can state, written to its settings file."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import streamlit as st
from pydantic import ValidationError

from planner import show
from planner.app import session
from planner.app.session import language, say
from planner.assumptions import rows
from planner.errors import StoreError
from planner.plan import Plan
from planner.programmes import Programme
from planner.text import knows


def section(plan: Plan, taken: Collection[str]) -> None:
    """The form; ``taken``: ids of the programmes that the town has."""
    from planner import ingest  # slow to load, and needed on this page only

    free = {p.id: p for p in ingest.shipped_programmes() if p.id not in taken}
    st.subheader(say("app.funding.adopt"), anchor=False)
    st.html(f"<p>{show.safe(say('app.funding.adopt_intro', number=len(free)))}</p>")
    names = {identity: p.named[language()] for identity, p in free.items()}
    identity = st.selectbox(
        say("app.funding.adopt_which"),
        list(names),
        index=None,
        format_func=names.__getitem__,
        key=session.lasting("a-which"),
        help=say("app.hint.adopt"),
        persist_state="session",
        placeholder=say("app.funding.adopt_none"),
    )
    if identity is None:
        return
    programme = free[identity]
    st.html(show.programme_part(plan, programme, language()))
    with st.form(f"adopt-{identity}"):
        fill = {name: _asked(programme, name) for name in programme.missing}
        sent = st.form_submit_button(say("app.funding.adopt_take"))
    if not sent:
        return
    if refused := _refused(programme, fill):
        st.error(refused)
        return
    session.again()
    st.rerun()


def _asked(programme: Programme, name: str) -> Any:
    """One field that the sources do not state."""
    label, key = say(f"programme_field.{name}"), f"a-{programme.id}-{name}"
    if name == "eligible_categories":
        bought = [row["category"] for row in rows("cost_categories") if knows(f"cost.{row['category']}")]
        return st.multiselect(
            label,
            bought,
            format_func=lambda c: say(f"cost.{c}"),
            key=session.lasting(key),
            help=say("app.hint.adopt_term"),
            placeholder=say("app.funding.adopt_none"),
        )
    if name == "rate":
        return st.text_input(say("app.funding.rate"), key=key, help=say("app.hint.rate")).strip()
    return st.number_input(label, 0, 10**12, None, key=key, help=say("app.hint.adopt_term"))


def _refused(programme: Programme, fill: dict[str, Any]) -> str:
    """Write it into the town; why that cannot be ("" when done)."""
    from planner import ingest

    if missing := [say(f"programme_field.{name}") for name, value in fill.items() if value in (None, "", [])]:
        return say("app.funding.adopt_missing", fields=", ".join(missing))
    try:
        Programme.model_validate({**programme.model_dump(), **fill})
        ingest.adopt(session.town(), programme.id, fill)
    except (ValidationError, ZeroDivisionError):
        return session.escaped(say("app.funding.rate_wrong", text=fill.get("rate", "-")))
    except StoreError as error:
        return session.refusal(error)
    return ""
