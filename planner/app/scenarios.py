"""On the plan page: A/B/C案, years, cut-backs and what else stands beside the plan."""

from __future__ import annotations

import streamlit as st

from planner import show
from planner.app import session
from planner.app.kept import Kept
from planner.app.session import language, say
from planner.plan import Plan

MOST_MB = 5  # a list of contracts has a line a site
APART = 0.3  # of own capital: A and C are so far from B until somebody chooses otherwise


def section(kept: Kept) -> None:
    """Everything beside the plan of a study, closed until it is asked for."""
    plan = session.plan_of(str(kept.folder))
    if plan.phases:
        st.subheader(say("section.phases"), anchor=False)
        st.html(show.part(plan, "phases", language()))
    _three(kept, plan)
    st.subheader(say("section.scenarios"), anchor=False)
    found = kept.cutbacks()
    if found is None:
        st.info(say("app.scenarios.none_yet" if session.current().running else "app.stopped_part"))
    else:
        with st.expander(say("app.scenarios.open")):
            st.html(show.cutbacks_part(found, plan, language()))
        with st.expander(say("app.scenarios.ask")):
            _ask(plan, found.refused)


def _ask(plan: Plan, refused: list[str]) -> None:
    """Which programmes are taken to be refused, and the prices after the tender; made anew beside the plan that stands."""
    st.html(f"<p>{show.safe(say('app.scenarios.ask_intro'))}</p>")
    named = plan.duties.programmes if plan.duties else []
    names = {p.id: p.name_ja if language() == "ja" else p.name_en for p in named}
    left, right = st.columns(2)
    out = left.multiselect(
        say("app.scenarios.refused"),
        list(names),
        [name for name in refused if name in names],
        format_func=names.__getitem__,
        key=session.lasting("beside-refused"),
        persist_state="session",
        placeholder=say("app.scenarios.none_refused"),
        help=say("app.scenarios.refused_help"),
    )
    left.download_button(
        say("app.scenarios.contracts_form"),
        lambda: show.contracts_form(plan, language()),
        file_name=f"contracts_{plan.plan_id[:12]}.csv",
        mime="text/csv",
        on_click="ignore",
        key="contracts-form",
    )
    sent = right.file_uploader(
        say("app.scenarios.contracts"), type=["csv"], key="contracts", max_upload_size=MOST_MB,
        help=say("app.scenarios.contracts_help"),
    )  # fmt: skip
    if st.button(say("app.scenarios.compute"), key="compute-beside"):
        from planner import scenarios as beside  # the whole method and the store: not before a tender is read
        from planner.app import shelf

        prices = shelf.told(lambda: beside.contracts_of(sent.getvalue(), sent.name)) if sent is not None else None
        if sent is None or prices is not None:
            session.beside({"refused": out, "contracts": prices})
            st.rerun()


@st.fragment
def _three(kept: Kept, plan: Plan) -> None:
    """Three budgets side by side; every one is a plan that stands already."""
    own = plan.setting("budget.own_capital_yen")
    known = kept.budgets_yen()
    lower, higher = [y for y in known if y < own], [y for y in known if y > own]
    if not (lower and higher):
        return
    st.subheader(say("app.scenarios.three"), anchor=False)
    st.html(f"<p>{show.safe(say('app.scenarios.three_intro'))}</p>")
    left, right = st.columns(2)
    picked = [
        place.selectbox(
            say(f"app.scenarios.plan_{letter}"),
            choices,
            index=choices.index(min(choices, key=lambda yen: abs(yen - goal))),
            format_func=lambda yen: f"{yen:,}",
            key=f"three-{letter}-{kept.plan_id[:12]}",
            help=say("app.hint.three"),
            persist_state="session",
        )
        for place, letter, choices, goal in (
            (left, "a", lower, own * (1 - APART)),
            (right, "c", higher, own * (1 + APART)),
        )
    ]
    folder = str(kept.folder)
    plans = (session.plan_of(folder, picked[0]), plan, session.plan_of(folder, picked[1]))
    with st.expander(say("app.scenarios.open")):
        st.html(show.side_by_side(plans, language()))
