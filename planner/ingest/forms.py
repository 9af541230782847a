"""Official formats that need no mapping, and headings in other words.

``shipped/forms.toml`` describes each form by the headings that only it has; ``shipped/headings.csv`` holds other words
for a column. A form is certain and is taken, so is a heading of the national standard data sets (``sure``); any other
word is proposed and asked (B019).
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from planner.errors import Question
from planner.ingest.columns import SourceRows, fields_of
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec, Templates
from planner.ingest.roles import DEFAULTS, role
from planner.ingest.words import SHIPPED, folded

NONE = "-"  # the answer: there is no such column
_SHOWN = 5


@dataclass(frozen=True)
class Form:
    """One official format of one role.

    ``needs``: headings that all must be there; ``columns``: our column -> its headings or templates (those that a
    file lacks are left out); ``constants``: our column -> the word that holds for every row.
    """

    name: str
    role: str
    needs: tuple[str, ...]
    columns: Mapping[str, Templates]
    constants: Mapping[str, str]
    crs: str | None
    source: str


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
        )
        for entry in tree["form"]
    ]
    return tuple(sorted(made, key=lambda form: -len(form.needs)))


def recognise(headings: tuple[str, ...], role_name: str = "") -> Form | None:
    """The form that a file's headings show, of one role or (``""``) of any."""
    there = set(headings)
    return next((f for f in forms() if f.role == (role_name or f.role) and there.issuperset(f.needs)), None)


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
    columns: dict[str, Templates] = dict(spec.columns)
    constants = dict(spec.constants)
    form = recognise(source.headings, spec.name)
    crs = spec.crs
    if form is not None:
        fitting = {our: _fitting(t, source.headings) for our, t in form.columns.items()}
        columns = {our: t for our, t in fitting.items() if t} | columns
        constants = {**form.constants, **constants}
        crs = crs or form.crs
    for column in role(spec.name).columns:
        our = column.name
        if form is not None or our in columns or our in constants or our in source.headings:
            continue
        near, sure = likely(source.headings, spec.name, our)
        if not near or any(near in templates for templates in columns.values()):
            continue
        if sure:
            columns[our] = (near,)
            continue
        preview = {h: tuple(source.column(h)[:_SHOWN]) for h in source.headings if source.headings.count(h) == 1}
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
    return replace(spec, columns=columns, constants=constants, crs=crs)


def _fitting(templates: Templates, headings: tuple[str, ...]) -> Templates:
    """The templates whose fields the file has (two generations of one form name a column differently)."""
    return tuple(t for t in templates if all(f in headings for f in fields_of(t)))
