"""The keys each service holds: public parts in the clear, secret parts wrapped by the master key."""

from __future__ import annotations

import sqlalchemy as sa

from shared.db.metadata import platform
from shared.db.types import Instant, Json, Sealed
from shared.sealing.columns import WRAPPED_BY

keys = sa.Table(
    "keys",
    platform,
    sa.Column("kid", sa.String(64), primary_key=True),
    sa.Column("use", sa.String(24), nullable=False),
    sa.Column("owner", sa.String(64), nullable=False),
    sa.Column("algorithm", sa.String(16), nullable=False),
    sa.Column("public", Json),
    sa.Column("private_wrapped", Sealed, info={WRAPPED_BY: "master"}),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("retired_at", Instant),
)
