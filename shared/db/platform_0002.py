"""The platform's tables, second step: keys that end with the consumer, letters that may be dismissed, plain bodies."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from alembic.operations import Operations

from shared.db.types import Id, Instant, Json, Serial

_OPEN = sa.text("state not in ('replayed', 'dismissed')")
_STATES = "state in ('dead', 'waiting', 'replay', 'replayed', 'dismissed')"


def upgrade(op: Operations) -> None:
    """Change the tables of ``platform_0001``; what lies in them stays."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    _make_anew(op, "inbox_attempts", ("event_id", "consumer", "attempts", "last_at"), _attempts)
    columns = ("event_id", "consumer", "source", "subject", "sequence", "received_at")
    _make_anew(op, "inbox_receipts", columns, _receipts)
    if on_sqlite:
        _make_anew(op, "dead_letters", _LETTER_COLUMNS, _letters)
        # PostgreSQL's roles have no right to change the audit log; SQLite has no roles, so the table defends itself.
        for verb in ("update", "delete"):
            op.execute(
                f"create trigger audit_log_no_{verb} before {verb} on audit_log"
                " begin select raise(abort, 'the audit log is only added to'); end"
            )
        return
    op.drop_index("ix_dead_letters_open", "dead_letters")
    op.drop_constraint("ck_dead_letters_state", "dead_letters")
    op.drop_constraint("uq_dead_letters_consumer_body_sha256", "dead_letters")
    op.create_check_constraint(op.f("ck_dead_letters_state"), "dead_letters", _STATES)
    op.create_unique_constraint(
        op.f("uq_dead_letters_body_sha256_consumer"), "dead_letters", ["body_sha256", "consumer"]
    )
    op.create_index("ix_dead_letters_open", "dead_letters", ["state", "id"], postgresql_where=_OPEN)
    # Bodies are mostly ciphertext: trying to compress one costs more than the rest of its insert.
    op.execute("alter table outbox alter column body set storage external")
    op.execute("alter table outbox alter column agencies_body set storage external")


def _make_anew(
    op: Operations, name: str, columns: tuple[str, ...], create: Callable[[Operations], None]
) -> None:
    """Put a table with other keys in the place of one, with the same rows: SQLite changes no key of a table."""
    listed = ", ".join(columns)
    op.execute(f"create table {name}_before as select {listed} from {name}")  # noqa: S608 - names from here
    op.drop_table(name)
    create(op)
    op.execute(f"insert into {name} ({listed}) select {listed} from {name}_before")  # noqa: S608 - likewise
    op.drop_table(f"{name}_before")


def _attempts(op: Operations) -> None:
    op.create_table(
        "inbox_attempts",
        sa.Column("event_id", Id, nullable=False),
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "consumer", name=op.f("pk_inbox_attempts")),
    )


def _receipts(op: Operations) -> None:
    op.create_table(
        "inbox_receipts",
        sa.Column("event_id", Id, nullable=False),
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("dismissed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "consumer", name=op.f("pk_inbox_receipts")),
        sa.UniqueConstraint(
            "subject",
            "source",
            "sequence",
            "consumer",
            name=op.f("uq_inbox_receipts_subject_source_sequence_consumer"),
        ),
    )


_LETTER_COLUMNS = (
    *("id", "consumer", "state", "reason", "body_sha256", "body", "routing_key", "queue", "user_id"),
    *("event_id", "type", "source", "subject", "sequence", "detail", "kept_at", "retry_at", "settled_at"),
)


def _letters(op: Operations) -> None:
    op.create_table(
        "dead_letters",
        sa.Column("id", Serial, nullable=False),
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("body_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("routing_key", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=True),
        sa.Column("event_id", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("detail", Json, nullable=False),
        sa.Column("kept_at", Instant(), nullable=False),
        sa.Column("retry_at", Instant(), nullable=True),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.CheckConstraint(_STATES, name=op.f("ck_dead_letters_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letters")),
        sa.UniqueConstraint("body_sha256", "consumer", name=op.f("uq_dead_letters_body_sha256_consumer")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_dead_letters_open", "dead_letters", ["state", "id"], sqlite_where=_OPEN)
    op.create_index("ix_dead_letters_subject", "dead_letters", ["subject", "sequence"])
