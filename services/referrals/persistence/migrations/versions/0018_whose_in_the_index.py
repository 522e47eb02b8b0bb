"""Whoever counts referrals from an index finds there whose they are, too: that is looked at for each of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_WHOSE = ["status", "previous_status", "unit", "street", "desk_street"]
_OPEN = sa.text("rank < 900000000000")


def upgrade() -> None:
    for name in ("request_id", "agency_rank_id", "open"):
        op.drop_index(f"ix_referrals_{name}", "referrals")
    op.create_index(
        "ix_referrals_request_id",
        "referrals",
        ["request_id"],
        postgresql_include=["rank", "id", "agency", *_WHOSE],
    )
    op.create_index(
        "ix_referrals_agency_rank_id", "referrals", ["agency", "rank", "id"], postgresql_include=_WHOSE
    )
    op.create_index(
        "ix_referrals_open",
        "referrals",
        ["request_id"],
        postgresql_where=_OPEN,
        sqlite_where=_OPEN,
        postgresql_include=["rank", "id", "agency", "due_at", "yellow_at", *_WHOSE],
    )
