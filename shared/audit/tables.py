"""The table of the audit log, which processes may add to and read, never change."""

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
    sa.Index(None, "at", "id"),
    sa.Index(None, "object_id", "at"),
    sa.Index(None, "actor", "at"),
)

INSERT_ONLY = frozenset({table.name})
"""Tables on which the web and worker roles of PostgreSQL get INSERT and SELECT only."""
