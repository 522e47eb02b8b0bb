"""Places of programmes, as referrals tells of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Instant

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "capacities",
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("free", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("programme", name=op.f("pk_capacities")),
        comment="Places of programmes as referrals counts them; decided there, shown here",
    )
