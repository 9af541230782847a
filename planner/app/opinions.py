"""Review: what the police stations say of each site, in the browser or on paper; nothing here changes the plan."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

import streamlit as st

from planner import reviewing, show, store
from planner.app import maps, session, shelf
from planner.app.session import language, say
from planner.plan import Plan
from planner.store import OPINIONS, Answer, Review, Version

MOST_MB = 20  # an answer sheet of a thousand sites has one


def page() -> None:
    """Choose a version; read, answer, or exchange answer sheets."""
    st.title(say("app.page.review"), anchor=False)
    st.html(f"<p>{show.safe(say('app.review.intro'))}</p>")
    found = shelf.told(lambda: shelf.chosen(say("app.review.which"), "review-version"))
    version = found[0] if found else None
    if found is None or version is None:
        st.info(say("app.review.none"))
        session.link_to("export", say("app.compare.to_export"))
        return
    plan = found[1]
    known = shelf.told(lambda: _reviews(version)) or []
    districts = sorted({s.district_id for s in plan.sites})
    wanted = st.multiselect(
        say("app.review.districts"), districts, key="review-districts", placeholder=say("app.review.all")
    )
    sites = [s for s in plan.sites if not wanted or s.district_id in wanted]
    maps.still_map(show.describe(plan, language()), key=f"review-{version.version_sha256[:12]}-{language()}")
    st.subheader(say("app.review.answers"), anchor=False)
    st.html(show.reviews_part(plan, known, [s.site_id for s in sites], language()))
    _answer(plan, version, [s.site_id for s in sites])
    _paper(plan, version, known, wanted)


def _reviews(version: Version) -> list[Review]:
    with store.opened(must_exist=True) as opened:
        return opened.reviews(version)


def _answer(plan: Plan, version: Version, sites: list[str]) -> None:
    """One answer, given here."""
    st.subheader(say("app.review.give"), anchor=False)
    names = {s.site_id: say("app.review.site", rank=s.rank, area=s.area_name, id=s.site_id) for s in plan.sites}
    with st.form("answer", clear_on_submit=False):
        left, middle, right = st.columns([3, 2, 3])
        site = left.selectbox(say("column.id"), sites, format_func=lambda s: names[s], key="answer-site")
        opinion = middle.selectbox(
            say("column.opinion"), OPINIONS, format_func=lambda o: say(f"opinion.{o}"), key="answer-opinion"
        )
        station = right.text_input(say("column.station"), key="answer-station", help=say("app.review.station_help"))
        comment = st.text_area(
            say("column.comment"), key="answer-comment", height=80, help=say("app.review.comment_help")
        )
        sent = st.form_submit_button(say("app.review.keep"))
    if not sent:
        return
    if not station.strip() or site is None:
        st.error(say("app.review.station_missing"))
        return
    answer = Answer(site, str(opinion), comment.strip(), station.strip(), dt.date.today().isoformat())  # noqa: DTZ011 - the station's own day

    def kept() -> list[Review]:
        with store.opened(must_exist=True) as opened:
            return opened.review(version, [answer], station.strip())

    if shelf.told(kept) is not None:
        st.rerun()


def _paper(plan: Plan, version: Version, known: list[Review], districts: list[str]) -> None:
    """Answer sheets out, and back in."""
    st.subheader(say("app.review.paper"), anchor=False)
    st.html(f"<p>{show.safe(say('app.review.paper_intro'))}</p>")
    left, right = st.columns(2)
    station = left.text_input(say("app.review.for_station"), key="sheet-station")
    left.download_button(
        say("app.review.sheet"),
        lambda: reviewing.sheet_for(plan, version, station, language(), districts or None),
        file_name=f"review_{version.plan_id[:8]}_{version.number:02d}.xlsx",
        mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        on_click="ignore",
        key="sheet",
    )
    left.download_button(
        say("app.review.print"),
        lambda: show.content(plan, "a3", language()),
        file_name=f"review_{version.plan_id[:8]}_{version.number:02d}.html",
        mime="text/html",
        on_click="ignore",
        key="sheet-print",
    )
    sent = right.file_uploader(say("app.review.back"), type=["xlsx"], key="sheet-back", max_upload_size=MOST_MB)
    if sent is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.xlsx"
        path.write_bytes(sent.getvalue())
        back = shelf.told(lambda: reviewing.read(path, plan, version, sent.name))
    if back is None:
        return
    fresh, conflicts = reviewing.new(known, back), reviewing.conflicts(known, back)
    said = say(
        "app.review.found",
        station=back.station,
        day=show.Words(language()).day(back.answered_on),
        number=len(back.answers),
        fresh=len(fresh),
    )
    st.html(f"<p>{show.safe(said)}</p>")
    st.html(show.problems_part(back.problems, language()))
    if conflicts:
        st.warning(say("app.review.conflicts", number=len(conflicts)))
        st.html(show.conflicts_part(plan, [(c.earlier, c.answer) for c in conflicts], language()))
    author = st.text_input(say("app.export.author"), key="sheet-author")
    if fresh and st.button(say("app.review.take", number=len(fresh)), type="primary", disabled=not author.strip()):

        def kept() -> list[Review]:
            with store.opened(must_exist=True) as opened:
                return reviewing.keep(opened, version, fresh, sent.getvalue(), sent.name, author.strip())

        if shelf.told(kept) is not None:
            st.rerun()
