"""Text to records: lines with their true numbers, the separator, quoted cells; nothing is repaired on the way."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from operator import methodcaller

import numpy as np
from numpy.typing import NDArray

from planner.assumptions import number
from planner.errors import InputError, Question
from planner.ingest.encodings import Decoded
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec
from planner.ingest.paths import Found
from planner.ingest.words import folded

# line, cells, where it begins and ends in the text, and why it cannot be used ("": nothing against it)
Record = tuple[int, list[str], int, int, str]

_LINE = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n)|[^\r\n]+")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff]")
_QUOTED = re.compile(r'"(?:[^"]++|"")*+"')
_SEPARATORS = {",": "comma", "\t": "tab", ";": "semicolon", "，": "full_width_comma"}
_TEXT = methodcaller("group")  # the text of a match
_LOOKED_AT = 50  # lines on which a separator is tried
_PREVIEW = 5


def without_controls(text: str) -> str:
    """A text without NUL, control characters and inner byte-order marks."""
    return _CONTROL.sub("", text)


def pictured(text: str) -> str:
    """A text with its control characters as pictures (␀ ...), so that they can be seen and listed."""
    return _CONTROL.sub(lambda found: chr(0x2400 + ord(found[0])) if ord(found[0]) < 32 else "␡", text)


def _line_ends(text: str, found: Found, role: str) -> NDArray[np.int64]:
    """Where each physical line ends; none may be longer than the limit."""
    ends = np.fromiter((line.end() for line in _LINE.finditer(text)), np.int64)
    limit = int(number("line_characters"))
    long = np.flatnonzero(np.diff(ends, prepend=0) > limit)
    if len(long):
        told = {"role": role, "file": found.name, "line": int(long[0]) + 1, "limit": limit}
        raise InputError("line_too_long", f"line {long[0] + 1} has more than {limit} characters", **told)
    return ends


def cleaned(decoded: Decoded, found: Found, role: str, ledger: Ledger) -> str:
    """The text without control characters; every line that held one is listed (``controls_removed``)."""
    text = decoded.text
    if not _CONTROL.search(text):
        return text
    cells = []
    for at, line in enumerate(_LINE.finditer(text), 1):
        if _CONTROL.search(line[0]):
            plain = line[0].rstrip("\r\n")
            cells.append((at, pictured(plain), without_controls(plain)))
    ledger.corrected("controls_removed", role, found.name, "-", cells)
    return without_controls(text)


def separator(text: str, found: Found, spec: RoleSpec, known: frozenset[str], ledger: Ledger) -> str:
    """What stands between the cells: the sign that shows most known headings, then the most regular rows.

    A tab or a semicolon is taken with a note, a full-width comma is asked: it is a sign of prose too.
    """
    head = [line[0] for line in islice(_LINE.finditer(text), _LOOKED_AT)]

    def fit(sign: str) -> tuple[int, int, int]:
        rows: list[list[str]] = []
        with suppress(csv.Error):  # a cell beyond the reader's own limit: what was read before it tells enough
            rows.extend(row for row in csv.reader(head, delimiter=sign) if row)
        named = max((sum(folded(cell).lower() in known for cell in row) for row in rows), default=0)
        width, regular = max(Counter(len(row) for row in rows if len(row) > 1).items(), key=_often, default=(1, 0))
        return named, regular, width

    sign = max(_SEPARATORS, key=fit)
    if sign == "，" and fit(sign)[1]:
        preview = {_SEPARATORS[s]: tuple(" | ".join(line.split(s)).strip() for line in head[:_PREVIEW]) for s in "，,"}
        values = {"role": spec.name, "file": found.name}
        question = Question(
            "separator", spec.name, found.name, "full_width_comma", (*preview,), values, preview=preview
        )
        sign = "，" if ledger.ask(question) == "full_width_comma" else ","
    elif sign != ",":
        ledger.note(
            "separator_read", role=spec.name, file=found.name, separator={"\t": "TAB", ";": ";"}.get(sign, sign)
        )
    return sign


def _often(pair: tuple[int, int]) -> tuple[int, int]:
    """How often a width occurs, then the width."""
    return pair[1], pair[0]


def records(text: str, sign: str, bad: frozenset[int], found: Found, role: str) -> Iterator[Record]:
    """The records of a text with the physical lines on which they begin; wholly empty lines are none.

    Raises
    ------
    InputError
        ``quote_unclosed`` (with the line on which the quotation mark stands), ``line_too_long``, ``cell_too_long``.
    """
    ends = _line_ends(text, found, role).tolist()
    longest = int(number("cell_characters"))
    reader = csv.reader(map(_TEXT, _LINE.finditer(text)), delimiter=sign, strict=True)
    begun, start = 1, 0
    try:
        for row in reader:
            last = reader.line_num
            end = ends[last - 1]
            if row:
                if end - start > longest and max(map(len, row)) > longest:
                    raise _too_long(found, role, begun, longest)
                spoilt = bad and not bad.isdisjoint(range(begun, last + 1))
                yield begun, row, start, end, "line_undecodable" if spoilt else ""
            begun, start = last + 1, end
    except csv.Error as error:
        opened = _open_quote(text, start, sign)
        if opened is None:  # the reader's own limit on one cell
            raise _too_long(found, role, begun, longest) from error
        line = begun + len(re.findall(r"\r\n|\r|\n", text[start:opened]))
        raise InputError(
            "quote_unclosed",
            f"{found.name}:{line}: {error}",
            role=role,
            file=found.name,
            line=line,
            text=text[opened : opened + 40].splitlines()[0],
        ) from error


def _too_long(found: Found, role: str, line: int, limit: int) -> InputError:
    """The refusal for a cell beyond the limit."""
    return InputError(
        "cell_too_long", f"{found.name}:{line}: a cell is too long", role=role, file=found.name, line=line, limit=limit
    )


def _open_quote(text: str, start: int, sign: str) -> int | None:
    """Where the first quotation mark of a record stands that is not closed before a separator or line end."""
    stops = re.compile(f"[{re.escape(sign)}\r\n]")
    at = start
    while at < len(text):
        if text[at] == '"':
            quoted = _QUOTED.match(text, at)
            if quoted is None or text[quoted.end() : quoted.end() + 1] not in ("", sign, "\r", "\n"):
                return at
            at = quoted.end()
        stop = stops.search(text, at)
        if stop is None:
            return None
        at = stop.end()
    return None
