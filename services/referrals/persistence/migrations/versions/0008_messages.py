"""Short messages from the help desk to the desk of an agency, as they were sealed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Id, Instant

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "messages",
        sa.Column("id", Id, nullable=False),
        sa.Column("referral_id", Id, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("opened_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["referral_id"], ["referrals.id"], name=op.f("fk_messages_referral_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        comment="Short messages from the help desk, sealed to the agency; nobody here can read them without its key",
    )
    op.create_index(op.f("ix_messages_referral_id"), "messages", ["referral_id"])
