"""The deny table that every service keeps."""

from __future__ import annotations

import sqlalchemy as sa

from shared.db.metadata import platform
from shared.db.types import Instant

denied_staff = sa.Table(
    "denied_staff",
    platform,
    sa.Column("staff", sa.String(64), primary_key=True),
    sa.Column("since", Instant, nullable=False),
)
