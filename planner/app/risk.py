"""Risk: where offences are expected, how many, and how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from planner import show
from planner.app import maps, progress, session
from planner.app.session import Current, language, say

if TYPE_CHECKING:
    from planner.plan import Plan

_RECORDS: tuple[show.RecordsName, ...] = (
    "hours",
    "weekdays",
    "places",
    "years",
    "changes",
    "changes_areas",
    "near_repeats",
    "reporting",
)
_OF_MAP = ("measure_split", "border_underestimated")
_OF_BASIS = (
    "level_of_expected",
    "areas_without_record",
    "areas_not_told_apart",
    "records_without_area",
    "records_of_towns",
    "points_on_one_spot",
    "counts_beside_records",
    "place_kind_by_default",
)


def page() -> None:
    """The surface, the blocks, and how precise the records are."""
    current = session.current()
    st.title(say("app.page.risk"), anchor=False)
    progress.status(current)
    if current.kept is None:
        return
    plan = session.plan_of(str(current.kept.folder))
    surfaces = current.kept.surfaces()
    if not surfaces:
        st.info(say("show.nothing"))
        return
    words = show.Words(language())
    name = st.selectbox(
        say("app.risk.offence"),
        sorted(surfaces, key=lambda group: (group != show.ALL, group)),
        format_func=lambda group: words.offence(group) if group else say("app.risk.all"),
        key=session.lasting("offence"),
        help=say("app.hint.offence"),
        persist_state="session",
    )
    surface = surfaces[name]
    address = maps.picture_address(surface.png, f"surface-{current.kept.plan_id}-{name}")
    spec = show.describe_risk(plan, language(), address, surface.box, surface.breaks, surface.cell_m)
    maps.still_map(spec, key=f"risk-{language()}")
    sure = current.kept.sureness()
    _paragraphs([say("limit.precision"), say("limit.not_predicted"), *_noted(plan, _OF_MAP)])
    st.subheader(say("app.risk.basis"), anchor=False)
    if sure is not None:
        _paragraphs([show.precision_sentence(sure, language())])
        st.html(show.basis_part(sure, language()))
    _paragraphs(_noted(plan, _OF_BASIS))
    st.subheader(say("section.offences"), anchor=False)
    st.html(show.part(plan, "offences", language()))
    st.subheader(say("app.risk.areas"), anchor=False)
    st.html(f"<p>{show.safe(say('app.risk.areas_intro'))}</p>")
    if sure is None:
        st.info(say("app.risk.not_kept"))
        st.html(show.part(plan, "areas", language()))
    else:
        st.html(f"<p>{show.safe(say('app.risk.tiers'))}</p>{show.blocks_part(plan, sure, language())}")
    st.subheader(say("app.risk.validation"), anchor=False)
    _validation(current)
    st.subheader(say("app.risk.records"), anchor=False)
    records = current.kept.records()
    names = {area.area_id: area.name for area in plan.areas}
    for table in _RECORDS:
        st.html(show.records_part(records, table, names, language()))


def _noted(plan: Plan, codes: tuple[str, ...]) -> list[str]:
    """What was odd but bearable in the records, and what the estimate makes of it."""
    return [show.sentence(note, language()) for note in plan.notes if note.code in codes]


def _paragraphs(lines: list[str]) -> None:
    """Sentences, one below the other."""
    st.html("".join(f"<p>{show.safe(line)}</p>" for line in lines))


def _validation(current: Current) -> None:
    """How well the last year would have been predicted; or why that is not said."""
    tested = current.kept.validation() if current.kept else None
    if tested is None and current.kept is not None and current.kept.whole and not current.running:
        st.info(say("app.risk.validation_stopped"))
        if st.button(say("app.risk.validate"), key="validate"):
            session.validate()
            st.rerun()
    elif tested is None:
        st.info(say("app.risk.validating" if current.running else "app.risk.not_kept"))
    elif "refused" in tested:
        st.info(session.refused(*tested["refused"]))
    else:
        st.html(show.validation_part(tested, language()))
