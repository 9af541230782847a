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


def knows(key: str) -> bool:
    """Whether both catalogues hold the key."""
    return all(key in catalogue(language) for language in LANGUAGES)
