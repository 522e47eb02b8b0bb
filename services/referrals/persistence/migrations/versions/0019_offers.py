"""Who waits for a place knows since when one is theirs, and a programme up to which change that was looked at."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Instant

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("waiting", sa.Column("offered_at", Instant))
    op.add_column("capacities", sa.Column("offered_version", sa.Integer, nullable=False, server_default="0"))
