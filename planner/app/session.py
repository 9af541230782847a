"""What one visitor looks at: language, town, wishes, the study in view."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from planner import show, text
from planner.app import kept, towns
from planner.app.drawn import Drawn, Moving, moving
from planner.app.job import Job
from planner.app.kept import Kept, Reading
from planner.errors import PlannerError
from planner.plan import Plan
from planner.replies import fault_reply
from planner.text import Language

_CODE = Path(__file__).parents[2]
# what was asked, tried and taken back in one town has no meaning in another
_OF_ONE_TOWN = ("asked", "asked-id", "looked", "look-sought", "turned", "drafted_before", "continued")
_MARKDOWN = frozenset("\\`*_[]<>$~#|")
MOST_UNDONE = 50  # changes of the wishes that can be taken back


@dataclass(frozen=True)
class Current:
    """The study in view, as far as it stands, and the computation that makes it (None: it was kept)."""

    kept: Kept | None
    job: Job | None

    @property
    def running(self) -> bool:
        """Whether more is to come."""
        return self.job is not None and not self.job.news.done


def language() -> Language:
    """The reader's language: Japanese unless English was chosen."""
    return "en" if st.session_state.get("lang") == "en" else "ja"


def begin() -> None:
    """At a visitor's first run: what the address asks for (``?lang=en&town=...&site=...&budget=...``)."""
    if "lang" in st.session_state:
        return
    asked = st.query_params
    st.session_state["lang"] = "en" if asked.get("lang") == "en" else "ja"
    st.session_state["town"] = asked.get("town", "")
    st.session_state["site"] = st.session_state["sought"] = asked.get("site", "")
    for name in ("budget", "version", "station"):
        st.session_state[f"asked-{name}"] = asked.get(name, "")


def lasting(key: str) -> str:
    """The key of a choice that holds when the language is changed (``keep_choices``)."""
    st.session_state.setdefault("lasting", set()).add(key)
    return key


def keep_choices() -> None:
    """Before anything is drawn: the browser knows a choice by its words, so that a choice in other words begins anew."""
    if st.session_state.get("spoken") not in (None, language()):
        for key in st.session_state.get("lasting", set()):
            if key in st.session_state:
                st.session_state[key] = st.session_state[key]
    st.session_state["spoken"] = language()


def share(**values: object) -> None:
    """Keep what is in view in the address, so that it can be passed on; what is empty leaves it."""
    for name, value in values.items():
        told = str(value or "")
        if told and st.query_params.get(name) != told:
            st.query_params[name] = told
        elif not told and name in st.query_params:
            del st.query_params[name]


def asked_budget(key: str, known: Sequence[int], *, whole: bool) -> int | None:
    """Set the slider of that key, before it is drawn, to the budget that the address asked for, once.

    The budget, where the ``whole`` study has none such; while it is made its budgets are still to come.
    """
    asked = str(st.session_state.get("asked-budget", ""))
    if not asked.isdecimal():
        return None
    if int(asked) in known:
        del st.session_state["asked-budget"]
        st.session_state[key] = int(asked)
        return None
    return int(asked) if whole else None


def forget_asked_budget() -> None:
    """Whoever moves the slider has read what was told of the address."""
    st.session_state.pop("asked-budget", None)


def say(key: str, /, **values: Any) -> str:
    """A sentence in the reader's language."""
    return text.plain(language(), key, **values)


def own_town() -> str:
    """The town of the user's own that is in view; "" where it is the server's."""
    name = str(st.session_state.get("town", ""))
    return name if name in towns.names() else ""


def missed_town() -> str:
    """The town that the address asks for and this server does not have; "" where there is none."""
    return "" if own_town() else str(st.session_state.get("town", ""))


def go_to(own: str) -> None:
    """Look at another town ("": the server's); nothing of the one before goes along."""
    st.session_state["town"] = own
    st.session_state["site"] = st.session_state["sought"] = st.session_state["seen"] = ""
    wish({})
    for name in _OF_ONE_TOWN:
        st.session_state.pop(name, None)


def town() -> Path:
    """The town folder in view: one of the user's own, else the server's."""
    own = own_town()
    return (towns.root() / own).resolve() if own else served_town()


def served_town() -> Path:
    """The server's town folder: ``PLANNER_TOWN``, else the example town."""
    return Path(os.environ.get("PLANNER_TOWN", _CODE / "data")).resolve()


def wishes() -> dict[str, dict[str, Any]]:
    """What this visitor wished on screen, over the town's own settings."""
    found: dict[str, dict[str, Any]] = st.session_state.get("wishes", {})
    return found


