"""The moment at which a clock turns yellow, so that lights of clocks in hours do not wait for the next day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

LAST_SECOND = 59
OPEN_INDEX = "ix_referrals_open"
OPEN = sa.text("rank < 900000000000")
LIGHT = ["rank", "id", "agency", "unit", "street", "status", "due_at", "yellow_at"]
# A day's clock is due at the end of its last day, and turns yellow at the beginning of one.
BEGINNINGS = {
    "postgresql": "due_at - interval '86399 seconds' - (due_on - yellow_on) * interval '1 day'",
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S.000000', due_at, '-86399 seconds',"
    " (julianday(yellow_on) - julianday(due_on)) || ' days')",
}


def upgrade() -> None:
    op.add_column("referrals", sa.Column("yellow_at", sa.DateTime(timezone=True)))
    dialect = op.get_bind().dialect.name
    op.execute(f"update referrals set yellow_at = {BEGINNINGS[dialect]} where due_at is not null")  # noqa: S608 - ours
    referrals = sa.table(
        "referrals",
        sa.column("due_at", sa.DateTime(timezone=True)),
        sa.column("issued_at"),
        sa.column("timer"),
        sa.column("timer_at"),
    )
    # One in hours is due at any second, and the next tick reckons it exactly.
    op.execute(
        referrals.update()
        .where(referrals.c.due_at.is_not(None), sa.extract("second", referrals.c.due_at) != LAST_SECOND)
        .values(timer="reckon", timer_at=referrals.c.issued_at)
    )
    op.drop_index(OPEN_INDEX, "referrals")
    op.create_index(
        OPEN_INDEX,
        "referrals",
        ["request_id"],
        postgresql_where=OPEN,
        sqlite_where=OPEN,
        postgresql_include=LIGHT,
    )
