"""Is a store whole? Every hash is computed anew."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.exc import DatabaseError

from planner.errors import Note
from planner.store import chain
from planner.store.refusing import refusal
from planner.store.schema import audit, plans, reviews, uploads, versions
from planner.store.shelf import Store, Version, header_sha256, unpacked


@dataclass(frozen=True)
class Soundness:
    """What stands in a store, and what is wrong with it (``faults`` empty: nothing)."""

    plans: int
    versions: int
    reviews: int
    uploads: int
    records: int
    audit_sha256: str
    faults: tuple[Note, ...]


def examine(store: Store, exported_sha256: str = "") -> Soundness:
    """Compute every hash of a store anew.

    Parameters
    ----------
    store
        Any, also one in use.
    exported_sha256
        The audit hash that an export bears; when the chain does not hold it, its tail was cut after that export.

    Notes
    -----
    Faults: ``store_file_damaged`` (SQLite's own check), ``store_chain_broken`` (number of the first record that does not
    follow), ``store_export_unknown``, ``store_version_differs``, ``store_head_differs``, ``store_unrecorded`` (a row without its
    record in the chain, or the reverse), ``store_upload_differs``.
    """
    try:
        with store.engine.connect() as connection, connection.begin():
            faults = tuple(_faults(connection, exported_sha256))
            number = {
                table.name: len(connection.execute(select(*table.primary_key.columns)).all())
                for table in (plans, versions, reviews, uploads, audit)
            }
            last = chain.latest(connection)
    except DatabaseError as error:
        raise refusal(error, store.path) from error
    return Soundness(
        number["plans"],
        number["versions"],
        number["reviews"],
        number["uploads"],
        number["audit"],
        last,
        faults,
    )


def _faults(connection: Connection, exported_sha256: str) -> Iterator[Note]:
    """What is wrong, in the order of how much it says."""
    told = connection.exec_driver_sql("PRAGMA quick_check").scalar() if connection.dialect.name == "sqlite" else "ok"
    if told != "ok":
        yield Note("store_file_damaged", {"reason": str(told)[:200]})
    broken = chain.first_break(connection)
    if broken is not None:
        yield Note("store_chain_broken", {"number": broken})
    if exported_sha256 and not chain.holds(connection, exported_sha256):
        yield Note("store_export_unknown", {"audit_sha256": exported_sha256})
    yield from _versions(connection)
    yield from _records(connection)
    for row in connection.execute(select(uploads)):
        if hashlib.sha256(row.content).hexdigest() != row.sha256:
            yield Note("store_upload_differs", {"name": row.name, "sha256": row.sha256})


def _versions(connection: Connection) -> Iterator[Note]:
    """Versions against their hashes and parents, heads against the versions."""
    last: dict[str, Version] = {}
    for row in connection.execute(select(versions).order_by(versions.c.plan_name, versions.c.number)):
        told = row._asdict()
        payload = unpacked(told.pop("payload"))
        version = Version(**told)
        before = last.get(version.plan_name)
        parent = before.version_sha256 if before else ""
        number = before.number + 1 if before else 1
        header = {name: value for name, value in told.items() if name != "version_sha256"}
        same = (
            hashlib.sha256(payload).hexdigest() == version.payload_sha256
            and header_sha256(header) == version.version_sha256
            and (version.parent_sha256, version.number) == (parent, number)
        )
        if not same:
            yield Note("store_version_differs", {"name": version.plan_name, "number": version.number})
        last[version.plan_name] = version
    for name, head in connection.execute(select(plans.c.name, plans.c.head)):
        found = last[name].number if name in last else 0
        if found != head:
            yield Note("store_head_differs", {"name": name, "head": head, "number": found})


def _records(connection: Connection) -> Iterator[Note]:
    """Rows without their record in the chain, and records whose row is gone or says otherwise."""
    recorded: dict[str, set[str]] = {"save": set(), "review": set(), "upload": set()}
    for row in connection.execute(select(audit.c.action, audit.c.body)):
        if row.action in recorded:
            recorded[row.action].add(row.body)
    standing = {
        "save": {
            chain.canonical(asdict(Version(**_without(r._asdict(), "payload"))))
            for r in connection.execute(select(versions))
        },
        "review": {chain.canonical(_without(r._asdict(), "review_id")) for r in connection.execute(select(reviews))},
        "upload": {chain.canonical(_without(r._asdict(), "content")) for r in connection.execute(select(uploads))},
    }
    for action, bodies in standing.items():
        for body in sorted(bodies ^ recorded[action]):
            about = json.loads(body)
            name = about.get("plan_name") or about.get("name") or about.get("site_id") or about.get("station")
            yield Note("store_unrecorded", {"action": action, "about": str(name)})


def _without(row: dict[str, Any], column: str) -> dict[str, Any]:
    """A row less one column."""
    return {name: value for name, value in row.items() if name != column}
