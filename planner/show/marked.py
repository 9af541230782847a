"""What every file bears of itself: who may see it, which plan it is of, by which criteria, and the store's latest hash."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from planner.plan import Plan
from planner.show.table import Column, Table
from planner.show.words import Words

_JAPAN = dt.timezone(dt.timedelta(hours=9))


def criteria_of(plan: Plan) -> tuple[str, str]:
    """The criteria of choice that were settled, and the ISO day on which they were; "" where not told (P14)."""
    return str(plan.setting("criteria.text") or "").strip(), str(plan.setting("criteria.decided_on") or "")


def criteria_sentences(plan: Plan, words: Words, most: int | None = None) -> list[str]:
    """By which criteria sites were to be chosen, when they were settled, and whether that was before the plan was computed.

    ``most``: so many characters of the criteria at most, where there is room for no more.
    """
    text, decided = criteria_of(plan)
    text = text if most is None or len(text) <= most else f"{text[:most]}…"
    if not text:
        return [words.say("criteria.none")]
    if not decided:
        return [words.say("criteria.undated", text=text)]
    said = [words.say("criteria.decided", text=text, day=words.day(decided))]
    made = dt.datetime.fromisoformat(plan.run.created_at).astimezone(_JAPAN).date().isoformat()
    if decided > made:
        said.append(words.say("criteria.after_plan", day=words.day(decided), made=words.day(made)))
    return said


def marked(table: Table, plan: Plan, words: Words, audit_sha256: str = "", mark: str = "show.mark") -> Table:
    """The table with its handling, plan, criteria and audit hash in the last columns: what a CSV cannot say anywhere else.

    A table that says which plan it is of, or who may see it, is not told so twice.
    """
    told = {c.key for c in table.columns}
    more = [(key, value) for key, value in _origin(plan, words, audit_sha256, mark) if key not in told]
    more = [(key, value) for key, value in more if key != "criteria" or criteria_of(plan)[0]]
    columns = tuple(Column(words.say(f"column.{key}"), "text", key) for key, _ in more)
    values = tuple(value for _, value in more)
    return Table(table.name, table.columns + columns, tuple(row + values for row in table.rows), table.totals)


def about(plan: Plan, words: Words, audit_sha256: str = "", mark: str = "show.mark") -> Table:
    """The same as a table of its own, for a sheet of a workbook."""
    columns = (
        Column(words.say("column.figure"), key="figure"),
        Column(words.say("column.figure_value"), key="figure_value"),
    )
    rows: Sequence[tuple[str, Any]] = [
        (words.say("figure.municipality"), plan.town.name),
        *((words.say(f"column.{key}"), value) for key, value in _origin(plan, words, audit_sha256, mark)),
    ]
    return Table("about", columns, tuple(rows))


def _origin(plan: Plan, words: Words, audit_sha256: str, mark: str) -> list[tuple[str, str]]:
    """Key of the heading and what stands below it."""
    found = [("plan_id", plan.plan_id), ("criteria", words.run_on(criteria_sentences(plan, words)))]
    found += [("handling", words.say(mark))]
    return found + ([("audit", audit_sha256)] if audit_sha256 else [])
