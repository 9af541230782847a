"""From a source's headings to our columns: plain headings, templates, lists of templates."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol, Self

from planner.errors import InputError
from planner.ingest.manifest import Templates
from planner.ingest.paths import Found
from planner.ingest.words import folded
from planner.settings import nearest

_FIELD = re.compile(r"\{([^{}]*)\}")


class SourceRows(Protocol):
    """What the text and the vector reader have in common."""

    @property
    def file(self) -> Found:
        """Where it came from."""

    @property
    def encoding(self) -> str:
        """How its text was encoded."""

    @property
    def headings(self) -> tuple[str, ...]:
        """Folded headings."""

    @property
    def lines(self) -> Sequence[int]:
        """Line (or feature) number of each usable row."""

    @property
    def odd(self) -> list[tuple[int, str, str]]:
        """Rows that could not be split: line, reason, text."""

    @property
    def rows(self) -> int:
        """Rows in all."""

    @property
    def left_out(self) -> tuple[str, ...]:
        """Headings of columns with personal data that were dropped."""

    @property
    def outside(self) -> int:
        """Rows that lie outside the town and were not taken up."""

    def column(self, heading: str) -> list[str]:
        """The folded cells under a heading."""

    def written(self, heading: str) -> list[str]:
        """The cells under a heading as they stood."""

    def without(self, headings: Collection[str]) -> Self:
        """The same rows without some columns."""

    def text(self, position: int) -> str:
        """A row as it stood."""


def fields_of(template: str) -> list[str]:
    """The headings that a template names (a text without braces is a heading)."""
    return [folded(f) for f in _FIELD.findall(template)] if "{" in template else [folded(template)]


def _filled(source: SourceRows, template: str) -> list[str]:
    """A template over all rows; "" where one of its fields is blank."""
    fields = fields_of(template)
    cells = [source.column(f) for f in fields]
    if "{" not in template:
        return cells[0]
    parts = _FIELD.split(template)  # text, field, text, field, ..., text
    plain = parts[0::2]
    out: list[str] = []
    for row in zip(*cells, strict=True):
        if all(row):
            out.append(plain[0] + "".join(v + p for v, p in zip(row, plain[1:], strict=True)))
        else:
            out.append("")
    return out


def _check_templates(source: SourceRows, role: str, our: str, templates: Templates) -> None:
    """Every field of every template must be a heading, once."""
    for template in templates:
        fields = fields_of(template)
        if not all(fields) or (not _FIELD.search(template) and "{" in template):
            raise InputError("template_refused", f"[{role}] {our}: {template!r}", role=role, column=our, text=template)
        for heading in fields:
            count = source.headings.count(heading)
            if count == 1:
                continue
            code = "heading_twice" if count else "column_missing"
            raise InputError(
                code,
                f"{source.file.name}: {heading!r} for {our} found {count} times",
                role=role,
                file=source.file.name,
                columns=heading,
                headings=", ".join(source.headings[:20]),
                nearest=nearest(heading, source.headings),
            )


def pick(source: SourceRows, role: str, our: str, mapping: Mapping[str, Templates]) -> list[str] | None:
    """One of our columns as text, or None when neither the mapping nor the source's headings have it.

    Raises
    ------
    InputError
        ``column_missing`` (with the nearest heading), ``heading_twice``, ``template_refused``.
    """
    templates = mapping.get(our)
    if templates is None:
        return source.column(our) if source.headings.count(our) == 1 else None
    _check_templates(source, role, our, templates)
    out = _filled(source, templates[0])
    for template in templates[1:]:
        if all(out):
            break
        out = [first or then for first, then in zip(out, _filled(source, template), strict=True)]
    return out


def written(source: SourceRows, our: str, mapping: Mapping[str, Templates], picked: list[str]) -> list[str]:
    """A picked column as it stood in the file (as picked where it was put together from several)."""
    templates = mapping.get(our, (our,))
    plain = len(templates) == 1 and "{" not in templates[0] and source.headings.count(folded(templates[0])) == 1
    return source.written(folded(templates[0])) if plain else picked


def column_fault(source: SourceRows, role: str, our: Sequence[str]) -> InputError:
    """The refusal for columns that a role cannot do without."""
    return InputError(
        "column_missing",
        f"{source.file.name}: no column for {list(our)} among {source.headings}",
        role=role,
        file=source.file.name,
        columns=", ".join(our),
        headings=", ".join(source.headings[:20]),
        nearest=nearest(our[0], source.headings),
    )
