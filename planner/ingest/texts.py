"""Records to a table of text cells: the heading row, columns of shared strings, rows that cannot be used set aside.

pandas and GDAL are not used: both move or drop columns when a row is longer than its heading
(facts: reliability 1.1). Text files and workbooks come out as the same `TextRows`.
"""

from __future__ import annotations

import csv
import io
import re
from array import array
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, islice

from planner.assumptions import number
from planner.errors import InputError
from planner.ingest.dialect import Record, cleaned, records, separator
from planner.ingest.encodings import decode
from planner.ingest.forms import known_headings
from planner.ingest.headings import find_heading, told_apart
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec
from planner.ingest.paths import Found
from planner.ingest.words import fold_all, folded

UNCALCULATED = "\x00"  # the cell of a formula that was never calculated; no cell of a file can hold it
WITHHELD = "…"  # stands for a row that may hold personal data
_TOTAL = re.compile(r"\s*(?:総\s*計|合\s*計|総\s*合\s*計|総\s*数|小\s*計|計)\s*")
_BATCH = 256  # rows turned into columns at a time: few, so that they die before the collector moves them on
_SHARED = 1 << 16  # a column with more different texts than this is not worth sharing
_LOOKED_AT = 50  # records among which the heading row is sought


@dataclass
class TextRows:
    """The rows of one table, as they stand in the file, column by column.

    ``lines`` are physical line numbers (1 = first line of the file; of a workbook: row numbers of the sheet); ``odd``
    names, by position, the reason why a row cannot be used (``field_count``, ``blank_row``, ``total_row``,
    ``line_undecodable``, ``file_cut``, ``formula_uncalculated``); such rows are not in ``columns``. ``title`` is what
    stands above the headings. ``spans`` are begin and end of each usable row in ``whole``, the text of the file
    (empty for a workbook).
    """

    file: Found
    encoding: str
    headings: tuple[str, ...]
    columns: tuple[list[str], ...]
    lines: array[int] = field(default_factory=lambda: array("q"))
    odd: list[tuple[int, str, str]] = field(default_factory=list)
    left_out: tuple[str, ...] = ()  # headings of columns that hold personal data and were dropped (persons.py)
    title: str = ""
    whole: str = ""
    spans: array[int] = field(default_factory=lambda: array("q"))
    outside: int = 0

    @property
    def rows(self) -> int:
        """Rows below the heading, usable or not."""
        return len(self.lines) + len(self.odd)

    def column(self, heading: str) -> list[str]:
        """The folded (NFKC) cells under a heading."""
        return fold_all(self.written(heading))

    def written(self, heading: str) -> list[str]:
        """The cells under a heading as they stood."""
        return self.columns[self.headings.index(heading)]

    def without(self, headings: Collection[str]) -> TextRows:
        """The same rows without some columns; of rows that could not be split, and of the file, no text is kept."""
        kept = [at for at, heading in enumerate(self.headings) if heading not in headings]
        return replace(
            self,
            headings=tuple(self.headings[at] for at in kept),
            columns=tuple(self.columns[at] for at in kept),
            odd=[(line, reason, WITHHELD) for line, reason, _ in self.odd],
            left_out=(*self.left_out, *headings),
            whole="",
            spans=array("q"),
        )

    def text(self, position: int) -> str:
        """A row as it stood (of a workbook: as a CSV would hold it)."""
        if self.whole:
            return self.whole[self.spans[2 * position] : self.spans[2 * position + 1]].rstrip("\r\n")
        return as_csv(column[position] for column in self.columns)


