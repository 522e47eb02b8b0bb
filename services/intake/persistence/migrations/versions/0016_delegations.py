"""Who may act for whom, and until when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Id, Instant

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "delegations",
        sa.Column("id", Id, nullable=False),
        sa.Column("staff", sa.String(length=64), nullable=False),
        sa.Column("deputy", sa.String(length=64), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("ended_at", Instant),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegations")),
        comment="Who may act for whom, up to a day; it ends with the day or when somebody takes it back",
    )
    for column in ("staff", "deputy"):
        op.create_index(op.f(f"ix_delegations_{column}"), "delegations", [column])
