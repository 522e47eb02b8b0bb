"""The tables of the audit log and of the chain that seals it: processes add to them and read, nothing more."""

from __future__ import annotations

import sqlalchemy as sa

from shared.db.metadata import platform
from shared.db.types import Id, Instant, Json

table = sa.Table(
    "audit_log",
    platform,
    sa.Column("id", Id, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("post", sa.String(80), nullable=False),
    sa.Column("action", sa.String(64), nullable=False),
    sa.Column("object_type", sa.String(32), nullable=False),
    sa.Column("object_id", sa.String(64), nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("detail", Json, nullable=False),
    sa.Column(
        "result",
        sa.String(16),
        nullable=False,
        server_default="done",
        comment="what came of it: done or refused",
    ),
    sa.Index(None, "at", "id"),
    sa.Index(None, "object_id", "at"),
    sa.Index(None, "actor", "at"),
)

seals = sa.Table(
    "audit_seals",
    platform,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("sealed_at", Instant, nullable=False),
    sa.Column("entries", sa.Integer, nullable=False),
    sa.Column("first_entry", Id, nullable=False),
    sa.Column("last_entry", Id, nullable=False),
    sa.Column("list_sha256", sa.LargeBinary, nullable=False),
    sa.Column("head", sa.LargeBinary, nullable=False, comment="over the head before and all of this"),
    comment="The chain of the audit log, a link for each batch; kept for good",
)

lists = sa.Table(
    "audit_lists",
    platform,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("entries", sa.LargeBinary, nullable=False, comment="id and digest of each, in id order"),
    comment="Which entries of the audit log each batch holds; kept as long as they are",
)

heads = sa.Table(
    "audit_heads",
    platform,
    sa.Column("service", sa.String(32), primary_key=True),
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("head", sa.LargeBinary, nullable=False),
    sa.Column("sealed_at", Instant, nullable=False),
    comment="Heads as they were published: of this service's log, and of another's that is witnessed here",
)

INSERT_ONLY = frozenset(one.name for one in (table, seals, lists, heads))
"""Tables on which the web and worker roles of PostgreSQL get INSERT and SELECT only."""
