"""What the database says, as refusals that a user can read."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.exc import DatabaseError

from planner.errors import StoreError

BUSY_S = 30.0  # a writer waits this long for another one


def refusal(error: DatabaseError, path: Path) -> StoreError:
    """What SQLite said, as a sentence for the user."""
    reason = str(error.orig)
    if "locked" in reason:
        return StoreError("store_busy", f"{path}: {reason}", path=str(path), seconds=BUSY_S)
    if "not a database" in reason or "malformed" in reason:
        return StoreError("store_not_ours", f"{path}: {reason}", path=str(path), reason=reason)
    return StoreError("store_cannot_write", f"{path}: {reason}", path=str(path), reason=reason)
