"""The first tables: people, requests, legs and their timeline, consents, accounts and sessions, and the platform's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db import platform_0001
from shared.db.types import Id, Instant, Json, Sealed

revision = "0001"
down_revision = None


def upgrade() -> None:
    platform_0001.upgrade(op)
    op.create_table(
        "leg_events",
        sa.Column("id", Id, nullable=False),
        sa.Column("request_id", Id, nullable=False),
        sa.Column("leg_id", Id, nullable=False),
        sa.Column("fact", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("staff", sa.String(length=64), nullable=True),
        sa.Column("detail", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leg_events")),
        comment="The timeline of every leg, in codes",
    )
    op.create_index(op.f("ix_leg_events_request_id"), "leg_events", ["request_id"], unique=False)
    op.create_table(
        "number_blocks",
        sa.Column("series", sa.String(length=64), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_number_blocks")),
        comment="The last number handed out to any process in each series, such as PL-2026",
    )
    op.create_table(
        "people",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", Sealed, nullable=False),
        sa.Column("name_pinyin", Sealed, nullable=True),
        sa.Column("id_number", Sealed, nullable=True),
        sa.Column("phone", Sealed, nullable=True),
        sa.Column("birth_date", Sealed, nullable=True),
        sa.Column("household_registration", Sealed, nullable=True),
        sa.Column("name_index", sa.LargeBinary(), nullable=True),
        sa.Column("id_index", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        comment="One row per filing; the _index columns are keyed hashes of the whole value, for finding duplicates",
    )
    op.create_index(op.f("ix_people_id_index"), "people", ["id_index"], unique=False)
    op.create_index(op.f("ix_people_name_index"), "people", ["name_index"], unique=False)
    op.create_index(op.f("ix_people_phone_index"), "people", ["phone_index"], unique=False)
    op.create_table(
        "staff",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("posts", Json, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", Instant, nullable=True),
        sa.Column("event_sequence", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("disabled_at", Instant, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        comment="Who may sign in. failures counts wrong passwords since the last right one",
    )
    op.create_table(
        "requests",
        sa.Column("id", Id, nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("receipt_index", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("street", sa.String(length=64), nullable=True),
        sa.Column("residence", sa.String(length=64), nullable=False),
        sa.Column("urgency", sa.String(length=64), nullable=False),
        sa.Column("pack", sa.String(length=64), nullable=False),
        sa.Column("answers", Sealed, nullable=True),
        sa.Column("filed_by", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("event_sequence", sa.Integer(), nullable=False),
        sa.Column("withdrawal_requested_at", Instant, nullable=True),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("ended_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_requests_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
        sa.UniqueConstraint("number", name=op.f("uq_requests_number")),
        sa.UniqueConstraint("receipt_index", name=op.f("uq_requests_receipt_index")),
    )
    op.create_index(op.f("ix_requests_person_id"), "requests", ["person_id"], unique=False)
    op.create_index(
        "ix_requests_street_created_at_id", "requests", ["street", "created_at", "id"], unique=False
    )
    op.create_index("ix_requests_unit_created_at_id", "requests", ["unit", "created_at", "id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("sid", sa.String(length=64), nullable=False),
        sa.Column("staff", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("renewed_at", Instant, nullable=False),
        sa.Column("ended_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_sessions_staff")),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_sessions")),
        comment="sid is the hash of the session id, which itself stands only in the holder's token",
    )
    op.create_index(op.f("ix_sessions_staff"), "sessions", ["staff"], unique=False)
    op.create_table(
        "consents",
        sa.Column("id", Id, nullable=False),
        sa.Column("request_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("data_kinds", Json, nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("basis", sa.String(length=64), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("given_by", sa.String(length=64), nullable=False),
        sa.Column("particulars", Sealed, nullable=True),
        sa.Column("recorded_at", Instant, nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_consents_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
        sa.UniqueConstraint(
            "request_id", "agency", "programme", name=op.f("uq_consents_request_id_agency_programme")
        ),
    )
    op.create_table(
        "legs",
        sa.Column("id", Id, nullable=False),
        sa.Column("request_id", Id, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("beneficiary", Sealed, nullable=True),
        sa.Column("note", Sealed, nullable=True),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("yellow_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("cancel_requested_at", Instant, nullable=True),
        sa.Column("cancel_refusal", sa.String(length=64), nullable=True),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("ended_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_legs_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legs")),
        sa.UniqueConstraint("number", name=op.f("uq_legs_number")),
        comment="A mirror: referrals decides the status of a leg, its events are written down here",
    )
    op.create_index(op.f("ix_legs_request_id"), "legs", ["request_id"], unique=False)
