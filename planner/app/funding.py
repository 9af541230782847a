"""Funding and retention: programmes, budgets and rules on days as they are, and a form to change them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal

import streamlit as st
from pydantic import ValidationError

from planner import show
from planner.app import adopting, days, paying, progress, session, shelf
from planner.app.kept import Kept
from planner.app.session import language, say
from planner.app.wishing import begun, days_limit, label, with_changes, yen
from planner.errors import SettingsError
from planner.plan import Duties, Plan
from planner.programmes import Programme
from planner.settings import ProgrammeEdit
from planner.text import Language

# what each section shows, in order: parts of `show` by name
MONEY: tuple[show.PartName, ...] = ("payers", "ledger", "budget_sheet", "ledger_by_year")
AT_ONCE: tuple[show.PartName, ...] = ("payers", "ledger", "ledger_by_year", "removed")
PROGRAMMES: tuple[show.PartName, ...] = ("programmes", "removed")
DAYS: tuple[show.PartName, ...] = ("outside", "kept", "weighed", "storage")
GOALS: tuple[show.PartName, ...] = ("kpi", "detectable")

_TERMS = (
    *("cap_per_camera_yen", "cap_per_site_yen", "cap_total_yen", "max_units"),
    *("min_retention_days", "max_retention_days"),
)
_MOST_YEN = 10**12


def page() -> None:
    """Who pays, programmes, rules taken, days, hosts, goals; each list can be taken away as a file."""
    current = session.current()
    st.title(say("app.page.funding"), anchor=False)
    st.html(f"<p>{show.safe(say('app.funding.intro'))}</p>")
    progress.status(current)
    kept = progress.shown(current)
    if kept is None:
        return
    plan = session.plan_of(str(kept.folder))
    if plan.duties is None:
        st.info(say("app.risk.not_kept"))
        return
    st.subheader(say("app.funding.who_pays"), anchor=False)
    _headed(plan, MONEY)
    previews = kept if kept.stage_folder else None
    _choose(plan, plan.duties, previews)
    _parts(plan, PROGRAMMES)
    _edit(plan, plan.duties, previews)
    adopting.section(plan, [p.id for p in plan.duties.programmes])
    _parts(plan, DAYS)
    _file(plan, "retention", "text/csv")
    _parts(plan, ("hosts",))
    _file(plan, "hosts", "text/csv")
    number = len(show.letters(plan, show.Words(language())))
    st.html(f"<p>{show.safe(say('app.funding.letters', number=number))}</p>")
    _file(plan, "letters", "text/html")
    _file(plan, "letters_text", "text/plain")
    _parts(plan, GOALS)
    _file(plan, "kpi", "text/csv")


def _parts(plan: Plan, names: tuple[show.PartName, ...]) -> None:
    """Parts of the plan, each under its heading."""
    for name in names:
        st.subheader(say(f"section.{name}"), anchor=False)
        st.html(show.part(plan, name, language()))


def _headed(plan: Plan, names: tuple[show.PartName, ...]) -> None:
    """Parts of the plan under small headings; the first stands under the heading above it."""
    for name in names:
        if name != names[0]:
            heading = "budget" if name == "budget_sheet" else name
            st.html(f"<h4>{show.safe(say(f'section.{heading}'))}</h4>")
        st.html(show.part(plan, name, language()))


def _file(plan: Plan, form: show.Format, mime: str) -> None:
    """A button that saves one list, made once it is pressed."""
    st.download_button(
        say(f"app.funding.save_{form}"),
        partial(_content, plan, form, language()),
        file_name=show.file_name(form),
        mime=mime,
        on_click="ignore",
        key=form,
    )


def _content(plan: Plan, form: show.Format, lang: Language) -> bytes:
    return show.content(plan, form, lang, shelf.audit_of(plan, lang))


def _preview(kept: Kept | None, wishes: dict[str, dict[str, Any]]) -> None:
    """Who pays for the sites in view under these wishes, without a new plan."""
    if kept is None:
        st.info(say("app.funding.preview_not_kept"))
        return
    try:
        changed, passed = paying.repriced(kept, wishes)
    except SettingsError as error:
        st.error(session.refusal(error))
        return
    st.html(f"<h4>{show.safe(say('app.funding.previewed'))}</h4><p>{show.safe(say('app.funding.preview_intro'))}</p>")
    st.html(show.passed_part(changed, passed, language()))
    _headed(changed, AT_ONCE)


def _choose(plan: Plan, duties: Duties, kept: Kept | None) -> None:
    """The form of budgets, programmes, days and dates."""
    st.subheader(say("app.funding.choose"), anchor=False)
    names = _names(duties)
    used = plan.setting("programmes.use")
    used = list(names) if used is None else list(used)
    if not used:
        st.info(say("app.funding.none_used"))
    with st.form("funding-form"):
        left, middle, right = st.columns(3)
        given: dict[str, Any] = {
            "budget.own_capital_yen": yen(left, plan, "budget.own_capital_yen", 10, "own", "f"),
            "budget.running_yen_per_year": yen(middle, plan, "budget.running_yen_per_year", 1, "running", "f"),
            "budget.local_body_yen": yen(right, plan, "budget.local_body_yen", 1, "local", "f"),
        }
        chosen = st.multiselect(
            say("app.funding.use"),
            list(names),
            format_func=names.__getitem__,
            key=begun(plan, session.lasting("f-use"), used),
            help=say("app.hint.use"),
        )
        left, right = st.columns(2)
        given |= _limit(left, plan, "min") | _limit(right, plan, "max")
        given |= _dates(plan)
        left, right = st.columns(2)
        sent = left.form_submit_button(say("app.plan.compute"), type="primary")
        tried = right.form_submit_button(say("app.funding.preview"), key="f-preview")
    if set(chosen) != set(used):
        given["programmes.use"] = chosen
    if sent:
        _compute(with_changes(plan, given))
    if tried:
        _preview(kept, with_changes(plan, given))
    if session.wishes() and st.button(say("app.back_to_town"), key="f-town", help=say("app.hint.back_to_town")):
        _compute({})


def _limit(place: Any, plan: Plan, end: Literal["min", "max"]) -> dict[str, Any]:
    """One limit on days and who says so."""
    limit, origin = f"retention.{end}_days", f"retention.{end}_origin"
    value = days_limit(place, plan, end, f"f-{limit}")
    named = say("app.funding.origin_of", name=label(origin))
    return {
        limit: value,
        origin: place.text_input(
            named, key=begun(plan, f"f-{origin}", plan.setting(origin) or ""), help=say("app.hint.limit_origin")
        )
        or None,
    }


def _dates(plan: Plan) -> dict[str, Any]:
    """The administrative year: fiscal year, day to count from, the grant's decision, years of the plan."""
    first, second, third, fourth = st.columns(4)
    year = first.number_input(
        say("app.funding.fiscal_year"),
        2000,
        2100,
        None,
        key=begun(plan, "f-year", plan.setting("funding.fiscal_year")),
        help=say("app.hint.fiscal_year"),
        placeholder=say("app.plan.as_it_is"),
    )
    as_of = days.in_force(second, "app.funding.as_of", "as_of", "f-as-of", plan, "schedule.as_of")
    decided = days.in_force(
        third, "app.funding.decision_on", "decision_on", "f-decided", plan, "schedule.grant_decision_on"
    )
    years = fourth.number_input(
        say("app.funding.plan_years"),
        1,
        10,
        key=begun(plan, "f-plan-years", plan.setting("schedule.plan_years")),
        help=say("app.hint.plan_years"),
    )
    return {
        "funding.fiscal_year": year,
        "schedule.as_of": as_of.isoformat() if as_of else None,
        "schedule.grant_decision_on": decided.isoformat() if decided else None,
        "schedule.plan_years": years,
    }


