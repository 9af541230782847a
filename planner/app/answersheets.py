"""Answer sheets: out as a workbook or to print, and back in."""

from __future__ import annotations

import tempfile
from pathlib import Path

import streamlit as st

from planner import reviewing, show, store
from planner.app import shelf
from planner.app.session import language, say
from planner.plan import Plan
from planner.store import Review, Version

MOST_MB = 20  # an answer sheet of a thousand sites has one


def paper(plan: Plan, version: Version, known: list[Review], districts: list[str], station: str) -> None:
    """Two columns: what goes out to the station, what comes back."""
    st.subheader(say("app.review.paper"), anchor=False)
    st.html(f"<p>{show.safe(say('app.review.paper_intro'))}</p>")
    left, right = st.columns(2)
    stem = f"review_{version.plan_id[:8]}_{version.number:02d}"
    left.download_button(
        say("app.review.sheet"),
        lambda: reviewing.sheet_for(plan, version, station, language(), districts or None),
        file_name=f"{stem}.xlsx",
        mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        on_click="ignore",
        key="sheet",
        help=say("app.review.sheet_help"),
        width="stretch",
    )
    left.download_button(
        say("app.review.print"),
        lambda: reviewing.print_for(plan, version, station, language(), districts or None),
        file_name=f"{stem}.html",
        mime="text/html",
        on_click="ignore",
        key="sheet-print",
        help=say("app.review.print_help"),
        width="stretch",
    )
    sent = right.file_uploader(say("app.review.back"), type=["xlsx"], key="sheet-back", max_upload_size=MOST_MB)
    if sent is not None:
        _back(plan, version, known, sent.getvalue(), sent.name)


def _back(plan: Plan, version: Version, known: list[Review], content: bytes, name: str) -> None:
    """A filled sheet: what it says, what cannot be read, what differs, and the button that takes it in."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.xlsx"
        path.write_bytes(content)
        back = shelf.told(lambda: reviewing.read(path, plan, version, name))
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
                return reviewing.keep(opened, version, fresh, content, name, author.strip())

        if shelf.told(kept) is not None:
            st.rerun()
