"""What stands for somebody in the figures: a token of one programme, and the request where there is none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Id

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("referrals", sa.Column("counts_as", Id))
    # Whoever was counted by request stays: what has no token is counted so still.
    for table in ("figure_deltas", "figure_people"):
        op.execute(f"alter table {table} rename column request_id to person")
