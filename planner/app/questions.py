"""Questions of a reading: each with what its answers would mean, and one button that keeps all answers."""

from __future__ import annotations

from typing import Any

import streamlit as st

from planner import show
from planner.app import answers, maps, session
from planner.app.job import News
from planner.app.session import language, say
from planner.errors import Question, StoreError

MOST_RADIO = 6  # choices that are shown at once; more are folded into a list
MAP_HEIGHT_PX = 380


def form(news: News) -> None:
    """All questions; pressing the button remembers the answers in the town's settings file and reads anew."""
    if not news.questions:
        return
    st.subheader(say("app.questions.heading", number=len(news.questions)), anchor=False)
    st.html(f"<p>{show.safe(say('app.questions.intro'))}</p>")
    given = {question.key: _ask(n, question, news) for n, question in enumerate(news.questions, 1)}
    if st.button(say("app.questions.save"), type="primary", key="save-answers"):
        try:
            answers.keep(session.town(), given)
        except StoreError as error:
            st.session_state["unwritten"] = (error.code, error.values)
        else:
            st.session_state.pop("unwritten", None)
            session.again()
            st.rerun()
    if "unwritten" in st.session_state:
        _unwritten(given, news)


def _ask(number: int, question: Question, news: News) -> str:
    """One question and the answer chosen so far; the proposal is chosen beforehand."""
    choices = show.choices(question, language())
    with st.container(border=True):
        st.html(f"<h4>{number}. {show.safe(show.asked(question, language()))}</h4>")
        spec = show.describe_question(question, news.boundary, language())
        if spec is not None:
            maps.still_map(spec, f"where-{question.key}-{language()}", frame=f"map-{number}", height_px=MAP_HEIGHT_PX)
        if rows := [(c.name, show.Words(language()).join(c.preview)) for c in choices if c.preview]:
            headings = [say("app.questions.choice"), say("app.questions.first_rows")]
            st.html(show.table(language(), headings, rows))
        label = say("app.questions.answer", number=number)
        if not choices:
            return st.text_input(
                label,
                question.proposal,
                key=f"answer-{question.key}",
                persist_state="session",
                help=say("app.hint.answer"),
            )
        names = {c.value: c.name for c in choices}
        names[question.proposal] = say("app.questions.proposed", choice=names[question.proposal])
        few = len(choices) <= MOST_RADIO
        # words beside radio buttons are read as Markdown, those of a list are not
        shown = {value: session.escaped(name) if few else name for value, name in names.items()}
        ask: Any = st.radio if few else st.selectbox
        return str(
            ask(
                label,
                [*names],
                format_func=shown.__getitem__,
                key=session.lasting(f"answer-{question.key}"),
                help=say("app.hint.answer"),
                persist_state="session",
            )
        )


def _unwritten(given: dict[str, str], news: News) -> None:
    """The settings file cannot be written: say so, and give the answers as a file."""
    st.error(session.refused(*st.session_state["unwritten"]) + "\n\n" + say("app.questions.unwritten"))
    st.download_button(
        say("app.questions.save_file"),
        show.answers_file(news.questions, given, language()).encode(),
        file_name="answers.toml",
        mime="application/toml",
        on_click="ignore",
        key="answers-file",
    )


def in_force(kept: list[tuple[str, str]]) -> None:
    """Answers that were taken, and a way to take one back."""
    st.subheader(say("app.questions.in_force", number=len(kept)), anchor=False)
    if not kept:
        st.html(f"<p>{show.safe(say('show.nothing'))}</p>")
        return
    words = show.Words(language())
    headings = [say("column.role"), say("app.questions.key"), say("app.questions.given")]
    split = [(*key.partition(":")[::2], answer) for key, answer in kept]
    st.html(show.table(language(), headings, [(words.coded("role", role), rest, given) for role, rest, given in split]))
    key = st.selectbox(
        say("app.questions.which"),
        [key for key, _ in kept],
        key="take-back-key",
        help=say("app.hint.take_back"),
        persist_state="session",
    )
    if key and st.button(say("app.questions.take_back"), key="take-back"):
        try:
            answers.take_back(session.town(), key)
        except StoreError as error:
            st.error(session.refusal(error))
        else:
            session.again()
            st.rerun()
