"""The tables of this service: messages, and who has read them."""

from __future__ import annotations

import sqlalchemy as sa

from shared.db.metadata import service_metadata
from shared.db.types import Id, Instant, Json

metadata = service_metadata()

# The id carries the time of the event (UUIDv7), so one index gives an inbox newest first without a sort.
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
    sa.PrimaryKeyConstraint("inbox", "id"),
    sa.UniqueConstraint("event_id", "inbox"),
)

read_marks = sa.Table(
    "read_marks",
    metadata,
    sa.Column("staff", sa.Text, nullable=False),
    sa.Column("inbox", sa.Text, nullable=False),
    sa.Column("message", Id, nullable=False),
    sa.Column("read_at", Instant, nullable=False),
    sa.PrimaryKeyConstraint("staff", "inbox", "message"),
    sa.ForeignKeyConstraint(["inbox", "message"], ["messages.inbox", "messages.id"], ondelete="CASCADE"),
)
