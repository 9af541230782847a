"""The answer sheet on paper: the sites of one station on an A3 map, and a list with boxes to tick (P10, P33)."""

from __future__ import annotations

from collections.abc import Sequence

from planner.show import sheet, stations
from planner.show.ground import Ground
from planner.show.review_book import ReviewHead
from planner.show.stations import Asked
from planner.show.table import written
from planner.show.words import MARK, Words, safe
from planner.text import Language

_SUGGESTION_LINES = 4

CSS = """
.answers table { width: 100%; border-collapse: collapse; font-size: 8.5pt; }
.answers th, .answers td { border: 1px solid #1a1a1a; padding: 1mm 1.5mm; text-align: left; vertical-align: top; }
.answers td.tick { width: 17mm; text-align: center; font-size: 13pt; }
.answers td.write { width: 95mm; height: 13mm; }
.answers thead { display: table-header-group; }
.answers { break-before: page; }
.blank { display: inline-block; min-width: 70mm; border-bottom: 1px solid #1a1a1a; }
"""


def review_print(
    here: Asked, head: ReviewHead, opinions: Sequence[str], language: Language, ground: Ground | None = None
) -> bytes:
    """One HTML file that asks for nothing: map of the station's sites, then the list with boxes.

    Parameters
    ----------
    here
        What is asked about.
    opinions
        The answers that may be given, as words of this language.
    ground
        Streets and buildings below the map.
    """
    words = Words(language)
    title = words.say("review.print_title", station=head.station or words.none)
    version = words.say(
        "review.print_version", name=head.plan_name, number=head.number, sha256=head.version_sha256[:12]
    )
    opening = (
        f'<header><div><span class="mark" title="{safe(MARK)}">{safe(words.say("show.mark"))}</span>'
        f"<h1>{safe(title)}</h1></div><div><p>{safe(version)}</p></div></header>"
    )
    said = [words.say(f"review.guide_{key}") for key in ("opinion", "print", "names")]
    border = stations.border_sentence(here, words)
    guide = "".join(f"<p>{safe(line)}</p>" for line in [*said, *([border] if border else [])])
    blanks = "".join(
        f'<p>{safe(words.say(f"column.{key}"))}　<span class="blank">{safe(value)}&nbsp;</span></p>'
        for key, value in (("station", head.station), ("answered_on", ""))
    )
    body = (
        f'{opening}<div class="columns"><div>{sheet.map_and_notes(here.plan, words, head.audit_sha256, ground)}</div><div>{guide}{blanks}</div></div>'
        f'<div class="answers">{_list(here, opinions, words)}{_suggestions(words)}</div>'
    )
    return sheet.document(title, body, language, CSS).encode("utf-8")


def _list(here: Asked, opinions: Sequence[str], words: Words) -> str:
    """The sites with a box per opinion and room to write."""
    told = stations.sites(here, words)
    heads = [*(c.heading for c in told.columns), *opinions, words.say("column.comment")]
    lines = []
    for row in told.rows:
        cells = [written(words, c.kind, value) for c, value in zip(told.columns, row, strict=True)]
        line = "".join(f"<td>{safe(cell)}</td>" for cell in cells)
        lines.append(f'<tr>{line}{"<td class=tick>□</td>" * len(opinions)}<td class="write"></td></tr>')
    head = "".join(f'<th scope="col">{safe(h)}</th>' for h in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _suggestions(words: Words) -> str:
    """Room for places that the station would rather have."""
    heads = "".join(f'<th scope="col">{safe(words.say(f"column.{key}"))}</th>' for key in ("place_words", "comment"))
    empty = '<tr><td class="write"></td><td class="write"></td></tr>' * _SUGGESTION_LINES
    return f"<h2>{safe(words.say('show.suggested'))}</h2><table><thead><tr>{heads}</tr></thead><tbody>{empty}</tbody></table>"
