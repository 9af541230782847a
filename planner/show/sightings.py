"""Which camera saw it, until when: table, map and sentences of what ``coverage.saw`` gives (P28)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import shapely

from planner.assumptions import number
from planner.frames import Sightings
from planner.plan import Plan
from planner.show import markup, shapes, spreadsheets
from planner.show.looking import outlined
from planner.show.mapspec import STANDING_CAMERA, Layer, LegendEntry, MapSpec, Shape, Style, describe
from planner.show.table import Column, Kind, Table, written
from planner.show.words import Words
from planner.text import Language

SEEN_WAY = Style("#8a4b00", 5.0)
UNSEEN_WAY = Style("#8c96a3", 3.0, dashes="2 6")
CAMERA_OF_PLACE = Style("#1a1a1a", 2.5, "#f5a623", 1.0)
CAMERA_OF_WAY = Style("#1a1a1a", 1.5, "#fde3b5", 1.0)
PLACE = Style("#1a1a1a", 3.0, "#ffffff", 1.0)


def cameras(found: Sightings, words: Words) -> Table:
    """Cameras to ask, those that see the place itself first."""
    kinds: tuple[tuple[str, Kind], ...] = (
        ("camera_id", "text"), ("sees", "text"), ("light", "text"), ("sure", "text"), ("owner", "text"), ("contact", "text"), ("use", "text"),
        ("host", "text"), ("address", "text"), ("days", "days"), ("kept_until", "text"), ("clock", "text"),
    )  # fmt: skip
    heads = tuple(Column(words.say(f"saw.{key}"), kind, key) for key, kind in kinds)
    rows = [_row(row, words) for row in found.cameras.to_dict("records")]
    return Table("sightings", heads, tuple(rows))


def _row(row: dict[Any, Any], words: Words) -> tuple[Any, ...]:
    light = "both" if row["by_day"] and row["by_night"] else "day" if row["by_day"] else "night"
    days = None if pd.isna(row["retention_days"]) else float(row["retention_days"])
    return (
        row["camera_id"],
        words.say(f"saw.part_{row['part']}", metres=f"{row['distance_m']:,.0f}"),
        words.say(f"saw.light_{light}"),
        _sure(row, words),
        row["owner"],
        row["contact"],
        words.coded("use", row["use"]),
        row["host"],
        row["address"],
        days,
        _until(row, words),
        _clock(row["clock_error_s"], words),
    )


def _sure(row: dict[Any, Any], words: Words) -> str:
    """Whether it saw it, and what would have to be asked to know."""
    if row["working"] is not None and not pd.isna(row["working"]) and not row["working"]:
        return words.say("saw.broken")
    unknown = [words.say(f"today.unknown_{name}") for name in str(row["unknown"]).split()]
    if row["certain"] and not unknown:
        return words.say("saw.certain")
    key = "saw.certain_but" if row["certain"] else "saw.possible"
    return words.say(key, unknown=words.join(unknown) or words.none)


def _until(row: dict[Any, Any], words: Words) -> str:
    """Until when, as a moment or as a span; said so where that is over."""
    low, high = (words.moment(row[f"kept_until_{end}"].isoformat()) for end in ("low", "high"))
    told = low if low == high else words.say("saw.span", low=low, high=high)
    return words.say("saw.over", until=told) if row["overwritten"] else told


def _clock(error_s: float, words: Words) -> str:
    """How far the recorder's clock is off."""
    if np.isnan(error_s):
        return words.say("saw.clock_unknown")
    if round(error_s) == 0:
        return words.say("saw.clock_right")
    return words.say("saw.clock_fast" if error_s > 0 else "saw.clock_slow", seconds=f"{abs(error_s):,.0f}")


def said(found: Sightings, words: Words) -> list[str]:
    """What was asked and found, in sentences."""
    here = int((found.cameras["part"] == "place").sum())
    seen, unseen = (float(found.ways.loc[found.ways["seen"] == flag, "length_m"].sum()) for flag in (True, False))
    asked = words.say(
        "saw.found", at=words.moment(found.at.isoformat()), here=here, ways=len(found.cameras) - here,
        within=f"{number('ways_out_m'):,.0f}",
    )  # fmt: skip
    lines = [asked]
    if seen + unseen > 0:
        lines.append(words.say("saw.ways", seen=f"{seen:,.0f}", all=f"{seen + unseen:,.0f}"))
    if not len(found.cameras):
        lines.append(words.say("saw.nobody"))
    return lines


