"""Status: is everything in order on this server, and what is kept."""

from __future__ import annotations

import streamlit as st

from planner import selfcheck, show, store
from planner.app import session, shelf
from planner.app.session import language, say
from planner.plan import remark
from planner.store import Soundness


def page() -> None:
    """The self check, the store, its versions."""
    st.title(say("app.page.status"), anchor=False)
    checked = selfcheck.examine(selfcheck.ASSETS)
    words = show.Words(language())
    heads = [say(f"cli.head.{name}") for name in ("item", "status", "detail")]
    bad = [c for c in checked.checks if not c.ok]
    st.html(f"<p>{show.safe(say('app.status.checked', number=len(checked.checks), bad=len(bad)))}</p>")
    if bad:
        lines = [(words.coded("doctor", c.name), say("cli.doctor.bad"), c.detail) for c in bad]
        st.html(show.table(language(), heads, lines))
    st.subheader(say("app.status.store"), anchor=False)
    known = shelf.told(shelf.versions) or []
    if not known:
        st.info(say("app.status.no_store"))
        return
    heads = [say(f"cli.head.{name}") for name in ("plan", "version", "author", "saved_at", "remark")]
    saved = [(v.plan_name, str(v.number), v.author, words.moment(v.saved_at), v.remark) for v in known]
    st.html(show.table(language(), heads, saved))
    if st.button(say("app.status.verify")):
        found = shelf.told(_examined)
        if found is not None:
            said = [session.escaped(show.sentence(remark(fault), language())) for fault in found.faults]
            st.html(f"<p>{show.safe(say('app.status.sound', records=found.records, sha256=found.audit_sha256))}</p>")
            (st.error if said else st.success)("\n\n".join(said) or say("cli.store.verify.whole"))


def _examined() -> Soundness:
    with store.opened(must_exist=True) as opened:
        return store.examine(opened)
