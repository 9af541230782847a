"""What a workbook tells only in its XML: where its sheets are, its epoch, hidden rows, formulas never calculated.

Read by pattern and block by block: a sheet is never held in memory as a tree, and its extent is known before the
reader of the cells makes room for it.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from planner.errors import InputError
from planner.ingest.paths import Found

_BLOCK = 1 << 20
_WORKBOOK, _LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_ROW = re.compile(rb"<(?:\w+:)?row\b")
_ROW_AT = re.compile(rb'\A[^>]*?\br="(\d{1,7})"')
_ROW_HIDDEN = re.compile(rb'\A[^>]*?\bhidden="(?:1|true)"')
_COLUMN_HIDDEN = re.compile(rb'<(?:\w+:)?col\b[^>]*?\bhidden="(?:1|true)"')
_CELL = re.compile(rb"<(?:\w+:)?c[\s>]")
_FILLED = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="([A-Z]{1,3})\d{1,7}"[^>]*(?<!/)>')
_WITHOUT_VALUE = re.compile(
    rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="([A-Z]{1,3})(\d{1,7})"[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)'
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_ERROR = re.compile(
    rb'<(?:\w+:)?c\s(?=[^>]*\bt="e")(?:[^>]*?\s)?r="([A-Z]{1,3})(\d{1,7})"[^>]*>'
    rb"(?:\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>))?\s*<(?:\w+:)?v>([^<]*)</"
)

# what zipfile and the XML parser say of damaged members (of encrypted and unknown ones too)
DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, ET.ParseError, KeyError, OSError, EOFError),
    *(NotImplementedError, RuntimeError, ValueError),
)

Cell = tuple[int, int]  # row and column, 0 = first


@dataclass
class Extent:
    """One sheet as its XML tells: size, what is hidden, cells without a value (formulas) and cells with an error."""

    rows: int = 0
    columns: int = 0
    filled: int = 0
    hidden_rows: int = 0
    hidden_columns: int = 0
    uncalculated: set[Cell] = field(default_factory=set)
    errors: dict[Cell, str] = field(default_factory=dict)


def column_number(letters: str) -> int:
    """The number of a column: A is 1, Z 26, AA 27."""
    value = 0
    for letter in letters:
        value = value * 26 + ord(letter) - 64
    return value


def _local(name: str) -> str:
    """A tag or attribute without its namespace."""
    return name.rpartition("}")[2]


def _tree(archive: zipfile.ZipFile, member: str, found: Found, role: str) -> ET.Element:
    """A small XML member; one with a document type (entities) is refused."""
    content = archive.read(member)
    if b"<!DOCTYPE" in content:
        raise InputError("xlsx_unreadable", f"{found.name}: {member} has a DTD", role=role, file=found.name)
    return ET.fromstring(content)  # noqa: S314 - no document type, so no entities


def layout(found: Found, role: str) -> tuple[dict[str, str], bool]:
    """Name of each sheet -> its member of the archive, and whether days count from 1904.

    Raises
    ------
    InputError
        ``xlsx_unreadable``.
    """
    try:
        with zipfile.ZipFile(found.path) as archive:
            links = {link.get("Id", ""): link.get("Target", "") for link in _tree(archive, _LINKS, found, role)}
            sheets: dict[str, str] = {}
            epoch_1904 = False
            for item in _tree(archive, _WORKBOOK, found, role).iter():
                told = {_local(name): value for name, value in item.attrib.items()}
                if _local(item.tag) == "sheet":
                    target = links.get(told.get("id", ""), "")
                    sheets[told.get("name", "")] = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
                elif _local(item.tag) == "workbookPr":
                    epoch_1904 = told.get("date1904", "") in ("1", "true")
            return {name: member for name, member in sheets.items() if member in archive.namelist()}, epoch_1904
    except DAMAGE as error:
        raise unreadable(found, role, error) from error


def unreadable(found: Found, role: str, error: object) -> InputError:
    """The refusal for a damaged workbook."""
    return InputError("xlsx_unreadable", f"{found.name}: {error}", role=role, file=found.name)


def extent(found: Found, role: str, member: str) -> Extent:
    """One pass over a sheet's XML.

    Raises
    ------
    InputError
        ``xlsx_unreadable``.
    """
    made = Extent()
    letters: set[bytes] = set()
    try:
        for part in _parts(found, member):
            _take(made, letters, part)
    except DAMAGE as error:
        raise unreadable(found, role, error) from error
    made.columns = max([made.columns, *(column_number(name.decode()) for name in letters)])
    return made


def _parts(found: Found, member: str) -> Iterator[bytes]:
    """The XML of a sheet in blocks that end before a row begins."""
    with zipfile.ZipFile(found.path) as archive, archive.open(member) as file:
        kept = b""
        while block := file.read(_BLOCK):
            kept += block
            last = max(kept.rfind(b"<row"), kept.rfind(b":row"))
            cut = kept.rfind(b"<", 0, last + 1) if last > 0 else -1
            if cut > 0:
                yield kept[:cut]
                kept = kept[cut:]
        yield kept


def _take(made: Extent, letters: set[bytes], part: bytes) -> None:
    """Add one block."""
    made.hidden_columns += len(_COLUMN_HIDDEN.findall(part))
    rows = _ROW.split(part)[1:]
    for row in rows:
        at = _ROW_AT.match(row)
        made.rows = max(made.rows + 1, int(at[1]) if at else 0)
        made.hidden_rows += bool(_ROW_HIDDEN.match(row))
        if b" r=" not in row[row.find(b">") :]:  # some programs leave the addresses out: cells follow one another
            cells = len(_CELL.findall(row))
            made.columns, made.filled = max(made.columns, cells), made.filled + cells
    here = _FILLED.findall(part)
    made.filled += len(here)
    letters.update(here)
    if b"<f" in part or b":f" in part:
        for column, row_number in _WITHOUT_VALUE.findall(part):
            made.uncalculated.add((int(row_number) - 1, column_number(column.decode()) - 1))
    if b't="e"' in part:
        for column, row_number, text in _ERROR.findall(part):
            made.errors[int(row_number) - 1, column_number(column.decode()) - 1] = text.decode("utf-8", "replace")
