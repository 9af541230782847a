"""Where every row went: rows set aside and corrections as CSV files, for the command line and the app alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from planner.plan import Remark
from planner.show import questions
from planner.show.spreadsheets import csv_bytes
from planner.show.table import Kind, Table
from planner.show.words import Words, sentence
from planner.text import Language


def set_aside(rows: Iterable[Mapping[Any, Any]], language: Language) -> Table:
    """Rows set aside (``frames.Account.set_aside``) with their reason and its remedy in words."""
    words = Words(language)
    said: dict[str, tuple[str, str]] = {}
    lines = []
    for row in rows:
        code = str(row["reason"])
        if code not in said:
            said[code] = (questions.reason(code, language), questions.remedy(code, language))
        role = words.coded("role", str(row["role"]))
        lines.append((role, row["file"], int(row["line"]), code, *said[code], row["text"]))
    heads = ("role", "file", "line", "reason_code", "why_aside", "remedy", "original")
    return Table.of(words, "set_aside", [(h, _kind(h)) for h in heads], lines)


def corrections(rows: Iterable[Mapping[Any, Any]], language: Language) -> Table:
    """Cells read otherwise than they stand (``frames.Account.corrections``), with what was done in words."""
    words = Words(language)
    lines = []
    for row in rows:
        told = {name: row[name] for name in ("role", "file", "column", "before", "after")}
        told |= {name: int(row[name]) for name in ("number", "line")}
        said = sentence(Remark(code=str(row["code"]), values=told), language)
        role = words.coded("role", str(row["role"]))
        cells = (row["column"], row["before"], row["after"], told["number"], told["line"], row["code"], said)
        lines.append((role, row["file"], *cells))
    heads = (
        "role",
        "file",
        "heading",
        "before_reading",
        "after_reading",
        "cells",
        "line",
        "correction_code",
        "correction",
    )
    return Table.of(words, "corrections", [(h, _kind(h)) for h in heads], lines)


def _kind(heading: str) -> Kind:
    """Line numbers and counts are numbers, all else is text."""
    return "whole" if heading in ("cells", "line") else "text"


def set_aside_csv(rows: Iterable[Mapping[Any, Any]], language: Language) -> bytes:
    """``set_aside.csv``: UTF-8 with BOM; text that a spreadsheet would take for a formula gets an apostrophe."""
    return csv_bytes(set_aside(rows, language))


def corrections_csv(rows: Iterable[Mapping[Any, Any]], language: Language) -> bytes:
    """``corrections.csv``, in the same form."""
    return csv_bytes(corrections(rows, language))
