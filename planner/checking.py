"""What ``check`` does: read a town, write where every row went and what is asked, say it in one reply."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from planner import ingest, show, study
from planner.errors import InputFaults, Note, PlannerError, Question, UnansweredError
from planner.frames import Account, Inputs
from planner.plan import Remark, remark
from planner.replies import (
    AsideReply,
    CheckReply,
    ChoiceReply,
    CorrectionReply,
    FileReply,
    NoteReply,
    QuestionReply,
    fault_reply,
)
from planner.text import Language
from planner.work import Work

ANSWERS, SET_ASIDE, CORRECTIONS = "answers.toml", "set_aside.csv", "corrections.csv"


@dataclass(frozen=True)
class Checked:
    """What a reading gave: the inputs, or why there are none; what could be read stands in ``account`` either way."""

    inputs: Inputs | None
    faults: tuple[PlannerError, ...]
    questions: tuple[Question, ...]
    account: Account

    @property
    def exit_code(self) -> int:
        """2 while anything is refused or unanswered."""
        return 2 if self.faults or self.questions else 0


def check(folder: Path, work: Work, answers: Mapping[str, str]) -> Checked:
    """Read a town with the planner's answers; those that were taken are remembered in its ``town.toml``.

    Raises
    ------
    StoreError
        ``file_not_written``: the answers are good, but ``town.toml`` cannot be written.
    """
    inputs: Inputs | None = None
    faults: tuple[PlannerError, ...] = ()
    try:
        inputs = ingest.read(folder, work, answers)
        account = Account(inputs.tallies, inputs.set_aside, inputs.corrections, inputs.notes)
        study.wishes(inputs)
    except InputFaults as refused:
        account, faults = refused.account, refused.faults
    except PlannerError as refused:
        if inputs is None:
            raise
        faults = refused.faults
    taken = {note.values["key"]: note.values["answer"] for note in account.notes if note.code == "answered"}
    if new := {key: value for key, value in answers.items() if key in taken}:
        ingest.remember(folder, new)
    refused_keys = {fault.values.get("key") for fault in faults if fault.code == "answer_refused"}
    unused = [key for key in answers if key not in taken and key not in refused_keys]
    if unused and inputs is not None:
        note = Note("answers_unused", {"number": len(unused), "keys": ", ".join(unused[:5])})
        account = Account(account.tallies, account.set_aside, account.corrections, (*account.notes, note))
    asked = [fault.question for fault in faults if isinstance(fault, UnansweredError)]
    questions = tuple(sorted(asked, key=lambda question: question.file))  # as the answers file groups them
    return Checked(inputs, tuple(f for f in faults if not isinstance(f, UnansweredError)), questions, account)


def write(checked: Checked, out: Path, language: Language) -> list[Path]:
    """Write ``set_aside.csv`` and ``corrections.csv`` (always) and ``answers.toml`` (while questions are open).

    An ``answers.toml`` that holds answers of the planner's is never lost: they stand in the new one, uncommented; one
    without any is taken away once nothing is asked.

    Raises
    ------
    InputError
        ``answers_unreadable``: the ``answers.toml`` that is there is no TOML, so that it is not written over.
    StoreError
        ``file_not_written``.
    """
    account = checked.account
    contents = {
        out / SET_ASIDE: show.set_aside_csv(account.set_aside.to_dict("records"), language),
        out / CORRECTIONS: show.corrections_csv(account.corrections.to_dict("records"), language),
    }
    path = out / ANSWERS
    before = ingest.load_answers(path) if path.exists() else {}
    if checked.questions:
        contents[path] = show.answers_file(checked.questions, before, language).encode()
    elif not before:
        path.unlink(missing_ok=True)
    return show.put(contents)


def reply(checked: Checked, written: list[Path], language: Language) -> CheckReply:
    """Everything that ``check`` says, as one value."""
    inputs, account = checked.inputs, checked.account
    files = [FileReply(**{k: v for k, v in vars(t).items() if k != "note"}) for t in account.tallies]
    places = {} if inputs is None else inputs.incidents["precision"].value_counts().to_dict()
    sums = {
        name: sum(getattr(f, name) for f in files) for name in ("rows", "accepted", "set_aside", "duplicate", "outside")
    }
    return CheckReply(
        exit_code=checked.exit_code,
        town=inputs.town.name if inputs else None,
        code=inputs.town.code if inputs else None,
        epsg=inputs.town.epsg if inputs else None,
        files=files,
        **sums,
        placed_in_area=int(places.get("area", 0)),
        placed_in_city=int(places.get("city", 0)),
        placed_at_point=int(places.get("point", 0)),
        faults=[fault_reply(f.code, f.values, language) for f in checked.faults],
        questions=[_question(q, language) for q in checked.questions],
        corrections=_corrections(account, language),
        set_aside_by_reason=_aside(account, language),
        notes=_notes(account, language),
        written=[str(path) for path in written],
        answers_file=next((str(path) for path in written if path.name == ANSWERS), ""),
    )


def _question(question: Question, language: Language) -> QuestionReply:
    """A question with everything needed to answer it."""
    return QuestionReply(
        key=question.key,
        code=question.code,
        role=question.role,
        file=question.file,
        sentence=show.asked(question, language),
        proposal=question.proposal,
        lasting=question.lasting,
        choices=[ChoiceReply(**vars(choice)) for choice in show.choices(question, language)],
    )


def _notes(account: Account, language: Language) -> list[NoteReply]:
    """Notes but those of single corrections, which stand by code."""
    corrected = set(account.corrections["code"])
    remarks = [remark(note) for note in account.notes if note.code not in corrected]
    return [NoteReply(code=r.code, sentence=show.sentence(r, language), values=r.values) for r in remarks]


def _corrections(account: Account, language: Language) -> list[CorrectionReply]:
    """Corrections by code: how many cells, and the sentence of the first."""
    made = []
    for code, rows in account.corrections.groupby("code", sort=False):
        first = {name: rows[name].iloc[0] for name in ("role", "file", "column", "before", "after")}
        told = {**first, "number": int(rows["number"].sum()), "line": int(rows["line"].iloc[0])}
        said = show.sentence(Remark(code=str(code), values=told), language)
        made.append(CorrectionReply(code=str(code), number=told["number"], sentence=said))
    return made


def _aside(account: Account, language: Language) -> list[AsideReply]:
    """Rows set aside by role and reason."""
    counted = Counter(zip(account.set_aside["role"], account.set_aside["reason"], strict=True))
    return [
        AsideReply(
            role=role,
            reason=code,
            number=number,
            sentence=show.reason(code, language),
            remedy=show.remedy(code, language),
        )
        for (role, code), number in counted.items()
    ]
