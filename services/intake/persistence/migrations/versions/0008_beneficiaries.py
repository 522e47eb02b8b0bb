"""By what a leg for somebody else of the family is found again: the keyed hash of the beneficiary's ID number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

KNOWN = sa.text("beneficiary_index IS NOT NULL")


def upgrade() -> None:
    op.add_column("legs", sa.Column("beneficiary_index", sa.LargeBinary()))
    op.create_index(
        op.f("ix_legs_beneficiary_index"),
        "legs",
        ["beneficiary_index"],
        postgresql_where=KNOWN,
        sqlite_where=KNOWN,
    )
