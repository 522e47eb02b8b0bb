"""The first tables: messages and read marks, and the platform's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db import platform_0001
from shared.db.types import Id, Instant, Json

revision = "0001"
down_revision = None


def upgrade() -> None:
    platform_0001.upgrade(op)
    op.create_table(
        "messages",
        sa.Column("inbox", sa.Text, nullable=False),
        sa.Column("id", Id, nullable=False),
        sa.Column("event_id", Id, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("subject", Id, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("agency", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("request", Id),
        sa.Column("params", Json, nullable=False),
        sa.PrimaryKeyConstraint("inbox", "id", name="pk_messages"),
        sa.UniqueConstraint("event_id", "inbox", name="uq_messages_event_id_inbox"),
    )
    op.create_table(
        "read_marks",
        sa.Column("staff", sa.Text, nullable=False),
        sa.Column("inbox", sa.Text, nullable=False),
        sa.Column("message", Id, nullable=False),
        sa.Column("read_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("staff", "inbox", "message", name="pk_read_marks"),
        sa.ForeignKeyConstraint(
            ["inbox", "message"],
            ["messages.inbox", "messages.id"],
            name="fk_read_marks_inbox_message",
            ondelete="CASCADE",
        ),
    )
