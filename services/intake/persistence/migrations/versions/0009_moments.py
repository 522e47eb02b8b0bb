"""The moments of a leg's clock, as referrals tells them: legs of an earlier release go by their days until then."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    for name in ("due_at", "yellow_at"):
        op.add_column("legs", sa.Column(name, sa.DateTime(timezone=True)))
