"""The platform's tables, second step."""

from __future__ import annotations

from alembic import op

from shared.db import platform_0002

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    platform_0002.upgrade(op)
