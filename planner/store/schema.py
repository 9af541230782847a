"""The tables of a store, in types that SQLite and PostgreSQL share; migrations make them, this names their columns.

Times are UTC in ISO 8601 (they enter hashes as they stand); hashes are SHA-256 in hexadecimal; payloads are the plan's JSON,
UTF-8, deflated.
"""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Integer, LargeBinary, MetaData, String, Table, Text, UniqueConstraint

OPINIONS = ("no_objection", "conditional", "to_discuss", "reconsider")  # 支障なし 条件付き 要協議 再検討 (P5)

LONGEST_NAME = 200

TABLES = MetaData()

plans = Table(
    "plans",
    TABLES,
    Column("name", String(LONGEST_NAME), primary_key=True),  # as people say it: 令和9年度当初予算案
    Column("head", Integer, nullable=False),  # number of the latest version: the optimistic lock
)

versions = Table(
    "versions",
    TABLES,
    Column("version_sha256", String(64), primary_key=True),  # of the columns below but payload
    Column("plan_name", String(200), ForeignKey("plans.name"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("parent_sha256", String(64), nullable=False),  # "" for the first
    Column("remark", Text, nullable=False),
    Column("author", String(200), nullable=False),
    Column("saved_at", String(32), nullable=False),
    Column("plan_id", String(64), nullable=False),
    Column("payload_sha256", String(64), nullable=False),  # of the plan's JSON before deflation
    Column("payload", LargeBinary, nullable=False),
    UniqueConstraint("plan_name", "number", name="one_number_per_plan"),
)

uploads = Table(
    "uploads",
    TABLES,
    Column("sha256", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("author", String(200), nullable=False),
    Column("kept_at", String(32), nullable=False),
    Column("content", LargeBinary, nullable=False),
)

reviews = Table(
    "reviews",
    TABLES,
    Column("review_id", Integer, primary_key=True),
    Column("version_sha256", String(64), ForeignKey("versions.version_sha256"), nullable=False),
    Column("site_id", String(64), nullable=False),  # "" for a suggested place
    Column("opinion", String(20), nullable=False),
    Column("comment", Text, nullable=False),
    Column("station", String(200), nullable=False),  # 署・課・職, never a person's name (P5)
    Column("answered_on", String(10), nullable=False),
    Column("received_at", String(32), nullable=False),
    Column("east_m", Float),  # of a suggested place, in the plan's metric CRS
    Column("north_m", Float),
    Column("upload_sha256", String(64), nullable=False),  # the Excel it came from, "" where entered in the browser
)

audit = Table(
    "audit",
    TABLES,
    Column("number", Integer, primary_key=True),
    Column("at", String(32), nullable=False),
    Column("author", String(200), nullable=False),
    Column("action", String(40), nullable=False),
    Column("body", Text, nullable=False),  # canonical JSON
    Column("previous_sha256", String(64), nullable=False),
    Column("record_sha256", String(64), nullable=False, unique=True),
)
