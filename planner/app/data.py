"""Data: what was read, what is asked, what was set aside, corrected and assumed."""

from __future__ import annotations

import streamlit as st

from planner import show
from planner.app import progress, questions, session
from planner.app.kept import MOST_ROWS, Reading
from planner.app.session import language, say

_SUMS = ("rows", "accepted", "set_aside", "duplicate", "outside")


def page() -> None:
    """Everything the plan stands on; or, where the files were refused, why, and what must be answered."""
    current = session.current()
    st.title(say("app.page.data"), anchor=False)
    progress.status(current, told=True)
    news = current.job.news if current.job is not None else None
    if news is not None and news.reading is not None:
        questions.form(news)
        _tallies(news.reading)
        _account(news.reading, whole=False)
        return
    if current.kept is None:
        return
    plan = session.plan_of(str(current.kept.folder))
    st.subheader(say("section.sources"), anchor=False)
    st.html(f"<p>{show.safe(say('show.intro_sources'))}</p>")
    st.html(show.part(plan, "sources", language()))
    _account(session.reading_of(str(current.kept.folder)), whole=True)
    st.subheader(say("section.notes"), anchor=False)
    st.html(show.part(plan, "notes", language()))
    st.subheader(say("section.standing"), anchor=False)
    st.html(show.part(plan, "standing", language()))
    with st.expander(say("section.settings")):
        st.html(show.part(plan, "settings", language()))
    with st.expander(say("app.data.assumptions")):
        st.html(show.part(plan, "assumptions", language()))


def _tallies(reading: Reading) -> None:
    """Where the rows of each file went."""
    st.subheader(say("section.sources"), anchor=False)
    words = show.Words(language())
    headings = [say(f"column.{name}") for name in ("role", "file", *_SUMS)]
    lines = [(words.coded("role", t["role"]), t["file"], *(f"{t[name]:,}" for name in _SUMS)) for t in reading.tallies]
    st.html(show.table(language(), headings, lines))


def _account(reading: Reading, *, whole: bool) -> None:
    """Rows set aside by reason, corrections, answers; ``whole``: every row is here and can be taken away as a file."""
    number = sum(n for _, _, n in reading.reasons)
    st.subheader(say("app.data.set_aside", number=number), anchor=False)
    st.html(f"<p>{show.safe(say('app.data.set_aside_intro'))}</p>")
    _by_reason(reading)
    if whole and reading.set_aside:
        _file("set_aside.csv", show.set_aside_csv(reading.set_aside, language()))
    st.subheader(say("app.data.corrected", number=sum(int(c["number"]) for c in reading.corrections)), anchor=False)
    st.html(f"<p>{show.safe(say('app.data.corrected_intro'))}</p>")
    shown = show.corrections(reading.corrections[:MOST_ROWS], language()).without("correction_code")
    st.html(show.table(language(), [c.heading for c in shown.columns], [tuple(map(str, row)) for row in shown.rows]))
    if whole and reading.corrections:
        _file("corrections.csv", show.corrections_csv(reading.corrections, language()))
    questions.in_force(reading.answers)


def _by_reason(reading: Reading) -> None:
    """The numbers by reason with what to do, then the rows of each reason."""
    words = show.Words(language())
    headings = [say("column.role"), say("column.why_aside"), say("column.remedy"), say("app.data.number")]
    counted = [
        (words.coded("role", role), show.reason(code, language()), show.remedy(code, language()), f"{number:,}")
        for role, code, number in reading.reasons
    ]
    st.html(show.table(language(), headings, counted))
    for role, code, number in reading.reasons:
        rows = [r for r in reading.set_aside if (r["role"], r["reason"]) == (role, code)][:MOST_ROWS]
        said = say(
            "app.data.rows_of", role=words.coded("role", role), reason=show.reason(code, language()), number=number
        )
        with st.expander(said):
            lines = [(r["file"], r["line"], r["text"]) for r in rows]
            st.html(show.table(language(), [say(f"app.data.{name}") for name in ("file", "line", "text")], lines))
            if len(rows) < number:
                st.html(f"<p>{show.safe(say('app.data.more_rows', shown=len(rows), number=number))}</p>")


def _file(name: str, content: bytes) -> None:
    """A button that saves a list."""
    label = say(f"app.data.save_{name.removesuffix('.csv')}")
    st.download_button(label, content, file_name=name, mime="text/csv", on_click="ignore", key=name)
