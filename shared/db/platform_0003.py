"""The platform's tables, third step: who changed the district pack, what, and from when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

from shared.db.types import Instant, Json, Serial


def upgrade(op: Operations) -> None:
    """Add the log of packs; versions applied before it begins keep their rows in ``district_packs``."""
    op.create_table(
        "district_changes",
        sa.Column("id", Serial, nullable=False),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column(
            "previous",
            sa.String(length=16),
            nullable=True,
            comment="the version in force before; none for an installation's first",
        ),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column(
            "changes", Json, nullable=False, comment="what differs from the one before, by file and key"
        ),
        sa.Column("widens", Json, nullable=False, comment="what it discloses further, in both languages"),
        sa.Column(
            "content", Json, nullable=True, comment="the whole pack while it is proposed; in intake alone"
        ),
        sa.Column("applied_by", sa.String(length=64), nullable=False),
        sa.Column("applied_at", Instant(), nullable=False),
        sa.Column(
            "settled_by",
            sa.String(length=64),
            nullable=True,
            comment="who approved or declined what was proposed",
        ),
        sa.Column(
            "settled_at",
            Instant(),
            nullable=True,
            comment="since when it is in force, or when the proposal ended",
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state in ('proposed', 'in-force', 'declined', 'overtaken')",
            name=op.f("ck_district_changes_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_district_changes")),
        comment="Each version that was put in force or proposed: who, what, from when",
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_district_changes_proposed",
        "district_changes",
        ["version"],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
        sqlite_where=sa.text("state = 'proposed'"),
    )
