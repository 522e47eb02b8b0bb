"""The outbox: events on their way out, and the slim ledger of those that left long ago."""

from __future__ import annotations

import sqlalchemy as sa

from shared.db.metadata import platform
from shared.db.types import Id, Instant, Serial

outbox = sa.Table(
    "outbox",
    platform,
    sa.Column("id", Serial, primary_key=True),
    sa.Column("event_id", Id, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("partition", sa.SmallInteger, nullable=False),
    sa.Column("routing_key", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("published_at", Instant),
    sa.Column("attempts", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("next_attempt_at", Instant),
    sa.Column("last_error", sa.Text),
    # The second lane: the form an agency's own system gets, where there is one.
    sa.Column("agencies_id", Id),
    sa.Column("agencies_body", sa.LargeBinary),
    sa.Column("agencies_published_at", Instant),
    sa.Column("agencies_attempts", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("agencies_next_attempt_at", Instant),
    sa.Column("agencies_last_error", sa.Text),
    sa.UniqueConstraint("event_id"),
    # A writer that did not lock its aggregate first fails here instead of spoiling the order.
    sa.UniqueConstraint("subject", "sequence"),
    sqlite_autoincrement=True,
)
sa.Index(
    "ix_outbox_unpublished",
    outbox.c.id,
    postgresql_where=outbox.c.published_at.is_(None),
    sqlite_where=outbox.c.published_at.is_(None),
)
_agencies_waiting = sa.and_(outbox.c.agencies_body.is_not(None), outbox.c.agencies_published_at.is_(None))
sa.Index(
    "ix_outbox_agencies_unpublished",
    outbox.c.id,
    postgresql_where=_agencies_waiting,
    sqlite_where=_agencies_waiting,
)

ledger = sa.Table(
    "outbox_ledger",
    platform,
    sa.Column("event_id", Id, primary_key=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("body_sha256", sa.LargeBinary, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
)
