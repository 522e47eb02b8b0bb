"""The index of an agency's queue tells what was never issued to it, so that drawers are still counted from there."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"

QUEUE = "ix_referrals_agency_rank_id"


def upgrade() -> None:
    op.drop_index(QUEUE, "referrals")
    op.create_index(
        QUEUE, "referrals", ["agency", "rank", "id"], postgresql_include=["status", "previous_status"]
    )
