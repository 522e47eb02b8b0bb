"""Where a service keeps the versions of its district pack."""

from __future__ import annotations

import sqlalchemy as sa

from shared.db.metadata import platform
from shared.db.types import Instant, Json, Serial

district_packs = sa.Table(
    "district_packs",
    platform,
    sa.Column("version", sa.String(16), primary_key=True),
    sa.Column("code", sa.String(12), nullable=False),
    sa.Column("content", Json, nullable=False),
    sa.Column("applied_at", Instant, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column(
        "source",
        sa.Text,
        server_default="",
        nullable=False,
        comment="the folder it was read from; nothing for the one that comes with the product",
    ),
)
sa.Index(
    "uq_district_packs_active",
    district_packs.c.active,
    unique=True,
    postgresql_where=district_packs.c.active,
    sqlite_where=district_packs.c.active,
)

district_changes = sa.Table(
    "district_changes",
    platform,
    sa.Column("id", Serial, primary_key=True),
    sa.Column("version", sa.String(16), nullable=False),
    sa.Column(
        "previous", sa.String(16), comment="the version in force before; none for an installation's first"
    ),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("changes", Json, nullable=False, comment="what differs from the one before, by file and key"),
    sa.Column("widens", Json, nullable=False, comment="what it discloses further, in both languages"),
    sa.Column("content", Json, comment="the whole pack while it is proposed; in intake alone"),
    sa.Column("applied_by", sa.String(64), nullable=False),
    sa.Column("applied_at", Instant, nullable=False),
    sa.Column("settled_by", sa.String(64), comment="who approved or declined what was proposed"),
    sa.Column("settled_at", Instant, comment="since when it is in force, or when the proposal ended"),
    sa.Column("reason", sa.Text),
    sa.Column("source", sa.Text, comment="the folder of a proposal's files; in intake alone"),
    sa.CheckConstraint("state in ('proposed', 'in-force', 'declined', 'overtaken')", name="state"),
    comment="Each version that was put in force or proposed: who, what, from when",
    sqlite_autoincrement=True,
)
_PROPOSED = sa.text("state = 'proposed'")
sa.Index(
    "uq_district_changes_proposed",
    district_changes.c.version,
    unique=True,
    postgresql_where=_PROPOSED,
    sqlite_where=_PROPOSED,
)
