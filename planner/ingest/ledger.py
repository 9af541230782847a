"""What happened while reading: faults and questions gathered to be raised once, notes, where every row went."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from planner.errors import InputError, InputFaults, Note, PlannerError, Question, UnansweredError
from planner.frames import Account, Tally

ASIDE_COLUMNS = ("role", "file", "line", "reason", "text")
CORRECTION_COLUMNS = ("role", "file", "column", "code", "before", "after", "number", "line")
CONFIDENTIAL = ("police_list",)  # roles of which nothing but numbers is ever written down (P27)
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

    answers: Mapping[str, str] = field(default_factory=dict)
    today: dt.date = field(
        default_factory=lambda: dt.datetime.now().astimezone().date()
    )  # what lies after it has not happened
    faults: list[PlannerError] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    aside: list[tuple[str, str, int, str, str]] = field(default_factory=list)
    corrections: list[tuple[str, str, str, str, str, str, int, int]] = field(default_factory=list)
    _asked: set[str] = field(default_factory=set)

    def gathering(self) -> _Gathering:
        """Within this context a refusal is kept for later, so that the next role is read too."""
        return _Gathering(self.faults)

    def ask(self, question: Question) -> str:
        """The planner's answer; without one the proposal, and the reading will be refused with the question.

        Going on with the proposal lets one run find everything else that is wrong. An answer that is none of the
        choices is a fault of its own (``answer_refused``); a lasting answer that does not fit this file's choices
        is no answer for it: the question is put for the file alone.
        """
        given = self.answers.get(question.file_key, self.answers.get(question.key))
        fits = given is not None and (not question.choices or given in question.choices)
        if given is not None and not fits and question.file_key not in self.answers:
            question, given = replace(question, lasting=False), None
        first = question.key not in self._asked
        self._asked.add(question.key)
        if given is not None and fits:
            if first:
                key = question.file_key if question.file_key in self.answers else question.key
                self.note("answered", key=key, answer=given)
            return given
        if first and given is None:
            self.faults.append(UnansweredError(question))
        elif first:
            told = {"key": question.file_key, "value": given, "allowed": ", ".join(question.choices)}
            self.faults.append(InputError("answer_refused", f"{question.file_key} = {given!r}", **told))
        return question.proposal

    def offer(self, question: Question) -> str:
        """The planner's answer to what need not be answered: without one the proposal stands, and a note tells of it."""
        if question.file_key in self.answers or question.key in self.answers:
            return self.ask(question)
        self.note("offered", key=question.key, answer=question.proposal, choices=", ".join(question.choices))
        return question.proposal

    def corrected(self, code: str, role: str, file: str, column: str, cells: Iterable[tuple[int, str, str]]) -> None:
        """Cells (line, before, after) that were read otherwise than they stand; one note per call counts them."""
        numbers: Counter[tuple[str, str]] = Counter()
        lines: dict[tuple[str, str], int] = {}
        for line, before, after in cells if role not in CONFIDENTIAL else ((n, "", "") for n, _, _ in cells):
            pair = (before[:TEXT_LIMIT], after[:TEXT_LIMIT])
            numbers[pair] += 1
            lines.setdefault(pair, line)
        if not numbers:
            return
        self.corrections.extend((role, file, column, code, *pair, n, lines[pair]) for pair, n in numbers.items())
        before, after = next(iter(numbers))
        told = {"role": role, "file": file, "column": column, "before": before, "after": after}
        self.note(code, number=numbers.total(), line=lines[before, after], **told)

    def note(self, code: str, **values: Any) -> None:
        """Something odd but bearable."""
        self.notes.append(Note(code, values))

    def set_aside(self, role: str, file: str, rows: Iterable[tuple[int, str, str]]) -> None:
        """Rows (line, reason, text) that are not used."""
        limit = 0 if role in CONFIDENTIAL else TEXT_LIMIT
        self.aside.extend((role, file, line, reason, text[:limit]) for line, reason, text in rows)

    @property
    def refusals(self) -> int:
        """How many faults are no questions: after a question the reading goes on with its proposal."""
        return sum(not isinstance(fault, UnansweredError) for fault in self.faults)

    def account(self, areas: Any = None) -> Account:
        """Everything so far, as tables; ``areas``: where the questions with places lie."""
        aside = pd.DataFrame(self.aside, columns=list(ASIDE_COLUMNS))
        corrections = pd.DataFrame(self.corrections, columns=list(CORRECTION_COLUMNS))
        texts = {"role": "str", "file": "str"}
        return Account(
            tuple(self.tallies),
            aside.astype({**texts, "line": "int64", "reason": "str", "text": "str"}),
            corrections.astype(
                {
                    **texts,
                    **dict.fromkeys(("column", "code", "before", "after"), "str"),
                    "number": "int64",
                    "line": "int64",
                }
            ),
            tuple(self.notes),
            areas,
        )

    def raise_faults(self, areas: Any = None) -> None:
        """Raise all faults at once, if there are any.

        Raises
        ------
        InputFaults
            With the account of what could be read.
        """
        if self.faults:
            raise InputFaults(self.faults, self.account(areas))
