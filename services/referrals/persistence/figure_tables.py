"""The tables of the figures: what changed, what is added up, who was counted, what may be shown, what is to come."""

from __future__ import annotations

import sqlalchemy as sa

from services.referrals.persistence.tables import metadata
from shared.db.types import Id, Instant, Json, Serial


def _counts() -> tuple[sa.Column[int], ...]:
    """Make the columns that are added up: referrals, people, and fen or grades."""
    return tuple(
        sa.Column(name, sa.BigInteger, nullable=False, server_default="0")
        for name in ("number", "people", "amount")
    )


deltas = sa.Table(
    "figure_deltas",
    metadata,
    sa.Column("id", Serial, primary_key=True),
    # When it changed; the oldest row tells how far adding up is behind.
    sa.Column("at", Instant, nullable=False),
    sa.Column("agency", sa.Text, nullable=False),
    sa.Column("programme", sa.Text, nullable=False),
    sa.Column("street", sa.Text, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("month", sa.Text, nullable=False),
    sa.Column("measure", sa.Text, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("value", sa.Integer, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    # Whom it is about: a token that stands for somebody within one programme, or the request.
    sa.Column("person", Id, nullable=False),
    sqlite_autoincrement=True,
)

figures = sa.Table(
    "figures",
    metadata,
    # The same once for the district (place ``''``), once for the street, once for the unit; each in its month and,
    # as period ``all``, over all time: so that an answer reads few rows, however much there has been.
    sa.Column("level", sa.Text, primary_key=True),
    sa.Column("place", sa.Text, primary_key=True),
    sa.Column("measure", sa.Text, primary_key=True),
    sa.Column("period", sa.Text, primary_key=True),
    sa.Column("agency", sa.Text, primary_key=True),
    sa.Column("programme", sa.Text, primary_key=True),
    sa.Column("step", sa.Text, primary_key=True),
    sa.Column("value", sa.Integer, primary_key=True),
    *_counts(),
    # Streets or units side by side over one period.
    sa.Index(None, "level", "period", "measure"),
)

people = sa.Table(
    "figure_people",
    metadata,
    sa.Column("person", Id, primary_key=True),
    sa.Column("programme", sa.Text, primary_key=True),
    sa.Column("measure", sa.Text, primary_key=True),
    # How many of the person's referrals count; the person stands where the first of them did.
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("agency", sa.Text, nullable=False),
    sa.Column("street", sa.Text, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("month", sa.Text, nullable=False),
    sa.Column("value", sa.Integer, nullable=False),
)

# What exports and the wall do not show yet; its month is empty once it is in the totals, but with no place of its own.
withheld = sa.Table(
    "figure_withheld",
    metadata,
    sa.Column("measure", sa.Text, primary_key=True),
    sa.Column("agency", sa.Text, primary_key=True),
    sa.Column("programme", sa.Text, primary_key=True),
    sa.Column("street", sa.Text, primary_key=True),
    sa.Column("unit", sa.Text, primary_key=True),
    sa.Column("month", sa.Text, primary_key=True),
    *_counts(),
)

# What they show: in total, by month, by street, by unit.
shown = sa.Table(
    "figure_shown",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("measure", sa.Text, primary_key=True),
    sa.Column("agency", sa.Text, primary_key=True),
    sa.Column("programme", sa.Text, primary_key=True),
    *_counts(),
)

backlog = sa.Table(
    "figure_backlog",
    metadata,
    # Referrals as they stood when the figures began, each until it has been counted.
    sa.Column("referral_id", Id, primary_key=True),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("street", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("received_at", Instant),
    sa.Column("accepted_at", Instant),
    sa.Column("ended_at", Instant),
    sa.Column("outcome", sa.Text),
    sa.Column("outcome_fields", Json),
)
