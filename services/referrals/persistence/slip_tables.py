"""The table of slips: scans of what agencies answered on paper, taken in by the coordinator or at the help desk."""

from __future__ import annotations

import sqlalchemy as sa

from services.referrals.persistence.tables import metadata
from shared.db.types import Id, Instant, Sealed
from shared.sealing.columns import SEALED_TO, WHOLE

slips = sa.Table(
    "slips",
    metadata,
    # Names its blob, too, where the coordinator took it in.
    sa.Column("id", Id, primary_key=True),
    sa.Column("referral_id", Id, sa.ForeignKey("referrals.id"), nullable=False, index=True),
    sa.Column("media", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    # Encrypted by this service; of the help desk's, what that has sealed to the agency: where it lies, and its key.
    sa.Column("content_key", Sealed, nullable=False, info={SEALED_TO: WHOLE}),
    sa.Column("added_at", Instant, nullable=False),
    sa.Column("added_by", sa.Text, nullable=False),
    comment="Scanned answers on paper; their content lies in the blob store as ciphertext",
)
