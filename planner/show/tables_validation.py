"""Tables of how well the last year would have been predicted (``risk.validate``), every method beside the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from planner.plan import Remark
from planner.show import markup
from planner.show.table import Column, Kind, Table, written
from planner.show.words import Words, safe, sentence
from planner.text import Language, knows

Validation = Mapping[str, Any]  # ``frames.Validation`` in plain values, tables as rows
_METHODS = ("ours", "count", "uniform", "kde_200")
_SHARES = (1, 2, 5, 10)  # of the area, percent
_PARTS = (("time", "area"), ("time", "cell"), ("space", "cell"))  # split, unit


def scores(tested: Validation, split: str, unit: str, words: Words) -> Table:
    """All offences together: a figure a line, a method a column."""
    found = {
        r["method"]: r for r in tested["scores"] if (r["split"], r["unit"], r["offence_group"]) == (split, unit, "")
    }
    figures = [(f"hit_{a}_share", "hit", a) for a in _SHARES]
    figures += [(f"{name}_{a}", name, a) for name in ("pai", "pei") for a in _SHARES]
    figures += [(name, name, 0) for name in ("slope", "deviance", "covered_share", "covered_top_share")]
    body = []
    for key, name, share in figures if found else []:
        values = [found[m][key] if m in found else None for m in _METHODS]
        if any(value is not None for value in values):
            told = words.say(
                f"validation.{name}", share=words.percent(share / 100), interval=words.percent(tested["interval_share"])
            )
            body.append((told, *(_figure(value, key, words) for value in values)))
    columns = (Column(words.say("column.figure")), *_heads(words))
    return Table(f"{split}_{unit}", columns, tuple(body))


def _heads(words: Words, key: str = "column.method") -> list[Column]:
    return [Column(words.say(f"{key}_{method}"), "text", method) for method in _METHODS]


def _figure(value: float | None, key: str, words: Words) -> str | None:
    """A share as percent, any other figure with two digits behind the point."""
    if value is None:
        return None
    return words.percent(value, 1) if key.endswith("_share") else f"{value:.2f}"


def offences(tested: Validation, words: Words) -> Table:
    """Blocks: PAI at 5 % by offence, beside its baselines."""
    rows = [r for r in tested["scores"] if (r["split"], r["unit"]) == ("time", "area") and r["offence_group"]]
    body = []
    for group in dict.fromkeys(r["offence_group"] for r in rows):
        own = {r["method"]: r for r in rows if r["offence_group"] == group}
        first = next(iter(own.values()))
        pai = [_figure(own[m]["pai_5"], "pai_5", words) if m in own else None for m in _METHODS]
        slope = _figure(own["ours"]["slope"], "slope", words) if "ours" in own else None
        body.append((words.offence(group), first["test_records"], *pai, slope))
    columns = (
        Column(words.say("column.offence")),
        Column(words.say("column.test_records"), "whole"),
        *_heads(words, "column.pai_5"),
        Column(words.say("column.calibration_slope")),
    )
    return Table("offences", columns, tuple(body))


def deciles(tested: Validation, words: Words) -> Table:
    """Blocks of all offences together, lowest tenth first: predicted and recorded; fewer than ten blocks leave tenths empty."""
    columns: list[tuple[str, Kind]] = [("decile", "whole"), ("predicted", "number"), ("observed", "number")]
    rows = [r for r in tested["deciles"] if not r["offence_group"]]
    body = [(r["decile"], r["predicted"], r["observed"]) for r in rows if r["predicted"] or r["observed"]]
    return Table.of(words, "deciles", columns, body)


def districts(tested: Validation, words: Words) -> Table:
    """Whether every district is predicted as well, and as high, as it was recorded."""
    columns: list[tuple[str, Kind]] = [
        ("district", "text"),
        ("blocks", "whole"),
        ("predicted", "number"),
        ("observed", "number"),
        ("observed_to_predicted", "text"),
        ("calibration_slope", "text"),
        ("hit_10", "text"),
    ]
    body = [
        (
            words.district(r["district_id"]),
            r["areas"],
            r["predicted"],
            r["observed"],
            _figure(r["observed"] / r["predicted"], "", words) if r["predicted"] else None,
            _figure(r["slope"], "slope", words),
            _figure(r["hit_10_share"], "hit_10_share", words),
        )
        for r in tested["districts"]
        if not r["offence_group"]
    ]
    return Table.of(words, "districts", columns, body)


def validation_sentences(tested: Validation, language: Language) -> list[str]:
    """What was held out, how the level was met, and what these records cannot show."""
    words = Words(language)
    told = words.say(
        "validation.intro",
        first=words.day(tested["tested_from"]),
        last=words.day(tested["tested_until"]),
        years=tested["history_years"],
        predicted=tested["level_predicted"],
        observed=tested["level_observed"],
    )
    return [told, *(sentence(Remark(**note), language) for note in tested["notes"]), words.say("validation.reading")]


def _tables(tested: Validation, words: Words) -> list[Table]:
    made = [scores(tested, split, unit, words) for split, unit in _PARTS]
    made += [offences(tested, words), deciles(tested, words), districts(tested, words)]
    return [table for table in made if table.rows]


def validation_lines(tested: Validation, language: Language) -> list[tuple[str, list[str], list[list[str]]]]:
    """Every table as text: heading, column headings, lines."""
    words = Words(language)
    return [
        (
            words.say(f"validation.section_{table.name}"),
            [c.heading for c in table.columns],
            [[written(words, c.kind, v) for c, v in zip(table.columns, row, strict=True)] for row in table.rows],
        )
        for table in _tables(tested, words)
    ]


def validation_part(tested: Validation, language: Language) -> str:
    """Sentences and every table as HTML."""
    words = Words(language)
    parts = [_paragraphs(validation_sentences(tested, language))]
    for table in _tables(tested, words):
        intro = f"validation.intro_{table.name}"
        told = _paragraphs([words.say(intro)] if knows(intro) else [])
        heading = safe(words.say(f"validation.section_{table.name}"))
        parts.append(f"<h4>{heading}</h4>{told}{markup.table(words, table, small=True)}")
    return "".join(parts)


def _paragraphs(lines: Sequence[str]) -> str:
    return "".join(f'<p class="soft">{safe(line)}</p>' for line in lines)
