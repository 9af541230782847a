"""How sure the expected offences are: groups of blocks, what the estimate rests on, precision of the records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from planner.plan import Plan
from planner.show import markup, tables_town
from planner.show.table import Column, Kind, Table
from planner.show.words import Words
from planner.text import Language

Sureness = Mapping[str, Any]  # rows ``ranks`` and ``basis`` of these tables, and ``precision``: number of records
_ADDED: tuple[tuple[str, Kind], ...] = (
    ("tier", "text"),
    ("rank", "whole"),
    ("rank_between", "text"),
    ("top_tenth", "share"),
)


def blocks(plan: Plan, sure: Sureness, words: Words) -> Table:
    """The table of blocks in order of rank, with group, interval of the rank and the interval of all offences together."""
    ranks = {row["area_id"]: row for row in sure["ranks"]}
    table = tables_town.areas(plan, words)
    at = {column.key: n for n, column in enumerate(table.columns)}
    body = []
    for row in table.rows:
        rank = ranks[row[at["area_id"]]]
        between = words.say("records.between", low=rank["low_rank"], high=rank["high_rank"])
        cells = list(row)
        cells[at["low"]], cells[at["high"]] = rank["low_per_year"], rank["high_per_year"]
        body.append((rank["tier"], rank["rank"], between, rank["top_share"], *cells))
    heads = tuple(Column(words.say(f"column.{key}"), kind, key) for key, kind in _ADDED)
    return Table("blocks", (*heads, *table.columns), tuple(sorted(body, key=lambda cells: cells[1])))


def blocks_part(plan: Plan, sure: Sureness, language: Language) -> str:
    """That table as HTML; the plan's own table where nothing is claimed about ranks."""
    words = Words(language)
    return markup.table(
        words, blocks(plan, sure, words) if sure["ranks"] else tables_town.areas(plan, words), small=True
    )


def basis(sure: Sureness, words: Words) -> Table:
    """By offence: records, how many have a point, a town only or no block, the level, and what told where inside a block."""
    columns: list[tuple[str, Kind]] = [
        ("offence", "text"),
        ("records", "whole"),
        ("point_share", "share"),
        ("of_towns", "share"),
        ("without_area", "share"),
        ("level_recorded", "number"),
        ("level_forecast", "number"),
        ("prior", "text"),
    ]
    body = [
        (
            words.offence(row["offence_group"]),
            row["records"],
            row["point_share"],
            row["town_share"],
            row["without_area_share"],
            row["recorded_per_year"],
            row["level_per_year"],
            _told(row, words),
        )
        for row in sure["basis"]
    ]
    return Table.of(words, "basis", columns, body)


def _told(row: Mapping[str, Any], words: Words) -> str:
    """What told where inside a block: exact points and how they were spread, else a place model."""
    if row["surface"]:
        return words.say(f"surface.{row['surface']}", bandwidth_m=row["bandwidth_m"])
    return words.coded("prior", row["prior"])


def basis_part(sure: Sureness, language: Language) -> str:
    """That table as HTML."""
    words = Words(language)
    return markup.table(words, basis(sure, words), small=True)


def precision_sentence(sure: Sureness, language: Language) -> str:
    """How precise the data are, in one sentence."""
    words = Words(language)
    counted = sure["precision"]
    records = sum(counted.values())
    shares = {name: words.percent(number / records if records else 0.0, 1) for name, number in counted.items()}
    return words.say("show.records_precision", records=records, **shares)
