"""One description of a table that CSV, Excel and the page all write from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from planner.show.words import Words, two_digits

Kind = Literal["text", "figure", "whole", "number", "yen", "offences", "share", "metres", "days", "degrees"]


@dataclass(frozen=True)
class Column:
    """A heading (with its unit) and how the values under it are written."""

    heading: str
    kind: Kind = "text"
    key: str = ""


@dataclass(frozen=True)
class Table:
    """Rows of raw values; None is what is not known. ``totals`` rows close the table."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    totals: tuple[tuple[Any, ...], ...] = ()

    @classmethod
    def of(
        cls,
        words: Words,
        name: str,
        columns: Sequence[tuple[str, Kind]],
        rows: Iterable[Sequence[Any]],
        totals: Iterable[Sequence[Any]] = (),
    ) -> Table:
        """Build a table whose headings are ``column.<key>`` of the catalogue."""
        heads = tuple(Column(words.say(f"column.{key}"), kind, key) for key, kind in columns)
        return cls(name, heads, tuple(map(tuple, rows)), tuple(map(tuple, totals)))

    def without(self, *keys: str) -> Table:
        """The same table without some columns."""
        kept = [n for n, c in enumerate(self.columns) if c.key not in keys]
        rows, totals = (tuple(tuple(row[n] for n in kept) for row in part) for part in (self.rows, self.totals))
        return Table(self.name, tuple(self.columns[n] for n in kept), rows, totals)

    def without_empty(self, *keys: str) -> Table:
        """The same table without those of some columns in which no row says anything."""
        empty = [
            c.key
            for n, c in enumerate(self.columns)
            if c.key in keys and all(row[n] in ("", None) for row in self.rows)
        ]
        return self.without(*empty)


def written(words: Words, kind: Kind, value: Any) -> str:
    """A value as a reader of the page sees it."""
    if value is None or value == "":
        return words.none
    if kind in ("text", "figure"):
        return str(value)
    if kind == "share":
        return words.percent(value)
    if kind == "offences":
        return two_digits(value)
    if kind in ("whole", "yen"):
        return f"{value:,.0f}"
    return f"{round(value, 1):,g}"
