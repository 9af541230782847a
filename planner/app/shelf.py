"""The store as pages see it: versions to choose from, a plan of a version, and refusals in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar

import streamlit as st

from planner import store, text
from planner.app import session
from planner.app.session import say
from planner.errors import PlannerError
from planner.plan import Plan
from planner.replies import fault_reply
from planner.store import Version
from planner.text import Language

Told = TypeVar("Told")


def versions() -> list[Version]:
    """Every saved version, the newest first; none where there is no store yet."""
    if not store.default_path().is_file():
        return []
    with store.opened() as shelf:
        return sorted(shelf.versions(), key=lambda v: (v.saved_at, v.plan_name, v.number), reverse=True)


def audit_sha256() -> str:
    """The latest hash of the store; "" where there is none yet."""
    if not store.default_path().is_file():
        return ""
    with store.opened() as shelf:
        return shelf.audit_sha256()


def audit_of(plan: Plan, lang: Language) -> str:
    """The latest hash of the store where it keeps this plan; "" where it does not, and where it cannot be read, why."""
    try:
        return audit_sha256() if plan.plan_id in {v.plan_id for v in versions()} else ""
    except PlannerError as error:  # a file is wanted all the same, and says in the hash's place what is missing
        return text.plain(lang, "app.shelf.no_hash", reason=fault_reply(error.code, error.values, lang).sentence)


@st.cache_resource(show_spinner=False, max_entries=20)
def plan_of(version: Version) -> Plan:
    """The plan of a version: it never changes."""
    with store.opened(must_exist=True) as shelf:
        return shelf.load(version)


def name_of(version: Version | None) -> str:
    """A version as people say it; the plan in view where it is none."""
    if version is None:
        return say("app.shelf.now")
    return say("app.shelf.version", name=version.plan_name, number=version.number, author=version.author)


def chosen(label: str, key: str, *, now: Plan | None = None, unlike: str = "") -> tuple[Version | None, Plan] | None:
    """Let the reader choose a version (or the plan in view, while it is not saved); None where there is none.

    At first the plan in view is chosen, or with ``unlike`` the newest that is not of that ``plan_id``.
    """
    known = versions()
    here = next((v for v in known if now is not None and v.plan_id == now.plan_id), None)
    # the plan that is not saved is "", for None reads as nothing chosen
    options: list[Version | Literal[""]] = [*known]
    if now is not None and here is None:
        options.insert(0, "")
    if not options:
        return None
    beside = now.plan_id if now is not None else ""  # a choice holds while the same plan is in view
    if st.session_state.get(f"{key}-beside", beside) != beside or st.session_state.get(key, options[0]) not in options:
        st.session_state.pop(key, None)
    st.session_state[f"{key}-beside"] = beside
    other = next((v for v in known if unlike and v.plan_id != unlike), None)
    at = 0 if key in st.session_state else options.index(other or here or options[0])
    version = st.selectbox(
        label,
        options,
        index=at,
        format_func=lambda v: name_of(v or None),
        key=session.lasting(key),
        help=say("app.hint.version"),
        persist_state="session",
    )
    if not version:
        return (None, now) if now is not None else None
    return version, plan_of(version)


def told(work: Callable[[], Told]) -> Told | None:
    """Do something with the store; a refusal is shown in words."""
    try:
        return work()
    except PlannerError as error:
        st.error(session.refusal(error))
        return None


def plan_in_view() -> Plan | None:
    """The plan of the study in view, at the budget that was chosen last."""
    current = session.current()
    kept = current.kept or session.seen_before()
    if kept is None:
        return None
    yen = st.session_state.get(f"budget-{kept.plan_id[:12]}")
    return session.plan_of(str(kept.folder), yen if yen in kept.budgets_yen() else None)
