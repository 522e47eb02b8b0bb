"""The audit log tells what came of things, and is sealed in a chain of batches."""

from __future__ import annotations

from alembic import op

from shared.db import platform_0005

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    platform_0005.upgrade(op)
