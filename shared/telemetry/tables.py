"""The table of heartbeats: one row per part and process that is alive."""

from __future__ import annotations

import sqlalchemy as sa

from shared.db.metadata import platform
from shared.db.types import Instant, Json

heartbeats = sa.Table(
    "heartbeats",
    platform,
    sa.Column("part", sa.String(32), primary_key=True, comment="relay, consumer, timers, …"),
    sa.Column("process", sa.String(80), primary_key=True, comment="host and process number"),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("beat_at", Instant, nullable=False),
    sa.Column("problem", sa.String(64), comment="code of what troubles it"),
    sa.Column("since", Instant, comment="when the problem began"),
    sa.Column("detail", Json, comment="the remedy in both languages, where the code is not well known"),
)
