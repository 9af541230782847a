"""What answers suggest: pins and bans that the planner takes up or leaves (P5)."""

from __future__ import annotations

import streamlit as st

from planner import reviewing, show
from planner.app import session, wishing
from planner.app.session import language, say
from planner.plan import Plan
from planner.store import Review

REASON = "police_opinion"
TOGETHER_FROM = 2  # so many answers without objection are told in one line


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
    if not session.started_from(plan.plan_id):
        st.html(f"<p>{show.safe(say('app.review.own_conditions'))}</p>")
    wished = {(kind, wish["site"]) for kind in wishing.KINDS for wish in wishing.of_sites(kind)}
    numbered = list(enumerate(found))
    agreed = [(number, p) for number, p in numbered if p.answer.opinion == "no_objection" and p.distance_m is None]
    if len(agreed) < TOGETHER_FROM:
        agreed = []
    for number, proposal in numbered:
        if (number, proposal) not in agreed:
            _one(plan, proposal, number, taken=(proposal.kind, proposal.site) in wished)
    if agreed:
        _together(plan, agreed, wished)
    if any((p.kind, p.site) in wished for p in found):
        st.html(f"<p>{show.safe(say('app.review.price_next'))}</p>")
        session.link_to("plan", say("app.review.to_plan"))


def _one(plan: Plan, proposal: reviewing.Proposal, number: int, *, taken: bool) -> None:
    """What one answer suggests, and its button."""
    left, right = st.columns([5, 1], vertical_alignment="center")
    left.html(f"<p>{show.safe(show.proposal_sentence(plan, proposal, language()))}</p>")
    if taken:
        right.html(f"<p>{show.safe(say('app.review.taken_up'))}</p>")
    elif right.button(say(f"app.review.take_{proposal.kind}"), key=f"propose-{number}", width="stretch"):
        wishing.take_up(plan, proposal.kind, [_wish(proposal)], [proposal.site_id])
        st.rerun()


def _together(plan: Plan, agreed: list[tuple[int, reviewing.Proposal]], wished: set[tuple[wishing.Kind, str]]) -> None:
    """What nobody objects to: pinned with one press, or one by one below."""
    left, right = st.columns([5, 1], vertical_alignment="center")
    left.html(f"<p>{show.safe(say('app.review.agreed', number=len(agreed)))}</p>")
    open_still = [p for _, p in agreed if (p.kind, p.site) not in wished]
    if not open_still:
        right.html(f"<p>{show.safe(say('app.review.taken_up'))}</p>")
    elif right.button(say("app.review.take_agreed", number=len(open_still)), key="propose-agreed", width="stretch"):
        wishing.take_up(plan, "pin", [_wish(p) for p in open_still], [p.site_id for p in open_still])
        st.rerun()
    with st.expander(say("app.review.agreed_singly")):
        for number, proposal in agreed:
            _one(plan, proposal, number, taken=(proposal.kind, proposal.site) in wished)


def _wish(proposal: reviewing.Proposal) -> dict[str, str]:
    answer = proposal.answer
    return {"site": proposal.site, "reason": REASON, "who": answer.station, "when": answer.answered_on}
