"""Official formats that need no mapping, and headings in other words.

``shipped/forms.toml`` describes each form by the headings that only it has; ``shipped/headings.csv`` holds other words
for a column. A form is certain and is taken, so is a heading of the national standard data sets (``sure``); any other
word is proposed and asked (B019).
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from planner.errors import Question
from planner.ingest.columns import SourceRows, fields_of, pick
from planner.ingest.ledger import CONFIDENTIAL, Ledger
from planner.ingest.manifest import RoleSpec, Templates
from planner.ingest.names import code_forms, old_codes
from planner.ingest.roles import DEFAULTS, POINTS, role
from planner.ingest.words import SHIPPED, folded

NONE = "-"  # the answer: there is no such column
_SHOWN = 5


@dataclass(frozen=True)
class Form:
    """One official format of one role.

    ``needs``: headings that all must be there; ``columns``: our column -> its headings or templates (those that a
    file lacks are left out); ``constants``: our column -> the word that holds for every row; ``cells``: heading -> a
    pattern that all its filled cells match (two generations that use one heading for different things); ``codes``:
    what names the municipality of a row; ``skip``: heading -> cell -> the reason why such rows are set aside; ``notes``:
    said of every file of the form; ``joined``: municipality and town stand in one name; ``dates``: ``month_first`` where
    they are written as in America.
    """

    name: str
    role: str
    needs: tuple[str, ...]
    columns: Mapping[str, Templates]
    constants: Mapping[str, str]
    crs: str | None
    source: str
    cells: Mapping[str, str]
    codes: Templates
    skip: Mapping[str, Mapping[str, str]]
    notes: tuple[str, ...]
    joined: bool
    dates: str


@cache
def forms() -> tuple[Form, ...]:
    """Every form, the most demanding first."""
    tree: dict[str, Any] = tomllib.loads((SHIPPED / "forms.toml").read_text(encoding="utf-8"))
    made = [
        Form(
            entry["name"],
            entry["role"],
            tuple(folded(h) for h in entry["needs"]),
            {our: tuple(t) if isinstance(t, list) else (t,) for our, t in entry.get("columns", {}).items()},
            entry.get("constants", {}),
            entry.get("crs"),
            entry["source"],
            {folded(h): pattern for h, pattern in entry.get("cells", {}).items()},
            tuple(entry.get("codes", ())),
            {folded(h): reasons for h, reasons in entry.get("skip", {}).items()},
            tuple(entry.get("notes", ())),
            entry.get("joined", False),
            entry.get("dates", ""),
        )
        for entry in tree["form"]
    ]
    return tuple(sorted(made, key=lambda form: -len(form.needs)))


def recognise(headings: tuple[str, ...], role_name: str = "", source: SourceRows | None = None) -> Form | None:
    """The form that a file's headings (and, where two forms share them, its cells) show, of one role or (``""``) of any."""
    there = set(headings)
    fitting = (f for f in forms() if f.role == (role_name or f.role) and there.issuperset(f.needs))
    return next((f for f in fitting if source is None or _cells_fit(f, source)), None)


def _cells_fit(form: Form, source: SourceRows) -> bool:
    """Whether the cells are what the form says that they are."""
    return all(
        re.fullmatch(pattern, cell)
        for heading, pattern in form.cells.items()
        for cell in source.column(heading)
        if cell
    )


def strangers(source: SourceRows, spec: RoleSpec, why: list[str]) -> list[str]:
    """The reasons per row, with those of the form added: ``outside`` (another municipality), rows that it skips."""
    out = list(why)
    for heading, reasons in spec.skip.items():
        if heading in source.headings:
            out = [r or reasons.get(cell, "") for r, cell in zip(out, source.column(heading), strict=True)]
    codes = pick(source, spec.name, "code", {"code": spec.codes}) if spec.codes else None
    if codes is not None:
        ours = code_forms(spec.municipality) | old_codes(spec.municipality).keys()
        out = ["outside" if code and code not in ours else r for r, code in zip(out, codes, strict=True)]
    return out