def _edit(plan: Plan, duties: Duties, kept: Kept | None) -> None:
    """Other terms of one programme, with where they come from."""
    if not duties.programmes:
        return
    st.subheader(say("app.funding.edit"), anchor=False)
    names = _names(duties)
    identity = str(
        st.selectbox(
            say("app.funding.which"),
            list(names),
            format_func=names.__getitem__,
            key=session.lasting("f-which"),
            help=say("app.hint.which"),
            persist_state="session",
        )
    )
    programme = next(p for p in duties.programmes if p.id == identity)
    edits: dict[str, Any] = dict(plan.setting("programmes.edit") or {})
    with st.form(f"edit-{identity}"):
        stated = _terms(plan, programme, edits.get(identity) or {})
        left, right = st.columns(2)
        sent = left.form_submit_button(say("app.plan.compute"))
        tried = right.form_submit_button(say("app.funding.preview"), key="e-preview")
    refused = _refused(programme, stated) if sent or tried else ""
    if refused:
        st.error(session.escaped(refused))
    elif sent:
        _compute(_with_edits(edits | {identity: stated}))
    elif tried:
        _preview(kept, _with_edits(edits | {identity: stated}))
    if identity in edits and st.button(say("app.funding.undo"), key="f-undo"):
        _compute(_with_edits({name: edit for name, edit in edits.items() if name != identity}))