def as_csv(cells: Iterable[str]) -> str:
    """Cells as one line of CSV."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()


def read_text(found: Found, spec: RoleSpec, ledger: Ledger) -> TextRows:
    """Read one text table: bytes, encoding, dialect, cells.

    Raises
    ------
    InputError
        As `encodings.decode`, `dialect.records` and `tabulate`.
    """
    known = known_headings(spec)
    decoded = decode(found, spec, known, ledger)
    text = cleaned(decoded, found, spec.name, ledger)
    sign = separator(text, found, spec, known, ledger)
    table = tabulate(records(text, sign, decoded.bad, found, spec.name), text, found, spec, decoded.encoding, ledger)
    if decoded.cut:
        table.odd.append((decoded.cut[0], "file_cut", decoded.cut[1]))
    if not table.rows:
        raise no_rows(table, spec)
    return table


def tabulate(
    given: Iterator[Record], whole: str, found: Found, spec: RoleSpec, encoding: str, ledger: Ledger
) -> TextRows:
    """Records to columns below the heading row.

    Blank cells beyond the headings (a trailing comma) are dropped; a row with more or fewer filled cells than headings
    is set aside, never shifted; so is a row of totals (合計, 計): it is no event and no thing.

    Parameters
    ----------
    given, whole
        Records, and the text in which they stand ("" for a workbook).
    found, spec, encoding, ledger
        The file, its role, how it was encoded; takes the questions ``header_row`` and ``heading_meant``.

    Raises
    ------
    InputError
        ``heading_missing``, ``too_many_columns``, ``too_many_rows``, and those of the records.
    """
    known = known_headings(spec)
    first = list(islice(given, _LOOKED_AT))
    at, title = find_heading(first, found, spec, known, ledger)
    headings = [folded(heading) for heading in first[at][1]] if first else []
    while headings and not headings[-1]:
        headings.pop()
    values = {"role": spec.name, "file": found.name}
    if not headings:
        raise InputError("heading_missing", f"{found.name} has no heading", **values)
    limit = int(number("table_columns"))
    if len(headings) > limit:
        told = {**values, "number": len(headings), "limit": limit}
        raise InputError("too_many_columns", f"{found.name} has {len(headings)} columns", **told)
    below = first[at + 1 :]
    names = told_apart(headings, [row for _, row, *_ in below], found, spec, known, ledger)
    table = TextRows(found, encoding, names, tuple([] for _ in headings), title=title, whole=whole)
    needed = {n for n, heading in enumerate(headings) if heading.lower() in known} or set(range(len(headings)))
    filler = _Filler(table, needed, drops_totals=spec.name != "counts")  # count tables check their totals themselves
    most = int(number("table_rows"))
    following = chain(below, given)
    while batch := list(islice(following, _BATCH)):
        filler.put(batch)
        if table.rows > most:
            raise InputError("too_many_rows", f"{found.name} has more than {most} rows", **values, limit=most)
    table.odd.sort(key=lambda row: row[0])
    return table


def no_rows(table: TextRows, spec: RoleSpec) -> InputError:
    """The refusal for headings without rows."""
    return InputError(
        "rows_missing",
        f"{table.file.name} has headings and no rows",
        role=spec.name,
        file=table.file.name,
        headings=", ".join(table.headings[:20]),
    )


class _Filler:
    """Puts records into the columns of a table, batch by batch, equal texts being one string."""

    def __init__(self, table: TextRows, needed: set[int], *, drops_totals: bool) -> None:
        self._table = table
        self._drops_totals = drops_totals
        self._needed = needed
        self._pools: list[dict[str, str]] = [{} for _ in table.columns]
        self._totals: set[str] = set()  # cells that say 合計 or 計

    def put(self, batch: list[Record]) -> None:
        """The usable records go into the columns, the others are odd."""
        width = len(self._table.columns)
        whole = self._table.whole
        if not whole or any(r[4] or len(r[1]) != width or not any(r[1]) for r in batch):
            batch = [kept for record in batch if (kept := self._sorted_in(record)) is not None]
        columns = list(zip(*(r[1][:width] for r in batch), strict=True))
        for pool, cells in zip(self._pools, columns, strict=False):
            new = set(cells).difference(pool)
            if self._drops_totals:
                self._totals.update(text for text in new if _TOTAL.fullmatch(text))
            if len(pool) < _SHARED:
                pool.update(zip(new, new, strict=True))
        if self._totals and any(not self._totals.isdisjoint(cells) for cells in columns):
            totals = [record for record in batch if not self._totals.isdisjoint(record[1])]
            for record in totals:
                self._aside(record, "total_row")
            batch = [record for record in batch if self._totals.isdisjoint(record[1])]
            columns = list(zip(*(r[1][:width] for r in batch), strict=True))
        for pool, column, cells in zip(self._pools, self._table.columns, columns, strict=False):
            column.extend(map(pool.get, cells, cells))
        self._table.lines.extend([record[0] for record in batch])
        if whole:
            self._table.spans.extend([at for record in batch for at in record[2:4]])

    def _sorted_in(self, record: Record) -> Record | None:
        """A record if nothing stands against it; else None, and it is odd."""
        line, cells, start, end, reason = record
        width = len(self._table.columns)
        if not reason and len(cells) != width and (len(cells) < width or any(c.strip() for c in cells[width:])):
            reason = "field_count" if any(c.strip() for c in cells) else "blank_row"
        if not reason and not any(cells[:width]):
            reason = "blank_row"
        if not reason and UNCALCULATED in cells:
            reason = "formula_uncalculated" if any(cells[n] == UNCALCULATED for n in self._needed) else ""
            record = (line, ["" if cell == UNCALCULATED else cell for cell in cells], start, end, reason)
        if reason:
            self._aside(record, reason)
        return None if reason else record

    def _aside(self, record: Record, reason: str) -> None:
        """A row that cannot be used, as it stood."""
        line, cells, start, end, _ = record
        whole = self._table.whole
        text = whole[start:end].rstrip("\r\n") if whole else as_csv("" if c == UNCALCULATED else c for c in cells)
        self._table.odd.append((line, reason, text))
