"""Legs that follow one another, commands and their answers, consents that were withdrawn or replaced."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Id, Instant, Json, Sealed

revision = "0005"
down_revision = "0004"

CODE = sa.String(length=64)


def upgrade() -> None:
    op.add_column("requests", sa.Column("merged_into", Id))
    op.add_column("legs", sa.Column("replaces", Id))
    op.add_column("legs", sa.Column("successor", Id))
    op.add_column("legs", sa.Column("rev", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("legs", sa.Column("frozen_at", Instant))
    op.add_column("legs", sa.Column("rating", sa.SmallInteger()))
    op.add_column("leg_events", sa.Column("answer", sa.Text()))
    op.add_column("leg_events", sa.Column("words", Sealed))
    op.add_column("consents", sa.Column("withdrawn_at", Instant))
    op.add_column("consents", sa.Column("withdrawn_by", CODE))
    op.create_table(
        "leg_commands",
        sa.Column("id", Id, nullable=False),
        sa.Column("request_id", Id, nullable=False),
        sa.Column("leg_id", Id, nullable=False),
        sa.Column("verb", CODE, nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("asked_by", CODE, nullable=False),
        sa.Column("settled_at", Instant),
        sa.Column("refusal", CODE),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leg_commands")),
        comment="What the desk asked of a leg, and how referrals answered; cancelling is noted with the leg itself",
    )
    op.create_index(op.f("ix_leg_commands_request_id"), "leg_commands", ["request_id"])
    op.create_index(op.f("ix_leg_commands_leg_id"), "leg_commands", ["leg_id"])
    op.create_table(
        "reissues",
        sa.Column("id", Id, nullable=False),
        sa.Column("request_id", Id, nullable=False),
        sa.Column("leg_id", Id, nullable=False),
        sa.Column("cause", CODE, nullable=False),
        sa.Column("to_agency", CODE, nullable=False),
        sa.Column("to_programme", CODE),
        sa.Column("days_used", sa.Integer(), nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("settled_at", Instant),
        sa.Column("successor", Id),
        sa.Column("refusal", CODE),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reissues")),
        comment="Successors that were asked for: a leg goes on at another agency once the person's consent covers it",
    )
    op.create_index(op.f("ix_reissues_request_id"), "reissues", ["request_id"])
    op.create_index(op.f("ix_reissues_leg_id"), "reissues", ["leg_id"])
    op.create_table(
        "former_consents",
        sa.Column("id", Id, nullable=False),
        sa.Column("replaced_at", Instant, nullable=False),
        sa.Column("request_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("agency", CODE, nullable=False),
        sa.Column("programme", CODE, nullable=False),
        sa.Column("data_kinds", Json, nullable=False),
        sa.Column("purpose", CODE, nullable=False),
        sa.Column("basis", CODE, nullable=False),
        sa.Column("starts_on", sa.Date()),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("given_by", CODE, nullable=False),
        sa.Column("particulars", Sealed),
        sa.Column("recorded_at", Instant, nullable=False),
        sa.Column("recorded_by", CODE, nullable=False),
        sa.Column("withdrawn_at", Instant),
        sa.Column("withdrawn_by", CODE),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_consents")),
        comment="Consents in whose place another was given; particulars are encrypted as of the table consents",
    )
    op.create_index(op.f("ix_former_consents_request_id"), "former_consents", ["request_id"])
