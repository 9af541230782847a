"""HTML of tables, lists, figures and legends: for the page and for the app."""

from __future__ import annotations

from collections.abc import Sequence

from planner.show import draw
from planner.show.mapspec import LegendEntry, MapSpec
from planner.show.table import Table, written
from planner.show.words import Words, safe

NUMERIC = {"whole", "number", "yen", "offences", "share", "metres", "days", "degrees"}


def bullets(lines: Sequence[str]) -> str:
    """A plain list."""
    return '<ul class="plain">' + "".join(f"<li>{safe(line)}</li>" for line in lines) + "</ul>"


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
    return (
        f'<div class="scroll"><table class="{look}"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _cells(words: Words, shown: Table, row: Sequence[object], numeric: Sequence[bool]) -> str:
    parts = []
    for column, value, number in zip(shown.columns, row, numeric, strict=True):
        text = safe(written(words, column.kind, value))
        parts.append(f'<td class="n">{text}</td>' if number else f"<td>{text}</td>")
    return "".join(parts)


def figures(named: Sequence[tuple[str, str]]) -> str:
    """Key figures in boxes."""
    boxes = "".join(f'<div class="figure"><span>{safe(n)}</span><b>{safe(text)}</b></div>' for n, text in named)
    return f'<div class="figures">{boxes}</div>'


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
