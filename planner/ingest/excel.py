"""Workbooks (.xlsx) by python-calamine: the cells of one sheet as a CSV would hold them.

A merged cell's value fills its range downwards (a town name over several rows holds for each of them), not across.
Hidden rows and columns are read like the others, with a note.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from planner.assumptions import number
from planner.errors import InputError, Question
from planner.ingest.archives import check_workbook
from planner.ingest.columns import fields_of
from planner.ingest.dialect import Record, pictured, without_controls
from planner.ingest.forms import known_headings
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec
from planner.ingest.paths import Found
from planner.ingest.roles import role
from planner.ingest.texts import UNCALCULATED, TextRows, no_rows, tabulate
from planner.ingest.words import folded
from planner.ingest.workbook import Extent, extent, layout, unreadable
from planner.settings import nearest

_PREVIEW = 5
_SERIAL = re.compile(r"[1-9]\d{4}(\.\d+)?")
_DAY_HEADING = re.compile(r"年月日|日付|日時|date", re.IGNORECASE)
_EPOCHS = {"1900": dt.datetime(1899, 12, 30), "1904": dt.datetime(1904, 1, 1)}  # noqa: DTZ001 - wall days, no zone


def read_workbook(found: Found, spec: RoleSpec, ledger: Ledger) -> TextRows:
    """The table of one sheet.

    The only visible sheet that holds anything is taken; of several one is asked for (``sheet``), unless the role's
    ``layer`` names it.

    Raises
    ------
    InputError
        ``zip_damaged``, ``zip_too_large``, ``xlsx_unreadable``, ``layer_unknown``, ``too_many_columns``,
        ``too_many_rows``, ``too_many_cells``, and those of `texts.tabulate`.
    """
    check_workbook(found, spec.name)
    members, epoch_1904 = layout(found, spec.name)
    book, visible, hidden = sheets_of(found, spec)
    extents = {name: extent(found, spec.name, members[name]) for name in visible if name in members}
    filled = [name for name, size in extents.items() if size.filled]
    for name in filled:
        refuse_large(found, spec, extents[name])
    name = _chosen(found, spec, book, filled, ledger)
    size = extents[name]
    if hidden:
        ledger.note("sheets_hidden", role=spec.name, file=found.name, names=", ".join(hidden))
    if size.hidden_rows or size.hidden_columns:
        told = {"sheet": name, "rows": size.hidden_rows, "columns": size.hidden_columns}
        ledger.note("hidden_in_sheet", role=spec.name, file=found.name, **told)
    rows = rows_of(found, spec, book, name)
    _fill_merged(rows, book.get_sheet_by_name(name).merged_cell_ranges or [], found, spec, ledger)
    day = next((cell for row in rows for cell in row if isinstance(cell, dt.date)), None)
    if epoch_1904 and day is not None:
        ledger.note("epoch_1904", role=spec.name, file=found.name, example=cell_text(day))
    table = tabulate(_records(rows, size, found, spec, ledger), "", found, spec, "xlsx", ledger)
    if not table.rows:
        raise no_rows(table, spec)
    _serial_days(table, spec, "1904" if epoch_1904 else "1900", ledger)
    return table


def sheets_of(found: Found, spec: RoleSpec) -> tuple[Any, list[str], list[str]]:
    """The workbook, its visible and its hidden sheets of cells."""
    import python_calamine as calamine

    try:
        book = calamine.CalamineWorkbook.from_path(str(found.path))
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise unreadable(found, spec.name, error) from error
    sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
    shown = [sheet.name for sheet in sheets if sheet.visible == calamine.SheetVisibleEnum.Visible]
    return book, shown, [sheet.name for sheet in sheets if sheet.name not in shown]


def refuse_large(found: Found, spec: RoleSpec, size: Extent) -> None:
    """Refuse a sheet whose cells would fill the memory."""
    values = {"role": spec.name, "file": found.name}
    for code, have, limit in (
        ("too_many_columns", size.columns, number("table_columns")),
        ("too_many_rows", size.rows, number("table_rows")),
        ("too_many_cells", size.rows * size.columns, number("sheet_cells")),
    ):
        if have > limit:
            raise InputError(code, f"{found.name}: {have}", **values, number=have, limit=int(limit))


def rows_of(found: Found, spec: RoleSpec, book: Any, name: str, number_of: int | None = None) -> list[list[Any]]:
    """The cells of a sheet (or of its first rows) from its first row and first column on."""
    import python_calamine as calamine

    try:
        sheet = book.get_sheet_by_name(name)
        left = [""] * (sheet.start[1] if sheet.start else 0)
        one: dict[str, str] = {}  # equal texts are one string
        return [
            left + [one.setdefault(cell, cell) if isinstance(cell, str) else cell for cell in row]
            for row in islice(sheet.iter_rows(), number_of)
        ]
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise unreadable(found, spec.name, error) from error


def _chosen(found: Found, spec: RoleSpec, book: Any, filled: list[str], ledger: Ledger) -> str:
    """The sheet to read."""
    values = {"role": spec.name, "file": found.name, "layers": ", ".join(filled[:10])}
    if not filled:
        raise InputError("heading_missing", f"{found.name} has no filled sheet", role=spec.name, file=found.name)
    if spec.layer is not None:
        if spec.layer not in filled:
            told = {**values, "layer": spec.layer, "nearest": nearest(spec.layer, filled)}
            raise InputError("layer_unknown", f"{found.name}: {spec.layer}", **told)
        return spec.layer
    if len(filled) == 1:
        return filled[0]
    first = {name: rows_of(found, spec, book, name, _PREVIEW) for name in filled}
    preview = {name: tuple(" | ".join(map(cell_text, row)) for row in rows) for name, rows in first.items()}
    known = known_headings(spec)

    def named(name: str) -> int:
        return max((sum(folded(cell_text(c)).lower() in known for c in row) for row in first[name]), default=0)

    likely = max(filled, key=named)
    return ledger.ask(Question("sheet", spec.name, found.name, likely, tuple(filled), values, preview=preview))


def _fill_merged(rows: list[list[Any]], ranges: list[Any], found: Found, spec: RoleSpec, ledger: Ledger) -> None:
    """Let the value of a merged range fill its first column downwards; said in one note."""
    if not ranges:
        return
    for (top, left), (bottom, _) in ranges:
        for row in rows[top + 1 : bottom + 1]:
            if left < len(row):
                row[left] = rows[top][left]
    (top, left), _ = ranges[0]
    example = cell_text(rows[top][left]) if top < len(rows) and left < len(rows[top]) else ""
    ledger.note("merged_cells", role=spec.name, file=found.name, number=len(ranges), line=top + 1, example=example)


def cell_text(value: Any) -> str:
    """A cell as a CSV would hold it: days as 2024-04-01, whole numbers without a point, texts as they are."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return str(value.date()) if value.time() == dt.time() else str(value)
    return str(value)  # days, times, durations


