"""Questions to the planner: in words, as the file to answer them in, and on a map."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import shapely

from planner.errors import Question
from planner.show import shapes
from planner.show.mapspec import Layer, LegendEntry, MapSpec, Shape, Style
from planner.show.words import Words
from planner.text import Language, knows

_PREVIEW_SIGNS = 200  # of a line of comment: a first row is recognised by less
_OUTLINE = Style("#4b5563", 1.6, "#e5e7eb", 0.35)
_SIMPLER_M = 10.0  # the outline is there to tell choices apart, not to be measured
# fill colours that stay apart for every kind of colour vision and in grey print
_LOOKS = ("#1f6f9f", "#f5a623", "#3f3f3f", "#7fc97f", "#beaed4", "#ffffff")


@dataclass(frozen=True)
class Choice:
    """One answer: its value, its name in the reader's language, how the first rows would be read."""

    value: str
    name: str
    preview: tuple[str, ...]


def asked(question: Question, language: Language) -> str:
    """The question in a sentence; its code and values where no sentence fits (never a crash over words)."""
    values = {"role": question.role, "file": question.file, "about": question.about, **question.values}
    try:
        return Words(language).say(f"question.{question.code}", **values)
    except (KeyError, ValueError, TypeError, IndexError, AttributeError):
        return f"{question.code}: {values}"


def choices(question: Question, language: Language) -> tuple[Choice, ...]:
    """What may be answered, the proposal first; () where any text may be the answer."""
    words = Words(language)
    ordered = sorted(question.choices, key=lambda value: value != question.proposal)
    return tuple(
        Choice(value, words.coded(f"choice.{question.code}", value), tuple(question.preview.get(value, ())))
        for value in ordered
    )


def answers_file(questions: Sequence[Question], given: Mapping[str, str], language: Language) -> str:
    """The file in which the planner answers: every proposal stands there commented out.

    Parameters
    ----------
    questions
        Those without an answer, in any order; they are grouped by file.
    given
        Answers that the file held before (or that are to stand in it): they are kept, uncommented.
    language
        Language of the comments.

    Returns
    -------
    str
        TOML with one table ``[answers]``; taking ``# `` from before a proposal accepts it.
    """
    words = Words(language)
    lines = [*_comment(words.say("answers.intro")), "", "[answers]"]
    number = 0
    in_order = sorted(questions, key=lambda question: question.file)
    for file, group in groupby(in_order, key=lambda question: question.file):
        lines += ["", *_comment(words.say("answers.file", file=file))]
        for question in group:
            number += 1
            lines += ["", *_comment(f"{number}. {asked(question, language)}")]
            lines += [line for choice in choices(question, language) for line in _choice(choice, question, words)]
            if not question.choices:
                lines += _comment(f"   {words.say('answers.free')}")
            if question.key in given:
                lines.append(f"{quoted(question.key)} = {quoted(given[question.key])}")
            else:
                lines.append(f"# {quoted(question.key)} = {quoted(question.proposal)}")
    asked_now = {question.key for question in questions}
    before = {key: value for key, value in given.items() if key not in asked_now}
    if before:
        lines += ["", *_comment(words.say("answers.before"))]
        lines += [f"{quoted(key)} = {quoted(value)}" for key, value in before.items()]
    return "\n".join(lines) + "\n"


def _choice(choice: Choice, question: Question, words: Words) -> list[str]:
    """A choice as a line of comment."""
    name = "" if choice.name == choice.value else f" {choice.name}"
    proposed = words.say("answers.proposed") if choice.value == question.proposal else ""
    shown = f": {' | '.join(choice.preview)}" if choice.preview else ""
    return _comment(f"   - {quoted(choice.value)}{name}{proposed}{shown}"[:_PREVIEW_SIGNS])


def _comment(text: str) -> list[str]:
    """Text as lines of comment; signs that TOML or a screen would not take are blanks."""
    return [f"# {line}" for line in printable(text).split("\n")]


def printable(text: str) -> str:
    """Text without signs that neither TOML nor a screen would take (line ends stay)."""
    return "".join(" " if c != "\n" and unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in text)


def quoted(text: str) -> str:
    """A TOML string on one line (its escapes are those of JSON, DEL apart)."""
    plain = json.dumps(text, ensure_ascii=False)
    return "".join(f"\\u{ord(c):04x}" if c in "\x7f\x85\u2028\u2029" else c for c in plain)


def outline(areas: Any) -> Mapping[str, Any] | None:
    """The outer limits of a table of areas (any metric CRS) as a GeoJSON geometry in degrees."""
    whole = shapely.union_all(shapely.simplify(shapely.make_valid(areas.geometry.to_numpy()), _SIMPLER_M))
    return shapes.geometry(shapes.degrees(areas.crs.to_epsg(), np.array([whole], dtype=object))[0])


def describe_question(question: Question, boundary: Mapping[str, Any] | None, language: Language) -> MapSpec | None:
    """Where the rows would fall, choice by choice, over the boundary; None where a question has no places."""
    if not any(question.places.values()):
        return None
    words = Words(language)
    layers, legend = [], []
    points: list[tuple[float, float]] = []
    if boundary is not None:
        shown = Shape("boundary", boundary, _OUTLINE, ())
        layers.append(Layer("boundary", words.say("layer.boundary"), "shapes", (shown,)))
        legend.append(LegendEntry(words.say("layer.boundary"), _OUTLINE))
    for number, choice in enumerate(c for c in choices(question, language) if question.places.get(c.value)):
        here = question.places[choice.value]
        style = Style("#1a1a1a", 1.2, _LOOKS[number % len(_LOOKS)], 0.9)
        dots = tuple(
            Shape(
                f"{n}", {"type": "Point", "coordinates": list(at)}, style, ((choice.name, f"{at[1]:.4f}, {at[0]:.4f}"),)
            )
            for n, at in enumerate(here)
        )
        layers.append(Layer(f"choice{number}", choice.name, "dots", dots))
        legend.append(LegendEntry(choice.name, style, look="standing"))
        points += here
    box = (
        shapely.MultiPoint(points)
        if boundary is None
        else shapely.union(shapely.MultiPoint(points), shapely.geometry.shape(boundary))
    )
    west, south, east, north = box.bounds
    return MapSpec(language, (west, south, east, north), tuple(layers), tuple(legend), "")


def reason(code: str, language: Language) -> str:
    """Why a row was set aside, in words."""
    return Words(language).coded("reason", code)


def remedy(code: str, language: Language) -> str:
    """What to do about rows of one reason; "" where the reason says it."""
    return Words(language).say(f"remedy.{code}") if knows(f"remedy.{code}") else ""
