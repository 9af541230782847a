"""CSV and Excel: the same tables, never a formula."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from planner.plan import Plan
from planner.show import tables_advice, tables_duties, tables_money, tables_plan, tables_scenarios, tables_town, today
from planner.show.classes import dictionary
from planner.show.marked import criteria_sentences
from planner.show.table import Column, Table
from planner.show.words import Words

_FORMULA_SIGNS = tuple("=+-@\t\r\n＝＋－＠")  # full-width ones too: Excel in Japanese reads them as formulas
_CELL_LIMIT = 32_767  # Excel cuts longer cells silently
_FORMATS = {
    "whole": "#,##0",
    "yen": "#,##0",
    "offences": "#,##0.00##",
    "share": "0.0%",
    "metres": "#,##0.0",
    "days": "#,##0",
    "degrees": "0.0",
    "number": "#,##0.#######",
}


def unarmed(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula gets an apostrophe; numbers stay numbers."""
    if isinstance(value, str) and value.startswith(_FORMULA_SIGNS):
        return "'" + value
    return "" if value is None else value


def csv_bytes(table: Table) -> bytes:
    """UTF-8 with BOM, CRLF, one line of headings, then the rows: what Excel opens with a double click."""
    return _csv(table).encode("utf-8-sig")


def cp932_bytes(table: Table) -> bytes:
    """The same in Windows code page 932, for programs that read nothing else; a character that it lacks becomes 〓.

    ``unencodable`` lists these cells: nobody has to look for them.
    """
    return _csv(table).encode("cp932", errors=_GETA)


def unencodable(table: Table) -> list[tuple[int, str, str]]:
    """Cells that code page 932 cannot hold: line of the file, heading, text."""
    found = []
    for line, row in enumerate(table.rows, start=2):
        for column, value in zip(table.columns, row, strict=True):
            if isinstance(value, str) and value.encode("cp932", errors="ignore").decode("cp932") != value:
                found.append((line, column.heading, value))
    return found


def _geta(error: UnicodeError) -> tuple[str, int]:
    """〓, the sign that Japanese printers set for a missing type."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "〓" * (error.end - error.start), error.end


_GETA = "planner_geta"
codecs.register_error(_GETA, _geta)


def _csv(table: Table) -> str:
    """A table as CSV text."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([unarmed(c.heading) for c in table.columns])
    writer.writerows([unarmed(v) for v in row] for row in table.rows)
    return text.getvalue()


def _sheets(plan: Plan, words: Words, audit_sha256: str) -> list[tuple[str, list[Table]]]:
    """Sheet key and the tables on it, in order; the summary opens with the value by offence (P1)."""
    figures = _key_figures(plan, words, audit_sha256)
    found = [
        (
            "summary",
            [
                tables_plan.offences(plan, words),
                tables_plan.measures(plan, words),
                figures,
                tables_plan.payers(plan, words),
            ],
        ),
        ("sites", [tables_plan.sites_full(plan, words)]),
        ("areas", [tables_town.areas(plan, words)]),
        ("districts", [tables_town.districts(plan, words)]),
        ("ledger", [tables_plan.ledger(plan, words)]),
        ("frontier", [tables_plan.frontier(plan.frontier, words)]),
        *([("phases", [tables_scenarios.phases(plan, words)])] if plan.phases else []),
        ("settings", [tables_town.settings(plan, words)]),
        ("sources", [tables_town.sources(plan, words)]),
        ("notes", [tables_town.notes(plan, words)]),
        ("budget", tables_money.budgets(plan, words)),
        ("years", [tables_money.ledger_by_year(plan, words)]),
        ("horizon", [tables_money.horizon(plan, words)]),
        ("baseline", [tables_money.baseline(plan, words), tables_money.renewals(plan, words)]),
        ("outreach", [tables_money.outreach(plan, words)]),
        ("standing", [tables_town.standing(plan, words), today.before(plan, words), today.repairs(plan, words)]),
        ("assumptions", [tables_town.assumptions(plan, words)]),
        *((name, [tables_duties.TABLES[name](plan, words)]) for name in ("outside", "weighed", "hosts", "kpi")),
        *((name, [make(plan, words)]) for name, make in tables_advice.TABLES.items()),
    ]
    named = [(words.say(f"sheet.{key}"), tables) for key, tables in found]
    return [*found, ("dictionary", [dictionary(words, named)])]


