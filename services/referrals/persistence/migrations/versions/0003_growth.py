"""Indexes by which queue and board read no more, however many referrals have ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

OPEN = sa.text("rank < 900000000000")
LIGHT = ["rank", "id", "agency", "unit", "street", "status", "due_on", "yellow_on"]


def upgrade() -> None:
    for name in ("ix_referrals_request_id", "ix_referrals_agency_rank_id"):
        op.drop_index(name, "referrals")
    op.create_index(
        "ix_referrals_request_id", "referrals", ["request_id"], postgresql_include=["rank", "id", "agency"]
    )
    op.create_index(
        "ix_referrals_agency_rank_id", "referrals", ["agency", "rank", "id"], postgresql_include=["status"]
    )
    op.create_index("ix_referrals_unit_rank_id", "referrals", ["unit", "rank", "id"])
    op.create_index("ix_referrals_street_rank_id", "referrals", ["street", "rank", "id"])
    op.create_index(
        "ix_referrals_open",
        "referrals",
        ["request_id"],
        postgresql_where=OPEN,
        sqlite_where=OPEN,
        postgresql_include=LIGHT,
    )
