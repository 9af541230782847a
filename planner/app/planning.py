"""Plan: move the budget, see the plan; compute again with other wishes."""

from __future__ import annotations

from typing import Any, Literal

import streamlit as st

from planner import show, text
from planner.app import days, limits, maps, pinning, progress, rows, scenarios, session, wishing
from planner.app.kept import Kept
from planner.app.session import language, say
from planner.plan import Plan
from planner.text import Language

MONEY: tuple[show.PartName, ...] = ("budget_sheet", "horizon", "lease", "ledger_by_year", "baseline", "outreach")
ROBUST_ROUNDS = 8  # plans made to find the best worst resample (a study may say otherwise: ``siting.robust_rounds``)
SPOKEN_YEN = {"ja": wishing.MAN_YEN, "en": 1}


def page() -> None:
    """Budget, counters, curve, map, table, export; then the wishes."""
    current = progress.headed("plan")
    kept = progress.shown(current)
    if kept is None:
        return
    pinning.pending()
    _explorer(kept)
    main = session.plan_of(str(kept.folder))
    limits.section(main)
    pinning.wished(main)
    scenarios.section(kept)
    _wishes(main)
    if main.advice and main.advice.requests:
        with st.expander(say("section.requests")):
            st.html(show.part(main, "requests", language()))
    with st.expander(say("section.notes")):
        st.html(show.part(main, "notes", language()))


@st.cache_data(show_spinner=False, max_entries=200)
def _budget_names(known: tuple[int, ...], lang: Language) -> dict[int, str]:
    """Budgets as the slider names them."""
    return {yen: text.say(lang, "app.plan.budget_value", amount=yen / SPOKEN_YEN[lang]) for yen in known}


@st.fragment
def _explorer(kept: Kept) -> None:
    """Everything that follows the budget; a step only looks up."""
    folder, lang = str(kept.folder), language()
    main = session.plan_of(folder)
    own_yen = main.setting("budget.own_capital_yen")
    known = sorted({own_yen, *kept.budgets_yen()})
    key = f"budget-{kept.plan_id[:12]}"
    missed = session.asked_budget(key, known, whole=kept.whole)
    if missed is not None:
        names = _budget_names((missed, own_yen), lang)
        st.info(say("app.plan.budget_unknown", asked=names[missed], shown=names[own_yen]))
    if len(known) > 1:
        yen = st.select_slider(
            say("app.plan.budget"),
            known,
            value=st.session_state.get(key, own_yen),
            format_func=_budget_names(tuple(known), lang).__getitem__,
            key=key,
            help=say("app.hint.budget"),
            persist_state="session",
            on_change=session.forget_asked_budget,
        )
    else:
        yen = own_yen
    at = None if yen == own_yen else yen
    drawn = session.drawn_of(folder, at, lang)
    site = str(st.session_state.get("site", ""))
    chosen = site if site in drawn.sites else ""
    session.share(site=chosen, budget=at)
    st.html(drawn.head)
    left, right = st.columns([3, 2])
    with left:
        base = maps.on_ground(session.spec_of(folder, None, lang), kept)
        sought = str(st.session_state.get("sought", ""))
        looks: dict[Literal["outline", "day", "night"], str] = {
            "outline": say("app.plan.views_outline"),
            "day": say("app.plan.views_day"),
            "night": say("app.plan.views_night"),
        }
        views = st.radio(
            say("app.plan.views"),
            list(looks),
            format_func=looks.__getitem__,
            horizontal=True,
            key=session.lasting("views"),
            help=say("app.hint.views"),
            persist_state="session",
        )
        moving = drawn.map if views == "outline" else session.moving_of(folder, at, lang, views)
        maps.moving_map(base, moving, chosen, sought, f"plan-{kept.plan_id[:12]}-{lang}", _choose, on_place=_ask)
        pinning.places(main)
    with right:
        st.html(drawn.curve)
        if chosen:
            _card(folder, at, chosen, main)
        else:
            st.html(f"<p>{show.safe(say('app.plan.choose_site'))}</p>")
    st.html(f"<h4>{show.safe(say('section.sites'))}</h4><p>{show.safe(say('show.intro_sites'))}</p>")
    rows.site_table(drawn.table, chosen, f"rows-{kept.plan_id[:12]}", _seek)
    st.download_button(
        say("app.plan.geojson"),
        lambda: _geojson(session.plan_of(folder, at), lang),
        file_name=f"sites_{drawn.plan_id[:12]}.geojson",
        mime="application/geo+json",
        on_click="ignore",
        key="geojson",
    )
    st.html(drawn.money)
    more = st.selectbox(
        say("app.plan.more_money"),
        MONEY,
        index=None,
        format_func=lambda name: say(f"section.{'budget' if name == 'budget_sheet' else name}"),
        key=session.lasting("more-money"),
        help=say("app.hint.more_money"),
        persist_state="session",
        placeholder=say("app.plan.none_shown"),
    )
    if more:  # one at a time: every table here is drawn anew with each step of the budget
        st.html(show.part(session.plan_of(folder, at), more, lang))
    st.html(drawn.after)


def _geojson(plan: Plan, lang: Language) -> bytes:
    """The sites as a file, with the store's hash where it keeps the plan."""
    from planner.app import shelf  # the store: not before a file is asked for

    return show.content(plan, "geojson", lang, shelf.audit_of(plan, lang))


