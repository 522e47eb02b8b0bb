"""The inbox: receipts for what was handled, attempts at what was not, and letters that are kept."""

from __future__ import annotations

import sqlalchemy as sa

from shared.db.metadata import platform
from shared.db.types import Id, Instant, Json, Serial

receipts = sa.Table(
    "inbox_receipts",
    platform,
    # The consumer comes last in every key: it is the same in all rows, and a planner that may begin with it
    # reads them all.
    sa.Column("event_id", Id, primary_key=True),
    sa.Column("consumer", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("received_at", Instant, nullable=False),
    # An operator passed it over: its place in the chain is taken, and it had no effect.
    sa.Column("dismissed", sa.Boolean, nullable=False, server_default=sa.false()),
    # Two different events can never both count as the same step of an aggregate.
    sa.UniqueConstraint("subject", "source", "sequence", "consumer"),
)

attempts = sa.Table(
    "inbox_attempts",
    platform,
    sa.Column("event_id", Id, primary_key=True),
    sa.Column("consumer", sa.Text, primary_key=True),
    sa.Column("attempts", sa.SmallInteger, nullable=False),
    sa.Column("last_at", Instant, nullable=False),
)

dead_letters = sa.Table(
    "dead_letters",
    platform,
    sa.Column("id", Serial, primary_key=True),
    sa.Column("consumer", sa.Text, nullable=False),
    # dead: an operator's turn; waiting: for its predecessor or for `retry_at`; replay: asked for. Settled: replayed,
    # or dismissed by an operator.
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("body_sha256", sa.LargeBinary, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("routing_key", sa.Text, nullable=False),
    sa.Column("queue", sa.Text, nullable=False),
    sa.Column("user_id", sa.Text),
    sa.Column("event_id", sa.Text),
    sa.Column("type", sa.Text),
    sa.Column("source", sa.Text),
    sa.Column("subject", sa.Text),
    sa.Column("sequence", sa.Integer),
    sa.Column("detail", Json, nullable=False),
    sa.Column("kept_at", Instant, nullable=False),
    sa.Column("retry_at", Instant),
    sa.Column("settled_at", Instant),
    sa.CheckConstraint("state in ('dead', 'waiting', 'replay', 'replayed', 'dismissed')", name="state"),
    # The same bytes delivered again do not make a second letter.
    sa.UniqueConstraint("body_sha256", "consumer"),
    sqlite_autoincrement=True,
)
sa.Index("ix_dead_letters_subject", dead_letters.c.subject, dead_letters.c.sequence)
SETTLED_STATES = ("replayed", "dismissed")
_open = dead_letters.c.state.not_in(SETTLED_STATES)
sa.Index(
    "ix_dead_letters_open",
    dead_letters.c.state,
    dead_letters.c.id,
    postgresql_where=_open,
    sqlite_where=_open,
)
