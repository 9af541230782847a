"""Towns of the user's own: folders of dropped files, beside the kept studies and never among the files that are served."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from planner.app import kept
from planner.errors import InputError, StoreError
from planner.replies import InitReply
from planner.text import LANGUAGES, Language, say

MOST_LETTERS = 40  # of a folder's name: Windows allows 260 for the whole path
_SETTINGS = "town.toml"

Dropped = Sequence[tuple[str, bytes]]  # name and content of each file


def root() -> Path:
    """Where own towns stand: ``PLANNER_TOWNS``, else beside the folder of kept studies."""
    wish = os.environ.get("PLANNER_TOWNS")
    return Path(wish) if wish else kept.cache_folder().with_name("planner-towns")


def names() -> list[str]:
    """Own towns by the names of their folders."""
    return sorted(p.parent.name for p in root().glob(f"*/{_SETTINGS}") if not p.parent.name.startswith("."))


def found(files: Dropped, language: Language) -> tuple[str, InitReply]:
    """Make a town folder of dropped files: the folder's name, and what each file was taken for.

    Raises
    ------
    InputError
        ``upload_empty``, ``upload_name``, ``upload_twice``: nothing was kept.
    StoreError
        ``file_not_written``.
    """
    from planner import founding

    with _Waiting() as folder:
        _put(folder, files)
        seen = founding.look(folder, None, None)
        path = folder / _SETTINGS
        if not path.exists():
            founding.write(folder, seen, language)
        name = _free(seen.name or say(language, "app.towns.unnamed"))
        _move(folder, root() / name)
    return name, founding.reply(seen, root() / name / _SETTINGS, language)


def add(name: str, files: Dropped, language: Language, told: Mapping[str, str] | None = None) -> InitReply:
    """Add files to an own town (a file of the same name is replaced) and look at all of them anew; answers are kept.

    ``told``: file -> role, where the user says what a file is; such words of before are kept too.

    A ``town.toml`` of the user's own making stays as it is.

    Raises
    ------
    InputError, StoreError
        As ``found``; the town is then as it was.
    """
    from planner import founding, ingest

    with _Waiting() as folder:
        shutil.copytree(root() / name, folder, dirs_exist_ok=True)
        path = folder / _SETTINGS
        before = path.read_text(encoding="utf-8-sig")
        ours = any(before.startswith(f"# {say(lang, 'init.file.intro').splitlines()[0]}") for lang in LANGUAGES)
        if files or not told:
            _put(folder, files)
        tree = tomllib.loads(before)
        seen = founding.look(folder, None, None, {**_roles(tree), **(told or {})})
        if ours and path.read_text(encoding="utf-8-sig") == before:
            path.unlink()
            founding.write(folder, seen, language)
            ingest.remember(folder, tree.get("answers", {}))
        with _Waiting() as old:
            _move(root() / name, old / "before")
            _move(folder, root() / name)
    return founding.reply(seen, root() / name / _SETTINGS, language)


def _roles(tree: Mapping[str, Any]) -> dict[str, str]:
    """The role of each file that a ``town.toml`` names."""
    tables = {role: table for role, table in tree.items() if isinstance(table, dict)}
    return {f: role for role, t in tables.items() for f in (t.get("file"), *t.get("files", ())) if isinstance(f, str)}


def remove(name: str) -> None:
    """Delete an own town with all its files."""
    if name in names():
        shutil.rmtree(root() / name)


class _Waiting:
    """A hidden folder beside the towns, gone afterwards unless it was moved to its place."""

    def __enter__(self) -> Path:
        root().mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = Path(tempfile.mkdtemp(prefix=".", dir=root()))
        return self._folder

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def _put(folder: Path, files: Dropped) -> None:
    """Write the files under their own names, whatever path a browser puts before them."""
    if not files:
        raise InputError("upload_empty", "no file was given")
    given: set[str] = set()
    for told, content in files:
        name = PurePosixPath(unicodedata.normalize("NFC", told).replace("\\", "/")).name
        if not name or name.startswith(".") or any(unicodedata.category(c).startswith("C") for c in name):
            raise InputError("upload_name", f"{told!r} is no file name", file=told[:80])
        if name.casefold() in given:
            raise InputError("upload_twice", f"{name} was given twice", file=name)
        given.add(name.casefold())
        try:
            (folder / name).write_bytes(content)
        except OSError as error:
            reason = error.strerror or str(error)
            raise StoreError("file_not_written", f"{name}: {error}", file=name, reason=reason) from error


def _free(told: str) -> str:
    """A folder name that is not taken."""
    stem = re.sub(r"[^\w-]", "_", told)[:MOST_LETTERS].strip("_") or "town"
    number = 1
    while (root() / (name := stem if number == 1 else f"{stem}_{number}")).exists():
        number += 1
    return name


def _move(old: Path, new: Path) -> None:
    try:
        old.rename(new)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError("file_not_written", f"{new}: {error}", file=new.name, reason=reason) from error
