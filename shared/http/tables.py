"""The table of idempotency keys: what was answered to which key."""

from __future__ import annotations

import sqlalchemy as sa

from shared.db.metadata import platform
from shared.db.types import Instant, Sealed

idempotency_keys = sa.Table(
    "idempotency_keys",
    platform,
    sa.Column("id", sa.LargeBinary(32), primary_key=True, comment="SHA-256 of staff, method, path and key"),
    sa.Column("fingerprint", Sealed, nullable=False, comment="SHA-256 of the canonical body, encrypted"),
    sa.Column("status", sa.SmallInteger, nullable=False),
    sa.Column("body", Sealed, nullable=False, comment="the answer, encrypted: it may name a receipt code"),
    sa.Column("created_at", Instant, nullable=False, index=True),
)
