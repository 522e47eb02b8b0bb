"""The first tables: referrals, packets and history, and the platform's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db import platform_0001
from shared.db.types import Id, Instant, Json

revision = "0001"
down_revision = None


def upgrade() -> None:
    platform_0001.upgrade(op)
    op.create_table(
        "referrals",
        sa.Column("id", Id, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("request_id", Id, nullable=False),
        sa.Column("request_number", sa.Text, nullable=False),
        sa.Column("agency", sa.Text, nullable=False),
        sa.Column("programme", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("street", sa.Text, nullable=False),
        sa.Column("urgency", sa.Text, nullable=False),
        sa.Column("position", sa.SmallInteger, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("previous_status", sa.Text),
        sa.Column("status_since", Instant, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("event_sequence", sa.Integer, nullable=False),
        sa.Column("rules", Json, nullable=False),
        sa.Column("issued_at", Instant, nullable=False),
        sa.Column("received_at", Instant),
        sa.Column("accepted_at", Instant),
        sa.Column("ended_at", Instant),
        sa.Column("clock", sa.Text),
        sa.Column("due_at", Instant),
        sa.Column("due_on", sa.Date),
        sa.Column("yellow_on", sa.Date),
        sa.Column("rank", sa.BigInteger, nullable=False),
        sa.Column("step", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("outcome_fields", Json),
        sa.Column("reason", sa.Text),
        sa.Column("index_key", sa.Text),
        sa.Column("index_name", sa.Text),
        sa.Column("index_initials", sa.Text),
        sa.Column("index_phone", sa.Text),
        sa.Column("index_last4", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_referrals"),
        sa.UniqueConstraint("number", name="uq_referrals_number"),
    )
    op.create_index("ix_referrals_request_id", "referrals", ["request_id"])
    op.create_index("ix_referrals_agency_rank_id", "referrals", ["agency", "rank", "id"])
    op.create_index("ix_referrals_rank_id", "referrals", ["rank", "id"])
    for kind in ("name", "initials", "phone", "last4"):
        known = sa.text(f"index_{kind} IS NOT NULL")
        op.create_index(
            f"ix_referrals_index_{kind}",
            "referrals",
            [f"index_{kind}"],
            postgresql_where=known,
            sqlite_where=known,
        )
    op.create_table(
        "packets",
        sa.Column("referral_id", Id, nullable=False),
        sa.Column("rev", sa.Integer, nullable=False),
        sa.Column("packet", sa.Text, nullable=False),
        sa.Column("badge", sa.Text, nullable=False),
        sa.Column("sealed_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("referral_id", "rev", name="pk_packets"),
    )
    op.create_table(
        "history",
        sa.Column("id", Id, nullable=False),
        sa.Column("referral_id", Id, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("from_status", sa.Text, nullable=False),
        sa.Column("to_status", sa.Text, nullable=False),
        sa.Column("actor", sa.Text),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("fields", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_history"),
        sa.ForeignKeyConstraint(["referral_id"], ["referrals.id"], name="fk_history_referral_id"),
    )
    op.create_index("ix_history_referral_id_at", "history", ["referral_id", "at"])
