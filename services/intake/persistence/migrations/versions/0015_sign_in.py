"""Wrong tries at signing in by name and address, and second factors of accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Instant, Sealed

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "sign_in_tries",
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("last_at", Instant, nullable=False),
        sa.Column("paused_until", Instant),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_sign_in_tries")),
        comment=(
            "Wrong tries of the last day; mark is the keyed hash of a name as it was typed, or of an address"
        ),
    )
    op.create_index(op.f("ix_sign_in_tries_last_at"), "sign_in_tries", ["last_at"])
    op.create_table(
        "second_factors",
        sa.Column("staff", sa.String(length=64), nullable=False),
        sa.Column("secret", Sealed, nullable=False),
        sa.Column("recovery", Sealed),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", Instant, nullable=False),
        sa.Column("confirmed_at", Instant),
        sa.PrimaryKeyConstraint("staff", name=op.f("pk_second_factors")),
        comment=(
            "The secret of an account's one-time codes (RFC 6238); in use once it was confirmed. "
            "last_step was used up"
        ),
    )
