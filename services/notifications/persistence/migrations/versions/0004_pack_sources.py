"""Where a district pack was read from."""

from __future__ import annotations

from alembic import op

from shared.db import platform_0004

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    platform_0004.upgrade(op)
