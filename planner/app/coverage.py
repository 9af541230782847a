"""Coverage: what one camera sees, tried otherwise; what today's cameras see; where nobody sees anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from planner import show
from planner.app import drawn, looking, maps, pinning, progress, session, shelf, wishing
from planner.app.kept import Kept
from planner.app.session import language, say

if TYPE_CHECKING:
    from planner.plan import Plan

TURN_DEG = 5.0  # a press of the button turns the view by this
CLOSE_UP = 18  # map scale at which a field of view fills the picture
Tried = tuple[float | None, float | None, str | None]  # height in m, bearing in degrees, model: None as it is
_LOOK: tuple[show.LookPart, ...] = ("zones", "blockers", "added")


def page() -> None:
    """One view, then all of today's, then the gaps."""
    current = progress.headed("coverage")
    kept = current.kept
    if kept is None:
        return
    plan = session.plan_of(str(kept.folder))
    if kept.stage_folder:
        _closely(kept, plan)
    else:
        progress.comes_later()
    st.subheader(say("app.coverage.today"), anchor=False)
    st.html(show.today_part(plan, "before", language()))
    st.html(show.today_part(plan, "cameras", language()))
    st.subheader(say("app.coverage.measures"), anchor=False)
    st.html(f"<p>{show.safe(say('show.intro_shares'))}</p>")
    st.html(show.part(plan, "measures", language()))
    st.subheader(say("app.coverage.spare"), anchor=False)
    st.html(show.today_part(plan, "spare", language()))
    st.subheader(say("app.coverage.repairs"), anchor=False)
    st.html(show.today_part(plan, "repairs", language()))
    _moves(plan)
    _gaps(kept, plan)


@st.fragment
def _closely(kept: Kept, plan: Plan) -> None:
    """A site or camera chosen on the map or in the list, and what it would see otherwise."""
    looking.ready(kept)
    choices = show.look_choices(plan, language())
    if not choices:
        st.info(say("show.nothing"))
        return
    st.html(f"<p>{show.safe(say('app.coverage.intro'))}</p>")
    if st.session_state.get("looked") not in choices:
        st.session_state["looked"] = next(iter(choices))
    chosen = st.selectbox(
        say("app.coverage.choose"),
        list(choices),
        format_func=choices.__getitem__,
        key=session.lasting("looked"),
        help=say("app.hint.look"),
        persist_state="session",
        on_change=_seek,
    )
    site = any(s.site_id == chosen for s in plan.sites)
    left, right = st.columns([3, 2])
    with right:
        seen, tried = _what_if(kept, chosen, site=site)
    with left:
        light: show.Light = st.radio(
            say("app.coverage.light"),
            show.LIGHTS,
            format_func=lambda word: say(f"app.coverage.{word}"),
            horizontal=True,
            key=session.lasting("light"),
            help=say("app.hint.light"),
            persist_state="session",
        )
        everyone = st.checkbox(
            say("app.coverage.everyone"), key="everyone", help=say("app.hint.everyone"), persist_state="session"
        )
    # all is made before any of it is sent, the map first: parts that come close together are laid out together
    facts = "".join(show.look_part(one, "facts", language(), looking.models(kept)) for one in seen)
    tables = {part: "".join(show.look_part(one, part, language()) for one in seen) for part in _LOOK}
    with left:
        _map(kept, plan, seen, chosen, light, everyone=everyone)
    with right:
        st.html(facts)
        st.html(f"<p>{show.safe(show.gain_sentence(seen, language()))}</p>")
        if tried:
            _pin_it(kept, plan, chosen, tried, site=site)
    for part, table in tables.items():
        st.html(f"<h4>{show.safe(say(f'looking.{part}'))}</h4>")
        st.html(table)


