"""Personal data: found by heading and by the look of the cells, asked about, and dropped before anything is stored.

This stands at the door (sources.py), before any heading is mapped: a column that is dropped is in no preview, note,
row set aside, table or cache. The question itself names the heading and a number, never a cell.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from typing import TypeVar

from planner.errors import Question
from planner.ingest.columns import SourceRows
from planner.ingest.forms import likely, recognise
from planner.ingest.ledger import Ledger
from planner.ingest.words import SHIPPED, folded

DROP, KEEP = "drop", "keep"
_OF_PERSONS = (
    "crime",
    "counts",
    "mounts",
    "standing",
    "requests",
    "steps",
    "footage_log",
)  # elsewhere a telephone is that of a facility
_CONTACT = ("phone", "mail")
OFFICES = {"standing": "contact"}  # our column that holds an office's telephone, not a person's
_SHORTEST = 7  # characters: no telephone, address or plate is shorter
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(
    r"0(?:\d-\d{4}-|\d{2}-\d{3}-|\d{3}-\d{2}-|\d{4}-\d-|[5789]0-?\d{4}-?|\d{1,3}\(\d{2,4}\))\d{4}(?![\d-])"
)
_PLATE = re.compile(
    r"[一-龠ぁ-んァ-ヶ]{1,4}\s?\d{2,3}[A-Z]?\s?[ぁ-ん]\s?(?:\d{2}-\d{2}|[・.]{1,3}\d{1,3}|\d{1,4})(?!\d)"
)

Rows = TypeVar("Rows", bound=SourceRows)


@cache
def _headings() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Kind of personal data -> what its headings look like, folded."""
    with (SHIPPED / "personal.csv").open(encoding="utf-8", newline="") as file:
        return tuple((row["kind"], re.compile(row["pattern"])) for row in csv.DictReader(file))


def by_heading(heading: str) -> str:
    """The kind of personal data that a heading promises ("" none)."""
    low = "".join(heading.lower().split())
    named = next((kind for kind, pattern in _headings() if pattern.fullmatch(low)), "")
    return named or ("name" if "氏名" in low else "")


def by_look(cells: list[str]) -> tuple[str, int]:
    """The kind of personal data that the cells of a column look like, and how many distinct ones do."""
    text = "\n".join(folded(cell) for cell in set(cells) if len(cell) >= _SHORTEST)
    found = {
        "mail": len(_MAIL.findall(text)) if "@" in text else 0,
        "phone": sum(one.start() == 0 or text[one.start() - 1] not in "0123456789-" for one in _PHONE.finditer(text)),
        "plate": 0 if text.isascii() else len(_PLATE.findall(text)),
    }
    number = sum(found.values())
    return (max(found, key=lambda kind: found[kind]), number) if number else ("", 0)


def suspects(source: SourceRows, role: str) -> dict[str, tuple[str, int]]:
    """Headings of columns that may hold personal data -> kind, and how many cells look like it (0: by heading)."""
    # the telephone in an official list of facilities is the facility's
    spared = _CONTACT if role not in _OF_PERSONS or recognise(source.headings, role) else ()
    found: dict[str, tuple[str, int]] = {}
    office = OFFICES.get(role, "")
    theirs = {office, likely(source.headings, role, office)[0]} if office else set()
    for heading in dict.fromkeys(source.headings):
        kind, number = by_heading(heading), 0
        if not kind and role in _OF_PERSONS and source.headings.count(heading) == 1:
            kind, number = by_look(source.written(heading))
        if kind and kind not in spared and not (heading in theirs and kind == "phone"):
            found[heading] = kind, number
    return found


def without_persons(source: Rows, role: str, ledger: Ledger) -> Rows:
    """The rows without the columns that the planner drops; unanswered, the proposal (to drop) already holds."""
    dropped = []
    for heading, (kind, number) in suspects(source, role).items():
        values = {"column": heading, "kind": kind, "number": number}
        file = source.file.name
        question = Question(f"personal_{kind}", role, file, DROP, (DROP, KEEP), values, about=heading, lasting=True)
        if ledger.ask(question) == DROP:
            dropped.append(heading)
    return source.without(dropped) if dropped else source
