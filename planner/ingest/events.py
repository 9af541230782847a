"""The records of all files together: rows that repeat, and what is said of the whole table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import pandas as pd

from planner import assumptions
from planner.errors import Question
from planner.ingest.ledger import TEXT_LIMIT, Ledger

ONE, SEVERAL = "one", "several"


class Origin(NamedTuple):
    """Where a row stands."""

    file: str
    line: int
    text: str


@dataclass
class Repeats:
    """Which rows came before."""

    first: dict[str, Origin] = field(default_factory=dict)  # identifier -> its first row
    again: Counter[str] = field(default_factory=Counter)  # identifier -> how many identical rows followed
    conflicts: dict[str, Origin] = field(default_factory=dict)  # identifier -> the first row that contradicts
    several: dict[str, tuple[str, Origin]] = field(default_factory=dict)  # event -> the identifier that it shares
    unnamed: Counter[str] = field(default_factory=Counter)  # rows without an identifier, by their text

    def verdict(self, identity: str, row: Origin, ledger: Ledger) -> tuple[str, str]:
        """What becomes of a row: "" (an event), ``duplicate`` or ``id_repeated``; and its identifier.

        Without an identifier equal rows are events of their own. With one, identical rows are asked about once for
        the role (B048); a row that contradicts is set aside, and so is the first in `settle` (B049).
        """
        if not identity:
            self.unnamed[row.text] += 1
            return "", f"{row.file}:{row.line}"
        first = self.first.setdefault(identity, row)
        if first is row:
            return "", identity
        if first.text != row.text:
            self.conflicts.setdefault(identity, row)
            return "id_repeated", identity
        self.again[identity] += 1
        question = Question(
            "same_id",
            "crime",
            row.file,
            ONE,
            (ONE, SEVERAL),
            {"identifier": identity, "first": first.line, "second": row.line, "other": first.file},
            lasting=True,
            preview={ONE: (row.text[:TEXT_LIMIT],), SEVERAL: (first.text[:TEXT_LIMIT], row.text[:TEXT_LIMIT])},
        )
        if ledger.ask(question) == ONE:
            return "duplicate", identity
        event = f"{identity}#{self.again[identity] + 1}"
        self.several[event] = identity, row
        return "", event

    def settle(self, incident_ids: list[str], ledger: Ledger) -> list[bool]:
        """Set aside the first rows of contradicted identifiers too, beside the rows that contradict them.

        Returns
        -------
        list[bool]
            Per accepted row, whether it stays.
        """
        if repeats := sum(count - 1 for count in self.unnamed.values()):
            ledger.note("repeats_kept", number=repeats)
        shared = [self.several.get(event, (event, self.first.get(event))) for event in incident_ids]
        beside: dict[tuple[str, int], list[Origin]] = {}  # the row that contradicts -> those that it contradicts
        lost: Counter[str] = Counter()
        for identity, origin in shared:
            if origin is not None and identity in self.conflicts:
                other = self.conflicts[identity]
                beside.setdefault((other.file, other.line), []).append(origin)
                lost[origin.file] += 1
        aside = []
        for entry in ledger.aside:
            firsts = beside.get(entry[1:3], []) if entry[0] == "crime" else []
            aside += [("crime", row.file, row.line, "id_repeated", row.text[:TEXT_LIMIT]) for row in firsts]
            aside.append(entry)
        ledger.aside = aside
        ledger.tallies = [
            replace(t, accepted=t.accepted - lost[t.file], set_aside=t.set_aside + lost[t.file])
            if t.role == "crime"
            else t
            for t in ledger.tallies
        ]
        self._note_conflicts(ledger)
        return [identity not in self.conflicts for identity, _ in shared]

    def _note_conflicts(self, ledger: Ledger) -> None:
        """How many identifiers are contradicted, the first with both of its texts."""
        if not self.conflicts:
            return
        identity, other = next(iter(self.conflicts.items()))
        row = self.first[identity]
        told = {"identifier": identity, "file": row.file, "line": row.line, "text": row.text[:TEXT_LIMIT]}
        told |= {"other_file": other.file, "other_line": other.line, "other_text": other.text[:TEXT_LIMIT]}
        ledger.note("ids_conflict", number=len(self.conflicts), **told)


def note_the_whole(table: pd.DataFrame, ledger: Ledger) -> None:
    """Notes ``hours_unknown`` (the share without an hour) and ``points_few`` (so few that a person can be told)."""
    unknown = int(table["hour"].isna().sum())
    if unknown:
        ledger.note("hours_unknown", number=unknown, rows=len(table), share=unknown / len(table))
    few: Any = table.loc[table["precision"] == "point", "offence"].value_counts()
    few = few[few < assumptions.number("few_points")]
    if len(few):
        offences = ", ".join(f"{offence} {number}" for offence, number in few.items())
        ledger.note("points_few", offences=offences, limit=int(assumptions.number("few_points")))