def _terms(plan: Plan, programme: Programme, edit: dict[str, Any]) -> dict[str, Any]:
    """The fields of one programme as they are in force; what the user leaves as it is stays unstated."""
    left, middle, right = st.columns(3)
    key = f"e-{programme.id}"
    rate_now = "" if programme.rate is None else str(programme.rate)
    rate = left.text_input(
        say("app.funding.rate"), key=begun(plan, f"{key}-rate", rate_now), help=say("app.hint.rate")
    ).strip()
    stated = dict(edit) | ({"rate": rate} if rate and rate != rate_now else {})
    for place, name in zip((middle, right, left, middle, right, left), _TERMS, strict=True):
        now = getattr(programme, name)
        least = 1 if name.endswith("_days") else 0
        unit = {"_yen": "yen", "_days": "days"}.get(name[name.rfind("_") :])
        field = say(f"programme_field.{name}")
        value = place.number_input(
            say("app.plan.in_unit", name=field, unit=say(f"unit.{unit}")) if unit else field,
            least,
            _MOST_YEN,
            None,
            key=begun(plan, session.lasting(f"{key}-{name}"), now),
            help=say("app.hint.term"),
            placeholder=say("app.plan.as_it_is"),
        )
        if value is not None and value != now:
            stated[name] = int(value)
    stated |= _told(plan, programme, edit, (right, left, middle))
    origin = middle.text_input(
        say("app.funding.edit_origin"),
        key=begun(plan, f"{key}-origin", edit.get("origin", "")),
        help=say("app.hint.edit_origin"),
    ).strip()
    return stated | {"origin": origin}


def _told(plan: Plan, programme: Programme, edit: dict[str, Any], places: Sequence[Any]) -> dict[str, Any]:
    """What only the town can tell of a programme whose sum depends on it (left open: nothing is stated)."""
    key = f"e-{programme.id}"
    asked: dict[str, dict[str, Any]] = {}
    if programme.varies_by("joint"):
        asked["joint"] = {"joint_yes": True, "joint_no": False}
    if programme.varies_by("power"):
        asked["power"] = {"mains": "mains", "solar": "solar"}
    stated = {}
    for place, (name, words) in zip(places, asked.items(), strict=False):
        now = next((word for word, value in words.items() if value == getattr(programme, name)), None)
        word = place.selectbox(
            say(f"programme_field.{name}"),
            list(words),
            None,
            format_func=lambda w: say(f"app.funding.{w}"),
            key=begun(plan, session.lasting(f"{key}-{name}"), now),
            help=say("app.hint.told_by_town"),
            placeholder=say("app.plan.as_it_is"),
        )
        if word is not None:
            stated[name] = words[word]
    if programme.min_public_share is not None:
        share = (
            places[2]
            .text_input(
                say("programme_field.public_share"),
                key=begun(plan, f"{key}-public_share", edit.get("public_share", "")),
                help=say("app.hint.public_share"),
            )
            .strip()
        )
        stated |= {"public_share": share} if share else {}
    return stated


def _refused(programme: Programme, stated: dict[str, Any]) -> str:
    """Why these terms cannot be taken ("" when they can)."""
    if not stated["origin"]:
        return say("app.funding.edit_needs_origin")
    for name, sentence in (("rate", "app.funding.rate_wrong"), ("public_share", "app.funding.share_wrong")):
        try:
            ProgrammeEdit.model_validate({name: stated.get(name, getattr(programme, name))})
        except (ValidationError, ZeroDivisionError):
            return say(sentence, text=stated[name])
    return ""


def _with_edits(edits: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The wishes so far with these edits of programmes."""
    wishes = {section: dict(values) for section, values in session.draft().items()}
    wishes.setdefault("programmes", {})["edit"] = edits
    return wishes


def _names(duties: Duties) -> dict[str, str]:
    """Programme id -> name in the reader's language."""
    return {p.id: p.name_ja if language() == "ja" else p.name_en for p in duties.programmes}


def _compute(wishes: dict[str, dict[str, Any]]) -> None:
    """Take the wishes and compute anew."""
    session.wish(wishes)
    session.again()
    st.rerun()