def procedure(words: Words) -> list[str]:
    """What to do now: who asks, by what, how footage is kept from being written over."""
    return [words.say(f"saw.procedure_{step}") for step in ("keep", "request", "residents", "days", "nothing_kept")]


def sightings_part(found: Sightings, language: Language) -> str:
    """Sentences, cameras and procedure as HTML."""
    words = Words(language)
    told = "".join(markup.bullets([line]) for line in said(found, words))
    return told + markup.table(words, cameras(found, words), small=True)


def procedure_part(language: Language) -> str:
    """The procedure as HTML."""
    return markup.bullets(procedure(Words(language)))


def log_line(log_id: str, recognised_on: str, received_on: str) -> bytes:
    """A line for the log of requests for footage, as ``footage_log`` is read: dates alone, never place, camera or case (P29)."""
    heads = tuple(Column(name) for name in ("log_id", "recognised_on", "received_on", "secured_on", "outcome"))
    return spreadsheets.csv_bytes(Table("footage_log", heads, ((log_id, recognised_on, received_on, "", ""),)))


def sightings_lines(found: Sightings, language: Language) -> tuple[list[str], list[str], list[list[str]], list[str]]:
    """Sentences, heads and lines of the table, procedure: for a terminal."""
    words = Words(language)
    table = cameras(found, words)
    lines = [[written(words, c.kind, v) for c, v in zip(table.columns, row, strict=True)] for row in table.rows]
    return said(found, words), [c.heading for c in table.columns], lines, procedure(words)


def describe_sightings(plan: Plan, found: Sightings | None, language: Language) -> MapSpec:
    """The map to point on: outlines of blocks and cameras of today; the place, the ways and the cameras once asked."""
    words = Words(language)
    spec = outlined(describe(plan, language, lasting=True), ("standing_views", "standing"))
    layers = [
        *spec.layers,
        Layer("ways", words.say("saw.layer_ways"), "shapes", _ways(found, words) if found else ()),
        Layer("asked", words.say("saw.layer_cameras"), "dots", _dots(found, words) if found else ()),
    ]
    legend = [LegendEntry(words.say("layer.standing"), STANDING_CAMERA, look="standing")]
    if found is not None:
        legend += [
            LegendEntry(words.say("saw.legend_place"), PLACE, look="standing"),
            LegendEntry(words.say("saw.legend_camera_place"), CAMERA_OF_PLACE, look="standing"),
            LegendEntry(words.say("saw.legend_camera_way"), CAMERA_OF_WAY, look="standing"),
            LegendEntry(words.say("saw.legend_seen"), SEEN_WAY),
            LegendEntry(words.say("saw.legend_unseen"), UNSEEN_WAY),
        ]
    return replace(spec, layers=tuple(layers), legend=tuple(legend))


def _ways(found: Sightings, words: Words) -> tuple[Shape, ...]:
    drawn = []
    for n, way in enumerate(found.ways.itertuples()):
        line = shapely.transform(way.geometry, lambda xy: shapes.lonlat(found.epsg, xy))
        geometry = {"type": "MultiLineString", "coordinates": [shapely.get_coordinates(p).tolist() for p in line.geoms]}
        name = words.say("saw.legend_seen" if way.seen else "saw.legend_unseen")
        drawn.append(Shape(f"way-{n}", geometry, SEEN_WAY if way.seen else UNSEEN_WAY, ((name, ""),)))
    return tuple(drawn)


def _dots(found: Sightings, words: Words) -> tuple[Shape, ...]:
    """The place, and the cameras that see it or a way."""
    table = cameras(found, words)
    metres = np.vstack([[found.place], np.column_stack([found.cameras.geometry.x, found.cameras.geometry.y])])
    place, *where = shapes.lonlat(found.epsg, metres).tolist()
    drawn = [Shape("place", {"type": "Point", "coordinates": place}, PLACE, ((words.say("saw.legend_place"), ""),))]
    for at, part, row in zip(where, found.cameras["part"], table.rows, strict=True):
        tip = tuple(
            (c.heading, written(words, c.kind, v))
            for c, v in zip(table.columns, row, strict=True)
            if c.key in ("camera_id", "sees", "owner", "contact", "kept_until")
        )
        look = CAMERA_OF_PLACE if part == "place" else CAMERA_OF_WAY
        drawn.append(Shape(f"seen-{row[0]}", {"type": "Point", "coordinates": at}, look, tip))
    return tuple(drawn)
