"""Backup and restore through SQLite's own backup: a copied file would miss what still stands in the log beside it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from planner.errors import StoreError
from planner.store.opening import engine_of, opened, refuse_others
from planner.store.shelf import Store
from planner.store.soundness import Soundness, examine


def backup(store: Store, to: Path) -> Soundness:
    """Copy a store, which may be in use, into a new file and examine the copy; the file appears whole or not at all.

    Raises
    ------
    StoreError
        ``backup_exists``, ``store_cannot_write``, ``backup_unsound``.
    """
    if to.exists():
        raise StoreError("backup_exists", f"{to} exists", path=str(to))
    part = to.with_name(f".{to.name}.part")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        _copy(store.path, part)
        found = _examined(part)
        if found.faults:
            raise _unsound(store.path, found)
        part.rename(to)
    except (OSError, sqlite3.Error) as error:
        if isinstance(error, StoreError):
            raise
        raise StoreError("store_cannot_write", f"{to}: {error}", path=str(to), reason=str(error)) from error
    finally:
        part.unlink(missing_ok=True)
    return found


def restore(path: Path, source: Path) -> tuple[Soundness, Path | None]:
    """Put a backup in the place of a store; what stood there is kept beside it. The backup itself is only read.

    Returns
    -------
    What the restored store holds, and the file into which the former one went (None where there was none).

    Raises
    ------
    StoreError
        ``store_absent`` (no such backup), ``backup_unsound``, ``store_not_ours`` (the backup, or what stands in the store's
        place, is a database of something else), ``store_newer``, ``store_cannot_write``.
    """
    if not source.is_file():
        raise StoreError("store_absent", f"no backup at {source}", path=str(source))
    refuse_others(source, empty=False)
    refuse_others(path)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        _copy(source, part)
        with opened(part) as store:
            found = examine(store)
        if found.faults:
            raise _unsound(source, found)
        former = _set_aside(path) if path.exists() else None
        _copy(part, path)
    except sqlite3.DatabaseError as error:
        raise StoreError("store_not_ours", f"{source}: {error}", path=str(source), reason=str(error)) from error
    finally:
        for rest in part.parent.glob(f"{part.name}*"):
            rest.unlink()
    return found, former


def _set_aside(path: Path) -> Path:
    """Keep what stands in the store's place beside it; what is no database any more goes there as it is."""
    former = next(
        p for n in range(1, 10_000) if not (p := path.with_name(f"{path.stem}.before-{n}{path.suffix}")).exists()
    )
    try:
        _copy(path, former)
    except sqlite3.DatabaseError:
        path.replace(former)
        for rest in ("-wal", "-shm"):
            path.with_name(path.name + rest).unlink(missing_ok=True)
    return former


def _unsound(path: Path, found: Soundness) -> StoreError:
    """What is wrong with a store that was to be copied."""
    first = found.faults[0].code
    return StoreError("backup_unsound", f"{path}: {first}", path=str(path), number=len(found.faults), first=first)


def _copy(source: Path, to: Path) -> None:
    """All pages of one database into another, as of one moment."""
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(to)) as there:
        here.backup(there)
    os.chmod(to, 0o600)  # noqa: PTH101 - the same for every file of a store


def _examined(path: Path) -> Soundness:
    """Soundness of a file by itself."""
    engine = engine_of(path)
    try:
        return examine(Store(path, engine))
    finally:
        engine.dispose()
