"""Plan: move the budget, see the plan; compute again with other wishes."""

from __future__ import annotations

import streamlit as st

from planner import show
from planner.app import maps, pinning, progress, rows, scenarios, session
from planner.app.kept import Kept
from planner.app.session import language, say
from planner.app.wishing import MAN_YEN
from planner.app.wishing import label as _label
from planner.app.wishing import setting as _setting
from planner.app.wishing import with_changes as _with_changes
from planner.app.wishing import yen as _yen
from planner.plan import Plan

MONEY: tuple[show.PartName, ...] = ("budget_sheet", "horizon", "lease", "ledger_by_year", "baseline", "outreach")
SPOKEN_YEN = {"ja": MAN_YEN, "en": 1}


def page() -> None:
    """Budget, counters, curve, map, table, export; then the wishes."""
    current = session.current()
    st.title(say("app.page.plan"), anchor=False)
    progress.status(current)
    kept = current.kept or session.seen_before()
    if kept is None:
        return
    if current.kept is None:
        st.info(say("app.plan.before"))
    else:
        session.remember(kept)
    _explorer(kept)
    main = session.plan_of(str(kept.folder))
    pinning.wished(main)
    scenarios.section(kept)
    _wishes(main)


@st.fragment
def _explorer(kept: Kept) -> None:
    """Everything that follows the budget; a step only looks up."""
    folder = str(kept.folder)
    main = session.plan_of(folder)
    own_yen = _setting(main, "budget.own_capital_yen")
    known = sorted({own_yen, *kept.budgets_yen()})
    key = f"budget-{kept.plan_id[:12]}"
    session.asked_budget(key, known)
    if len(known) > 1:
        yen = st.select_slider(
            say("app.plan.budget"),
            known,
            value=st.session_state.get(key, own_yen),
            format_func=lambda y: say("app.plan.budget_value", amount=y / SPOKEN_YEN[language()]),
            key=key,
            persist_state="session",
        )
    else:
        yen = own_yen
    at = None if yen == own_yen else yen
    plan = session.plan_of(folder, at)
    chosen = _chosen(plan)
    session.share(site=chosen, budget=at)
    st.html(show.part(plan, "figures", language()))
    st.html(show.part(plan, "counters", language()))
    st.html(show.part(plan, "proof", language()))
    left, right = st.columns([3, 2])
    now = session.spec_of(folder, at, language())
    with left:
        base = maps.on_ground(session.spec_of(folder, None, language()), kept)
        sought = str(st.session_state.get("sought", ""))
        key = f"plan-{kept.plan_id[:12]}-{language()}"
        maps.moving_map(base, now, chosen, sought, key, _choose, on_place=_ask)
        pinning.places(main)
    with right:
        st.html(f"<h4>{show.safe(say('section.frontier'))}</h4>{show.part(plan, 'curve', language())}")
        pin = next(
            (p for layer in now.layers for p in layer.items if isinstance(p, show.Pin) and p.key == chosen), None
        )
        st.html(show.card(pin) if pin else f"<p>{show.safe(say('app.plan.choose_site'))}</p>")
        if pin:
            pinning.chosen_site(plan, chosen, main)
    st.html(f"<h4>{show.safe(say('section.sites'))}</h4><p>{show.safe(say('show.intro_sites'))}</p>")
    rows.site_table(show.site_rows(plan, language()), chosen, f"rows-{kept.plan_id[:12]}", _seek)
    st.download_button(
        say("app.plan.geojson"),
        show.content(plan, "geojson", language()),
        file_name=f"sites_{plan.plan_id[:12]}.geojson",
        mime="application/geo+json",
        on_click="ignore",
        key="geojson",
    )
    st.html(f"<h4>{show.safe(say('section.money'))}</h4>{show.part(plan, 'payers', language())}")
    st.html(show.part(plan, "ledger", language()))
    more = st.selectbox(
        say("app.plan.more_money"),
        MONEY,
        index=None,
        format_func=lambda name: say(f"section.{'budget' if name == 'budget_sheet' else name}"),
        key="more-money",
        placeholder=say("app.plan.none_shown"),
    )
    if more:  # one at a time: every table here is drawn anew with each step of the budget
        st.html(show.part(plan, more, language()))
    st.html(f"<h4>{show.safe(say('section.offences'))}</h4>{show.part(plan, 'offences', language())}")
    st.html(f"<h4>{show.safe(say('section.districts'))}</h4>{show.part(plan, 'districts', language())}")
    if main.advice and main.advice.requests:
        st.html(f"<h4>{show.safe(say('section.requests'))}</h4>{show.part(main, 'requests', language())}")
    st.html(f"<h4>{show.safe(say('section.notes'))}</h4>{show.part(plan, 'notes', language())}")


def _chosen(plan: Plan) -> str:
    """The chosen site, when this plan has it."""
    site = str(st.session_state.get("site", ""))
    return site if any(s.site_id == site for s in plan.sites) else ""


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
    with st.form("wish-form"):
        left, middle, right = st.columns(3)
        own = _yen(left, plan, "budget.own_capital_yen", step=10)
        running = _yen(middle, plan, "budget.running_yen_per_year", step=1)
        spacing = right.number_input(
            _label("rules.spacing_m"), 0.0, 5000.0, float(_setting(plan, "rules.spacing_m")), 5.0, key="w-spacing"
        )
        least = left.number_input(
            _label("retention.min_days"),
            1,
            365,
            _setting(plan, "retention.min_days"),
            key="w-min",
            placeholder=say("app.plan.as_it_is"),
        )
        most = middle.number_input(
            _label("retention.max_days"),
            1,
            365,
            _setting(plan, "retention.max_days"),
            key="w-max",
            placeholder=say("app.plan.as_it_is"),
        )
        purpose = right.selectbox(
            _label("purpose.profile"),
            list(purposes := show.purposes(language())),
            index=list(purposes).index(_setting(plan, "purpose.profile")),
            format_func=lambda code: purposes[code],
            key="w-purpose",
        )
        night = right.checkbox(
            _label("coverage.night_required"), _setting(plan, "coverage.night_required"), key="w-night"
        )
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
        }
        session.wish(_with_changes(plan, given))
        session.again()
        st.rerun()
    if session.wishes() and st.button(say("app.back_to_town"), key="to-town"):
        session.wish({})
        st.rerun()
