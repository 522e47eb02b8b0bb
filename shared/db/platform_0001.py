"""The first tables that every service's database has; called by each service's first migration."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

from shared.db.types import Id, Instant, Json, Sealed, Serial


def upgrade(op: Operations) -> None:
    """Create them on the connection that ``op`` works on."""
    op.create_table(
        "audit_log",
        sa.Column("id", Id, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("post", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("object_type", sa.String(length=32), nullable=False),
        sa.Column("object_id", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("detail", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index(op.f("ix_audit_log_actor_at"), "audit_log", ["actor", "at"], unique=False)
    op.create_index(op.f("ix_audit_log_at_id"), "audit_log", ["at", "id"], unique=False)
    op.create_index(op.f("ix_audit_log_object_id_at"), "audit_log", ["object_id", "at"], unique=False)
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
        sa.CheckConstraint(
            "state in ('dead', 'waiting', 'replay', 'replayed')", name=op.f("ck_dead_letters_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letters")),
        sa.UniqueConstraint("consumer", "body_sha256", name=op.f("uq_dead_letters_consumer_body_sha256")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_dead_letters_open",
        "dead_letters",
        ["state", "id"],
        unique=False,
        postgresql_where=sa.text("state != 'replayed'"),
        sqlite_where=sa.text("state != 'replayed'"),
    )
    op.create_index("ix_dead_letters_subject", "dead_letters", ["subject", "sequence"], unique=False)
    op.create_table(
        "denied_staff",
        sa.Column("staff", sa.String(length=64), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("staff", name=op.f("pk_denied_staff")),
    )
    op.create_table(
        "district_packs",
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.Column("applied_at", Instant(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_district_packs")),
    )
    op.create_index(
        "uq_district_packs_active",
        "district_packs",
        ["active"],
        unique=True,
        postgresql_where=sa.text("active"),
        sqlite_where=sa.text("active"),
    )
    op.create_table(
        "heartbeats",
        sa.Column("part", sa.String(length=32), nullable=False, comment="relay, consumer, timers, …"),
        sa.Column("process", sa.String(length=80), nullable=False, comment="host and process number"),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("beat_at", Instant(), nullable=False),
        sa.Column("problem", sa.String(length=64), nullable=True, comment="code of what troubles it"),
        sa.Column("since", Instant(), nullable=True, comment="when the problem began"),
        sa.Column(
            "detail",
            Json,
            nullable=True,
            comment="the remedy in both languages, where the code is not well known",
        ),
        sa.PrimaryKeyConstraint("part", "process", name=op.f("pk_heartbeats")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column(
            "id", sa.LargeBinary(length=32), nullable=False, comment="SHA-256 of staff, method, path and key"
        ),
        sa.Column(
            "fingerprint", Sealed(), nullable=False, comment="SHA-256 of the canonical body, encrypted"
        ),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column(
            "body", Sealed(), nullable=False, comment="the answer, encrypted: it may name a receipt code"
        ),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False)
    op.create_table(
        "inbox_attempts",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_id", Id, nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id", name=op.f("pk_inbox_attempts")),
    )
    op.create_table(
        "inbox_receipts",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_id", Id, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id", name=op.f("pk_inbox_receipts")),
        sa.UniqueConstraint(
            "consumer",
            "subject",
            "source",
            "sequence",
            name=op.f("uq_inbox_receipts_consumer_subject_source_sequence"),
        ),
    )
    op.create_table(
        "keys",
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("use", sa.String(length=24), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("algorithm", sa.String(length=16), nullable=False),
        sa.Column("public", Json, nullable=True),
        sa.Column("private_wrapped", Sealed(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("retired_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_keys")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", Serial, nullable=False),
        sa.Column("event_id", Id, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("routing_key", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("published_at", Instant(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", Instant(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("agencies_id", Id, nullable=True),
        sa.Column("agencies_body", sa.LargeBinary(), nullable=True),
        sa.Column("agencies_published_at", Instant(), nullable=True),
        sa.Column("agencies_attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("agencies_next_attempt_at", Instant(), nullable=True),
        sa.Column("agencies_last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("event_id", name=op.f("uq_outbox_event_id")),
        sa.UniqueConstraint("subject", "sequence", name=op.f("uq_outbox_subject_sequence")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_outbox_agencies_unpublished",
        "outbox",
        ["id"],
        unique=False,
        postgresql_where=sa.text("agencies_body IS NOT NULL AND agencies_published_at IS NULL"),
        sqlite_where=sa.text("agencies_body IS NOT NULL AND agencies_published_at IS NULL"),
    )
    op.create_index(
        "ix_outbox_unpublished",
        "outbox",
        ["id"],
        unique=False,
        postgresql_where=sa.text("published_at IS NULL"),
        sqlite_where=sa.text("published_at IS NULL"),
    )
    op.create_table(
        "outbox_ledger",
        sa.Column("event_id", Id, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("body_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_outbox_ledger")),
    )
