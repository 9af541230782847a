"""What answers suggest: pins and bans that the planner takes up or leaves (P5)."""

from __future__ import annotations

import streamlit as st

from planner import reviewing, show
from planner.app import session, wishing
from planner.app.session import language, say
from planner.plan import Plan
from planner.store import Review

REASON = "police_opinion"


def proposed(plan: Plan, known: list[Review], *, same_town: bool) -> None:
    """One line and one button for each suggestion; taken up, it is a wish that the next computation obeys and prices."""
    found = reviewing.proposals(plan, known)
    if not found:
        return
    st.subheader(say("app.review.proposals"), anchor=False)
    st.html(f"<p>{show.safe(say('app.review.proposals_intro'))}</p>")
    if not same_town:
        st.info(say("app.review.other_data"))
        return
    wished = {(kind, wish["site"]) for kind in wishing.KINDS for wish in wishing.of_sites(kind)}
    for number, proposal in enumerate(found):
        left, right = st.columns([5, 1], vertical_alignment="center")
        left.html(f"<p>{show.safe(show.proposal_sentence(plan, proposal, language()))}</p>")
        answer = proposal.answer
        if (proposal.kind, proposal.site) in wished:
            right.html(f"<p>{show.safe(say('app.review.taken_up'))}</p>")
        elif right.button(say(f"app.review.take_{proposal.kind}"), key=f"propose-{number}", width="stretch"):
            wishing.propose(proposal.site, proposal.kind, REASON, answer.station, answer.answered_on)
            st.rerun()
    if any((p.kind, p.site) in wished for p in found):
        st.html(f"<p>{show.safe(say('app.review.price_next'))}</p>")
        session.link_to("plan", say("app.review.to_plan"))