@cache
def _other_words() -> dict[tuple[str, str], tuple[tuple[str, bool], ...]]:
    """(role or "*", our column) -> headings in other words, folded, and whether each is a standard one."""
    known: dict[tuple[str, str], tuple[tuple[str, bool], ...]] = {}
    with (SHIPPED / "headings.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key = (row["role"], row["column"])
            known[key] = (*known.get(key, ()), (folded(row["heading"]).lower(), row["sure"] == "1"))
    return known


@cache
def _shipped_headings(role_name: str) -> frozenset[str]:
    """Headings of a role that are known without ``town.toml``: our own, those of its forms, other words."""
    words = {column.name for column in role(role_name).columns}
    words |= {heading for (of, _), known in _other_words().items() if of in (role_name, "*") for heading, _ in known}
    for form in forms():
        if form.role == role_name:
            words |= {*form.needs, *(f for templates in form.columns.values() for t in templates for f in fields_of(t))}
    return frozenset(word.lower() for word in words)


def known_headings(spec: RoleSpec) -> frozenset[str]:
    """Every heading that a file of the role may show, folded and in small letters."""
    mapped = (f for templates in spec.columns.values() for t in templates for f in fields_of(t))
    return _shipped_headings(spec.name) | {heading.lower() for heading in mapped if heading}


def likely(headings: tuple[str, ...], role_name: str, our: str) -> tuple[str, bool]:
    """The heading that stands for a column in other words ("" when none does), and whether that is sure."""
    words = (*_other_words().get((role_name, our), ()), *_other_words().get(("*", our), ()))
    low = [h.lower() for h in headings]
    return next(((headings[low.index(word)], sure) for word, sure in words if low.count(word) == 1), ("", False))


def resolved(source: SourceRows, spec: RoleSpec, ledger: Ledger) -> RoleSpec:
    """The role's mapping for this file: what ``town.toml`` says, then our own headings, then a form, then a question.

    Asked is for columns whose heading is known in other words only; a column without any likely heading stays absent
    (the reader then refuses or goes on without, by the column's kind).
    """
    columns: dict[str, Templates] = {
        our: t for our, t in spec.columns.items() if not any(f in source.left_out for one in t for f in fields_of(one))
    }  # a column that was dropped for its personal data is absent, whatever town.toml says
    constants = dict(spec.constants)
    form = recognise(source.headings, spec.name, source)
    crs, codes = spec.crs, spec.codes
    if form is not None:
        fitting = {our: _fitting(t, source.headings) for our, t in form.columns.items()}
        columns = {our: t for our, t in fitting.items() if t} | columns
        constants = {**form.constants, **constants}
        crs = crs or form.crs
        codes = _fitting(form.codes, source.headings)
        for note in form.notes:
            ledger.note(note, role=spec.name, file=source.file.name)
    for column in role(spec.name).columns:
        our = column.name
        if our in columns or our in constants or our in source.headings:
            continue
        near, sure = likely(source.headings, spec.name, our)
        if not near or any(near in templates for templates in columns.values()):
            continue
        if sure:
            columns[our] = (near,)
            continue
        if our == "address" and _placed(source.headings, columns, spec.name):
            continue  # only where there are no coordinates is it worth a question
        shown = 0 if spec.name in CONFIDENTIAL else _SHOWN
        preview = {h: tuple(source.column(h)[:shown]) for h in source.headings if source.headings.count(h) == 1}
        question = Question(
            "column_for",
            spec.name,
            source.file.name,
            near,
            (*preview, NONE),
            {"column": our, "heading": near, "optional": column.optional or our in DEFAULTS.get(spec.name, {})},
            about=our,
            lasting=True,
            preview=preview,
        )
        answer = ledger.ask(question)
        if answer != NONE:
            columns[our] = (answer,)
    skip, dates = (form.skip, form.dates) if form is not None else ({}, "")
    return replace(spec, columns=columns, constants=constants, crs=crs, codes=codes, skip=skip, dates=dates)


def _placed(headings: tuple[str, ...], columns: Mapping[str, Templates], role_name: str) -> bool:
    """Whether the file has a pair of coordinate columns, in whatever words."""
    there = {our for our in POINTS if our in headings or our in columns or likely(headings, role_name, our)[0]}
    return {"lon", "lat"} <= there or {"east_m", "north_m"} <= there


def _fitting(templates: Templates, headings: tuple[str, ...]) -> Templates:
    """The templates whose fields the file has (two generations of one form name a column differently)."""
    return tuple(t for t in templates if all(f in headings for f in fields_of(t)))
