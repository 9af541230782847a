"""The first schema: plans, versions, uploads, reviews, audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "first"
down_revision = None

_FIXED = ("versions", "uploads", "reviews", "audit")  # what is written once


def upgrade() -> None:
    """Make the tables; rows of ``_FIXED`` can neither be changed nor deleted."""
    op.create_table(
        "plans",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("head", sa.Integer, nullable=False),
    )
    op.create_table(
        "versions",
        sa.Column("version_sha256", sa.String(64), primary_key=True),
        sa.Column("plan_name", sa.String(200), sa.ForeignKey("plans.name"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("parent_sha256", sa.String(64), nullable=False),
        sa.Column("remark", sa.Text, nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("saved_at", sa.String(32), nullable=False),
        sa.Column("plan_id", sa.String(64), nullable=False),
        sa.Column("payload_sha256", sa.String(64), nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("plan_name", "number", name="one_number_per_plan"),
    )
    op.create_table(
        "uploads",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("kept_at", sa.String(32), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "reviews",
        sa.Column("review_id", sa.Integer, primary_key=True),
        sa.Column("version_sha256", sa.String(64), sa.ForeignKey("versions.version_sha256"), nullable=False),
        sa.Column("site_id", sa.String(64), nullable=False),
        sa.Column("opinion", sa.String(20), nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("station", sa.String(200), nullable=False),
        sa.Column("answered_on", sa.String(10), nullable=False),
        sa.Column("received_at", sa.String(32), nullable=False),
        sa.Column("east_m", sa.Float),
        sa.Column("north_m", sa.Float),
        sa.Column("upload_sha256", sa.String(64), nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("previous_sha256", sa.String(64), nullable=False),
        sa.Column("record_sha256", sa.String(64), nullable=False, unique=True),
    )
    if op.get_bind().dialect.name == "sqlite":
        for table in _FIXED:
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is written once'); END"
                )
