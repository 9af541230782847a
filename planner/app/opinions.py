"""Review: what the police stations say of each site, in the browser or on paper; nothing here changes the plan by itself."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from planner import reviewing, show, store
from planner.app import answersheets, continuing, days, looking, maps, proposing, session, shelf
from planner.app.kept import Kept
from planner.app.session import language, say
from planner.plan import Plan
from planner.store import OPINIONS, Answer, Review, Version


def page() -> None:
    """Choose a version; read, answer, or exchange answer sheets."""
    _emptied()
    st.title(say("app.page.review"), anchor=False)
    st.html(f"<p>{show.safe(say('app.review.intro'))}</p>")
    shelf.told(_asked_version)
    found = shelf.told(lambda: shelf.chosen(say("app.review.which"), "review-version"))
    version = found[0] if found else None
    if found is None or version is None:
        st.info(say("app.review.none"))
        session.link_to("export", say("app.compare.to_export"))
        return
    plan = found[1]
    known = shelf.told(lambda: _reviews(version)) or []
    kept = session.same_town(plan)
    earlier = shelf.told(lambda: _earlier(version)) or []
    left, right = st.columns([3, 1])
    station = left.text_input(
        say("column.station"), key="answer-station", persist_state="session", help=say("app.review.station_help")
    )
    day = _day(right)
    jurisdiction, districts = _part(plan)
    session.share(version=version.version_sha256[:12], station=jurisdiction)
    here = show.asked_of(plan, jurisdiction, districts)
    if said := show.border_sentence(here, show.Words(language())):
        st.html(f"<p>{show.safe(said)}</p>")
    offence, sites = _filter(plan, kept, [s.site_id for s in here.plan.sites])
    _map(plan, version, kept, known, sites)
    st.subheader(say("app.review.answers"), anchor=False)
    st.html(show.reviews_part(plan, known, sites, language(), offence, earlier))
    if apart := reviewing.disagreements(plan, known):
        st.warning(say("app.review.disagree", number=len({one.site_id for one, _ in apart})))
        st.html(show.disagreements_part(plan, apart, language()))
    answersheets.taken(plan, version, known, earlier)
    _answer(plan, version, sites, station, day)
    _suggest(plan, version, station, day)
    proposing.proposed(plan, known, same_town=kept is not None)
    continuing.offer(version, plan, "review")
    answersheets.paper(plan, version, known, station, jurisdiction, districts)


def _part(plan: Plan) -> tuple[str, list[str]]:
    """Whose part of the plan is looked at: a police station's, some districts', everybody's ("" and none)."""
    left, right = st.columns(2)
    known = show.stations(plan)
    jurisdiction = ""
    if (asked := st.session_state.pop("asked-station", "")) in known:
        st.session_state["review-jurisdiction"] = asked
    if known:
        jurisdiction = left.selectbox(
            say("column.police_station"),
            ["", *known],
            format_func=lambda name: name or say("app.review.all"),
            key=session.lasting("review-jurisdiction"),
            persist_state="session",
            help=say("app.review.jurisdiction_help"),
        )
    else:
        left.html(f'<p class="soft">{show.safe(say("app.review.no_jurisdiction"))}</p>')
    words = show.Words(language())
    districts = right.multiselect(
        say("app.review.districts"),
        sorted({s.district_id for s in plan.sites}),
        format_func=words.district,
        key=session.lasting("review-districts"),
        help=say("app.hint.districts"),
        persist_state="session",
        placeholder=say("app.review.all"),
    )
    return jurisdiction, districts


def _reviews(version: Version) -> list[Review]:
    with store.opened(must_exist=True) as opened:
        return opened.reviews(version)


def _earlier(version: Version) -> list[tuple[int, Review]]:
    with store.opened(must_exist=True) as opened:
        return opened.earlier_reviews(version)


def _asked_version() -> None:
    """The version that the address names, chosen once."""
    asked = st.session_state.pop("asked-version", "")
    named = [v for v in shelf.versions() if asked and v.version_sha256.startswith(asked)]
    if len(named) == 1:
        st.session_state["review-version"] = named[0]


def _day(place: DeltaGenerator) -> str:
    """The day on which the station answered; an answer of tomorrow there is none."""
    day = days.chosen(
        place,
        "column.answered_on",
        "answer_day",
        "answer-day",
        value="today",
        max_value="today",
        persist_state="session",
    )
    if day is not None:
        days.tell(place, day)
    return "" if day is None else day.isoformat()


