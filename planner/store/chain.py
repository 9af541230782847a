"""The audit chain: each record holds the hash of the one before, so that no record can change or vanish unseen.

``record_sha256 = SHA-256(previous || at || author || action || body)``, the fields joined by a newline. A chain does not show
that its *tail* was cut: that is why the latest hash stands in every export, and ``holds`` finds it again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select

from planner.store.schema import audit

START = "0" * 64


def link(previous: str, at: str, author: str, action: str, body: str) -> str:
    """The hash of one record."""
    return hashlib.sha256(f"{previous}\n{at}\n{author}\n{action}\n{body}".encode()).hexdigest()


def canonical(values: Mapping[str, Any]) -> str:
    """The same values, always the same text."""
    return json.dumps(dict(values), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def append(connection: Connection, at: str, author: str, action: str, values: Mapping[str, Any]) -> str:
    """Add a record inside the running transaction; returns its hash."""
    previous, body = latest(connection), canonical(values)
    record = link(previous, at, author, action, body)
    connection.execute(
        insert(audit).values(
            at=at, author=author, action=action, body=body, previous_sha256=previous, record_sha256=record
        )
    )
    return record


def latest(connection: Connection) -> str:
    """The hash of the latest record (``START`` in an empty store)."""
    found = connection.execute(select(audit.c.record_sha256).order_by(audit.c.number.desc()).limit(1)).scalar()
    return START if found is None else str(found)


def holds(connection: Connection, record_sha256: str) -> bool:
    """Whether a hash that an export bears is one of this chain."""
    asked = select(audit.c.number).where(audit.c.record_sha256 == record_sha256)
    return connection.execute(asked).first() is not None


def first_break(connection: Connection) -> int | None:
    """Number of the first record that does not follow from the one before; None where the chain is whole."""
    previous = START
    for row in connection.execute(select(audit).order_by(audit.c.number)):
        same = link(previous, row.at, row.author, row.action, row.body)
        if row.previous_sha256 != previous or row.record_sha256 != same:
            return int(row.number)
        previous = row.record_sha256
    return None
