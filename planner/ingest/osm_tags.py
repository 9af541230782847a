"""OpenStreetMap tags in our columns: ``shipped/osm_tags.csv`` says which tags make a role, functions here read values.

A value that cannot be read is unknown, not a reason to lose the feature: each is a correction that the planner sees.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from planner.assumptions import number
from planner.ingest.words import SHIPPED

FOOT_M = 0.3048
INCH_M = 0.0254
_METRES = re.compile(r"(\d+(?:\.\d+)?) ?(?:m|metres?|meters?)?")
_COMMA = re.compile(r"(\d+),(\d{1,2}) ?m?")
_FEET = re.compile(r"(\d+(?:\.\d+)?) ?(?:'|ft|feet)(?: ?(\d+(?:\.\d+)?) ?(?:\"|in))?")
_DEGREES = re.compile(r"(\d+(?:\.\d+)?) ?°?")
_SECTOR = re.compile(r"(\d+(?:\.\d+)?) ?- ?(\d+(?:\.\d+)?)")
_WINDS = ("n", "nne", "ne", "ene", "e", "ese", "se", "sse", "s", "ssw", "sw", "wsw", "w", "wnw", "nw", "nnw")
_LIT = frozenset(("yes", "24/7", "automatic", "limited", "interval", "dusk-dawn", "sunset-sunrise", "operating_times"))
_DARK = frozenset(("no", "disused"))
_ONE_WAY = {"yes": "1", "true": "1", "1": "1", "-1": "1", "reverse": "1", "no": "0", "false": "0", "0": "0"}
_INDOOR = frozenset(("yes", "room", "area", "corridor"))
_BELOW = frozenset(("underground", "indoor"))

Read = tuple[str, str]  # our cell, and the code of a correction ("" where it says what the tag says)


def metres(text: str) -> Read:
    """A length: ``3``, ``3 m``; ``3,5``, ``10'`` and ``10'6"`` are read and reported; anything else is unknown."""
    if found := _METRES.fullmatch(text):
        return found[1], ""
    if found := _COMMA.fullmatch(text):
        return f"{found[1]}.{found[2]}", "osm_value_read"
    if found := _FEET.fullmatch(text):
        return f"{float(found[1]) * FOOT_M + float(found[2] or 0) * INCH_M:.2f}", "osm_value_read"
    return "", "osm_value_unknown"


def bearing(text: str) -> Read:
    """Degrees clockwise from north: ``45``, ``NNE``; the middle of a sector ``45-90`` is reported; else unknown.

    ``forward`` and ``backward`` follow a way that a camera does not stand on, several directions are several cameras.
    """
    low = text.lower()
    if low in _WINDS:
        return f"{_WINDS.index(low) * 22.5:g}", ""
    found = _DEGREES.fullmatch(low)
    if found and float(found[1]) <= 360:
        return found[1], ""
    sector = _SECTOR.fullmatch(low)
    if sector and max(float(sector[1]), float(sector[2])) <= 360:
        begin, end = float(sector[1]), float(sector[2])
        return f"{(begin + ((end - begin) % 360) / 2) % 360:g}", "osm_value_read"
    return "", "osm_value_unknown"


def angle(text: str) -> Read:
    """The horizontal angle of a camera, degrees; what lies outside 1 to 360 is not known."""
    try:
        degrees = float(text.removesuffix("°"))
    except ValueError:
        return "", "osm_value_unknown"
    return (f"{degrees:g}", "") if 1 <= degrees <= 360 else ("", "osm_value_unknown")


def lit(text: str) -> Read:
    """Whether a street is lit at night."""
    low = text.lower()
    return ("1", "") if low in _LIT else ("0", "") if low in _DARK else ("", "osm_value_unknown")


def one_way(text: str) -> Read:
    """Whether a street is one-way; ``reversible`` and ``alternating`` are not known."""
    known = _ONE_WAY.get(text.lower())
    return (known, "") if known else ("", "osm_value_unknown")


