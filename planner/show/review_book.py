"""The answer sheet for a police station: what to answer, in a workbook that needs no access to any server (P10)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from planner.show import stations
from planner.show.marked import criteria_sentences
from planner.show.page import ids
from planner.show.stations import Asked
from planner.show.table import Table
from planner.show.words import Words
from planner.text import Language

HEADS = ("plan", "version", "version_sha256", "station", "answered_on")  # key figures above the table, one a row
ANSWERS = ("opinion", "comment")  # what the station fills in
SUGGESTED = ("lon", "lat", "place_words", "comment")
_FIRST_LINE = len(HEADS) + 2
_EMPTY_LINES = 30  # room for suggestions
_WIDE = {  # characters
    "id": 14, "rank": 6, "priority": 7, "kind": 9, "area": 16, "address": 20, "pole_number": 12, "bearing": 16,
    "specification": 24, "retention": 9, "beside": 14, "opinion": 12, "comment": 44,
}  # fmt: skip
_GUIDE = ("opinion", "how", "suggest", "names", "version")


@dataclass(frozen=True)
class ReviewHead:
    """Which version is asked about, and whom; ``audit_sha256``: the latest hash of the store that keeps it."""

    plan_name: str
    number: int
    version_sha256: str
    station: str
    audit_sha256: str = ""


@dataclass(frozen=True)
class _Looks:
    """Formats of cells: headings, what is told, what is to be filled in."""

    bold: Any
    told: Any
    open: Any


def review_book(here: Asked, head: ReviewHead, opinions: Sequence[str], language: Language) -> bytes:
    """The workbook: a sheet of sites with answer columns, a sheet for suggested places, a sheet of instructions.

    Parameters
    ----------
    here
        What is asked about.
    opinions
        The answers that may be given, as words of this language.
    """
    words = Words(language)
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    wrap = {"text_wrap": True, "valign": "top"}
    looks = _Looks(
        book.add_format({**wrap, "border": 1, "bold": True, "bg_color": "#EEEEEE"}),
        book.add_format({**wrap, "border": 1}),
        book.add_format({**wrap, "border": 1, "bg_color": "#FFF9E5", "locked": False}),
    )
    answers = book.add_worksheet(words.say("sheet.review"))
    _head(answers, head, words, looks)
    _ask(answers, stations.sites(here, words), opinions, words, looks)
    suggested = book.add_worksheet(words.say("sheet.suggested"))
    for at, (key, wide) in enumerate(zip(SUGGESTED, (14, 14, 30, 50), strict=True)):
        suggested.set_column(at, at, wide)
        suggested.write_string(0, at, words.say(f"column.{key}"), looks.bold)
        for line in range(1, _EMPTY_LINES + 1):
            suggested.write_blank(line, at, None, looks.open)
    guide = book.add_worksheet(words.say("sheet.review_guide"))
    guide.set_column(0, 0, 110)
    border = stations.border_sentence(here, words)
    told = [words.run_on(criteria_sentences(here.plan, words)), ids(here.plan, words, head.audit_sha256)]
    said = [words.say(f"review.guide_{key}") for key in _GUIDE] + [border] * bool(border) + told
    for line, text in enumerate(said):
        guide.write_string(line, 0, text, book.add_format({"text_wrap": True}))
    for sheet in (answers, suggested, guide):
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_header(f"&R{words.say('show.mark')}")
    book.close()
    return buffer.getvalue()


def _head(sheet: Any, head: ReviewHead, words: Words, looks: _Looks) -> None:
    """The figures above the table; the station fills in its own name and the day."""
    values: dict[str, Any] = {
        "plan": head.plan_name,
        "version": head.number,
        "version_sha256": head.version_sha256,
        "station": head.station,
        "answered_on": "",
    }
    for line, key in enumerate(HEADS):
        sheet.write_string(line, 0, words.say(f"column.{key}"), looks.bold)
        look = looks.open if key in ("station", "answered_on") else looks.told
        if key == "version":
            sheet.write_number(line, 1, values[key], look)
        else:
            sheet.write_string(line, 1, values[key], look)


def _ask(sheet: Any, told: Table, opinions: Sequence[str], words: Words, looks: _Looks) -> None:
    """The table of sites with room for an opinion, chosen from a list, and a comment."""
    heads = [(c.key, c.heading) for c in told.columns] + [(key, words.say(f"column.{key}")) for key in ANSWERS]
    for at, (key, heading) in enumerate(heads):
        sheet.set_column(at, at, _WIDE[key])
        sheet.write_string(_FIRST_LINE, at, heading, looks.bold)
    for line, row in enumerate(told.rows, start=_FIRST_LINE + 1):
        for at, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(line, at, value, looks.told)
            elif value is None:
                sheet.write_blank(line, at, None, looks.told)
            else:
                sheet.write_number(line, at, value, looks.told)
        for at in range(len(row), len(heads)):
            sheet.write_blank(line, at, None, looks.open)
    if told.rows:
        first, at = _FIRST_LINE + 1, len(told.columns)
        choice = {"validate": "list", "source": list(opinions), "error_message": words.say("review.choose")[:255]}
        sheet.data_validation(first, at, first + len(told.rows) - 1, at, choice)
    sheet.freeze_panes(_FIRST_LINE + 1, 1)
