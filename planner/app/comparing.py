"""Compare: two versions, their sites, money and fairness, and two maps of one scale."""

from __future__ import annotations

import streamlit as st

from planner import show
from planner.app import continuing, maps, progress, session, shelf
from planner.app.session import language, say


def page() -> None:
    """Choose two plans; everything else follows."""
    progress.headed("compare")
    now = shelf.plan_in_view()
    known = shelf.told(shelf.versions) or []
    if len({*(v.plan_id for v in known), *([now.plan_id] if now is not None else [])}) < 2:
        st.info(say("app.compare.too_few"))
        session.link_to("export", say("app.compare.to_export"))
        return
    left, right = st.columns(2)
    with left:
        unlike = now.plan_id if now is not None else known[0].plan_id
        first = shelf.told(lambda: shelf.chosen(say("app.compare.first"), "compare-first", unlike=unlike))
    with right:
        second = shelf.told(lambda: shelf.chosen(say("app.compare.second"), "compare-second", now=now))
    if first is None or second is None:
        return
    one, two = first[1], second[1]
    told = show.difference(one, two, language())
    st.html(told["said"])
    st.html(told["figures"])
    st.html(f'<p class="soft">{show.safe(say("app.compare.in_step"))}</p>')
    specs = show.same_frame(show.describe(one, language()), show.describe(two, language()))
    for place, spec, (version, plan), name in zip(
        st.columns(2), specs, (first, second), ("first", "second"), strict=True
    ):
        with place:
            st.html(f"<h4>{show.safe(say(f'app.compare.{name}'))}</h4>")
            if kept := session.same_town(plan):
                spec = maps.on_ground(spec, kept)  # noqa: PLW2901 - the same map, on streets
            key = f"compare-{name}-{plan.plan_id[:12]}-{language()}"
            maps.still_map(spec, key=key, frame=f"map-{name}", height_px=420, in_step="compare")
            if version is not None:
                continuing.offer(version, plan, f"compare-{name}")
    st.subheader(say("section.sites"), anchor=False)
    st.html(told["sites"])
    st.subheader(say("section.changes"), anchor=False)
    st.html(told["changes"])
    st.subheader(say("section.districts"), anchor=False)
    st.html(told["districts"])