def _key_figures(plan: Plan, words: Words, audit_sha256: str) -> Table:
    """Title figures with provenance, one a row."""
    rows: list[tuple[str, Any]] = [
        (words.say("figure.handling"), words.say("show.mark")),
        (words.say("figure.municipality"), plan.town.name),
        (words.say("figure.plan_id"), plan.plan_id),
        (words.say("figure.created_at"), words.moment(plan.run.created_at)),
        (words.say("figure.code_version"), plan.code_version),
        (words.say("column.criteria"), words.run_on(criteria_sentences(plan, words))),
        (words.say("figure.status"), words.coded("status", plan.status)),
        (words.say("figure.value"), plan.value),
        (words.say("figure.bound"), plan.bound),
        (words.say("figure.gap"), words.say("show.gap_within", gap=words.gap(plan.gap))),
        (words.say("figure.proven_by"), words.coded("proven_by", plan.proven_by) if plan.proven_by else words.none),
        (words.say("figure.expected"), plan.expected_offences_per_year),
        (words.say("figure.share_before"), words.percent(plan.covered_share_before, 1)),
        (words.say("figure.share_after"), words.percent(plan.covered_share_after, 1)),
        (words.say("figure.sites"), len(plan.sites)),
        (words.say("figure.cameras"), plan.cameras),
        (words.say("figure.total_yen"), plan.total_yen),
        (words.say("figure.running_yen"), plan.running_yen_per_year),
    ]
    if audit_sha256:
        rows.append((words.say("column.audit"), audit_sha256))
    columns = (
        Column(words.say("column.figure"), key="figure"),
        Column(words.say("column.figure_value"), "number", "figure_value"),
    )
    return Table("figures", columns, tuple(rows))


def xlsx_bytes(plan: Plan, words: Words, audit_sha256: str = "") -> bytes:
    """The workbook: every table of the plan on a sheet of its own, and what its columns are."""
    return book_bytes(plan, words, _sheets(plan, words, audit_sha256), words.say("show.mark"))


def book_bytes(plan: Plan, words: Words, sheets: Sequence[tuple[str, Sequence[Table]]], mark: str) -> bytes:
    """A workbook of tables, text as text, numbers as numbers; ``mark`` stands at the top of every printed page."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"title": words.say("show.title"), "comments": mark, "created": _created(plan)})
    looks = {kind: book.add_format({"num_format": form}) for kind, form in _FORMATS.items()}
    looks |= {
        "text": book.add_format({"valign": "top"}),
        "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#EEEEEE"}),
        "total": book.add_format({"bold": True, "top": 1, "num_format": "#,##0.##"}),
    }
    for key, tables in sheets:
        sheet = book.add_worksheet(words.say(f"sheet.{key}"))
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.set_header(f"&R{mark}")
        line = 0
        for table in tables:
            line = _put_table(sheet, line, table, looks) + 1
        if len(tables) == 1:
            sheet.freeze_panes(1, 0)
            sheet.repeat_rows(0)
    book.close()
    return buffer.getvalue()


def _created(plan: Plan) -> datetime:
    """The plan's own moment, so that the same plan gives the same file."""
    try:
        return datetime.fromisoformat(plan.run.created_at).replace(tzinfo=None)
    except ValueError:
        return datetime(2000, 1, 1)  # noqa: DTZ001 - xlsxwriter takes naive moments only


def _put_table(sheet: Any, line: int, table: Table, looks: dict[str, Any]) -> int:
    """One table from ``line`` on; returns the line after it."""
    for column, head in enumerate(table.columns):
        sheet.write_string(line, column, head.heading, looks["head"])
        texts = [str(row[column]) for row in table.rows if isinstance(row[column], str)]
        width = max([_width(head.heading) / 2, *map(_width, texts), 9.0])
        sheet.set_column(column, column, min(width + 1, 60))
    for row in table.rows:
        line += 1
        for column, value in enumerate(row):
            _put(sheet, line, column, value, looks[table.columns[column].kind])
    for row in table.totals:
        line += 1
        for column, value in enumerate(row):
            _put(sheet, line, column, value, looks["total"])
    return line + 1


def _width(text: str) -> float:
    """Width of a cell's text in Latin letters (Japanese ones count twice)."""
    return float(sum(2 if ord(c) > 0x2E7F else 1 for c in text))


def _put(sheet: Any, line: int, column: int, value: Any, look: Any) -> None:
    """One cell: text as text, numbers as numbers, nothing for what is not known."""
    if value is None:
        sheet.write_blank(line, column, None, look)
    elif isinstance(value, str):
        sheet.write_string(line, column, value if len(value) <= _CELL_LIMIT else value[: _CELL_LIMIT - 1] + "…", look)
    else:
        sheet.write_number(line, column, float(value), look)
