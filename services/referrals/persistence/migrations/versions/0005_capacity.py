"""Places of programmes, and who waits for one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Id, Instant, Serial

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "capacities",
        sa.Column("programme", sa.Text, nullable=False),
        sa.Column("agency", sa.Text, nullable=False),
        sa.Column("places", sa.Integer, nullable=False),
        sa.Column("free", sa.Integer, nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("programme", name="pk_capacities"),
        sa.CheckConstraint("free >= 0 AND free <= places", name=op.f("ck_capacities_free")),
    )
    op.create_table(
        "waiting",
        sa.Column("place", Serial, nullable=False),
        sa.Column("programme", sa.Text, nullable=False),
        sa.Column("referral_id", Id, nullable=False),
        sa.Column("since", Instant, nullable=False),
        sa.PrimaryKeyConstraint("place", name="pk_waiting"),
        sa.UniqueConstraint("referral_id", name="uq_waiting_referral_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_waiting_programme_place", "waiting", ["programme", "place"])
