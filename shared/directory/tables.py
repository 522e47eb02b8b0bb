"""Where a service keeps the versions of its district pack."""

from __future__ import annotations

import sqlalchemy as sa

from shared.db.metadata import platform
from shared.db.types import Instant, Json

district_packs = sa.Table(
    "district_packs",
    platform,
    sa.Column("version", sa.String(16), primary_key=True),
    sa.Column("code", sa.String(12), nullable=False),
    sa.Column("content", Json, nullable=False),
    sa.Column("applied_at", Instant, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
)
sa.Index(
    "uq_district_packs_active",
    district_packs.c.active,
    unique=True,
    postgresql_where=district_packs.c.active,
    sqlite_where=district_packs.c.active,
)
