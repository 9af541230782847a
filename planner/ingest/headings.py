"""The heading row: where it stands when titles stand above it, and which of two columns of one name is meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from planner.errors import Question
from planner.ingest.dialect import Record
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec
from planner.ingest.paths import Found
from planner.ingest.words import folded

_PREVIEW = 5
_SHOWN = 200  # characters of a title


def find_heading(
    first: Sequence[Record], found: Found, spec: RoleSpec, known: frozenset[str], ledger: Ledger
) -> tuple[int, str]:
    """Position of the heading row among the first records, and the text above it.

    It is the first row that shows most headings known to the role, two at least (one alone may be a word among the
    data); where none does, the first that fills at least half as many cells as most rows have. If that is not the
    first row, it is asked (``header_row``).

    Returns
    -------
    tuple
        Position (0 where there are no records) and the title ("" where nothing stands above).
    """
    rows = [(at, cells) for at, (_, cells, *_) in enumerate(first) if any(cell.strip() for cell in cells)]
    if not rows:
        return 0, ""
    named = {at: len(known & {folded(cell).lower() for cell in cells}) for at, cells in rows}
    at = max(named, key=lambda n: named[n])
    if named[at] < 2:
        width = Counter(len(cells) for _, cells in rows).most_common(1)[0][0]
        at = next((n for n, cells in rows if sum(bool(c.strip()) for c in cells) * 2 >= width), rows[0][0])
    top = rows[0][0]
    if at != top:
        preview = {
            str(first[n][0]): tuple(" | ".join(cells) for _, cells, *_ in first[n : n + _PREVIEW]) for n in (at, top)
        }
        line = str(first[at][0])
        values = {"role": spec.name, "file": found.name, "line": line, "text": _joined(first[top:at])}
        answer = ledger.ask(Question("header_row", spec.name, found.name, line, (*preview,), values, preview=preview))
        at = at if answer == line else top
    title = _joined(first[top:at])
    if title:
        ledger.note("title_kept", role=spec.name, file=found.name, text=title)
    return at, title


def _joined(rows: Sequence[Record]) -> str:
    """The filled cells of some rows as one text."""
    return " ".join(cell.strip() for _, cells, *_ in rows for cell in cells if cell.strip())[:_SHOWN]


def told_apart(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    found: Found,
    spec: RoleSpec,
    known: frozenset[str],
    ledger: Ledger,
) -> tuple[str, ...]:
    """Headings in which a name that the role may use stands once: the planner says which column is meant (B018).

    The other columns are kept under their name with their number behind it (``緯度 (5)``).
    """
    names = list(headings)
    for heading in dict.fromkeys(h for h in headings if h.lower() in known and headings.count(h) > 1):
        places = [at for at, name in enumerate(headings) if name == heading]
        preview = {str(at + 1): tuple(row[at] for row in rows[:_PREVIEW] if at < len(row)) for at in places}
        values = {"role": spec.name, "file": found.name, "heading": heading, "columns": ", ".join(preview)}
        question = Question(
            "heading_meant", spec.name, found.name, str(places[0] + 1), (*preview,), values, heading, preview=preview
        )
        meant = int(ledger.ask(question)) - 1
        for at in places:
            if at != meant:
                names[at] = f"{heading} ({at + 1})"
    return tuple(names)
