"""Since when a request is emptied; what has ended already is looked at at once, and given its day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

OVER = """
UPDATE requests SET timer = 'forget', timer_at = ended_at
WHERE timer IS NULL AND ended_at IS NOT NULL AND status IN ('ended', 'followed-up', 'closed', 'withdrawn')
"""


def upgrade() -> None:
    op.add_column("requests", sa.Column("forgotten_at", sa.DateTime(timezone=True)))
    op.execute(OVER)
