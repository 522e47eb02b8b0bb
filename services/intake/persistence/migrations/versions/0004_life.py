"""A request's whole life: drafts, the street's check, tasks, the history of the whole, what time does to it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Id, Instant, Json, Sealed

revision = "0004"
down_revision = "0003"

CODE = sa.String(length=64)


def upgrade() -> None:
    _columns()
    op.create_table(
        "drafts",
        sa.Column("id", Id, nullable=False),
        sa.Column("unit", CODE, nullable=False),
        sa.Column("street", CODE, nullable=True),
        sa.Column("origin", CODE, nullable=False),
        sa.Column("body", Sealed, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", CODE, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("timer", CODE, nullable=True),
        sa.Column("timer_at", Instant, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        comment="What is not filed yet; submitted, it becomes the request of the same id, and its row goes",
    )
    op.create_index("ix_drafts_unit_id", "drafts", ["unit", "id"])
    op.create_table(
        "request_events",
        sa.Column("id", Id, nullable=False),
        sa.Column("request_id", Id, nullable=False),
        sa.Column("fact", CODE, nullable=False),
        sa.Column("status", CODE, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("staff", CODE, nullable=True),
        sa.Column("detail", Json, nullable=False),
        sa.Column("words", Sealed, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_events")),
        comment="What happened to a request as a whole: codes, and what was said in words as ciphertext",
    )
    op.create_index(op.f("ix_request_events_request_id"), "request_events", ["request_id"])
    op.create_table(
        "tasks",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", CODE, nullable=False),
        sa.Column("open_key", sa.String(length=160), nullable=True),
        sa.Column("role", CODE, nullable=False),
        sa.Column("unit", CODE, nullable=False),
        sa.Column("street", CODE, nullable=True),
        sa.Column("request_id", Id, nullable=True),
        sa.Column("leg_id", Id, nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("detail", Json, nullable=False),
        sa.Column("words", Sealed, nullable=True),
        sa.Column("raised_at", Instant, nullable=False),
        sa.Column("done_at", Instant, nullable=True),
        sa.Column("done_by", CODE, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
        sa.UniqueConstraint("open_key", name=op.f("uq_tasks_open_key")),
        comment="What somebody has to do; open_key (kind, request, leg) is there while it is open,"
        " so that it is open once",
    )
    op.create_index("ix_tasks_role_unit_id", "tasks", ["role", "unit", "id"])
    op.create_index("ix_tasks_role_street_id", "tasks", ["role", "street", "id"])
    op.create_index(op.f("ix_tasks_request_id"), "tasks", ["request_id"])
    for table in ("requests", "drafts", "consents"):
        waiting = sa.text("timer_at IS NOT NULL")
        op.create_index(
            f"ix_{table}_timer_at", table, ["timer_at"], postgresql_where=waiting, sqlite_where=waiting
        )
    _set_what_time_owes()


def _columns() -> None:
    new = (
        sa.Column("checking", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("check_due_on", sa.Date(), nullable=True),
        sa.Column("calls", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("household_id", Id, nullable=True),
        sa.Column("household_relation", CODE, nullable=True),
        sa.Column("timer", CODE, nullable=True),
        sa.Column("timer_at", Instant, nullable=True),
    )
    for column in new:
        op.add_column("requests", column)
    for name, type_ in (("timer", CODE), ("timer_at", Instant)):
        op.add_column("consents", sa.Column(name, type_, nullable=True))
    if op.get_bind().dialect.name == "postgresql":  # SQLite keeps no comments
        op.create_table_comment(
            "requests",
            "checking: waits for the street's check. calls: follow-up calls tried. timer: what time does to it next",
        )
    linked = sa.text("household_id IS NOT NULL")
    op.create_index(
        "ix_requests_household_id", "requests", ["household_id"], postgresql_where=linked, sqlite_where=linked
    )


def _set_what_time_owes() -> None:
    # What ended before there were follow-ups is owed one as well; a consent's end is looked at when it comes near.
    op.execute("UPDATE requests SET timer = 'follow-up', timer_at = ended_at WHERE status = 'ended'")
    op.execute("UPDATE consents SET timer = 'consent-expiry', timer_at = recorded_at")