def _records(rows: list[list[Any]], size: Extent, found: Found, spec: RoleSpec, ledger: Ledger) -> Iterator[Record]:
    """The filled rows of a sheet with their numbers; formulas without a value are marked, errors shown (#N/A)."""
    longest = int(number("cell_characters"))
    removed: list[tuple[int, str, str]] = []
    marked: dict[int, dict[int, str]] = {}
    for (row, column), text in size.errors.items():
        marked.setdefault(row, {})[column] = text
    for row, column in size.uncalculated:
        marked.setdefault(row, {})[column] = UNCALCULATED
    for at, row_cells in enumerate(rows):
        cells = [cell_text(value) for value in row_cells]
        for column, cell in enumerate(cells):
            if len(cell) > longest:
                told = {"role": spec.name, "file": found.name, "line": at + 1, "limit": longest}
                raise InputError("cell_too_long", f"{found.name}:{at + 1}: a cell is too long", **told)
            if not cell.isprintable():
                cells[column] = without_controls(cell)
                if cells[column] != cell:
                    removed.append((at + 1, pictured(cell), cells[column]))
        for column, text in marked.get(at, {}).items():
            cells.extend([""] * (column + 1 - len(cells)))
            cells[column] = text
        if any(cells):
            yield at + 1, cells, 0, 0, ""
    ledger.corrected("controls_removed", spec.name, found.name, "-", removed)


def _serial_days(table: TextRows, spec: RoleSpec, epoch: str, ledger: Ledger) -> None:
    """Numbers in a column of days (45383 for 2024-04-01): asked, with an example, and then written as days (B031)."""
    days = {column.name for column in role(spec.name).columns if column.kind == "date"}
    mapped = {f for our in days for template in spec.columns.get(our, ()) for f in fields_of(template)}
    for heading, cells in zip(table.headings, table.columns, strict=True):
        if heading not in days | mapped and not _DAY_HEADING.search(heading):
            continue
        serial = {cell for cell in set(cells) if _SERIAL.fullmatch(cell)}
        if not serial:
            continue
        example = next(cell for cell in cells if cell in serial)
        shown = {f"day_{name}": cell_text(_day(example, name)) for name in _EPOCHS}
        values = {"role": spec.name, "file": table.file.name, "heading": heading, "example": example, **shown}
        preview = {name: (f"{example} = {cell_text(_day(example, name))}",) for name in _EPOCHS}
        choices = (*_EPOCHS, "number")
        question = Question("serial_days", spec.name, table.file.name, epoch, choices, values, heading, preview=preview)
        answer = ledger.ask(question)
        if answer == "number":
            continue
        read = {cell: cell_text(_day(cell, answer)) for cell in serial}
        told = ((line, cell, read[cell]) for line, cell in zip(table.lines, cells, strict=True) if cell in read)
        ledger.corrected("serial_days_read", spec.name, table.file.name, heading, told)
        cells[:] = [read.get(cell, cell) for cell in cells]


def _day(serial: str, epoch: str) -> dt.datetime:
    """The day (and time) of a serial number, to the second."""
    return _EPOCHS[epoch] + dt.timedelta(seconds=round(float(serial) * 86400))
