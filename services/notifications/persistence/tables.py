"""The tables of this service: messages and who has read them; where persons may be told, and what they were sent."""

from __future__ import annotations

import sqlalchemy as sa

from shared.db.metadata import service_metadata
from shared.db.types import Id, Instant, Json
from shared.sealing.columns import SEALED_TO, WHOLE

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

_lying = sa.text("packet IS NOT NULL")
contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("request", Id, nullable=False, index=True),
    sa.Column("rev", sa.Integer, nullable=False),
    sa.Column("channels", Json, nullable=False),
    sa.Column("expires_on", sa.Date, nullable=False),
    sa.Column("packet", sa.Text, info={SEALED_TO: WHOLE}),
    sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("ended", sa.Text),
    sa.Index("ix_contacts_expires_on", "expires_on", postgresql_where=_lying, sqlite_where=_lying),
    comment="Where a person may be told of news, as sealed to this service; opened only while something is sent",
)

_waiting = sa.text("state = 'waiting'")
_open = sa.text("state = 'sending'")
sendings = sa.Table(
    "sendings",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("event_id", Id, nullable=False),
    sa.Column("request", Id, nullable=False),
    sa.Column("contact", Id, nullable=False, index=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("urgent", sa.Boolean, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("give_up_at", Instant, nullable=False),
    sa.Column("channel", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("attempts", sa.SmallInteger, nullable=False),
    sa.Column("attempted_at", Instant),
    sa.Column("finished_at", Instant),
    sa.UniqueConstraint("event_id", "request"),
    sa.Index("ix_sendings_request_attempted_at", "request", "attempted_at"),
    sa.Index("ix_sendings_due_at", "due_at", postgresql_where=_waiting, sqlite_where=_waiting),
    sa.Index("ix_sendings_attempted_at", "attempted_at", postgresql_where=_open, sqlite_where=_open),
    comment="What a person is told of one event: how far it is and what came of it, never where it went",
)