def _card(folder: str, municipality_yen: int | None, chosen: str, main: Plan) -> None:
    """The site that was chosen, and what can be wished of it."""
    layers = session.spec_of(folder, municipality_yen, language()).layers
    pin = next(p for layer in layers for p in layer.items if isinstance(p, show.Pin) and p.key == chosen)
    st.html(show.card(pin))
    pinning.chosen_site(session.plan_of(folder, municipality_yen), chosen, main)


def _choose(site: str) -> None:
    st.session_state["site"] = site


def _ask(lon_deg: float, lat_deg: float) -> None:
    """A point of the map of which "why not here?" is asked."""
    st.session_state["asked"] = (lon_deg, lat_deg)


def _seek(site: str) -> None:
    """A site chosen in the table is also looked for on the map."""
    st.session_state["site"] = st.session_state["sought"] = site


def _wishes(plan: Plan) -> None:
    """The form with which a plan is computed again."""
    st.subheader(say("app.plan.again"), anchor=False)
    st.html(f"<p>{show.safe(say('app.plan.again_intro'))}</p>")
    session.link_to("funding", say("app.to_funding"))
    with st.form("wish-form"):
        left, middle, right = st.columns(3)
        own = wishing.yen(left, plan, "budget.own_capital_yen", step=10, help_of="own")
        running = wishing.yen(middle, plan, "budget.running_yen_per_year", step=1, help_of="running")
        spacing = right.number_input(
            wishing.label("rules.spacing_m", "m"), 0.0, 5000.0, step=5.0,
            key=wishing.begun(plan, "w-spacing", float(plan.setting("rules.spacing_m"))), help=say("app.plan.help_spacing"),
        )  # fmt: skip
        least = wishing.days_limit(left, plan, "min", "w-min")
        most = wishing.days_limit(middle, plan, "max", "w-max")
        purpose = right.selectbox(
            wishing.label("purpose.profile"),
            list(purposes := show.purposes(language())),
            format_func=lambda code: purposes[code],
            key=wishing.begun(plan, session.lasting("w-purpose"), plan.setting("purpose.profile")),
            help=say("app.plan.help_purpose"),
        )
        night = right.checkbox(
            wishing.label("coverage.night_required"), help=say("app.plan.help_night"),
            key=wishing.begun(plan, "w-night", plan.setting("coverage.night_required")),
        )  # fmt: skip
        with st.expander(say("app.plan.criteria")):
            criteria = _criteria(plan)
        with st.expander(say("app.plan.more_wishes")):
            further = _further(plan)
        sent = st.form_submit_button(say("app.plan.compute"), type="primary")
    if sent:
        given = {
            "budget.own_capital_yen": own,
            "budget.running_yen_per_year": running,
            "rules.spacing_m": spacing,
            "retention.min_days": least,
            "retention.max_days": most,
            "coverage.night_required": night,
            "purpose.profile": purpose,
            **criteria,
            **further,
        }
        session.wish(wishing.with_changes(plan, given))
        session.again()
        st.rerun()
    if session.wishes() and st.button(say("app.back_to_town"), key="to-town", help=say("app.hint.back_to_town")):
        session.wish({})
        st.rerun()


def _criteria(plan: Plan) -> dict[str, Any]:
    """By which criteria sites are to be chosen, and when that was settled: before anything is computed (P14)."""
    st.html(f"<p>{show.safe(say('app.plan.criteria_intro'))}</p>")
    text = st.text_area(
        wishing.label("criteria.text"), max_chars=2000, height=120,
        key=wishing.begun(plan, "w-criteria", plan.setting("criteria.text") or ""), help=say("app.plan.help_criteria"),
    )  # fmt: skip
    day = days.in_force(
        st,
        "setting.criteria.decided_on",
        "criteria_day",
        "w-criteria-day",
        plan,
        "criteria.decided_on",
        max_value="today",
    )
    return {
        "criteria.text": text.strip(),
        "criteria.decided_on": None if day is None else day.isoformat(),
    }


def _further(plan: Plan) -> dict[str, Any]:
    """What is wished seldom: money a year at a time, safety against chance, two cameras on a mount."""
    left, middle, right = st.columns(3)
    yearly = wishing.yen(
        left, plan, "schedule.yearly_own_yen", step=10, empty=say("app.plan.at_once"), help_of="yearly"
    )
    years = middle.number_input(
        wishing.label("schedule.plan_years"),
        1,
        10,
        key=wishing.begun(plan, "w-plan-years", plan.setting("schedule.plan_years")),
        help=say("app.hint.plan_years"),
    )
    mount = right.number_input(
        wishing.label("rules.max_per_mount"), 1, 2,
        key=wishing.begun(plan, "w-mount", plan.setting("rules.max_per_mount")), help=say("app.plan.help_mount"),
    )  # fmt: skip
    rounds = int(plan.setting("siting.robust_rounds") or 0)
    safe = st.checkbox(
        say("app.plan.robust"), key=wishing.begun(plan, "w-robust", rounds > 0), help=say("app.plan.help_robust")
    )
    return {
        "schedule.yearly_own_yen": yearly,
        "schedule.plan_years": years,
        "rules.max_per_mount": mount,
        "siting.robust_rounds": (rounds or ROBUST_ROUNDS) if safe else 0,
    }
