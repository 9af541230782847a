"""Who may see a column: 公開, 内部 or 警察限り (P6). One class per column key; ``classes.csv`` says why."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal, cast, get_args

from planner.show.table import Kind, Table
from planner.show.words import Words

Class = Literal["public", "internal", "police"]
CLASSES: tuple[Class, ...] = get_args(Class)


@cache
def classes() -> dict[str, Class]:
    """The class of every column key."""
    with Path(__file__).with_name("classes.csv").open(encoding="utf-8", newline="") as file:
        return {row["column"]: cast("Class", row["class"]) for row in csv.DictReader(file)}  # a test holds the words


def public(table: Table) -> Table:
    """The table with its public columns only; a column of no class is not public."""
    known = classes()
    return table.without(*(c.key for c in table.columns if known.get(c.key) != "public"))


def dictionary(words: Words, sheets: Sequence[tuple[str, Sequence[Table]]]) -> Table:
    """What stands in which column of which sheet: heading, kind of value, class.

    Parameters
    ----------
    sheets
        Name of the sheet and the tables on it.
    """
    known = classes()
    columns: list[tuple[str, Kind]] = [
        ("sheet", "text"),
        ("heading", "text"),
        ("value_kind", "text"),
        ("class", "text"),
    ]
    rows = [
        (
            name,
            column.heading,
            words.coded("value_kind", column.kind),
            words.coded("class", known.get(column.key, "internal")),
        )
        for name, tables in sheets
        for table in tables
        for column in table.columns
    ]
    return Table.of(words, "dictionary", columns, rows)
