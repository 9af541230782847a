"""Pin, ban, keep, differ, prove: what a planner wishes of single sites and of the search, each with its price."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial
from typing import get_args

import streamlit as st

from planner import show
from planner.app import days, session, wishing
from planner.app.session import language, say
from planner.errors import InputError
from planner.plan import Plan, PricePart, Site, place_of
from planner.settings import Wish

REASONS: tuple[str, ...] = get_args(Wish.model_fields["reason"].annotation)


def chosen_site(plan: Plan, site_id: str, main: Plan) -> None:
    """Under the card of a site: what would come in its place, another view of it, a pin or ban."""
    site = next(s for s in plan.sites if s.site_id == site_id)
    told = show.why_here(plan, site, language())
    st.html(f"<p>{show.safe(told or say('app.pin.other_budget'))}</p>")
    if any(s.site_id == site_id for s in main.sites) and st.button(say("app.pin.turn"), key="turn-site"):
        st.session_state["looked"] = st.session_state["look-sought"] = site_id
        st.switch_page(st.session_state["pages"]["coverage"])
    wish_form("site", _of_site(site_id, place_of(site)))


def places(plan: Plan) -> None:
    """Why not here: of a point clicked on the map, or of a number that was typed."""
    st.html(f"<h4>{show.safe(say('app.pin.why_not'))}</h4><p>{show.safe(say('app.pin.why_not_intro'))}</p>")
    typed = st.text_input(
        say("app.pin.number"),
        key="asked-id",
        help=say("app.hint.number"),
        persist_state="session",
        placeholder=say("app.pin.number_hint"),
    )
    asked = st.session_state.get("asked")
    try:
        if typed.strip():
            found = [show.why(plan, typed.strip(), language())]
        elif asked is not None:
            lon_deg, lat_deg = asked
            found = show.why_at(plan, lon_deg, lat_deg, language())
        else:
            return
    except InputError as error:
        st.info(session.refusal(error))
        return
    names = {told.place_id: told for told in found}
    labels = {told.place_id: session.escaped(_label(told)) for told in found}
    place = st.radio(
        say("app.pin.nearest"),
        list(names),
        format_func=lambda p: labels[p],
        key=session.lasting(f"asked-place-{'-'.join(names)}"),
        help=say("app.hint.nearest"),
        persist_state="session",
    )
    told = names[str(place)]
    st.html("".join(f"<p>{show.safe(line)}</p>" for line in told.sentences))
    chosen = next((s for s in plan.sites if s.site_id == st.session_state.get("site")), None)
    kinds: tuple[str, ...] = wishing.KINDS
    if chosen is not None and told.site_id != chosen.site_id:
        st.html(
            f"<p>{show.safe(say('app.pin.move_intro', site=show.thing_name(plan, chosen.site_id, language())))}</p>"
        )
        kinds = (*wishing.KINDS, "move")
    wish_form("place", _of_site(told.site_id or told.place_id, told.place_id, chosen), kinds)


def _label(told: show.Told) -> str:
    if told.distance_m is None:
        return told.name
    return say("app.pin.away", name=told.name, away=show.Words(language()).away(told.distance_m))


def wish_form(key: str, take: Callable[[str, str, str, str], None], kinds: Sequence[str] = wishing.KINDS) -> None:
    """What is wished, with its reason, who asked and when; ``take`` is told these four."""
    names = {kind: say(f"app.pin.{kind}") for kind in kinds}
    reasons = {reason: say(f"wish_reason.{reason}") for reason in REASONS}
    with st.form(f"{key}-wish", border=True):
        left, right = st.columns(2)
        kind = left.radio(
            say("app.pin.kind"),
            list(names),
            format_func=lambda k: names[k],
            horizontal=True,
            key=session.lasting(f"{key}-kind"),
            help=say("app.hint.kind"),
        )
        reason = right.selectbox(
            say("app.pin.reason"),
            list(reasons),
            format_func=lambda r: reasons[r],
            key=session.lasting(f"{key}-reason"),
            help=say("app.hint.reason"),
        )
        who = left.text_input(say("app.pin.who"), key=f"{key}-who", help=say("app.pin.who_help"))
        today = dt.date.today()  # noqa: DTZ011 - the office's own day
        when = days.chosen(right, "app.pin.when", "when", f"{key}-when", value=today)
        days.tell(right, today, "app.day_today")
        if st.form_submit_button(say("app.pin.propose")):
            day = when.isoformat() if when is not None else ""
            take(str(kind), str(reason), who.strip(), day)
            st.session_state["just-wished"] = True
            st.rerun()


def _of_site(site: str, place: str, moved: Site | None = None) -> Callable[[str, str, str, str], None]:
    """Pin a site as it is planned, or ban its place; or move there what was planned elsewhere (``moved``): one pinned, the other banned.

    A ban means the place: whoever refuses a camera of 30 days refuses one of 14 as well.
    """

    def take(kind: str, reason: str, who: str, when: str) -> None:
        if kind == "move" and moved is not None:
            wishing.propose(place_of(moved), "ban", reason, who, when, known_as=moved.site_id)
        if kind == "ban":
            wishing.propose(place, "ban", reason, who, when, known_as=site)
        else:
            wishing.propose(site, "pin", reason, who, when, known_as=place)

    return take


def wished(plan: Plan) -> None:
    """Everything wished, each with its price and a button that takes it away; undo; the ways to another plan."""
    st.subheader(say("app.pin.wished"), anchor=False)
    st.html(f"<p>{show.safe(say('show.intro_prices'))}</p>")
    prices = {p.rule: p for p in plan.advice.prices} if plan.advice else {}
    sites = [(kind, wish) for kind in wishing.KINDS for wish in wishing.of_sites(kind)]
    pinned = [session.turned(wish["site"]) for _, wish in sites]  # told with the pin, and taken away with it
    views = [(at, view) for at, view in enumerate(wishing.of_rules("views")) if view not in pinned]
    beyond = wishing.beyond_sites()
    if not (sites or views or beyond):
        st.html(f"<p>{show.safe(say('app.pin.nothing_wished'))}</p>")
    for kind, wish in sites:
        site = wish["site"]
        told = say(
            "app.pin.wish",
            kind=say(f"app.pin.{kind}"),
            site=_named(plan, site),
            reason=say(f"wish_reason.{wish['reason']}"),
            who=wish.get("who") or say("app.pin.unknown"),
            when=show.Words(language()).day(wish["when"]) if wish.get("when") else say("app.pin.unknown"),
        )
        _line(told, prices.get(f"{kind}:{site}"), f"unwish-{kind}-{site}", partial(wishing.withdraw, site, kind))
    for at, view in views:
        told = say("app.pin.in_force_view", view=show.rule_sentence(plan, view, show.Words(language())))
        _line(told, None, f"unwish-view-{at}", partial(wishing.without_rule, "views", at), priced=False)
    for what, numbers in beyond.items():
        price = prices.get({"keep": "changes", "differ": "shared"}.get(what, ""))
        told = say(f"app.pin.in_force_{what}", **numbers)
        _line(told, price, f"unwish-{what}", partial(wishing.lift, what), priced=what != "prove")
    _ways(plan)
    st.button(say("app.pin.undo"), key="undo", on_click=session.undo, disabled=not session.undone())


def _line(told: str, price: PricePart | None, key: str, take_away: Callable[[], None], *, priced: bool = True) -> None:
    """One wish, what it costs (``priced``: or will be told to cost), and its button."""
    left, right = st.columns([5, 1], vertical_alignment="center")
    cost = show.price_sentence(price, language()) if price else say("app.pin.no_price") if priced else ""
    left.html(f"<p>{show.safe(told)}<br>{show.safe(cost)}</p>")
    right.button(say("app.pin.take_away"), key=key, on_click=take_away)


def _named(plan: Plan, site: str) -> str:
    """A pinned or banned site by its place; a view that was turned and not yet computed with its direction."""
    name, view = show.thing_name(plan, site, language()), session.turned(site)
    if view is None or name != site:
        return name
    place = show.thing_name(plan, view["site"], language())
    return say("app.pin.turned", place=place, bearing=show.Words(language()).compass(view["bearing_deg"]))


def _ways(plan: Plan) -> None:
    """Keep to this plan, ask for a different one, prove it."""
    keep, differ, prove = st.columns(3, border=True)
    sites = len(plan.sites)
    with keep:
        most = st.number_input(
            say("app.pin.max_changes"),
            0,
            None,
            value=None,
            key="keep-most",
            help=say("app.hint.max_changes"),
            persist_state="session",
            placeholder=say("app.pin.no_limit"),
        )
        st.button(
            say("app.pin.keep"), key="keep", on_click=lambda: wishing.keep(plan, most), help=say("app.pin.keep_help")
        )
    with differ:
        shared = st.number_input(
            say("app.pin.most_shared"),
            0,
            max(sites, 1),
            sites // 2,
            key="differ-most",
            help=say("app.hint.most_shared"),
            persist_state="session",
        )
        st.button(
            say("app.pin.differ"),
            key="differ",
            on_click=lambda: wishing.differ(plan, int(shared)),
            help=say("app.pin.differ_help"),
        )
    with prove:
        st.html(show.part(plan, "proof", language()))
        if st.button(
            say("app.pin.prove"), key="prove", help=say("app.pin.prove_help"), disabled=plan.status == "optimal"
        ):
            wishing.prove(plan)
            _compute()


def pending() -> None:
    """What waits to be computed: at the top of the page, and told at once to whoever wished it further down."""
    if st.session_state.pop("just-wished", False):
        st.toast(say("app.pin.added"))
    if name := st.session_state.pop("went-on", ""):
        st.toast(say("app.shelf.went_on", name=name))
    if session.draft() == session.wishes():
        return
    left, right = st.columns([4, 1], vertical_alignment="center")
    left.info(say("app.pin.pending"))
    if right.button(say("app.pin.compute"), key="compute-wishes", type="primary", width="stretch"):
        _compute()


def _compute() -> None:
    """Take the wishes and compute."""
    session.wish(session.draft())
    session.again()
    st.rerun()
