"""The answer sheet for a police station: what to answer, in a workbook that needs no access to any server (P10)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from planner.plan import Plan, Site
from planner.show import tables_plan
from planner.show.words import Words

HEADS = ("plan", "version", "version_sha256", "station", "answered_on")  # key figures above the table, one a row
ANSWERS = ("opinion", "comment")  # what the station fills in
SUGGESTED = ("lon", "lat", "place_words", "comment")
_FIRST_LINE = len(HEADS) + 2
_EMPTY_LINES = 30  # room for suggestions


@dataclass(frozen=True)
class ReviewHead:
    """Which version is asked about, and whom."""

    plan_name: str
    number: int
    version_sha256: str
    station: str


def site_columns(words: Words) -> list[tuple[str, str, int]]:
    """Key, heading and width of the columns that tell of a site; ``id`` is first."""
    named = [
        ("id", 14),
        ("priority", 7),
        ("kind", 9),
        ("area", 16),
        ("address", 20),
        ("pole_number", 12),
        ("bearing", 16),
        ("specification", 24),
        ("retention", 9),
    ]
    return [(key, words.say(f"column.{key}"), wide) for key, wide in named]


def _site(s: Site, words: Words) -> tuple[Any, ...]:
    """The cells of one site."""
    bearing = words.join([words.compass(v.bearing_deg) for v in s.views])
    what = (s.site_id, s.priority, words.coded("kind", s.kind), s.area_name, s.address, s.pole_number, bearing)
    return (*what, tables_plan.specification(s, words), s.retention_days)


def review_book(
    plan: Plan, head: ReviewHead, opinions: Sequence[str], words: Words, districts: Sequence[str] | None = None
) -> bytes:
    """The workbook: a sheet of sites with answer columns, a sheet for suggested places, a sheet of instructions.

    Parameters
    ----------
    plan
        The version asked about.
    opinions
        The answers that may be given, as words of this language.
    districts
        Only sites of these; None: all.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#EEEEEE", "border": 1})
    cell = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
    open_cell = book.add_format(
        {"text_wrap": True, "valign": "top", "border": 1, "bg_color": "#FFF9E5", "locked": False}
    )
    sites = [s for s in plan.sites if districts is None or s.district_id in districts]
    asked = book.add_worksheet(words.say("sheet.review"))
    _head(asked, head, words, bold, cell, open_cell)
    _ask(asked, sites, opinions, words, bold, cell, open_cell)
    suggested = book.add_worksheet(words.say("sheet.suggested"))
    for at, (key, wide) in enumerate(zip(SUGGESTED, (14, 14, 30, 50), strict=True)):
        suggested.set_column(at, at, wide)
        suggested.write_string(0, at, words.say(f"column.{key}"), bold)
        for line in range(1, _EMPTY_LINES + 1):
            suggested.write_blank(line, at, None, open_cell)
    guide = book.add_worksheet(words.say("sheet.review_guide"))
    guide.set_column(0, 0, 110)
    for line, key in enumerate(("opinion", "how", "suggest", "names", "version")):
        guide.write_string(line, 0, words.say(f"review.guide_{key}"), book.add_format({"text_wrap": True}))
    for sheet in (asked, suggested, guide):
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_header(f"&R{words.say('show.mark')}")
    book.close()
    return buffer.getvalue()


def _head(sheet: Any, head: ReviewHead, words: Words, bold: Any, cell: Any, open_cell: Any) -> None:
    """The figures above the table; the station fills in its own name and the day."""
    values: dict[str, Any] = {
        "plan": head.plan_name,
        "version": head.number,
        "version_sha256": head.version_sha256,
        "station": head.station,
        "answered_on": "",
    }
    for line, key in enumerate(HEADS):
        sheet.write_string(line, 0, words.say(f"column.{key}"), bold)
        look = open_cell if key in ("station", "answered_on") else cell
        if key == "version":
            sheet.write_number(line, 1, values[key], look)
        else:
            sheet.write_string(line, 1, values[key], look)


def _ask(
    sheet: Any, sites: Sequence[Site], opinions: Sequence[str], words: Words, bold: Any, cell: Any, open_cell: Any
) -> None:
    """The table of sites with room for an opinion, chosen from a list, and a comment."""
    columns = site_columns(words) + [
        (key, words.say(f"column.{key}"), wide) for key, wide in zip(ANSWERS, (12, 44), strict=True)
    ]
    for at, (_, heading, wide) in enumerate(columns):
        sheet.set_column(at, at, wide)
        sheet.write_string(_FIRST_LINE, at, heading, bold)
    for line, site in enumerate(sites, start=_FIRST_LINE + 1):
        for at, value in enumerate((*_site(site, words), *[None] * len(ANSWERS))):
            look = open_cell if at >= len(columns) - len(ANSWERS) else cell
            if isinstance(value, str):
                sheet.write_string(line, at, value, look)
            elif value is None:
                sheet.write_blank(line, at, None, look)
            else:
                sheet.write_number(line, at, value, look)
    if sites:
        first, at = _FIRST_LINE + 1, len(columns) - len(ANSWERS)
        told = {"validate": "list", "source": list(opinions), "error_message": words.say("review.choose")[:255]}
        sheet.data_validation(first, at, first + len(sites) - 1, at, told)
    sheet.freeze_panes(_FIRST_LINE + 1, 1)
