"""The catalogue of bad inputs: every case makes its files, is read, and says what must survive.

A case is a generator in a module of this folder::

    @case("B013", "SET", "field_count", "one field too many", keeps="the columns of the other rows")
    def one_field_too_many(town: Bench) -> Steps:
        town.write("crime.csv", TWO_THEFTS + "自転車盗,本町1丁目,2023-02-02,余分\n")
        seen = yield
        assert len(seen.the_inputs.incidents) == 2

It writes into a town of two blocks (two_blocks.py: areas.geojson, crime.csv, town.toml) and yields; back comes what a
reading of the folder gave. Outcomes: STOP (a fault with this code), ASK (a question with this code; the folder is then
read a second time with ``town.answers``, or the proposals where it set none, and a second ``yield`` gives what came of
it), FIX and WARN (read; a note with this code), SET (read; rows set aside with this reason), READ (simply read: there is
nothing to say, the code is "-"). ``test_bad.py`` runs them,
``docs/generate.py`` writes docs/bad-inputs.md from them.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pandas as pd

from planner import ingest
from planner.errors import InputFaults, Note, PlannerError, Question, UnansweredError
from planner.frames import Account, Inputs
from tests.ingest.two_blocks import AREAS, CRIME, TOWN, TWO_BLOCKS, TWO_THEFTS

Outcome = Literal["STOP", "ASK", "FIX", "SET", "WARN", "READ"]


@dataclass
class Bench:
    """The town folder that a case spoils."""

    folder: Path
    answers: dict[str, str] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)

    def write(self, name: str, content: str | bytes) -> None:
        """Write (or replace) a file of the town."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.written.append(name)

    def toml(self, extra: str, base: str = TOWN + AREAS + CRIME) -> None:
        """Add tables to town.toml (or replace its base)."""
        (self.folder / "town.toml").write_text(base + extra, encoding="utf-8")


@dataclass(frozen=True)
class Seen:
    """What a reading gave."""

    inputs: Inputs | None
    faults: tuple[PlannerError, ...]
    account: Account

    @property
    def the_inputs(self) -> Inputs:
        """The inputs, which must be there."""
        assert self.inputs is not None, [f.message for f in self.faults]
        return self.inputs

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions without an answer."""
        return tuple(f.question for f in self.faults if isinstance(f, UnansweredError))

    def note(self, code: str) -> Note:
        """The note of a code."""
        return next(n for n in self.account.notes if n.code == code)

    def corrections(self, code: str) -> pd.DataFrame:
        """The corrections of a code."""
        table = self.account.corrections
        return table[table["code"] == code].reset_index(drop=True)

    def reasons(self) -> list[str]:
        """Reasons of the rows set aside, in order."""
        return self.account.set_aside["reason"].tolist()

    def codes(self, outcome: Outcome) -> set[str]:
        """The codes that this reading showed of one outcome."""
        if outcome == "STOP":
            return {f.code for f in self.faults if not isinstance(f, UnansweredError)}
        if outcome == "ASK":
            return {q.code for q in self.questions}
        if outcome == "READ":
            return set() if self.faults else {"-"}
        if outcome == "SET":
            return set(self.reasons())
        return {n.code for n in self.account.notes}


Steps = Generator[None, Seen, None]


@dataclass(frozen=True)
class Case:
    """One item of the catalogue."""

    number: str
    outcome: Outcome
    code: str
    what: str
    keeps: str
    make: Callable[[Bench], Steps]


CASES: list[Case] = []


def case(
    number: str, outcome: Outcome, code: str, what: str, *, keeps: str = "-"
) -> Callable[[Callable[[Bench], Steps]], Callable[[Bench], Steps]]:
    """Enter a generator into the catalogue."""

    def enter(make: Callable[[Bench], Steps]) -> Callable[[Bench], Steps]:
        CASES.append(Case(number, outcome, code, what, keeps, make))
        return make

    return enter


def read(town: Bench) -> Seen:
    """Read the folder as ``planner check`` would."""
    try:
        inputs = ingest.read(town.folder, answers=town.answers)
    except InputFaults as faults:
        return Seen(None, faults.faults, faults.account)
    return Seen(inputs, (), Account(inputs.tallies, inputs.set_aside, inputs.corrections, inputs.notes))


def run(one: Case, folder: Path) -> tuple[Bench, Seen]:
    """Make a case's files, read them, hold the outcome against the catalogue, let the case look at what survives."""
    town = Bench(folder)
    for name, content in (
        ("town.toml", TOWN + AREAS + CRIME),
        ("areas.geojson", TWO_BLOCKS),
        ("crime.csv", TWO_THEFTS),
    ):
        town.write(name, content)
    town.written.clear()
    steps = one.make(town)
    next(steps)
    seen = read(town)
    assert one.code in seen.codes(one.outcome), (one.outcome, one.code, [f.message for f in seen.faults], seen.account)
    assert (seen.inputs is None) == (one.outcome in ("STOP", "ASK")), [f.message for f in seen.faults]
    for tally in seen.account.tallies:
        assert tally.rows == tally.accepted + tally.set_aside + tally.duplicate + tally.outside, tally
    over = _send(steps, seen)
    if one.outcome == "ASK":
        assert not over, "a question must be answered: yield a second time"
        for question in seen.questions:
            town.answers.setdefault(question.key, question.proposal)
        over = _send(steps, read(town))
    assert over, "one yield too many"
    return town, seen


def _send(steps: Steps, seen: Seen) -> bool:
    """Whether the case has ended."""
    try:
        steps.send(seen)
    except StopIteration:
        return True
    return False


def catalogue() -> list[Case]:
    """Every case of every module here, in the order of the catalogue."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return sorted(CASES, key=lambda one: one.number)
