"""What the command line prints: tables, notes, plans, and what ``check`` and ``init`` found."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.text import Language, floor_name, say

if TYPE_CHECKING:
    from pydantic import BaseModel

    from planner.plan import Plan
    from planner.programmes import Programme
    from planner.replies import CheckReply, InitReply, NoteReply, QuestionReply, RulesReply, WhyReply

LANG: Language = "en" if os.environ.get("PLANNER_LANGUAGE", "ja") == "en" else "ja"
MOST_LINES = 12  # of one group on the screen; the files in the output folder hold all


def t(key: str, /, **values: Any) -> str:
    """A sentence in the language of the terminal."""
    return say(LANG, key, **values)


def notes(notes: Iterable[Any]) -> list[NoteReply]:
    """Notes of the inputs, or remarks of a plan, with their sentences."""
    from planner.plan import Remark, remark
    from planner.replies import NoteReply
    from planner.show import sentence

    remarks = [n if isinstance(n, Remark) else remark(n) for n in notes]
    return [NoteReply(code=r.code, sentence=sentence(r, LANG), values=r.values) for r in remarks]


def print_notes(notes: list[NoteReply]) -> None:
    """A line per note, under their heading."""
    print(t("cli.notes"))
    for note in notes:
        print("-", note.sentence)


def offence(group: str) -> str:
    """The name of an offence group."""
    from planner.assumptions import rows

    return next((r[f"name_{LANG}"] for r in rows("offences") if r["offence"] == group), group)


def fields(names: Iterable[str]) -> str:
    """Names of programme fields in words."""
    return ("、" if LANG == "ja" else ", ").join(t(f"programme_field.{name}") for name in names)


def rule(name: str, programmes: Iterable[Programme] = ()) -> str:
    """The name of a rule in words, with what it is for where it is one of several (a programme by its name)."""
    kind, _, of = name.partition(":")
    named = {p.id: p.named[LANG] for p in programmes}
    about = floor_name(of, LANG) if kind == "floor" else named.get(of, of)
    return f"{t(f'rule.{kind}')} {about}".strip()


def print_rules(reply: RulesReply, programmes: Iterable[Programme]) -> None:
    """What each rule costs, a limit on days that was made stricter in a sentence, and the plan that all of them leave."""
    heads = [t(f"cli.head.{h}") for h in ("rule", "limit", "cost", "interval")]
    spread = {
        w.rule: t("show.interval", low=f"{w.low_per_year:.2f}", high=f"{w.high_per_year:.2f}") for w in reply.rules
    }
    rows = [[rule(w.rule, programmes), w.limit, f"{w.cost_per_year:.2f}", spread[w.rule]] for w in reply.rules]
    table(heads, rows)
    print(t("cli.rules.value", value=reply.value, bound=reply.bound, recounted=reply.recounted))
    for w in reply.rules:
        if w.rule in ("retention_min_raised", "retention_max_lowered"):
            told = {"low": w.low_per_year, "high": w.high_per_year, "cost": w.cost_per_year, "days": w.limit}
            print(t(f"cli.rules.{w.rule}", **told))


def figure(value: Any) -> str:
    """A value as a person reads it."""
    if isinstance(value, bool):
        return t("cli.yes") if value else t("cli.no")
    if isinstance(value, list):
        return f"{len(value)}: {', '.join(map(str, value[:5]))}" if value else "0"
    if isinstance(value, float):
        return f"{value:,.3f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def print_plan(made: Plan, files: list[Path]) -> None:
    """The plan in a few lines, value by offence first."""
    lines = [
        [
            offence(o.offence_group),
            f"{o.expected_per_year:,.1f}",
            f"{o.before_per_year:,.2f}",
            f"{o.after_per_year:,.2f}",
        ]
        for o in made.offences
    ]
    table([t(f"cli.head.{h}") for h in ("offence", "expected", "before", "after")], lines)
    payers = made.payers
    print(
        t("cli.plan.value", value=made.value, bound=made.bound, gap=made.gap * 100, status=t(f"status.{made.status}"))
    )
    print(
        t(
            "cli.plan.sites",
            sites=len(made.sites),
            cameras=made.cameras,
            total=made.total_yen,
            running=made.running_yen_per_year,
        )
    )
    print(t("cli.plan.payers", **payers.model_dump()))
    if made.phases:
        heads = [t(f"column.{h}") for h in ("fiscal_year", "own_limit", "sites", "payer_municipality", "value_so_far")]
        years = [
            [
                str(p.fiscal_year),
                f"{p.own_yen:,}",
                str(len(p.site_ids)),
                f"{p.payers.municipality_yen:,}",
                f"{p.value:.2f}",
            ]
            for p in made.phases
        ]
        table(heads, years)
    print(t("cli.plan.took", seconds=made.run.seconds))
    print_notes(notes(made.notes))
    print(*files, sep="\n")


def table(heads: list[str], lines: list[list[str]]) -> None:
    """A table with borders."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*heads)
    for line in lines:
        table.add_row(*line)
    Console(width=None if sys.stdout.isatty() else 200).print(table)  # a file is no narrow screen: nothing is cut


