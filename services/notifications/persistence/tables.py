"""The tables of this service: messages, and who has read them."""

from __future__ import annotations

import sqlalchemy as sa

from shared.db.types import Id, Instant, Json

metadata = sa.MetaData()

# The id carries the time of the event (UUIDv7), so one index gives an inbox in order, newest first, without a sort.
messages = sa.Table(
    "messages",
    metadata,
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
    sa.PrimaryKeyConstraint("inbox", "id", name="messages_pkey"),
    sa.UniqueConstraint("event_id", "inbox", name="messages_event_inbox_key"),
)

read_marks = sa.Table(
    "read_marks",
    metadata,
    sa.Column("staff", sa.Text, nullable=False),
    sa.Column("inbox", sa.Text, nullable=False),
    sa.Column("message", Id, nullable=False),
    sa.Column("read_at", Instant, nullable=False),
    sa.PrimaryKeyConstraint("staff", "inbox", "message", name="read_marks_pkey"),
    sa.ForeignKeyConstraint(
        ["inbox", "message"], ["messages.inbox", "messages.id"], name="read_marks_message_fkey", ondelete="CASCADE"
    ),
)
