"""HTML of tables, lists, figures and legends: for the page and for the app."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from planner.show import draw
from planner.show.mapspec import LegendEntry, MapSpec
from planner.show.table import Table, written
from planner.show.words import Words, safe

_LONG = 12  # letters in brackets
_MANY = 10  # columns: such a table may be wider than its place; only what can have the focus is moved sideways by keys everywhere
NUMERIC = {"figure", "whole", "number", "yen", "offences", "share", "metres", "days", "degrees"}


def bullets(lines: Sequence[str]) -> str:
    """A plain list."""
    return '<ul class="plain">' + "".join(f"<li>{_coded(line)}</li>" for line in lines) + "</ul>"


def _coded(line: str) -> str:
    """What stands between backticks (a name of a file, a setting) is set as code."""
    parts = re.split(r"`([^`]+)`", line)  # before anything is escaped: backticks are, too
    return "".join(f"<code>{safe(part)}</code>" if at % 2 else safe(part) for at, part in enumerate(parts))


def table(words: Words, shown: Table, *, small: bool = False, under: Sequence[str] = ()) -> str:
    """A table; ``under`` gives each row a line of text below it."""
    if not shown.rows:
        return f"<p>{safe(words.say('show.nothing'))}</p>"
    numeric = [c.kind in NUMERIC for c in shown.columns]
    heads = "".join(f'<th scope="col">{safe(c.heading)}</th>' for c in shown.columns)
    lines = []
    for number, row in enumerate(shown.rows):
        lines.append(f"<tr>{_cells(words, shown, row, numeric)}</tr>")
        if under and under[number]:
            lines.append(f'<tr class="reason"><td colspan="{len(row)}">{safe(under[number])}</td></tr>')
    lines += [f'<tr class="total">{_cells(words, shown, row, numeric)}</tr>' for row in shown.totals]
    look = "wide small" if small else "wide"
    wide = len(numeric) > _MANY
    named = f' tabindex="0" role="group" aria-label="{safe(shown.columns[0].heading)}"' if wide else ""
    return (
        f'<div class="scroll"{named}><table class="{look}"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def folded(words: Words, shown: Table, first: int) -> str:
    """A small table of which only the first rows are in sight; a press shows the rest."""
    head, rest = replace(shown, rows=shown.rows[:first]), replace(shown, rows=shown.rows[first:])
    if not rest.rows:
        return table(words, shown, small=True)
    named = safe(words.say("show.more_rows", rows=len(rest.rows)))
    return (
        f"{table(words, head, small=True)}<details><summary>{named}</summary>{table(words, rest, small=True)}</details>"
    )


def _cells(words: Words, shown: Table, row: Sequence[object], numeric: Sequence[bool]) -> str:
    parts = []
    for column, value, number in zip(shown.columns, row, numeric, strict=True):
        text = safe(written(words, column.kind, value))
        parts.append(f'<td class="n">{text}</td>' if number else f"<td>{text}</td>")
    return "".join(parts)


def figures(named: Sequence[tuple[str, str]]) -> str:
    """Key figures in boxes."""
    boxes = "".join(f'<div class="figure"><span>{safe(n)}</span><b>{_large(text)}</b></div>' for n, text in named)
    return f'<div class="figures">{boxes}</div>'


def _large(text: str) -> str:
    """A figure; where words in brackets explain it at length, they are set small."""
    short, bracket, rest = text.partition("（" if "（" in text else " (")
    return f"{safe(short)}<small>{safe(bracket + rest)}</small>" if len(rest) > _LONG else safe(text)


def legend(spec: MapSpec) -> str:
    """Symbols, then the classes under their heading, then the classes of fields of view under theirs."""
    words = Words(spec.language)
    symbols, classes, zones = (
        "".join(f"<li>{_swatch(e)}{safe(e.text)}</li>" for e in spec.legend if e.group == group)
        for group in ("symbols", "classes", "zones")
    )
    below = f'<p class="soft">{safe(words.say("legend.zones"))}</p><ul class="legend">{zones}</ul>' if zones else ""
    under = f'<p class="soft">{safe(spec.legend_heading)}</p><ul class="legend">{classes}</ul>' if classes else ""
    return f'<ul class="legend">{symbols}</ul>{under}{below}'


def _swatch(entry: LegendEntry) -> str:
    """A patch, a dot or a pin of the legend."""
    if entry.look and entry.style is None:
        return draw.pin_svg("1", entry.look)
    look = entry.style
    if look is None:
        return ""
    paint = (
        f'fill="{look.fill or "none"}" fill-opacity="{look.fill_share}" stroke="{look.colour}" '
        f'stroke-width="{look.weight_px}"' + (f' stroke-dasharray="{look.dashes}"' if look.dashes else "")
    )
    shape = '<circle cx="12" cy="8" r="5" {}/>' if entry.look else '<rect x="1" y="1" width="22" height="14" {}/>'
    return f'<svg width="24" height="16" aria-hidden="true">{shape.format(paint)}</svg>'
