"""The tables of what crosses between the desk and the legs: commands, successors, and consents of the past."""

from __future__ import annotations

import sqlalchemy as sa

from services.intake.persistence.metadata import CODE, metadata
from shared.db.types import Id, Instant, Json, Sealed
from shared.sealing.columns import SEALED_AS

leg_commands = sa.Table(
    "leg_commands",
    metadata,
    # The id of the event that carried it: the answer names it as its cause.
    sa.Column("id", Id, primary_key=True),
    sa.Column("request_id", Id, nullable=False, index=True),
    sa.Column("leg_id", Id, nullable=False, index=True),
    sa.Column("verb", CODE, nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("asked_by", CODE, nullable=False),
    sa.Column("settled_at", Instant),
    sa.Column("refusal", CODE),
    comment="What the desk asked of a leg, and how referrals answered; cancelling is noted with the leg itself",
)

reissues = sa.Table(
    "reissues",
    metadata,
    # The id of the event by which referrals asked for it.
    sa.Column("id", Id, primary_key=True),
    sa.Column("request_id", Id, nullable=False, index=True),
    sa.Column("leg_id", Id, nullable=False, index=True),
    sa.Column("cause", CODE, nullable=False),
    sa.Column("to_agency", CODE, nullable=False),
    sa.Column("to_programme", CODE),
    sa.Column("days_used", sa.Integer, nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("settled_at", Instant),
    sa.Column("successor", Id),
    sa.Column("refusal", CODE),
    comment="Successors that were asked for: a leg goes on at another agency once the person's consent covers it",
)

former_consents = sa.Table(
    "former_consents",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("replaced_at", Instant, nullable=False),
    sa.Column("request_id", Id, nullable=False, index=True),
    sa.Column("person_id", Id, nullable=False),
    sa.Column("agency", CODE, nullable=False),
    sa.Column("programme", CODE, nullable=False),
    sa.Column("data_kinds", Json, nullable=False),
    sa.Column("purpose", CODE, nullable=False),
    sa.Column("basis", CODE, nullable=False),
    sa.Column("starts_on", sa.Date),
    sa.Column("expires_on", sa.Date, nullable=False),
    sa.Column("given_by", CODE, nullable=False),
    sa.Column("particulars", Sealed, info={SEALED_AS: "consents"}),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("recorded_by", CODE, nullable=False),
    sa.Column("withdrawn_at", Instant),
    sa.Column("withdrawn_by", CODE),
    comment="Consents in whose place another was given; particulars are encrypted as of the table consents",
)