def storeys(text: str) -> Read:
    """The height in m of so many storeys (assumption ``storey_height_m``); always reported."""
    try:
        levels = float(text)
    except ValueError:
        return "", "osm_value_unknown"
    if not 0 < levels < 200 or not math.isfinite(levels):
        return "", "osm_value_unknown"
    height_m = levels * number("storey_height_m")
    return f"{height_m:g}", "osm_height_from_storeys"


def _plain(text: str) -> Read:
    return text, ""


# our column -> the tags that may say it, the first that can be read
VALUES: Mapping[str, Mapping[str, tuple[tuple[str, Callable[[str], Read]], ...]]] = {
    "streets": {"width_m": (("width", metres),), "lit": (("lit", lit),), "one_way": (("oneway", one_way),)},
    "walls": {"height_m": (("height", metres), ("building:levels", storeys)), "name": (("name", _plain),)},
    "mounts": {"host": (("operator", _plain),), "height_m": (("height", metres),)},
    "standing": {
        "owner": (("operator", _plain),),
        "bearing_deg": (("camera:direction", bearing), ("direction", bearing)),
        "angle_deg": (("camera:angle", angle),),
        "height_m": (("height", metres),),
    },
    "places": {"owner": (("operator", _plain),), "name": (("name", _plain),)},
}
_CONDITIONS = ("indoor", "location", "parking", "surveillance", "surveillance:type")


@cache
def table(role: str) -> Mapping[str, Mapping[str, tuple[str, str]]]:
    """Key -> value (or ``*``) -> our column and word, of one role."""
    known: dict[str, dict[str, tuple[str, str]]] = {}
    with (SHIPPED / "osm_tags.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["role"] == role:
                known.setdefault(row["key"], {})[row["value"]] = (row["column"], row["word"])
    return known


def tags_of(role: str) -> tuple[str, ...]:
    """Every tag that a role looks at, the defining ones first."""
    values = (tag for tags in VALUES[role].values() for tag, _ in tags)
    return tuple(dict.fromkeys((*table(role), *values, *_CONDITIONS)))


@dataclass
class Ours:
    """One feature in our words."""

    cells: dict[str, str]
    reason: str = ""
    corrections: list[tuple[str, str, str, str]] = field(default_factory=list)  # column, code, before, after


def ours(role: str, tags: Mapping[str, str]) -> Ours | None:
    """One feature's tags as cells of a role; None where no tag makes it one of the role.

    Parameters
    ----------
    role
        A key of ``VALUES``.
    tags
        Tag -> value; absent and blank are the same.
    """
    for key, words in table(role).items():
        value = tags.get(key, "")
        if value and (value in words or "*" in words):
            column, word = words.get(value) or words["*"]
            break
    else:
        return None
    reason = {"-": "osm_not_ours", "?": "unknown_word"}.get(word, "") or _unfit(role, tags)
    made = Ours({column: value if word == "=" else "" if reason else word}, reason)
    for our, ways in VALUES[role].items():
        made.cells[our] = ""
        for tag, read in ways:
            text = tags.get(tag, "")
            if not text or reason:
                continue
            cell, code = read(text)
            if code:
                made.corrections.append((our, code, f"{tag}={text}", cell))
            if cell:
                made.cells[our] = cell
                break
    return made


def _unfit(role: str, tags: Mapping[str, str]) -> str:
    """The reason why a feature of the right kind is not for a plan of public ground ("" when it is)."""
    if (
        tags.get("indoor", "") in _INDOOR
        or tags.get("location", "") == "indoor"
        or tags.get("surveillance") == "indoor"
    ):
        return "osm_indoor"
    if role != "walls" and (tags.get("location", "") in _BELOW or tags.get("parking", "") in _BELOW):
        return "osm_underground"
    if role == "standing" and tags.get("surveillance:type", "camera") not in ("", "camera"):
        return "osm_no_camera"
    return ""