def _what_if(kept: Kept, chosen: str, *, site: bool) -> tuple[looking.Views, Tried | None]:
    """Height, bearing and model as they are until changed; and what was changed, None where nothing was."""
    where = ("", chosen) if site else (chosen, "")
    now = looking.look(kept, *where, None, None, None)[0].view
    names = looking.models(kept)
    key = f"{kept.plan_id[:12]}-{chosen}"
    st.html(f"<h4>{show.safe(say('app.coverage.what_if'))}</h4>")
    height = st.number_input(
        say("app.coverage.height"),
        0.5,
        50.0,
        now.height_m,
        0.5,
        key=f"height-{key}",
        help=say("app.hint.height"),
        persist_state="session",
    )
    bearing = st.number_input(
        say("app.coverage.bearing"),
        -TURN_DEG,
        360.0 + TURN_DEG,
        round(now.bearing_deg, 1),
        TURN_DEG,
        "%.1f",
        key=f"bearing-{key}",
        help=say("app.hint.bearing"),
        persist_state="session",
        on_change=_past_north,
        args=(f"bearing-{key}",),
    )
    model = st.selectbox(
        say("app.coverage.model"),
        ["", *names],
        format_func=lambda name: names.get(name) or say("app.coverage.as_it_is"),
        key=session.lasting(f"model-{key}"),
        help=say("app.hint.model"),
        persist_state="session",
    )
    changed = None if bearing == round(now.bearing_deg, 1) else bearing
    raised = None if height == now.height_m else height
    seen = looking.look(kept, *where, raised, changed, model or None)
    return seen, (raised, changed, model or None) if (raised, changed, model) != (None, None, "") else None


def _pin_it(kept: Kept, plan: Plan, chosen: str, tried: Tried, *, site: bool) -> None:
    """The view as tried is wished with its reason, if the plan could have it; its price comes with the next computation."""
    height, bearing, model = tried
    if height is not None:
        st.html(f"<p>{show.safe(say('app.coverage.no_height'))}</p>")
        return
    where = ("", chosen) if site else (chosen, "")
    asked = shelf.told(lambda: looking.turn(kept, *where, bearing, model))
    if asked is None:
        return
    view, action = asked
    st.html(f"<p>{show.safe(say('app.coverage.pin_intro'))}</p>")

    def take(_kind: str, reason: str, who: str, when: str) -> None:
        at = next((s.site_id for s in plan.sites if s.site_id == chosen), chosen)
        wishing.propose_view(view, action, at, reason, who, when)

    pinning.wish_form(f"turned-{chosen}", take, kinds=("pin",))
    if any(wish["site"] == action for wish in wishing.of_sites("pin")):
        st.html(f"<p>{show.safe(say('app.review.taken_up'))}</p>")
        session.link_to("plan", say("app.review.to_plan"))


def _past_north(key: str) -> None:
    """A view can be turned on past north."""
    st.session_state[key] %= 360.0


def _map(kept: Kept, plan: Plan, seen: looking.Views, chosen: str, light: show.Light, *, everyone: bool) -> None:
    """The town's map with this view, and if asked for with those of all other cameras."""
    base = looking.base(str(kept.folder), language())
    now = show.describe_look(plan, seen, light, language(), everyone=everyone, base=base)
    sought = str(st.session_state.get("look-sought", chosen))
    key = f"look-{kept.plan_id[:12]}-{language()}"
    moving = drawn.moving(now, cameras=True)
    maps.moving_map(maps.on_ground(now, kept), moving, chosen, sought, key, _choose, cameras=True, zoom=CLOSE_UP)


def _choose(key: str) -> None:
    """A click on the map."""
    st.session_state["looked"] = st.session_state["look-sought"] = key


def _seek() -> None:
    """A choice in the list is also looked for on the map."""
    st.session_state["look-sought"] = st.session_state["looked"]


def _moves(plan: Plan) -> None:
    """Whether the plan may take cameras of ours down and hang them elsewhere."""
    with st.form("moves-form"):
        moves = st.checkbox(
            wishing.label("rules.moves"),
            key=wishing.begun(plan, "w-moves", plan.setting("rules.moves")),
            help=say("app.hint.moves"),
        )
        sent = st.form_submit_button(say("app.plan.compute"))
    if sent:
        session.wish(wishing.with_changes(plan, {"rules.moves": moves}))
        session.again()
        st.rerun()


def _gaps(kept: Kept, plan: Plan) -> None:
    """Where nobody sees anything today; not for publication."""
    st.subheader(say("app.coverage.gaps"), anchor=False)
    found = kept.gaps()
    if found is None:
        progress.comes_later()
        return
    gaps, surface = found
    st.html(
        f'<p><span class="mark">{show.safe(say("show.mark"))}</span> {show.safe(say("app.coverage.gaps_intro"))}</p>'
    )
    if surface is not None:
        address = maps.picture_address(surface.png, f"gaps-{kept.plan_id}")
        spec = show.describe_risk(plan, language(), address, surface.box, surface.breaks, surface.cell_m)
        maps.still_map(spec, key=f"gaps-{language()}", frame="map-gaps")
    st.html(show.gaps_part(plan, gaps, language()))
