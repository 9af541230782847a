"""The store itself: saves, loads and lists versions, reviews and uploads; every save is one transaction."""

from __future__ import annotations

import datetime as dt
import hashlib
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, insert, select, update
from sqlalchemy.exc import DatabaseError

from planner.errors import StoreError
from planner.plan import Plan
from planner.store import chain
from planner.store.refusing import refusal
from planner.store.schema import LONGEST_NAME, OPINIONS, plans, reviews, uploads, versions

_HEADER = tuple(c for c in versions.c if c.name != "payload")


@dataclass(frozen=True)
class Version:
    """One saved version of a plan; it never changes. ``number`` counts from 1 within ``plan_name``."""

    plan_name: str
    number: int
    version_sha256: str
    parent_sha256: str
    remark: str
    author: str
    saved_at: str
    plan_id: str
    payload_sha256: str


@dataclass(frozen=True)
class Answer:
    """What a station says of one site (``site_id``) or suggests for a place (``east_m``, ``north_m``): an opinion (P5)."""

    site_id: str
    opinion: str
    comment: str
    station: str
    answered_on: str  # ISO date
    east_m: float | None = None
    north_m: float | None = None


@dataclass(frozen=True)
class Review(Answer):
    """An answer as it was received."""

    review_id: int = 0
    version_sha256: str = ""
    received_at: str = ""
    upload_sha256: str = ""


@dataclass(frozen=True)
class Upload:
    """A file as it came."""

    sha256: str
    name: str
    author: str
    kept_at: str
    content: bytes


