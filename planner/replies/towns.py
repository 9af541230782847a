"""What ``check``, ``init``, ``score``, ``records``, ``example`` and ``doctor`` answer."""

from __future__ import annotations

from typing import Any

from planner.replies.faults import FaultReply, Frozen, NoteReply


class FileReply(Frozen):
    """Where the rows of one input file went; the four add up to ``rows``."""

    role: str
    file: str
    rows: int
    accepted: int
    set_aside: int
    duplicate: int
    outside: int
    encoding: str
    sha256: str


class ChoiceReply(Frozen):
    """One answer to a question; ``preview``: how the first rows would be read."""

    value: str
    name: str
    preview: tuple[str, ...]


class QuestionReply(Frozen):
    """What the planner must decide; any text may be the answer where there are no choices."""

    key: str
    code: str
    role: str
    file: str
    sentence: str
    proposal: str
    lasting: bool
    choices: list[ChoiceReply]


class CorrectionReply(Frozen):
    """Cells that were read otherwise than they stand, of one kind."""

    code: str
    number: int
    sentence: str


class AsideReply(Frozen):
    """Rows that are not used, of one role and reason; ``remedy`` may be empty."""

    role: str
    reason: str
    number: int
    sentence: str
    remedy: str


class CheckReply(Frozen):
    """``check``: what is refused, asked, corrected, set aside and assumed.

    It is given with exit code 2 too (something is refused or unanswered); the town is null then.
    """

    exit_code: int
    town: str | None
    code: str | None
    epsg: int | None
    files: list[FileReply]
    rows: int
    accepted: int
    set_aside: int
    duplicate: int
    outside: int
    placed_in_area: int
    placed_in_city: int
    placed_at_point: int
    faults: list[FaultReply]
    questions: list[QuestionReply]
    corrections: list[CorrectionReply]
    set_aside_by_reason: list[AsideReply]
    notes: list[NoteReply]
    written: list[str]
    answers_file: str


class ValidationReply(Frozen):
    """The last year held out; rows of ``validation_scores``, ``_deciles``, ``_districts`` (docs/glossary.md), unknown: null."""

    tested_from: str
    tested_until: str
    history_years: float
    level_predicted: float
    level_observed: float
    interval_share: float
    scores: list[dict[str, Any]]
    deciles: list[dict[str, Any]]
    districts: list[dict[str, Any]]
    notes: list[NoteReply]


class ScoreReply(Frozen):
    """``score``: expected recorded offences a year; ``validation`` only where it was asked for."""

    out: str | None
    spots: int
    areas: int
    expected_offences_per_year: float
    by_offence: dict[str, float]
    by_measure: dict[str, float]
    validation: ValidationReply | None
    notes: list[NoteReply]
    seconds: float


class RecordsReply(Frozen):
    """``records``: what the records say; each table as rows (columns: docs/glossary.md); hour and weekday -1: unknown."""

    tables: dict[str, list[dict[str, Any]]]
    notes: list[NoteReply]


class ExampleReply(Frozen):
    """``example``: the made-up town folder that was written; ``bytes`` of all its files."""

    folder: str
    seed: int
    people: int
    files: list[str]
    bytes: int


class SeenReply(Frozen):
    """One file (or layer) that ``init`` looked at; cells under ``hidden`` headings are not shown."""

    file: str
    layer: str | None
    kind: str
    role: str | None
    why: str
    rows: int
    headings: list[str]
    first_rows: list[list[str]]
    hidden: list[str]


class MissingReply(Frozen):
    """A role without a file: what it is for, where to get it, what is assumed without it."""

    role: str
    required: bool
    meaning: str
    source: str
    absent: str


class InitReply(Frozen):
    """``init``: what each file is, what is missing, and the settings file that was written."""

    written: str
    town: str | None
    code: str | None
    crs: str | None
    complete: bool
    files: list[SeenReply]
    missing: list[MissingReply]


class DoctorCheck(Frozen):
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str


class DoctorReply(Frozen):
    """``doctor``: whether this installation is whole."""

    ok: bool
    checks: list[DoctorCheck]
