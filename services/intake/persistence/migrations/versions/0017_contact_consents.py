"""What a person lets be sent to themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Id, Instant, Json, Sealed

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "contact_consents",
        sa.Column("id", Id, nullable=False),
        sa.Column("request_id", Id, nullable=False),
        sa.Column("channels", Json, nullable=False),
        sa.Column("mail", Sealed),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("given_by", sa.String(length=64), nullable=False),
        sa.Column("event_sequence", sa.Integer(), nullable=False),
        sa.Column("recorded_at", Instant, nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("withdrawn_at", Instant),
        sa.Column("withdrawn_by", sa.String(length=64)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_consents")),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_contact_consents_request_id")),
        sa.UniqueConstraint("request_id", name=op.f("uq_contact_consents_request_id")),
        comment="What a person lets be sent to themselves; given anew it takes the place of the one before",
    )
