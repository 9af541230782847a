"""What the plan page shows of a budget, written once by the worker in each language: a step of the budget only sends it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from planner import show, text
from planner.plan import Plan
from planner.text import Language


@dataclass(frozen=True)
class Moving:
    """What moves on a map, as the browser is told it: JSON of its layers, HTML of the legend, latitude and longitude by key."""

    layers: str
    legend: str
    places: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Drawn:
    """A budget on the plan page: HTML above the map, beside it and below the table, the table as JSON, the map."""

    plan_id: str
    head: str
    curve: str
    table: Mapping[str, str]
    money: str
    after: str
    map: Moving
    sites: tuple[str, ...]


def write(value: object) -> str:
    """A value as JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def moving(spec: show.MapSpec, *, cameras: bool = False) -> Moving:
    """Sites and their views; ``cameras``: standing cameras can be looked for too."""
    layers = ",".join(show.live_text(layer) for layer in spec.layers if layer.key in show.MOVING)
    return Moving(f"[{layers}]", show.legend(spec), show.places(spec, cameras=cameras))


def draw(plan: Plan, spec: show.MapSpec) -> Drawn:
    """A plan (with the frontier of its study) and its map, in the map's language."""
    language: Language = spec.language

    def under(heading: str, *names: show.PartName) -> str:
        head = f"<h4>{show.safe(text.say(language, f'section.{heading}'))}</h4>"
        return head + "".join(show.part(plan, name, language) for name in names)

    return Drawn(
        plan.plan_id,
        "".join(show.part(plan, name, language) for name in ("figures", "counters", "proof")),
        under("frontier", "curve"),
        _table(show.site_rows(plan, language)),
        under("money", "payers", "ledger"),
        under("offences", "offences") + under("districts", "districts"),
        moving(spec),
        tuple(site.site_id for site in plan.sites),
    )


def _table(rows: show.SiteRows) -> dict[str, str]:
    """The site table: each value as JSON; ``cells`` are numbers of ``words``, since most stand in many rows."""
    words: dict[str, int] = {}
    lines = [
        {"key": key, "cells": [words.setdefault(word, len(words)) for word in cells]}
        for key, cells in zip(rows.keys, rows.rows, strict=True)
    ]
    return {
        "headings": write(rows.headings),
        "numeric": write(rows.numeric),
        "words": write(list(words)),
        "rows": write(lines),
    }


def read(content: bytes) -> Drawn:
    """As it was written (``dataclasses.asdict`` as JSON)."""
    told = json.loads(content)
    told["map"]["places"] = {key: (lat, lon) for key, (lat, lon) in told["map"]["places"].items()}
    return Drawn(**{**told, "map": Moving(**told["map"]), "sites": tuple(told["sites"])})
