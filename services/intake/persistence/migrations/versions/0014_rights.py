"""What a person may ask for: erasure, with its hold and its tombstone, and objection."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Id, Instant, Json, Sealed

revision = "0014"
down_revision = "0013"

CODE = sa.String(length=64)


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", Id, nullable=False),
        sa.Column("request_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("open_key", Id, nullable=True),
        sa.Column("reason", CODE, nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("asked_by", CODE, nullable=False),
        sa.Column("hold_basis", CODE, nullable=True),
        sa.Column("hold_until", Instant, nullable=True),
        sa.Column("decided_at", Instant, nullable=True),
        sa.Column("decided_by", CODE, nullable=True),
        sa.Column("declined", CODE, nullable=True),
        sa.Column("erased_at", Instant, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        sa.UniqueConstraint("open_key", name=op.f("uq_erasures_open_key")),
        comment="What was asked to be deleted; with erased_at it is a tombstone, which outlives what it is about",
    )
    op.create_index(op.f("ix_erasures_request_id"), "erasures", ["request_id"])
    op.create_table(
        "objections",
        sa.Column("id", Id, nullable=False),
        sa.Column("request_id", Id, nullable=False),
        sa.Column("words", Sealed, nullable=True),
        sa.Column("legs", Json, nullable=False),
        sa.Column("raised_at", Instant, nullable=False),
        sa.Column("raised_by", CODE, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("outcome", CODE, nullable=True),
        sa.Column("answer", Sealed, nullable=True),
        sa.Column("answered_at", Instant, nullable=True),
        sa.Column("answered_by", CODE, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objections")),
        comment="What a person holds against how their data are used, to whom it was sent, and what came of it",
    )
    op.create_index(op.f("ix_objections_request_id"), "objections", ["request_id"])
