"""What ``planner store`` answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from planner.replies.faults import Frozen, NoteReply

if TYPE_CHECKING:
    from planner.store import Review, Soundness, Version


class VersionReply(Frozen):
    """``store save``: one saved version; it never changes."""

    plan_name: str
    number: int
    version_sha256: str
    parent_sha256: str
    remark: str
    author: str
    saved_at: str
    plan_id: str

    @classmethod
    def of(cls, version: Version) -> VersionReply:
        """The header of a version."""
        return cls(**{name: getattr(version, name) for name in cls.model_fields})


class VersionsReply(Frozen):
    """``store list``: every version of every plan."""

    store: str
    versions: list[VersionReply]


class AnswerReply(Frozen):
    """What a station said of one site, or suggested for a place (metres in the plan's CRS)."""

    site_id: str
    opinion: str
    comment: str
    station: str
    answered_on: str
    received_at: str
    east_m: float | None
    north_m: float | None
    upload_sha256: str

    @classmethod
    def of(cls, review: Review) -> AnswerReply:
        """One answer."""
        return cls(**{name: getattr(review, name) for name in cls.model_fields})


class StoredReply(Frozen):
    """``store show``: one version and the answers to it."""

    version: VersionReply
    reviews: list[AnswerReply]
    out: str | None


class UploadReply(Frozen):
    """``store upload``: a file that answers came in, written as it came."""

    sha256: str
    name: str
    author: str
    kept_at: str
    out: str


class SoundnessReply(Frozen):
    """``store verify`` and ``store backup``: what a store holds and what is wrong with it."""

    store: str
    plans: int
    versions: int
    reviews: int
    uploads: int
    records: int
    audit_sha256: str
    faults: list[NoteReply]

    @classmethod
    def of(cls, store: Path, found: Soundness, faults: list[NoteReply]) -> SoundnessReply:
        """One examination."""
        numbers = {name: getattr(found, name) for name in ("plans", "versions", "reviews", "uploads", "records")}
        return cls(store=str(store), **numbers, audit_sha256=found.audit_sha256, faults=faults)


class RestoreReply(Frozen):
    """``store restore``: the store restored, and the file that keeps what stood there."""

    store: str
    former: str | None
    versions: int
    audit_sha256: str
