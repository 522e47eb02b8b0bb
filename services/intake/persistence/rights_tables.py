"""The tables of what a person asks for as of right: erasure, objection, and to be told of news themselves."""

from __future__ import annotations

import sqlalchemy as sa

from services.intake.persistence.metadata import CODE, metadata
from shared.db.types import Id, Instant, Json, Sealed

erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("request_id", Id, nullable=False, index=True),
    sa.Column("person_id", Id, nullable=False),
    # The request while it is neither declined nor carried out, so that it is asked for once.
    sa.Column("open_key", Id, unique=True),
    sa.Column("reason", CODE, nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("asked_by", CODE, nullable=False),
    sa.Column("hold_basis", CODE),
    sa.Column("hold_until", Instant),
    sa.Column("decided_at", Instant),
    sa.Column("decided_by", CODE),
    sa.Column("declined", CODE),
    sa.Column("erased_at", Instant),
    comment="What was asked to be deleted; with erased_at it is a tombstone, which outlives what it is about",
)

objections = sa.Table(
    "objections",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("request_id", Id, nullable=False, index=True),
    sa.Column("words", Sealed),
    # {leg, agency, sent, why} of each leg it is about: the agency was told, or why it could not be.
    sa.Column("legs", Json, nullable=False),
    sa.Column("raised_at", Instant, nullable=False),
    sa.Column("raised_by", CODE, nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("outcome", CODE),
    sa.Column("answer", Sealed),
    sa.Column("answered_at", Instant),
    sa.Column("answered_by", CODE),
    comment="What a person holds against how their data are used, to whom it was sent, and what came of it",
)

contact_consents = sa.Table(
    "contact_consents",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("request_id", Id, sa.ForeignKey("requests.id"), nullable=False, unique=True),
    sa.Column("channels", Json, nullable=False),
    sa.Column("mail", Sealed),
    sa.Column("language", CODE, nullable=False),
    sa.Column("expires_on", sa.Date, nullable=False),
    sa.Column("given_by", CODE, nullable=False),
    sa.Column("event_sequence", sa.Integer, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("recorded_by", CODE, nullable=False),
    sa.Column("withdrawn_at", Instant),
    sa.Column("withdrawn_by", CODE),
    comment="What a person lets be sent to themselves; given anew it takes the place of the one before",
)
