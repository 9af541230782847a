"""What happened while reading: faults gathered to be raised once, notes, where every row went."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from planner.errors import InputFaults, Note, PlannerError
from planner.frames import Tally

ASIDE_COLUMNS = ("role", "file", "line", "reason", "text")
TEXT_LIMIT = 500  # characters of a refused row that are shown: one row, not a page


@dataclass
class _Gathering:
    """Takes the refusals raised within it."""

    faults: list[PlannerError]

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> bool:
        if not isinstance(error, PlannerError):
            return False
        self.faults.extend(error.faults)
        return True


@dataclass
class Ledger:
    """The running account of one reading."""

    faults: list[PlannerError] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    aside: list[tuple[str, str, int, str, str]] = field(default_factory=list)

    def gathering(self) -> _Gathering:
        """Within this context a refusal is kept for later, so that the next role is read too."""
        return _Gathering(self.faults)

    def note(self, code: str, **values: Any) -> None:
        """Something odd but bearable."""
        self.notes.append(Note(code, values))

    def set_aside(self, role: str, file: str, rows: Iterable[tuple[int, str, str]]) -> None:
        """Rows (line, reason, text) that are not used."""
        self.aside.extend((role, file, line, reason, text[:TEXT_LIMIT]) for line, reason, text in rows)

    def raise_faults(self) -> None:
        """Raise all faults at once, if there are any."""
        if self.faults:
            raise InputFaults(self.faults)

    def aside_table(self) -> pd.DataFrame:
        """The rows set aside, as a table."""
        table = pd.DataFrame(self.aside, columns=list(ASIDE_COLUMNS))
        return table.astype({"role": "str", "file": "str", "line": "int64", "reason": "str", "text": "str"})
