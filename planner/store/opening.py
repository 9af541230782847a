"""Opens a store: SQLite in WAL mode with full synchronisation, brought to this program's schema."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from planner.errors import StoreError
from planner.store.refusing import BUSY_S, refusal
from planner.store.schema import TABLES
from planner.store.shelf import Store

_MIGRATIONS = Path(__file__).parent / "migrations"


def default_path() -> Path:
    """Where plans are kept: ``PLANNER_STORE``, else the system's folder for a user's data."""
    if wish := os.environ.get("PLANNER_STORE"):
        return Path(wish)
    if sys.platform == "win32":
        root = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        root = Path.home() / "Library" / "Application Support"
    else:
        named = Path(os.environ.get("XDG_DATA_HOME") or "-")
        root = named if named.is_absolute() else Path.home() / ".local" / "share"
    return root / "planner" / "plans.sqlite"


@contextmanager
def opened(path: Path | None = None, *, must_exist: bool = False) -> Iterator[Store]:
    """A store for as long as the block lasts; made where there is none, unless it ``must_exist``.

    Raises
    ------
    StoreError
        ``store_absent``, ``store_not_ours`` (the file is no store, or a database of something else: it is left as it is),
        ``store_newer`` (written by a later version of the program), ``store_cannot_write``.
    """
    path = path or default_path()
    if must_exist and not path.is_file():
        raise StoreError("store_absent", f"no store at {path}", path=str(path))
    refuse_others(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
    except OSError as error:
        raise StoreError("store_cannot_write", f"{path}: {error}", path=str(path), reason=str(error)) from error
    engine = engine_of(path)
    try:
        migrate(engine, path)
        yield Store(path, engine)
    finally:
        engine.dispose()


def refuse_others(path: Path, *, empty: bool = True) -> None:
    """Refuse a database of something else (a GeoPackage, say) before anything is written into it; ``empty``: one without tables may pass.

    What is no database at all is refused by whoever reads it.

    Raises
    ------
    StoreError
        ``store_not_ours``.
    """
    if not path.is_file():
        return
    try:
        with closing(sqlite3.connect(path)) as raw:
            found = {str(name) for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.DatabaseError:
        return
    ours = "alembic_version" in found and (found == {"alembic_version"} or set(TABLES.tables) <= found)
    if not (ours or (empty and not found)):
        reason = ", ".join(sorted(found)[:5]) or "-"
        raise StoreError("store_not_ours", f"{path} holds {reason}", path=str(path), reason=reason)


def engine_of(path: Path) -> Engine:
    """An engine whose transactions begin as they say: ``BEGIN`` to read, ``BEGIN IMMEDIATE`` to write."""
    engine = create_engine(
        f"sqlite+pysqlite:///{path}", connect_args={"timeout": BUSY_S, "isolation_level": None}, poolclass=NullPool
    )

    @event.listens_for(engine, "connect")
    def _set(connection: sqlite3.Connection, _record: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def migrate(engine: Engine, path: Path) -> None:
    """Bring the file to this program's schema, in one transaction."""
    config = Config()
    config.set_main_option("script_location", _MIGRATIONS.as_posix().replace("%", "%%"))
    known = ScriptDirectory.from_config(config)
    try:
        with engine.connect() as connection:
            now = MigrationContext.configure(connection).get_current_revision()
        if now == known.get_current_head():
            return
        if now is not None and now not in {script.revision for script in known.walk_revisions()}:
            raise StoreError("store_newer", f"{path} has schema {now}", path=str(path), schema=now)
        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except DatabaseError as error:
        raise refusal(error, path) from error
