"""The figures: what changed, what is added up, who was counted, what is shown; what there is waits to be counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Id, Instant, Json, Serial

revision = "0006"
down_revision = "0005"

OF_A_FIGURE = ("level", "place", "measure", "period", "agency", "programme", "step", "value")

WITHHELD_BY = ("measure", "agency", "programme", "street", "unit", "month")
SHOWN_BY = ("kind", "key", "measure", "agency", "programme")


def upgrade() -> None:
    op.create_table(
        "figure_deltas",
        sa.Column("id", Serial, nullable=False),
        sa.Column("at", Instant, nullable=False),
        *(_text(name) for name in ("agency", "programme", "street", "unit", "month", "measure", "step")),
        sa.Column("value", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("request_id", Id, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_figure_deltas"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "figures",
        *(_text(name) for name in OF_A_FIGURE if name != "value"),
        sa.Column("value", sa.Integer, nullable=False),
        *_counts(),
        sa.PrimaryKeyConstraint(*OF_A_FIGURE, name="pk_figures"),
    )
    op.create_index("ix_figures_level_period_measure", "figures", ["level", "period", "measure"])
    op.create_table(
        "figure_people",
        sa.Column("request_id", Id, nullable=False),
        *(_text(name) for name in ("programme", "measure")),
        sa.Column("number", sa.Integer, nullable=False),
        *(_text(name) for name in ("agency", "street", "unit", "month")),
        sa.Column("value", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("request_id", "programme", "measure", name="pk_figure_people"),
    )
    for name, key in (("figure_withheld", WITHHELD_BY), ("figure_shown", SHOWN_BY)):
        op.create_table(name, *map(_text, key), *_counts(), sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"))
    op.create_table(
        "figure_backlog",
        sa.Column("referral_id", Id, nullable=False),
        *(_text(name) for name in ("unit", "street", "status")),
        *(sa.Column(name, Instant) for name in ("received_at", "accepted_at", "ended_at")),
        sa.Column("outcome", sa.Text),
        sa.Column("outcome_fields", Json),
        sa.PrimaryKeyConstraint("referral_id", name="pk_figure_backlog"),
    )
    # As they stand at this moment: what changes later is counted with the change, be it before they are or after.
    op.execute(
        "insert into figure_backlog (referral_id, unit, street, status, received_at, accepted_at, ended_at, outcome,"
        " outcome_fields) select id, unit, street, status, received_at, accepted_at, ended_at, outcome, outcome_fields"
        " from referrals"
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _counts() -> list[sa.Column[int]]:
    return [
        sa.Column(name, sa.BigInteger, nullable=False, server_default="0")
        for name in ("number", "people", "amount")
    ]
