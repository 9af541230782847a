"""Every sentence a user reads, in Japanese and English, looked up by key.

``say("ja", "error.column_missing", file="x.csv")`` fills ``{file}``; numbers come grouped by thousands
when the catalogue asks for it with a format (``{amount:,}``).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

Language = Literal["ja", "en"]
LANGUAGES: tuple[Language, ...] = ("ja", "en")


def _flatten(tree: Mapping[str, Any], stem: str = "") -> dict[str, str]:
    """Nested TOML tables -> dotted keys."""
    flat: dict[str, str] = {}
    for key, value in tree.items():
        name = f"{stem}{key}"
        if isinstance(value, Mapping):
            flat |= _flatten(value, f"{name}.")
        else:
            flat[name] = str(value)
    return flat


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """All sentences of one language by dotted key."""
    path = Path(__file__).with_name(f"{language}.toml")
    return _flatten(tomllib.loads(path.read_text(encoding="utf-8")))


def say(language: Language, key: str, /, **values: Any) -> str:
    """One sentence in one language.

    Raises
    ------
    KeyError
        The key stands in no catalogue, or the sentence needs a value that was not given.
    """
    return catalogue(language)[key].format(**values)


def plain(language: Language, key: str, /, **values: Any) -> str:
    """The same for a page: without the marks around names of files, which are for files and terminals."""
    return catalogue(language)[key].replace("`", "").format(**values)


def knows(key: str) -> bool:
    """Whether both catalogues hold the key."""
    return all(key in catalogue(language) for language in LANGUAGES)


def measure_name(measure: str, language: Language) -> str:
    """What is counted, in words: a measure, or the policy targets of a kind; a single target by its id."""
    kind = measure.removeprefix("target:")
    name = f"measure.{kind}" if kind == measure else f"target_kind.{kind}"
    named = say(language, name) if knows(name) else kind
    return named if kind == measure else say(language, "show.target_of", name=named)


def floor_name(about: str, language: Language) -> str:
    """What a floor counts (its rule's name without the first word): its measure, and its district if it has one."""
    parts = about.split(":")
    number = 2 if parts[0] == "target" else 1
    named, district = measure_name(":".join(parts[:number]), language), ":".join(parts[number:])
    return say(language, "show.with_detail", what=named, detail=district) if district else named
