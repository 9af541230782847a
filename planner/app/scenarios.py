"""On the plan page: A/B/C案, years, cut-backs and what else stands beside the plan."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from planner import show
from planner.app import session, wishing
from planner.app.kept import Kept
from planner.app.session import language, say
from planner.plan import Cutbacks, Plan
from planner.text import Language

MIME = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv"}
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
            _files(found, plan)
            _spend(found, plan)
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
    form = partial(show.contracts_form, plan)
    _file(left, say("app.scenarios.contracts_form"), plan, "contracts", "csv", "contracts-form", form)
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


def _files(found: Cutbacks, plan: Plan) -> None:
    """The workbook of all tables, and each as CSV."""
    places = st.columns(2)
    book = partial(show.cutbacks_book, found, plan)
    _file(places[0], say("app.scenarios.file_book"), plan, "cutbacks", "xlsx", "cutbacks-xlsx", book)
    for number, (name, heading) in enumerate(show.cutbacks_tables(found, plan, language()).items(), 1):
        label, table = say("app.scenarios.file_csv", table=heading), partial(show.cutbacks_csv, found, plan, name)
        _file(places[number % 2], label, plan, name, "csv", f"cutbacks-{name}", table)


def _file(
    place: Any, label: str, plan: Plan, name: str, ending: str, key: str, make: Callable[[Language, str], bytes]
) -> None:
    """A button that saves what is made, once it is pressed, of the language and the store's hash.

    The language is asked for here: a file is made outside the visitor's run, where nothing is known of the visitor.
    """
    place.download_button(
        label,
        partial(_made, plan, language(), make),
        file_name=f"{name}_{plan.plan_id[:12]}.{ending}",
        mime=MIME[ending],
        on_click="ignore",
        key=key,
        width="stretch",
    )


def _made(plan: Plan, lang: Language, make: Callable[[Language, str], bytes]) -> bytes:
    """The file, with the store's hash where it keeps the plan."""
    from planner.app import shelf  # the store: not before a file is asked for

    return make(lang, shelf.audit_of(plan, lang))


def _spend(found: Cutbacks, plan: Plan) -> None:
    """The plan after the tender as a plan of its own, so that it can be saved as a version."""
    after = next((p for p in found.plans if p.kind == "after_tender" and p.planned), None)
    if found.tender is None or after is None or not found.tender.contracts:
        return
    st.html(f"<p>{show.safe(say('app.scenarios.spend_intro'))}</p>")
    if st.button(say("app.scenarios.spend"), key="spend-surplus"):
        wishing.after_tender(plan, after.own_yen, found.tender.contracts)
        session.wish(session.draft())
        session.again()
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
        book = partial(show.three_book, plans)
        _file(st, say("app.scenarios.file_three"), plan, "three", "xlsx", "three-xlsx", book)
