"""Camera models, retention tiers and programmes: the town's own, or the shipped catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from pydantic import ValidationError

from planner import frames
from planner.errors import InputError
from planner.frames import SHIPPED_NOTE, Tally
from planner.ingest.grants import from_facts, is_facts_form
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec
from planner.ingest.paths import Found, find, suffix_allowed
from planner.ingest.roles import role
from planner.ingest.tables import read_role
from planner.ingest.words import SHIPPED
from planner.programmes import Programme
from planner.settings import nearest

SHIPPED_ON = "2026-11-22"  # day on which the shipped figures were last checked against their sources


def shipped_table(name: str, epsg: int, ledger: Ledger) -> pd.DataFrame:
    """The shipped ``models`` or ``tiers``, with a note that says so."""
    ledger.note("catalogue_shipped", role=name, date=SHIPPED_ON)
    spec = RoleSpec(name, (f"{name}.csv",), True, None, None, None, {}, SHIPPED_NOTE + SHIPPED_ON)
    table: pd.DataFrame = read_role(SHIPPED, spec, epsg, None, ledger)
    return table


def _entries(found: Found) -> list[Any]:
    """The list under ``programmes:`` of one file.

    Raises
    ------
    InputError
        ``yaml_unreadable``.
    """
    reason = "no list 'programmes'"
    try:
        tree = yaml.safe_load(found.path.read_bytes().decode("utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        tree, reason = None, str(error)[:200]
    entries = tree.get("programmes") if isinstance(tree, dict) else None
    if not isinstance(entries, list):
        raise InputError("yaml_unreadable", f"{found.name}: {reason}", file=found.name, reason=reason)
    return entries


def programme_count(found: Found) -> int:
    """How many programmes a file lists.

    Raises
    ------
    InputError
        ``yaml_unreadable``.
    """
    return len(_entries(found))


def _programme(entry: Any, file: str, ledger: Ledger) -> Programme | None:
    """One entry, or one fault per field that cannot be used."""
    identity = str(entry.get("id", "-")) if isinstance(entry, dict) else "-"
    try:
        return from_facts(entry) if is_facts_form(entry) else Programme.model_validate(entry)
    except ValidationError as error:
        for fault in error.errors():
            path = ".".join(str(part) for part in fault["loc"]) or "-"
            _refuse(ledger, file, identity, path, fault["msg"])
    except ZeroDivisionError:  # a rate of 1/0 is no fraction
        _refuse(ledger, file, identity, "rate", "division by zero")
    return None


def _refuse(ledger: Ledger, file: str, identity: str, path: str, reason: str) -> None:
    """One fault of one programme."""
    ledger.faults.append(
        InputError(
            "programme_refused",
            f"{file}: {identity}.{path}: {reason}",
            file=file,
            id=identity,
            field=path,
            reason=reason,
        )
    )


def _read(found: Found, note: str, ledger: Ledger) -> list[Programme]:
    """The programmes of one file, and its tally."""
    entries = _entries(found)
    made = [p for e in entries if (p := _programme(e, found.name, ledger)) is not None]
    count = len(entries)
    ledger.tallies.append(Tally("programmes", found.name, found.sha256, count, count, 0, 0, 0, "utf-8", note))
    return made


def read_programmes(folder: Path, spec: RoleSpec, ledger: Ledger) -> tuple[Programme, ...]:
    """The town's programmes and those it takes from the shipped file by id.

    Raises
    ------
    InputError
        ``programme_unknown`` (a shipped id that is not there, with the nearest), ``yaml_unreadable``; faults of
        single entries (``programme_refused`` with id, field, reason) go to the ledger.
    """
    made: list[Programme] = []
    for found in find(folder, "programmes", spec.patterns, literal=spec.literal):
        suffix_allowed(found, "programmes", role("programmes").formats)
        with ledger.gathering():
            made += _read(found, spec.note, ledger)
    if spec.shipped:
        made += _from_shipped(spec.shipped, spec.fill, ledger)
    for programme in made:
        if programme.missing:
            told = {"id": programme.id, "name": programme.named, "missing": list(programme.missing)}
            ledger.faults.append(InputError("programme_incomplete", f"{programme.id}: {told['missing']}", **told))
    ids = [p.id for p in made]
    for identity in sorted({i for i in ids if ids.count(i) > 1}):
        _refuse(ledger, "programmes", identity, "id", f"id used {ids.count(identity)} times")
    return tuple(made)


def read_programme_file(path: Path) -> tuple[Programme, ...]:
    """The programmes of one file by itself, in our own form or in the facts form.

    Raises
    ------
    InputError
        ``file_missing``, ``yaml_unreadable``; InputFaults with ``programme_refused`` for every field that cannot be used.
    """
    if not path.is_file():
        raise InputError("file_missing", f"no file {path.name}", role="programmes", pattern=path.name)
    ledger = Ledger()
    made = _read(Found(path, path.name, ""), "", ledger)
    ledger.raise_faults()
    return tuple(made)


def _from_shipped(ids: Sequence[str], fill: Mapping[str, Mapping[str, Any]], ledger: Ledger) -> list[Programme]:
    """Shipped programmes by id, filled with what the town states; notes say when they were checked and what is not sure."""
    found = find(SHIPPED, "programmes", ("programmes.yaml",), literal=True)[0]
    entries = {str(entry["id"]): entry for entry in _entries(found)}
    for identity, known in (*((i, list(entries)) for i in ids), *((i, list(ids)) for i in fill)):
        if identity not in known:
            near = nearest(identity, known)
            ledger.faults.append(
                InputError("programme_unknown", f"{identity} is not shipped; nearest {near}", id=identity, nearest=near)
            )
    wanted = [entries[i] | dict(fill.get(i, {})) for i in ids if i in entries]
    made = [p for entry in wanted if (p := _programme(entry, found.name, ledger)) is not None]
    note = SHIPPED_NOTE + SHIPPED_ON
    ledger.tallies.append(Tally("programmes", found.name, found.sha256, len(made), len(made), 0, 0, 0, "utf-8", note))
    ledger.note("programmes_shipped", names=[p.named for p in made], date=SHIPPED_ON)
    for programme in made:
        unconfirmed = [name for name in programme.unconfirmed if name not in fill.get(programme.id, {})]
        if unconfirmed:
            ledger.note("programme_unconfirmed", name=programme.named, missing=unconfirmed)
    return made


def absent_table(name: str, epsg: int, ledger: Ledger) -> Any:
    """An empty table for an optional role, with a note that says what is missing."""
    ledger.note("role_absent", role=name)
    return frames.empty(name, epsg)
