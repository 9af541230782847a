"""CSV and tab-separated text: bytes to rows, with nothing shifted, guessed away or cut.

pandas and GDAL are not used: both move or drop columns when a row is longer than its heading
(facts: reliability 1.1).
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from planner.errors import InputError
from planner.ingest.paths import Found
from planner.ingest.words import fold_all, folded

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_FOREIGN = ((b"PK\x03\x04", "xlsx, zip"), (b"\xd0\xcf\x11\xe0", "xls"), (b"%PDF", "pdf"), (b"SQLite format 3", "gpkg"))
_MAX_COLUMNS = 2000
WITHHELD = "…"  # stands for a row that may hold personal data


@dataclass
class TextRows:
    """The rows of one text file, as they stand in it.

    ``lines`` are physical line numbers (1 = first line of the file); ``odd`` names, by position, the reason why a
    row cannot be used (``field_count``, ``blank_row``); such rows are not in ``cells``.
    """

    file: Found
    encoding: str
    headings: tuple[str, ...]
    lines: list[int]
    cells: list[list[str]]
    odd: list[tuple[int, str, str]] = field(default_factory=list)
    left_out: tuple[str, ...] = ()  # headings of columns that hold personal data and were dropped (persons.py)
    title: str = ""  # what stands above the heading, and the name of the sheet

    @property
    def rows(self) -> int:
        """Rows below the heading, usable or not."""
        return len(self.cells) + len(self.odd)

    def column(self, heading: str) -> list[str]:
        """The folded (NFKC) cells under a heading."""
        return fold_all(self.written(heading))

    def written(self, heading: str) -> list[str]:
        """The cells under a heading as they stood."""
        at = self.headings.index(heading)
        return [row[at] for row in self.cells]

    def without(self, headings: Collection[str]) -> TextRows:
        """The same rows without some columns; rows that could not be split keep their line only."""
        kept = [at for at, heading in enumerate(self.headings) if heading not in headings]
        return replace(
            self,
            headings=tuple(self.headings[at] for at in kept),
            cells=[[row[at] for at in kept] for row in self.cells],
            odd=[(line, reason, WITHHELD) for line, reason, _ in self.odd],
            left_out=(*self.left_out, *headings),
        )

    def text(self, position: int) -> str:
        """A row as it stood."""
        return ",".join(self.cells[position])


def decode(found: Found, role: str, encoding: str | None) -> tuple[str, str]:
    """Bytes to text: the encoding given, else by BOM, else UTF-8, else cp932; strictly.

    Raises
    ------
    InputError
        ``encoding_unknown``, ``encoding_failed``, ``file_foreign`` (another kind of file under this name).
    """
    content = found.path.read_bytes()
    for magic, kind in _FOREIGN:
        if content.startswith(magic):
            raise InputError("file_foreign", f"{found.name} is {kind}", role=role, file=found.name, kind=kind)
    if encoding is not None:
        try:
            name = codecs.lookup(encoding).name
            text = content.decode("utf-8-sig" if name == "utf-8" else name)
        except (LookupError, UnicodeError) as error:
            raise InputError(
                "encoding_failed", f"{found.name}: {error}", role=role, file=found.name, encoding=encoding
            ) from error
        return text, name
    names = [name for bom, name in _BOMS if content.startswith(bom)] or ["utf-8", "cp932"]
    for name in names:
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            continue
        if not any(c in text for c in "\x00\x1b"):  # binary, or ISO-2022-JP read as ASCII
            return text, name
    raise InputError("encoding_unknown", f"{found.name}: tried {names}", role=role, file=found.name)


def read_text(found: Found, role: str, encoding: str | None) -> TextRows:
    """Read one text table.

    Blank cells beyond the heading (a trailing comma) are dropped; a row with more or fewer filled cells than
    headings is set aside, never shifted. Wholly empty lines are no rows.

    Raises
    ------
    InputError
        ``encoding_unknown``, ``encoding_failed``, ``file_foreign``, ``csv_unreadable`` (with the line), ``file_empty``.
    """
    text, used = decode(found, role, encoding)
    first = text.split("\n", 1)[0]
    tab = first.count("\t") > first.count(",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if tab else ",", strict=True)
    lines: list[int] = []
    raw: list[list[str]] = []
    begun = 1
    try:
        for row in reader:
            if row:
                lines.append(begun)
                raw.append(row)
            begun = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            "csv_unreadable",
            f"{found.name}:{begun}: {error}",
            role=role,
            file=found.name,
            line=begun,
            reason=str(error),
        ) from error
    if not raw or len(raw[0]) > _MAX_COLUMNS:
        raise InputError("file_empty", f"{found.name} has no heading", role=role, file=found.name)
    headings = [folded(h) for h in raw[0]]
    while headings and not headings[-1]:
        headings.pop()
    table = TextRows(found, used, tuple(headings), [], [])
    width = len(headings)
    for line, row in zip(lines[1:], raw[1:], strict=True):
        _sort_in(table, line, row, width)
    return table


def _sort_in(table: TextRows, line: int, row: list[str], width: int) -> None:
    """Put a row among the usable or the odd ones."""
    cells = row
    if len(row) != width:
        cells = row[:width]
        if len(row) < width or any(c.strip() for c in row[width:]):
            reason = "field_count" if any(c.strip() for c in row) else "blank_row"
            table.odd.append((line, reason, ",".join(row)))
            return
    if not any(cells):
        table.odd.append((line, "blank_row", ",".join(row)))
        return
    table.lines.append(line)
    table.cells.append(cells)