class Store:
    """Plans on disk. Made by ``opened``; safe for several processes at once."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self.path = path
        self.engine = engine

    # ---- versions ----

    def save(self, plan: Plan, plan_name: str, base: int, author: str, remark: str = "") -> Version:
        """Save a plan as the next version of ``plan_name``.

        Parameters
        ----------
        plan
            The document.
        plan_name
            As people say it, at most 200 characters; a new name begins a new plan.
        base
            Number of the version that it was made from, 0 for the first: when another was saved meanwhile, nothing is written.
        author
            Office, not person.

        Raises
        ------
        StoreError
            ``version_conflict`` (values ``base``, ``head``, ``author``, ``saved_at`` of the other), ``name_refused``,
            ``store_busy``, ``store_cannot_write``.
        """
        name = _name(plan_name)
        payload = plan.model_dump_json().encode()
        with self._writing() as connection:
            head = connection.execute(select(plans.c.head).where(plans.c.name == name)).scalar() or 0
            latest = self._header(connection, name, head) if head else None
            if head != base:
                raise StoreError(
                    "version_conflict",
                    f"{name}: made from version {base}, but version {head} is the latest",
                    name=name,
                    base=base,
                    head=head,
                    author=latest.author if latest else "-",
                    saved_at=latest.saved_at if latest else "-",
                )
            header: dict[str, Any] = {
                "plan_name": name,
                "number": head + 1,
                "parent_sha256": latest.version_sha256 if latest else "",
                "remark": remark,
                "author": author,
                "saved_at": _now(),
                "plan_id": plan.plan_id,
                "payload_sha256": hashlib.sha256(payload).hexdigest(),
            }
            version = Version(version_sha256=header_sha256(header), **header)
            if head:
                connection.execute(update(plans).where(plans.c.name == name).values(head=head + 1))
            else:
                connection.execute(insert(plans).values(name=name, head=1))
            connection.execute(insert(versions).values(**asdict(version), payload=zlib.compress(payload, 6)))
            chain.append(connection, version.saved_at, author, "save", asdict(version))
        return version

    def versions(self, plan_name: str | None = None) -> list[Version]:
        """All versions (of one plan), by name and number."""
        asked = select(*_HEADER).order_by(versions.c.plan_name, versions.c.number)
        if plan_name is not None:
            asked = asked.where(versions.c.plan_name == plan_name)
        with self._reading() as connection:
            return [_version(row) for row in connection.execute(asked)]

    def version(self, plan_name: str, number: int | None = None) -> Version:
        """One version of a plan, the latest where no number is given.

        Raises
        ------
        StoreError
            ``version_unknown``.
        """
        with self._reading() as connection:
            if number is None:
                number = connection.execute(select(plans.c.head).where(plans.c.name == plan_name)).scalar() or 0
            return self._header(connection, plan_name, number)

    def load(self, version: Version) -> Plan:
        """The document of a version, held against its hash.

        Raises
        ------
        StoreError
            ``version_unknown``, ``version_damaged``.
        """
        asked = select(versions.c.payload).where(versions.c.version_sha256 == version.version_sha256)
        with self._reading() as connection:
            stored = connection.execute(asked).scalar()
        if stored is None:
            raise _unknown(version.plan_name, version.number)
        payload = unpacked(stored)
        if hashlib.sha256(payload).hexdigest() != version.payload_sha256:
            raise StoreError(
                "version_damaged",
                f"{version.plan_name} {version.number}: payload and hash differ",
                name=version.plan_name,
                number=version.number,
            )
        return Plan.model_validate_json(payload)

    # ---- reviews ----

    def review(self, version: Version, answers: Sequence[Answer], author: str, upload_sha256: str = "") -> list[Review]:
        """Keep answers to a version, all or none; earlier answers of the same station stay, the latest counts.

        Raises
        ------
        StoreError
            ``version_unknown``, ``opinion_unknown``.
        """
        for answer in answers:
            if answer.opinion not in OPINIONS:
                raise StoreError(
                    "opinion_unknown",
                    f"{answer.site_id}: {answer.opinion!r}",
                    site_id=answer.site_id,
                    opinion=answer.opinion,
                )
        kept = []
        with self._writing() as connection:
            self._header(connection, version.plan_name, version.number)
            for answer in answers:
                told = asdict(answer) | {
                    "version_sha256": version.version_sha256,
                    "received_at": _now(),
                    "upload_sha256": upload_sha256,
                }
                key = connection.execute(insert(reviews).values(**told)).inserted_primary_key
                kept.append(Review(**told, review_id=int(key[0]) if key else 0))
                chain.append(connection, told["received_at"], author, "review", told)
        return kept

    def reviews(self, version: Version) -> list[Review]:
        """Every answer to a version, in the order received."""
        asked = select(reviews).where(reviews.c.version_sha256 == version.version_sha256).order_by(reviews.c.review_id)
        with self._reading() as connection:
            return [Review(**row._asdict()) for row in connection.execute(asked)]

    def earlier_reviews(self, version: Version) -> list[tuple[int, Review]]:
        """Every answer to an earlier version of the same plan, with its number, the oldest version first."""
        asked = (
            select(versions.c.number, *reviews.c)
            .join(versions, versions.c.version_sha256 == reviews.c.version_sha256)
            .where(versions.c.plan_name == version.plan_name, versions.c.number < version.number)
            .order_by(versions.c.number, reviews.c.review_id)
        )
        with self._reading() as connection:
            rows = [row._asdict() for row in connection.execute(asked)]
        return [(int(row.pop("number")), Review(**row)) for row in rows]

    # ---- uploads ----

    def keep_upload(self, name: str, content: bytes, author: str) -> str:
        """Keep a file as it came; returns its SHA-256. The same bytes are kept once."""
        sha256 = hashlib.sha256(content).hexdigest()
        with self._writing() as connection:
            if connection.execute(select(uploads.c.sha256).where(uploads.c.sha256 == sha256)).first() is None:
                told = {"sha256": sha256, "name": name, "author": author, "kept_at": _now()}
                connection.execute(insert(uploads).values(**told, content=content))
                chain.append(connection, told["kept_at"], author, "upload", told)
        return sha256

    def upload(self, sha256: str) -> Upload:
        """A file as it came.

        Raises
        ------
        StoreError
            ``upload_unknown``.
        """
        with self._reading() as connection:
            row = connection.execute(select(uploads).where(uploads.c.sha256 == sha256)).first()
        if row is None:
            raise StoreError("upload_unknown", f"no upload {sha256}", sha256=sha256)
        return Upload(**row._asdict())

    def upload_names(self, version: Version) -> dict[str, str]:
        """Hash and name of every file in which answers to a version came."""
        asked = (
            select(uploads.c.sha256, uploads.c.name)
            .where(
                uploads.c.sha256.in_(
                    select(reviews.c.upload_sha256).where(reviews.c.version_sha256 == version.version_sha256)
                )
            )
            .order_by(uploads.c.kept_at, uploads.c.sha256)
        )
        with self._reading() as connection:
            return {str(sha256): str(name) for sha256, name in connection.execute(asked)}

    # ---- audit ----

    def audit_sha256(self) -> str:
        """The latest hash of the audit chain: it stands in every export."""
        with self._reading() as connection:
            return chain.latest(connection)

    def audit_for(self, plan: Plan) -> str:
        """The latest hash, for an export of a plan that is kept here.

        Raises
        ------
        StoreError
            ``plan_not_kept``.
        """
        asked = select(versions.c.number).where(versions.c.plan_id == plan.plan_id).limit(1)
        with self._reading() as connection:
            if connection.execute(asked).first() is None:
                short = plan.plan_id[:12]
                raise StoreError("plan_not_kept", f"{self.path} lacks {short}", path=str(self.path), plan_id=short)
            return chain.latest(connection)

    # ---- within ----

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self.engine.connect() as connection, connection.begin():
                yield connection
        except DatabaseError as error:
            raise refusal(error, self.path) from error

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """One transaction that holds the write lock from its first word; whole or not at all."""
        try:
            with self.engine.connect().execution_options(writes=True) as connection, connection.begin():
                yield connection
        except DatabaseError as error:
            raise refusal(error, self.path) from error

    @staticmethod
    def _header(connection: Connection, plan_name: str, number: int) -> Version:
        """One version without its payload."""
        asked = select(*_HEADER).where(versions.c.plan_name == plan_name, versions.c.number == number)
        row = connection.execute(asked).first()
        if row is None:
            raise _unknown(plan_name, number)
        return _version(row)


def header_sha256(header: dict[str, object]) -> str:
    """The hash that names a version: of everything but its own hash and the payload."""
    return hashlib.sha256(chain.canonical(header).encode()).hexdigest()


def unpacked(payload: bytes) -> bytes:
    """The JSON of a stored payload; what cannot be inflated stays as it is and fails its hash."""
    try:
        return zlib.decompress(payload)
    except zlib.error:
        return payload


def _version(row: Row[tuple[object, ...]]) -> Version:
    """A row of the header columns."""
    return Version(**row._asdict())


def _unknown(plan_name: str, number: int) -> StoreError:
    """No such version."""
    return StoreError("version_unknown", f"no version {number} of {plan_name}", name=plan_name, number=number)


def _name(plan_name: str) -> str:
    """A plan's name without blanks around it."""
    name = plan_name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise StoreError("name_refused", f"{plan_name[:50]!r} is no name", name=plan_name[:50], most=LONGEST_NAME)
    return name


def _now() -> str:
    """UTC to the second."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
