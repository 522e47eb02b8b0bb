"""The mirror of places: what referrals last told of each programme that counts them."""

from __future__ import annotations

import sqlalchemy as sa

from services.intake.persistence.tables import metadata
from shared.db.types import Instant

capacities = sa.Table(
    "capacities",
    metadata,
    sa.Column("programme", sa.String(64), primary_key=True),
    sa.Column("places", sa.Integer, nullable=False),
    sa.Column("free", sa.Integer, nullable=False),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("waiting", sa.Integer, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    comment="Places of programmes as referrals counts them; decided there, shown here",
)
