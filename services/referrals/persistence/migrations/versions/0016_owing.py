"""Whose agency owes an answer to a withdrawn consent is found at once, also where the referral has ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

OWING = sa.text("clock = 'answer-withdrawal'")
ENDED = ("closed", "returned", "transferred")


def upgrade() -> None:
    op.create_index(
        "ix_referrals_owing", "referrals", ["rank", "id"], postgresql_where=OWING, sqlite_where=OWING
    )
    referrals = sa.table(
        "referrals",
        sa.column("status"),
        sa.column("life"),
        sa.column("ended_at"),
        sa.column("timer"),
        sa.column("timer_at"),
    )
    # Those that ended before they had answered were in no list: the next tick reckons what they owe, and tells it.
    op.execute(
        referrals.update()
        .where(
            referrals.c.status.in_(ENDED),
            sa.cast(referrals.c.life, sa.Text).like('%"frozen"%'),
            referrals.c.timer == "forget",
        )
        .values(timer="reckon", timer_at=referrals.c.ended_at)
    )
