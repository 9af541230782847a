"""A workbook as it stands, behind the same limits as a town's files: for answers that come back, not for town data."""

from __future__ import annotations

import hashlib
from pathlib import Path

from planner.errors import InputError
from planner.ingest.archives import check_workbook
from planner.ingest.dates import day
from planner.ingest.excel import cell_text, refuse_large, rows_of, sheets_of
from planner.ingest.manifest import RoleSpec
from planner.ingest.paths import Found
from planner.ingest.words import folded
from planner.ingest.workbook import extent, layout

ROLE = "review"


def read_sheets(path: Path, name: str = "") -> dict[str, list[list[str]]]:
    """Every visible sheet as rows of texts.

    Parameters
    ----------
    path
        The workbook.
    name
        What its sender called it (default: the file's name).

    Raises
    ------
    InputError
        ``zip_damaged``, ``zip_too_large``, ``xlsx_unreadable``, ``too_many_columns``, ``too_many_rows``, ``too_many_cells``.
    """
    found = Found(path, name or path.name, hashlib.sha256(path.read_bytes()).hexdigest())
    spec = RoleSpec(ROLE, (), literal=True, layer=None, encoding=None, crs=None, columns={}, note="")
    check_workbook(found, ROLE)
    members, _ = layout(found, ROLE)
    book, visible, _ = sheets_of(found, spec)
    told = {}
    for sheet in visible:
        if sheet in members:
            refuse_large(found, spec, extent(found, ROLE, members[sheet]))
        told[sheet] = [[cell_text(cell).strip() for cell in row] for row in rows_of(found, spec, book, sheet)]
    return told


def read_day(text: str) -> str:
    """A day as Japanese files write it, as ISO text (a month or a year is none).

    Raises
    ------
    InputError
        ``day_unreadable``.
    """
    found = day(folded(text))
    if found.reason or found.value is None or found.precision != "day":
        raise InputError("day_unreadable", f"{text!r} is no day", text=text)
    return found.value.isoformat()