def print_records(shown: list[tuple[str, list[str], list[list[str]]]]) -> None:
    """Every table under its heading."""
    for heading, heads, lines in shown:
        print(heading)
        table(heads, lines)


def print_why(reply: WhyReply) -> None:
    """Every place under its name."""
    from planner.show import Words

    words = Words(LANG)
    for told in reply.places:
        print(
            told.name
            if told.distance_m is None
            else t("cli.why.away", name=told.name, away=words.away(told.distance_m))
        )
        for sentence in told.sentences:
            print("-", sentence)


def print_validation(tested: Mapping[str, Any]) -> None:
    """How well the last year would have been predicted: sentences, then every table under its heading."""
    from planner import show

    print(*show.validation_sentences(tested, LANG), sep="\n")
    print_records(show.validation_lines(tested, LANG))


def print_check(reply: CheckReply) -> None:
    """What was read, then what is refused, asked, corrected, set aside and noted, each with its heading."""
    if reply.files:
        head = ["file", "rows", "accepted", "set_aside", "duplicate", "outside"]
        lines = [[f.file, *(f"{getattr(f, k):,}" for k in head[1:])] for f in reply.files]
        lines.append([t("cli.sum"), *(f"{getattr(reply, k):,}" for k in head[1:])])
        table([t(f"cli.head.{h}") for h in head], lines)
    _group("cli.check.refused", len(reply.faults), [f"- {f.sentence}" for f in reply.faults])
    if reply.questions:
        _group("cli.check.asked", len(reply.questions), [])
        for number, question in enumerate(reply.questions, 1):
            _print_question(number, question)
        print(t("cli.check.answer_with", file=reply.answers_file))
    corrected = [t("cli.check.corrected_line", sentence=c.sentence, number=c.number) for c in reply.corrections]
    _group("cli.check.corrected", sum(c.number for c in reply.corrections), corrected)
    aside = [
        " ".join(
            p
            for p in (t("cli.check.aside_line", role=t(f"role.{r.role}"), number=r.number, reason=r.sentence), r.remedy)
            if p
        )
        for r in reply.set_aside_by_reason
    ]
    _group("cli.check.aside", reply.set_aside, aside)
    print_notes(reply.notes)
    print(*reply.written, sep="\n")


def _group(heading: str, number: int, lines: list[str]) -> None:
    """A heading with its number and a line each; nothing where there is nothing."""
    if number:
        print(t(heading, number=number))
        for line in lines:
            print(f"  {line}")


def _print_question(number: int, question: QuestionReply) -> None:
    """A question with its choices, the proposed one marked, and how the first rows would be read."""
    print(f"  {number}. {question.sentence}")
    for choice in question.choices[:MOST_LINES]:
        mark = t("cli.check.proposed") if choice.value == question.proposal else ""
        shown = " | ".join(choice.preview)
        print(f"     - {choice.name}{mark}" + (f": {shown}" if shown else ""))
    if len(question.choices) > MOST_LINES:
        print("     " + t("cli.check.more_choices", number=len(question.choices) - MOST_LINES))
    if not question.choices:
        print("     " + t("cli.check.free_answer", proposal=question.proposal))


def print_init(reply: InitReply) -> None:
    """Every file with its role and first rows, what is missing, what was written and what comes next."""
    told: set[tuple[str, ...]] = set()
    for file in reply.files:
        role = t(f"role.{file.role}") if file.role else t("cli.init.no_role")
        print(
            t("cli.init.file", file=f"{file.file} {file.layer or ''}".strip(), role=role, why=file.why, rows=file.rows)
        )
        if file.role and tuple(file.headings) not in told:  # seven files of one form need no seven pictures
            told.add(tuple(file.headings))
            for row in (file.headings, *file.first_rows):
                print("    " + " | ".join(row))
        if file.hidden:
            print("    " + t("cli.init.hidden", headings=", ".join(file.hidden)))
    print(t("cli.init.town", town=reply.town or "-", code=reply.code or "-"))
    needed = [m for m in reply.missing if m.required]
    for heading, missing in (
        ("cli.init.needed", needed),
        ("cli.init.missing", [m for m in reply.missing if not m.required]),
    ):
        lines = [
            t("cli.init.missing_line", role=t(f"role.{m.role}"), source=m.source, absent=m.absent) for m in missing
        ]
        _group(heading, len(missing), lines)
    print(t("cli.init.written", file=reply.written))
    if not reply.written.endswith("town.toml"):
        print(t("cli.init.beside"))
    print(t("cli.init.next" if reply.complete else "cli.init.incomplete"))


def answer(reply: BaseModel, as_json: bool, *in_words: Callable[[], None]) -> None:
    """One JSON value on one line, or words."""
    if as_json:
        sys.stdout.write(reply.model_dump_json() + "\n")
    else:
        for show in in_words:
            show()
