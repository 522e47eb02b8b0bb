"""Where persons may be told of news, sealed; and what came of telling them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Id, Instant, Json

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "contacts",
        sa.Column("id", Id, nullable=False),
        sa.Column("request", Id, nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("channels", Json, nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("packet", sa.Text()),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", Instant, nullable=False),
        sa.Column("ended_at", Instant),
        sa.Column("ended", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_contacts"),
        sa.UniqueConstraint("digest", name="uq_contacts_digest"),
        comment="Where a person may be told of news, as sealed to this service; opened only while something is sent",
    )
    op.create_index("ix_contacts_request", "contacts", ["request"])
    lying = sa.text("packet IS NOT NULL")
    op.create_index(
        "ix_contacts_expires_on",
        "contacts",
        ["expires_on"],
        postgresql_where=lying,
        sqlite_where=lying,
    )
    op.create_table(
        "sendings",
        sa.Column("id", Id, nullable=False),
        sa.Column("event_id", Id, nullable=False),
        sa.Column("request", Id, nullable=False),
        sa.Column("contact", Id, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("due_at", Instant, nullable=False),
        sa.Column("give_up_at", Instant, nullable=False),
        sa.Column("channel", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("attempted_at", Instant),
        sa.Column("finished_at", Instant),
        sa.PrimaryKeyConstraint("id", name="pk_sendings"),
        sa.UniqueConstraint("event_id", "request", name="uq_sendings_event_id_request"),
        comment="What a person is told of one event: how far it is and what came of it, never where it went",
    )
    op.create_index("ix_sendings_contact", "sendings", ["contact"])
    op.create_index("ix_sendings_request_attempted_at", "sendings", ["request", "attempted_at"])
    for column, state in (("due_at", "waiting"), ("attempted_at", "sending")):
        only = sa.text(f"state = '{state}'")
        op.create_index(
            f"ix_sendings_{column}", "sendings", [column], postgresql_where=only, sqlite_where=only
        )
