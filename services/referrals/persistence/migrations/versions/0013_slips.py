"""Scans of what agencies answered on paper, by which the coordinator takes their decisions down."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Id, Instant, Sealed

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "slips",
        sa.Column("id", Id, nullable=False),
        sa.Column("referral_id", Id, nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content_key", Sealed(), nullable=False),
        sa.Column("added_at", Instant, nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["referral_id"], ["referrals.id"], name=op.f("fk_slips_referral_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slips")),
        comment="Scanned answers on paper; their content lies in the blob store as ciphertext",
    )
    op.create_index(op.f("ix_slips_referral_id"), "slips", ["referral_id"])
