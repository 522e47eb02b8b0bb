"""What a referral may meet in its life, and the timer that says what time will do to it next."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Instant, Json

revision = "0004"
down_revision = "0003"

TIMED = sa.text("timer_at IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("referrals") as table:
        table.add_column(sa.Column("assignee", sa.Text))
        table.add_column(sa.Column("pending", Json))
        table.add_column(sa.Column("timer", sa.Text))
        table.add_column(sa.Column("timer_at", Instant))
        table.add_column(sa.Column("life", Json))
    op.create_index(
        "ix_referrals_timer_at", "referrals", ["timer_at"], postgresql_where=TIMED, sqlite_where=TIMED
    )
    # Referrals of an earlier release: the first tick looks at each of them once and sets its timer.
    op.execute(sa.text("UPDATE referrals SET timer = 'reckon', timer_at = issued_at WHERE ended_at IS NULL"))