def _filter(plan: Plan, kept: Kept | None, sites: list[str]) -> tuple[str, list[str]]:
    """By offence, and by the hour at which records began."""
    words = show.Words(language())
    groups = [o.offence_group for o in plan.offences]
    left, right = st.columns(2)
    offence = left.selectbox(
        say("app.risk.offence"),
        ["", *groups],
        format_func=lambda group: words.offence(group) if group else say("app.risk.all"),
        key=session.lasting("review-offence"),
        help=say("app.hint.review_offence"),
        persist_state="session",
    )
    if kept is not None:
        first, last = right.select_slider(
            say("app.review.hours"),
            list(range(24)),
            value=(18, 23),
            key="review-hours",
            persist_state="session",
            help=say("app.review.hours_help"),
        )
        st.html(f"<p>{show.safe(show.starts_sentence(kept.records(), offence, first, last, language()))}</p>")
    return offence, show.sites_seeing(plan, offence, sites)


def _map(plan: Plan, version: Version, kept: Kept | None, known: list[Review], sites: list[str]) -> None:
    """The sites, what they film by day or night, and what was suggested; a click suggests a place or chooses a site."""
    light: show.Light = "day"
    if kept is not None and kept.stage_folder:
        light = st.radio(
            say("app.coverage.light"),
            show.LIGHTS,
            format_func=lambda word: say(f"app.coverage.{word}"),
            horizontal=True,
            key=session.lasting("review-light"),
            help=say("app.hint.light"),
            persist_state="session",
        )
    shown = tuple(s.site_id for s in plan.sites if s.site_id in sites and s.views)
    seen = looking.sites(kept, shown) if light == "night" and kept is not None else ()
    spec = show.describe_review(plan, sites, known, language(), seen, light)
    spec = maps.on_ground(spec, kept) if kept is not None else spec
    maps.pointed_map(spec, f"review-{version.version_sha256[:12]}-{language()}", _point, _choose)


def _point(lon_deg: float, lat_deg: float) -> None:
    """A click on the ground suggests that place."""
    st.session_state["suggest-lon"], st.session_state["suggest-lat"] = lon_deg, lat_deg


def _choose(site: str) -> None:
    """A click on a site chooses it for an answer."""
    st.session_state["answer-site"] = site


def _answer(plan: Plan, version: Version, sites: list[str], station: str, day: str) -> None:
    """One answer, given here."""
    st.subheader(say("app.review.give"), anchor=False)
    names = {
        s.site_id: say("app.review.site", rank=s.rank, site=show.thing_name(plan, s.site_id, language()))
        for s in plan.sites
    }
    with st.form("answer", clear_on_submit=False):
        left, right = st.columns([3, 2])
        site = left.selectbox(
            say("column.site"),
            sites,
            format_func=lambda s: names[s],
            key=session.lasting("answer-site"),
            help=say("app.hint.answer_site"),
        )
        opinion = right.selectbox(
            say("column.opinion"),
            OPINIONS,
            format_func=lambda o: say(f"opinion.{o}"),
            key=session.lasting("answer-opinion"),
            help=say("app.hint.opinion"),
        )
        comment = st.text_area(
            say("column.comment"), key="answer-comment", height=80, help=say("app.review.comment_help")
        )
        sent = st.form_submit_button(say("app.review.keep"))
    if sent and (not station.strip() or site is None or not day):
        st.error(say("app.review.station_missing"))
    elif sent:
        _keep(version, Answer(str(site), str(opinion), comment.strip(), station.strip(), day), ("answer-comment",))


def _suggest(plan: Plan, version: Version, station: str, day: str) -> None:
    """A place that the station would rather have, pointed at on the map."""
    with st.form("suggest", clear_on_submit=False):
        st.html(f"<p>{show.safe(say('app.review.suggest_intro'))}</p>")
        left, middle, right = st.columns([1, 1, 3])
        lon = left.number_input(
            say("app.saw.lon"), -180.0, 180.0, None, format="%.6f", key="suggest-lon", help=say("app.hint.degrees")
        )
        lat = middle.number_input(
            say("app.saw.lat"), -90.0, 90.0, None, format="%.6f", key="suggest-lat", help=say("app.hint.degrees")
        )
        comment = right.text_input(say("column.comment"), key="suggest-comment", help=say("app.review.comment_help"))
        sent = st.form_submit_button(say("app.review.suggest"))
    if not sent:
        return
    if not station.strip() or not day or lon is None or lat is None or not comment.strip():
        st.error(say("app.review.suggest_missing"))
        return
    place = shelf.told(lambda: reviewing.suggestion(plan, lon, lat, comment.strip(), station.strip(), day))
    if place is not None:
        _keep(version, place, ("suggest-lon", "suggest-lat", "suggest-comment"))


def _keep(version: Version, answer: Answer, said: tuple[str, ...]) -> None:
    """Keep one answer and show it; what was ``said`` of this site is not said of the next."""

    def kept() -> list[Review]:
        with store.opened(must_exist=True) as opened:
            return opened.review(version, [answer], answer.station)

    if shelf.told(kept) is not None:
        st.session_state["said"] = said
        st.rerun()


def _emptied() -> None:
    """The fields of an answer that was kept, before they are drawn again."""
    for key in st.session_state.pop("said", ()):
        st.session_state[key] = None if key in ("suggest-lon", "suggest-lat") else ""
