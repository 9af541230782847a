"""The planner's answers to questions: read from a file, remembered in ``town.toml``."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path

from planner.errors import InputError, StoreError


def load_answers(path: Path) -> dict[str, str]:
    """The answers of a file as ``check`` writes it (``out/answers.toml``), its proposals uncommented where they fit.

    Returns
    -------
    dict
        ``errors.Question.key`` -> choice; empty where every proposal is still commented out.

    Raises
    ------
    InputError
        ``answers_unreadable``: no such file, no TOML, or a value that is no text.
    """
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        table = tree.get("answers", {})
        wrong = [key for key, value in table.items() if not isinstance(value, str)]
        reason = f"not text: {', '.join(wrong)}" if wrong else ""
        if [*tree] not in ([], ["answers"]):
            reason = f"only [answers] is read here, not {', '.join(k for k in tree if k != 'answers')}"
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, AttributeError) as error:
        reason = str(error)
    if reason:
        raise InputError("answers_unreadable", f"{path.name}: {reason}", file=path.name, reason=reason)
    return dict(table)


def remember(folder: Path, answers: Mapping[str, str], forget: Collection[str] = ()) -> None:
    """Write answers into ``[answers]`` of ``town.toml``, those of before kept; the rest of the file stays as it is.

    Parameters
    ----------
    folder
        The town folder.
    answers
        ``errors.Question.key`` -> choice.
    forget
        Keys whose answers are taken out.

    Raises
    ------
    StoreError
        ``file_not_written``: ``town.toml`` cannot be read or written; what was there before is unchanged.
    """
    try:
        _remember(folder / "town.toml", answers, forget)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError("file_not_written", f"town.toml: {error}", file="town.toml", reason=reason) from error


def _remember(path: Path, answers: Mapping[str, str], forget: Collection[str]) -> None:
    """The same, for the file itself."""
    text = path.read_text(encoding="utf-8-sig")
    known = {**tomllib.loads(text).get("answers", {}), **answers}
    known = {key: value for key, value in known.items() if key not in forget}
    kept: list[str] = []
    within = False
    for line in text.split("\n"):
        if line.lstrip().startswith("["):
            within = line.split("#")[0].strip() == "[answers]"
        if not within:
            kept.append(line)
    block = ["[answers]", *(f"{_quoted(key)} = {_quoted(value)}" for key, value in known.items())]
    whole = "\n".join(kept).rstrip("\n") + "\n" + ("\n" + "\n".join(block) + "\n" if known else "")
    part = path.with_suffix(".toml.part")
    part.write_text(whole, encoding="utf-8")
    part.replace(path)


def _quoted(text: str) -> str:
    """A TOML basic string (its escapes are those of JSON, DEL apart)."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