def wish(values: Mapping[str, Mapping[str, Any]]) -> None:
    """Take new wishes; the study in view changes with them. The earlier ones can be had back (``undo``)."""
    redraft(values)
    st.session_state["wishes"] = draft()
    if not draft():
        st.session_state.pop("continued", None)


def draft() -> dict[str, dict[str, Any]]:
    """The wishes as they are being changed: taken, and computed, with the next ``wish``."""
    found: dict[str, dict[str, Any]] = st.session_state.get("draft", wishes())
    return found


def redraft(values: Mapping[str, Mapping[str, Any]]) -> None:
    """Change the wishes without computing yet."""
    new = {section: dict(group) for section, group in values.items()}
    if new != draft():
        st.session_state["drafted_before"] = [*st.session_state.get("drafted_before", []), draft()][-MOST_UNDONE:]
    st.session_state["draft"] = new


@contextmanager
def one_step() -> Iterator[None]:
    """Whatever is changed within is taken back by one "undo"."""
    before, history = draft(), list(st.session_state.get("drafted_before", []))
    yield
    if draft() != before:
        st.session_state["drafted_before"] = [*history, before][-MOST_UNDONE:]


def start_from(plan_id: str, values: Mapping[str, Mapping[str, Any]]) -> None:
    """Change the wishes to the conditions of a saved plan, without computing yet."""
    redraft(values)
    st.session_state["continued"] = (plan_id, undone())


def started_from(plan_id: str) -> bool:
    """Whether the wishes go on from that saved plan's conditions."""
    seen = seen_before()
    return st.session_state.get("continued", ("", 0))[0] == plan_id or (seen is not None and seen.plan_id == plan_id)


def tell_turned(action: str, view: Mapping[str, Any]) -> None:
    """Keep what view an action is that no plan knows yet, so that the wish for it can be named."""
    st.session_state["turned"] = {**st.session_state.get("turned", {}), action: dict(view)}


def turned(action: str) -> dict[str, Any] | None:
    """The view of such an action; None where it is none."""
    found: dict[str, Any] | None = st.session_state.get("turned", {}).get(action)
    return found


def undone() -> int:
    """How many changes of the wishes can be taken back."""
    return len(st.session_state.get("drafted_before", []))


def undo() -> None:
    """Take the last change of the wishes back, without computing yet."""
    *earlier, last = st.session_state["drafted_before"]
    st.session_state["drafted_before"], st.session_state["draft"] = earlier, last
    if len(earlier) < st.session_state.get("continued", ("", 0))[1]:
        st.session_state.pop("continued")


def current() -> Current:
    """The study of the town and the wishes: kept from before, or in the making."""
    layers = [("widget", wishes())] if wishes() else []
    folder = town()
    question = _question(folder, _stamps(folder), layers)
    root = kept.cache_folder()
    known = kept.find(root, question) if root.is_dir() else None
    jobs = _jobs()
    if known:
        return Current(known, jobs.validating.get(question))
    with jobs.lock:
        job = jobs.by_question.get(question)
        if job is None:
            job = jobs.by_question[question] = Job(folder, layers, root)
    return Current(job.news.kept, job)


def remember(kept_study: Kept) -> None:
    """The study that was shown, to be shown on while the next one is computed."""
    st.session_state["seen"] = str(kept_study.folder)


def seen_before() -> Kept | None:
    """The study shown last, if it still stands."""
    folder = Path(st.session_state.get("seen", ""))
    return Kept(folder) if (folder / "plan.json").is_file() else None


def same_town(plan: Plan) -> Kept | None:
    """The study in view, where it was made from the same files as the plan (only then do ids mean the same)."""
    found = seen_before()  # a wish taken up elsewhere is computed on the page of the plan, not at once
    if found is None:
        found = current().kept
        if found is not None:
            remember(found)
    if found is None or plan_of(str(found.folder)).table_hashes != plan.table_hashes:
        return None
    return found


def again() -> None:
    """Forget refused and stopped computations of this question, so that it is computed anew."""
    layers = [("widget", wishes())] if wishes() else []
    folder = town()
    jobs = _jobs()
    with jobs.lock:
        jobs.by_question.pop(_question(folder, _stamps(folder), layers), None)


def beside(asked: Mapping[str, Any]) -> None:
    """Make the plans beside the study in view anew (``asked``: as of `scenarios.beside`)."""
    _on_top(asked)


def validate() -> None:
    """Hold out the last year for the study in view, whose validation was stopped."""
    _on_top(None)


def _on_top(asked: Mapping[str, Any] | None) -> None:
    """A computation on a study that stands; one at a time."""
    layers = [("widget", wishes())] if wishes() else []
    folder = town()
    question = _question(folder, _stamps(folder), layers)
    jobs = _jobs()
    with jobs.lock:
        running = jobs.validating.get(question)
        if running is None or running.news.done:
            jobs.validating[question] = Job(folder, layers, kept.cache_folder(), asked)


