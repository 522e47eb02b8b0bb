"""The tables of places: how many a programme has, and who waits for one."""

from __future__ import annotations

import sqlalchemy as sa

from services.referrals.persistence.tables import metadata
from shared.db.types import Id, Instant, Serial

capacities = sa.Table(
    "capacities",
    metadata,
    sa.Column("programme", sa.Text, primary_key=True),
    sa.Column("agency", sa.Text, nullable=False),
    sa.Column("places", sa.Integer, nullable=False),
    sa.Column("free", sa.Integer, nullable=False),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    # The version by which those whose turn it is were last told so.
    sa.Column("offered_version", sa.Integer, nullable=False, server_default="0"),
    sa.CheckConstraint("free >= 0 AND free <= places", name="free"),
)

waiting = sa.Table(
    "waiting",
    metadata,
    # The order of the list: who came onto it holding the programme's row is behind all who are on it.
    sa.Column("place", Serial, primary_key=True),
    sa.Column("programme", sa.Text, nullable=False),
    sa.Column("referral_id", Id, nullable=False, unique=True),
    sa.Column("since", Instant, nullable=False),
    # Since when a place is kept for it; null while there is none.
    sa.Column("offered_at", Instant),
    sa.Index(None, "programme", "place"),
    sqlite_autoincrement=True,
)
