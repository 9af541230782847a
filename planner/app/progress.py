"""How far a computation is, or why there is no plan."""

from __future__ import annotations

import streamlit as st

from planner import show
from planner.app import session
from planner.app.job import Job
from planner.app.kept import Kept
from planner.app.session import Current, say

POLL_SECONDS = 0.7


def headed(name: str) -> Current:
    """The head of a page about the study in view: its title, and how far the computation is."""
    current = session.current()
    st.title(say(f"app.page.{name}"), anchor=False)
    status(current)
    return current


def status(current: Current, *, told: bool = False) -> None:
    """Progress with the gap falling, a stop button; or the refusal, or that it was stopped, with what to do.

    Where the town's files were refused the data page says why and asks (``told``: it does); other pages point to it.

    It has a place of its own on the page, filled or empty: what stands below (a map above all) is not drawn anew
    when it goes.
    """
    with st.container():
        _status(current, told=told)


def _status(current: Current, *, told: bool) -> None:
    if current.job is None:
        return
    if current.running:
        _running(current.job, seen=current.kept is not None)
    elif current.job.news.reading is not None and not told:
        news = current.job.news
        st.error(say("app.reading_refused", refused=len(news.refused), asked=len(news.questions)))
        session.link_to("data", say("app.to_data"))
    elif current.job.news.refused:
        st.error("\n\n".join(session.refused(*one) for one in current.job.news.refused))
        if session.wishes() and st.button(say("app.back_to_town"), key="back", help=say("app.hint.back_to_town")):
            session.wish({})
            st.rerun()
        _try_again()
    elif current.kept is not None and not current.kept.whole:
        st.info(say("app.stopped"))
        _try_again()


def _try_again() -> None:
    if st.button(say("app.try_again"), key="again"):
        session.again()
        st.rerun()


def shown(current: Current) -> Kept | None:
    """The study to show: the one in view; until it stands, or where it cannot be made, the one before, which is told."""
    kept = current.kept or session.seen_before()
    if current.kept is not None:
        session.remember(current.kept)
    elif kept is not None:
        st.info(say("app.plan.before" if current.running else "app.plan.before_refused"))
    return kept


def comes_later() -> None:
    """In the place of what is made last: that it comes, or that the computation was stopped before."""
    st.info(say("app.coverage.not_kept" if session.current().running else "app.stopped_part"))


@st.fragment(run_every=POLL_SECONDS)
def _running(job: Job, *, seen: bool) -> None:
    """The bar; the page is drawn anew when a plan can be shown and when all is done."""
    news = job.news
    if news.done or (news.kept is not None and not seen):  # a study that stands is seen before its worker has spoken
        st.rerun()
    stage, done, total = news.step
    share = done / total if total else 0.0
    st.progress(min(1.0, share), text=say(f"progress.{stage}"))
    words = show.Words(session.language())
    left, right = st.columns([4, 1], vertical_alignment="center")
    with left:
        if news.gap is not None and news.value is not None and news.bound is not None:
            st.html(
                "<p>"
                + show.safe(say("app.proof_so_far", value=news.value, bound=news.bound, gap=words.gap(news.gap)))
                + "</p>"
            )
        elif not seen and not session.wishes():
            st.html(f"<p>{show.safe(say('app.first_time'))}</p>")
    with right:
        if st.button(say("app.stop"), key="stop"):
            job.stop()
