"""Answer sheets: out as a workbook or to print, and back in."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Literal

import streamlit as st

from planner import reviewing, show, store
from planner.app import maps, shelf
from planner.app.exporting import MIME
from planner.app.session import language, say
from planner.plan import Plan
from planner.store import Review, Version

FORMS: dict[Literal["xlsx", "html"], str] = {"xlsx": "sheet", "html": "print"}
MOST_MB = 20  # an answer sheet of a thousand sites has one


def paper(plan: Plan, version: Version, known: list[Review], who: str, jurisdiction: str, districts: list[str]) -> None:
    """Two columns: what goes out to the station, what comes back."""
    st.subheader(say("app.review.paper"), anchor=False)
    st.html(f"<p>{show.safe(say('app.review.paper_intro'))}</p>")
    left, right = st.columns(2)
    stem = f"review_{version.plan_id[:8]}_{version.number:02d}" + (f"_{jurisdiction}" if jurisdiction else "")
    audit = shelf.told(shelf.audit_sha256) or ""
    for form, key in FORMS.items():
        left.download_button(
            say(f"app.review.{key}"),
            partial(
                reviewing.sheet_for, plan, version, who or jurisdiction, language(), form,
                station=jurisdiction, districts=districts, ground=maps.ground_of(plan),
                audit_sha256=audit,
            ),
            file_name=f"{stem}.{form}",
            mime=MIME[f".{form}"],
            on_click="ignore",
            key=f"sheet-{form}",
            help=say(f"app.review.{key}_help"),
            width="stretch",
        )  # fmt: skip
    sent = right.file_uploader(
        say("app.review.back"),
        type=["xlsx"],
        key="sheet-back",
        help=say("app.hint.sheet_back"),
        max_upload_size=MOST_MB,
    )
    if sent is not None:
        _back(plan, version, known, sent.getvalue(), sent.name)


def taken(plan: Plan, version: Version, known: list[Review], earlier: list[tuple[int, Review]]) -> None:
    """What was answered, as files; and the files that answers came in, as they came."""
    every = [*earlier, *((version.number, review) for review in known)]
    if not every:
        return
    audit = shelf.told(shelf.audit_sha256) or ""
    left, right = st.columns(2)
    for place, form, made in ((left, "xlsx", show.opinions_book), (right, "csv", show.opinions_csv)):
        place.download_button(
            say(f"app.review.opinions_{form}"),
            partial(made, plan, every, language(), audit),
            file_name=f"opinions_{version.plan_id[:8]}_{version.number:02d}.{form}",
            mime=MIME[f".{form}"],
            on_click="ignore",
            key=f"opinions-{form}",
            help=say("app.review.opinions_help"),
            width="stretch",
        )
    originals = shelf.told(lambda: _originals(version)) or {}
    if originals:
        with st.expander(say("app.review.originals", number=len(originals))):
            for number, (sha256, name) in enumerate(originals.items(), 1):
                st.html(f"<p>{show.safe(name)}</p>")
                st.download_button(
                    say("app.review.original", number=number),
                    partial(_original, sha256),
                    file_name=name,
                    mime=MIME[".xlsx"],
                    on_click="ignore",
                    key=f"original-{sha256[:12]}",
                )


def _originals(version: Version) -> dict[str, str]:
    with store.opened(must_exist=True) as opened:
        return opened.upload_names(version)


def _original(sha256: str) -> bytes:
    with store.opened(must_exist=True) as opened:
        return opened.upload(sha256).content


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
    if back.problems:
        st.html(show.problems_part(back.problems, language()))
    if conflicts:
        st.warning(say("app.review.conflicts", number=len(conflicts)))
        st.html(show.conflicts_part(plan, [(c.earlier, c.answer) for c in conflicts], language()))
    if not fresh:
        st.info(say("app.review.nothing_new"))
        return
    author = st.text_input(
        say("app.export.author"), key="sheet-author", help=say("app.hint.author"), persist_state="session"
    )
    label = say("app.review.take", number=len(fresh))
    if st.button(label, type="primary", key="sheet-take", disabled=not author.strip()):

        def kept() -> list[Review]:
            with store.opened(must_exist=True) as opened:
                return reviewing.keep(opened, version, fresh, content, name, author.strip())

        if shelf.told(kept) is not None:
            st.rerun()
