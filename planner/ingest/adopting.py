"""Shipped programmes, and taking one of them into a town: written into ``[programmes]`` of ``town.toml``."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from planner.errors import StoreError
from planner.ingest.catalogue import read_programme_file
from planner.ingest.words import SHIPPED
from planner.programmes import Programme

_SHIPPED = re.compile(r"^\s*shipped\s*=\s*\[")


@cache
def shipped_programmes() -> tuple[Programme, ...]:
    """Every shipped programme as its sources state it; what they do not state is unknown (``Programme.missing``)."""
    return read_programme_file(SHIPPED / "programmes.yaml")


def adopt(folder: Path, programme_id: str, fill: Mapping[str, Any]) -> None:
    """Take a shipped programme into the town, with what only the town can state; the rest of ``town.toml`` stays.

    Parameters
    ----------
    folder
        The town folder.
    programme_id
        Id of a shipped programme.
    fill
        Field -> value (text, whole number, list of texts), written to ``[programmes.fill.ID]``.

    Raises
    ------
    StoreError
        ``file_not_written``: ``town.toml`` cannot be read, changed or written; what was there before is unchanged.
    """
    path = folder / "town.toml"
    try:
        text = path.read_text(encoding="utf-8-sig")
        changed = _checked(text, _with(text, programme_id, fill), programme_id, fill)
        part = path.with_suffix(".toml.part")
        part.write_text(changed, encoding="utf-8")
        part.replace(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StoreError("file_not_written", f"town.toml: {error}", file="town.toml", reason=reason) from error


def _checked(text: str, changed: str, programme_id: str, fill: Mapping[str, Any]) -> str:
    """The changed file, held to differ from the old one as wanted: it may be written in a way that is not known here."""
    wanted = tomllib.loads(text)
    section = wanted.setdefault("programmes", {})
    section["shipped"] = [*(i for i in section.get("shipped", []) if i != programme_id), programme_id]
    if fill:
        section.setdefault("fill", {})[programme_id] = dict(fill)
    if tomllib.loads(changed) != wanted:
        raise ValueError("[programmes]")
    return changed


def _with(text: str, programme_id: str, fill: Mapping[str, Any]) -> str:
    """The file with one more id in ``shipped`` and its table under ``fill``."""
    known = tomllib.loads(text).get("programmes", {}).get("shipped", [])
    ids = [*(i for i in known if i != programme_id), programme_id]
    line = f"shipped = {_toml(ids)}"
    own_fill = f"[programmes.fill.{_toml(programme_id)}]"
    names = (own_fill, f"[programmes.fill.{programme_id}]")
    kept: list[str] = []
    section, open_list, written = "", False, False
    for row in text.split("\n"):
        if open_list:  # the rest of the old list
            open_list = "]" not in row
            continue
        if row.lstrip().startswith("["):
            section = row.split("#")[0].strip()
        if section in names:
            continue
        if section == "[programmes]" and _SHIPPED.match(row):
            open_list = "]" not in row
            continue
        kept.append(row)
        if section == "[programmes]" and not written:
            kept.append(line)
            written = True
    if not written:
        kept += ["[programmes]", line]
    if fill:
        kept = [
            "\n".join(kept).rstrip("\n"),
            "",
            own_fill,
            *(f"{name} = {_toml(value)}" for name, value in fill.items()),
            "",
        ]
    return "\n".join(kept)


def _toml(value: str | float | Sequence[str]) -> str:
    """A text, number or list of texts (the escapes of TOML are those of JSON, DEL apart)."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
