"""Whose a referral is within its agency: who stands in for whom, whose counter it is, and the notice it is under."""

from __future__ import annotations

import json
from datetime import date

import sqlalchemy as sa
from alembic import op

from shared.db.types import Id, Json

revision = "0009"
down_revision = "0008"

INDEXES = (
    ("assignee", ["assignee", "rank", "id"]),
    ("delegated_to", ["delegated_to", "rank", "id"]),
    ("desk_street", ["agency", "desk_street", "rank", "id"]),
    ("supervised", ["supervised", "rank", "id"]),
)


def upgrade() -> None:
    with op.batch_alter_table("referrals") as table:
        table.add_column(sa.Column("delegated_to", sa.Text))
        table.add_column(sa.Column("delegated_until", sa.Date))
        table.add_column(sa.Column("desk_street", sa.Text))
        table.add_column(sa.Column("supervised", sa.Text))
    for name, columns in INDEXES:
        known = sa.text(f"{name} IS NOT NULL")
        op.create_index(
            f"ix_referrals_{name}", "referrals", columns, postgresql_where=known, sqlite_where=known
        )
    _lift_delegations()


def _lift_delegations() -> None:
    """Move what was written in a referral's life into columns of its own, by which lists are made."""
    referrals = sa.table(
        "referrals",
        sa.column("id", Id),
        sa.column("life", Json),
        sa.column("delegated_to", sa.Text),
        sa.column("delegated_until", sa.Date),
    )
    connection = op.get_bind()
    lent = sa.cast(referrals.c.life, sa.Text).like('%"delegated_to"%')
    for row in connection.execute(sa.select(referrals.c.id, referrals.c.life).where(lent)).all():
        life = dict(row.life if isinstance(row.life, dict) else json.loads(row.life))
        staff, until = life.pop("delegated_to"), date.fromisoformat(life.pop("delegated_until"))
        connection.execute(
            referrals.update()
            .where(referrals.c.id == row.id)
            .values(life=life or sa.null(), delegated_to=staff, delegated_until=until)
        )
