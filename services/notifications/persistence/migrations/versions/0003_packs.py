"""Who changed the district pack, what, and from when."""

from __future__ import annotations

from alembic import op

from shared.db import platform_0003

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    platform_0003.upgrade(op)