def point_to(pages: Mapping[str, Any]) -> None:
    """Keep the pages of this visit, so that one can point to another."""
    st.session_state["pages"] = dict(pages)


def link_to(name: str, label: str) -> None:
    """A link to another page."""
    st.page_link(st.session_state["pages"][name], label=label)


def escaped(words: str) -> str:
    """Words from a file or a person where Streamlit reads Markdown: they are shown as they stand, and fetch nothing."""
    return "".join(f"\\{c}" if c in _MARKDOWN else c for c in words)


def refused(code: str, values: Mapping[str, Any]) -> str:
    """What the planner must be told instead, for an alert of the page (without marks around names, as ``text.plain``)."""
    return escaped(fault_reply(code, values, language()).sentence.replace("`", ""))


def refusal(error: PlannerError) -> str:
    """The same of an error."""
    return refused(error.code, error.values)


class _Jobs:
    """Computations of this server, shared by all visitors."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.by_question: dict[str, Job] = {}
        self.validating: dict[str, Job] = {}


@st.cache_resource(show_spinner=False)
def _jobs() -> _Jobs:
    return _Jobs()


def _stamps(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Names, times and sizes of the town's files: cheap to look at in every run."""
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return tuple((p.as_posix(), p.stat().st_mtime_ns, p.stat().st_size) for p in files)


@st.cache_data(show_spinner=False, max_entries=50)
def _question(
    folder: Path, stamps: tuple[tuple[str, int, int], ...], layers: list[tuple[str, dict[str, dict[str, Any]]]]
) -> str:
    del stamps  # part of the cache's key only
    return kept.question_of(folder, layers)


def plan_of(folder: str, municipality_yen: int | None = None) -> Plan:
    """The plan of a kept study, or that of another budget of its frontier (with the frontier of the study)."""
    return _plan_of(folder, municipality_yen, _written_at(folder))


def spec_of(folder: str, municipality_yen: int | None, lang: Language) -> show.MapSpec:
    """The map of that plan, without what another budget would change in the parts that stay."""
    return _spec_of(folder, municipality_yen, lang, _written_at(folder))


def drawn_of(folder: str, municipality_yen: int | None, lang: Language) -> Drawn:
    """What the plan page shows of that plan."""
    return _drawn_of(folder, municipality_yen, lang, _written_at(folder))


def moving_of(folder: str, municipality_yen: int | None, lang: Language, light: show.Light) -> Moving:
    """What moves on the map of that plan, its views by class of pixels per metre."""
    return _moving_of(folder, municipality_yen, lang, light, _written_at(folder))


def _written_at(folder: str) -> int:
    """When a study's plan was written: one that was stopped is made anew under the same id."""
    return (Path(folder) / "plan.json").stat().st_mtime_ns


@st.cache_resource(show_spinner=False, max_entries=100)
def _plan_of(folder: str, municipality_yen: int | None, written_at: int) -> Plan:
    here = Kept(Path(folder))
    if municipality_yen is None:
        return here.plan()
    frontier = _plan_of(folder, None, written_at).frontier
    return here.at(municipality_yen).model_copy(update={"frontier": frontier})


@st.cache_resource(show_spinner=False, max_entries=100)
def _spec_of(folder: str, municipality_yen: int | None, lang: Language, written_at: int) -> show.MapSpec:
    if municipality_yen is None:
        return show.describe(_plan_of(folder, None, written_at), lang, lasting=True)
    base, plan = _spec_of(folder, None, lang, written_at), _plan_of(folder, municipality_yen, written_at)
    return show.describe_step(base, plan)


@st.cache_resource(show_spinner=False, max_entries=1000)
def _drawn_of(folder: str, municipality_yen: int | None, lang: Language, written_at: int) -> Drawn:
    del written_at  # part of the cache's key only
    return Kept(Path(folder)).drawn(municipality_yen, lang)


@st.cache_resource(show_spinner=False, max_entries=200)
def _moving_of(folder: str, municipality_yen: int | None, lang: Language, light: show.Light, written_at: int) -> Moving:
    spec, plan = _spec_of(folder, municipality_yen, lang, written_at), _plan_of(folder, municipality_yen, written_at)
    return moving(show.views_by_class(spec, plan, light))


@st.cache_resource(show_spinner=False, max_entries=5)
def reading_of(folder: str) -> Reading:
    """Where the rows of that study's files went (keyed by the folder, whose name is the plan's id)."""
    return Kept(Path(folder)).reading()
