"""Who gets in without a password of ours: outside systems, and people whom an identity provider vouches for."""

from __future__ import annotations

import sqlalchemy as sa

from services.intake.persistence.metadata import CODE, metadata
from shared.db.types import Instant, Json

clients = sa.Table(
    "clients",
    metadata,
    sa.Column("id", CODE, primary_key=True),
    sa.Column("agency", CODE, nullable=False),
    sa.Column("scopes", Json, nullable=False),
    sa.Column("secret_hash", CODE, nullable=False),
    sa.Column("former_hash", CODE),
    sa.Column("former_until", Instant),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("event_sequence", sa.Integer, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("revoked_at", Instant),
    comment="Outside systems of agencies; of a secret (256 random bits) only the SHA-256 is kept",
)

identities = sa.Table(
    "identities",
    metadata,
    sa.Column("key", CODE, primary_key=True),
    sa.Column("staff", CODE, sa.ForeignKey("staff.id"), nullable=False, unique=True),
    sa.Column("issuer", sa.String(255), nullable=False),
    sa.Column("linked_at", Instant, nullable=False),
    sa.Column("last_at", Instant, nullable=False),
    comment="Whose account an identity provider's subject is; key is the hash of issuer and subject",
)
