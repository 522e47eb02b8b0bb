"""The tables about signing in that stand beside accounts and sessions."""

from __future__ import annotations

import sqlalchemy as sa

from services.intake.persistence.metadata import CODE, metadata
from shared.db.types import Id, Instant, Sealed

sign_in_tries = sa.Table(
    "sign_in_tries",
    metadata,
    sa.Column("mark", sa.LargeBinary, primary_key=True),
    sa.Column("wrong", sa.Integer, nullable=False),
    sa.Column("last_at", Instant, nullable=False, index=True),
    sa.Column("paused_until", Instant),
    comment="Wrong tries of the last day; mark is the keyed hash of a name as it was typed, or of an address",
)

second_factors = sa.Table(
    "second_factors",
    metadata,
    sa.Column("staff", CODE, primary_key=True),
    sa.Column("secret", Sealed, nullable=False),
    sa.Column("recovery", Sealed),
    sa.Column("last_step", sa.BigInteger, nullable=False),
    sa.Column("begun_at", Instant, nullable=False),
    sa.Column("confirmed_at", Instant),
    comment="The secret of an account's one-time codes (RFC 6238); in use once it was confirmed. last_step was used up",
)

delegations = sa.Table(
    "delegations",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("staff", CODE, nullable=False, index=True),
    sa.Column("deputy", CODE, nullable=False, index=True),
    sa.Column("until", sa.Date, nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("made_by", CODE, nullable=False),
    sa.Column("ended_at", Instant),
    comment="Who may act for whom, up to a day; it ends with the day or when somebody takes it back",
)
