"""The platform's tables, second step; packets are kept in one piece."""

from __future__ import annotations

from alembic import op

from shared.db import platform_0002

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    platform_0002.upgrade(op)
    if op.get_bind().dialect.name == "postgresql":
        # Ciphertext does not compress, and a row of 2 to 8 kB is best read and written in one piece.
        op.execute("alter table packets set (toast_tuple_target = 8160)")
