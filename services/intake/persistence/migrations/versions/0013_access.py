"""Outside systems with scopes and an end, and accounts that an identity provider vouches for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Instant, Json

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "clients",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("former_hash", sa.String(length=64)),
        sa.Column("former_until", Instant),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("event_sequence", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("revoked_at", Instant),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients")),
        comment="Outside systems of agencies; of a secret (256 random bits) only the SHA-256 is kept",
    )
    op.create_table(
        "identities",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("staff", sa.String(length=64), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("linked_at", Instant, nullable=False),
        sa.Column("last_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_identities")),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_identities_staff")),
        sa.UniqueConstraint("staff", name=op.f("uq_identities_staff")),
        comment="Whose account an identity provider's subject is; key is the hash of issuer and subject",
    )
