"""The tables that intake alone owns. Whatever tells who somebody is, or in their own words why, is ciphertext."""

from __future__ import annotations

import sqlalchemy as sa

from services.intake.persistence.leg_tables import former_consents, leg_commands, reissues
from services.intake.persistence.metadata import CODE, metadata
from services.intake.persistence.rights_tables import erasures, objections
from services.intake.persistence.staff_tables import second_factors, sign_in_tries
from shared.db.types import Id, Instant, Json, Sealed
from shared.sealing.columns import SEALED_TO, WHOLE

__all__ = [
    "blobs",
    "consents",
    "drafts",
    "erasures",
    "former_consents",
    "leg_commands",
    "leg_events",
    "legs",
    "metadata",
    "number_blocks",
    "objections",
    "papers",
    "people",
    "reissues",
    "request_events",
    "requests",
    "second_factors",
    "sessions",
    "sign_in_tries",
    "staff",
    "tasks",
]


def _due(table: str) -> sa.Index:
    # Most rows wait for nothing, so the index holds only those that do.
    waiting = sa.text("timer_at IS NOT NULL")
    return sa.Index(f"ix_{table}_timer_at", "timer_at", postgresql_where=waiting, sqlite_where=waiting)


def _known(table: str, column: str) -> sa.Index:
    known = sa.text(f"{column} IS NOT NULL")
    return sa.Index(f"ix_{table}_{column}", column, postgresql_where=known, sqlite_where=known)


people = sa.Table(
    "people",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", Sealed, nullable=False),
    sa.Column("name_pinyin", Sealed),
    sa.Column("id_number", Sealed),
    sa.Column("phone", Sealed),
    sa.Column("birth_date", Sealed),
    sa.Column("household_registration", Sealed),
    sa.Column("name_index", sa.LargeBinary, index=True),
    sa.Column("id_index", sa.LargeBinary, index=True),
    sa.Column("phone_index", sa.LargeBinary, index=True),
    comment="One row per filing; the _index columns are keyed hashes of the whole value, for finding duplicates",
)

requests = sa.Table(
    "requests",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("number", CODE, nullable=False, unique=True),
    sa.Column("receipt_index", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("unit", CODE, nullable=False),
    sa.Column("street", CODE),
    sa.Column("residence", CODE, nullable=False),
    sa.Column("urgency", CODE, nullable=False),
    sa.Column("pack", CODE, nullable=False),
    sa.Column("answers", Sealed),
    sa.Column("filed_by", CODE, nullable=False),
    sa.Column("status", CODE, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("event_sequence", sa.Integer, nullable=False),
    sa.Column("withdrawal_requested_at", Instant),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("checking", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("check_due_on", sa.Date),
    sa.Column("calls", sa.Integer, nullable=False, server_default="0"),
    # The request into which a specialist has merged this one: legs are added there from then on.
    sa.Column("merged_into", Id),
    sa.Column("household_id", Id),
    sa.Column("household_relation", CODE),
    sa.Column("timer", CODE),
    sa.Column("timer_at", Instant),
    # Since when all that it said is gone: its time was over.
    sa.Column("forgotten_at", Instant),
    sa.Index("ix_requests_unit_created_at_id", "unit", "created_at", "id"),
    sa.Index("ix_requests_street_created_at_id", "street", "created_at", "id"),
    _known("requests", "household_id"),
    _due("requests"),
    comment="checking: waits for the street's check. calls: follow-up calls tried. timer: what time does to it next",
)

request_events = sa.Table(
    "request_events",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("request_id", Id, nullable=False, index=True),
    sa.Column("fact", CODE, nullable=False),
    sa.Column("status", CODE, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("staff", CODE),
    sa.Column("detail", Json, nullable=False),
    sa.Column("words", Sealed),
    comment="What happened to a request as a whole: codes, and what was said in words as ciphertext",
)

drafts = sa.Table(
    "drafts",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("unit", CODE, nullable=False),
    sa.Column("street", CODE),
    sa.Column("origin", CODE, nullable=False),
    sa.Column("body", Sealed, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_by", CODE, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("timer", CODE),
    sa.Column("timer_at", Instant),
    sa.Index("ix_drafts_unit_id", "unit", "id"),
    _due("drafts"),
    comment="What is not filed yet; submitted, it becomes the request of the same id, and its row goes",
)

tasks = sa.Table(
    "tasks",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("kind", CODE, nullable=False),
    sa.Column("open_key", sa.String(160), unique=True),
    sa.Column("role", CODE, nullable=False),
    sa.Column("unit", CODE, nullable=False),
    sa.Column("street", CODE),
    sa.Column("request_id", Id, index=True),
    sa.Column("leg_id", Id),
    sa.Column("due_on", sa.Date),
    sa.Column("detail", Json, nullable=False),
    sa.Column("words", Sealed),
    sa.Column("raised_at", Instant, nullable=False),
    sa.Column("done_at", Instant),
    sa.Column("done_by", CODE),
    sa.Index("ix_tasks_role_unit_id", "role", "unit", "id"),
    sa.Index("ix_tasks_role_street_id", "role", "street", "id"),
    comment="What somebody has to do; open_key (kind, request, leg) is there while it is open, so that it is open once",
)

legs = sa.Table(
    "legs",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("request_id", Id, sa.ForeignKey("requests.id"), nullable=False, index=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("number", CODE, nullable=False, unique=True),
    sa.Column("agency", CODE, nullable=False),
    sa.Column("programme", CODE, nullable=False),
    sa.Column("beneficiary", Sealed),
    sa.Column("note", Sealed),
    sa.Column("status", CODE, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("due_at", Instant),
    sa.Column("due_on", sa.Date),
    sa.Column("yellow_at", Instant),
    sa.Column("yellow_on", sa.Date),
    sa.Column("outcome", CODE),
    sa.Column("answer", sa.Text, info={SEALED_TO: WHOLE}),
    sa.Column("cancel_requested_at", Instant),
    sa.Column("cancel_refusal", CODE),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    # The leg in whose place this one stands, and the one that stands in its place.
    sa.Column("replaces", Id),
    sa.Column("successor", Id),
    sa.Column("rev", sa.Integer, nullable=False, server_default="1"),
    sa.Column("frozen_at", Instant),
    sa.Column("rating", sa.SmallInteger),
    # The keyed hash of the beneficiary's ID number, made as that of a person's: whoever it is for is found by it.
    sa.Column("beneficiary_index", sa.LargeBinary),
    _known("legs", "beneficiary_index"),
    comment="A mirror: referrals decides the status of a leg, its events are written down here",
)

leg_events = sa.Table(
    "leg_events",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("request_id", Id, nullable=False, index=True),
    sa.Column("leg_id", Id, nullable=False),
    sa.Column("fact", CODE, nullable=False),
    sa.Column("status", CODE, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("staff", CODE),
    sa.Column("detail", Json, nullable=False),
    # What was said about it in words: by the agency, as it sealed them to intake; or by the desk itself.
    sa.Column("answer", sa.Text, info={SEALED_TO: WHOLE}),
    sa.Column("words", Sealed),
    comment="The timeline of every leg, in codes",
)

consents = sa.Table(
    "consents",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("request_id", Id, sa.ForeignKey("requests.id"), nullable=False),
    sa.Column("person_id", Id, nullable=False),
    sa.Column("agency", CODE, nullable=False),
    sa.Column("programme", CODE, nullable=False),
    sa.Column("data_kinds", Json, nullable=False),
    sa.Column("purpose", CODE, nullable=False),
    sa.Column("basis", CODE, nullable=False),
    sa.Column("starts_on", sa.Date),
    sa.Column("expires_on", sa.Date, nullable=False),
    sa.Column("given_by", CODE, nullable=False),
    sa.Column("particulars", Sealed),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("recorded_by", CODE, nullable=False),
    sa.Column("withdrawn_at", Instant),
    sa.Column("withdrawn_by", CODE),
    sa.Column("timer", CODE),
    sa.Column("timer_at", Instant),
    _due("consents"),
    # A person has a row of their own in each request, so this is one consent per person, agency and programme.
    sa.UniqueConstraint("request_id", "agency", "programme"),
)

blobs = sa.Table(
    "blobs",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("content_key", Sealed, nullable=False),
    sa.Column("sha256", Sealed, nullable=False),
    sa.Column("media", CODE, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("stored_at", Instant, nullable=False),
    comment="One row per content; digest is its keyed hash, the ciphertext lies in the blob store under the id",
)

papers = sa.Table(
    "papers",
    metadata,
    sa.Column("id", Id, primary_key=True),
    # Of a request, or of the draft that becomes one under the same id.
    sa.Column("request_id", Id, nullable=False, index=True),
    sa.Column("leg_id", Id),
    sa.Column("kind", CODE, nullable=False),
    sa.Column("blob_id", Id, sa.ForeignKey("blobs.id"), nullable=False, index=True),
    sa.Column("taken_from", Id),
    sa.Column("added_at", Instant, nullable=False),
    sa.Column("added_by", CODE, nullable=False),
    comment="A paper of a request or draft, for every leg that wants its kind, or for leg_id alone",
)

number_blocks = sa.Table(
    "number_blocks",
    metadata,
    sa.Column("series", CODE, primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
    comment="The last number handed out to any process in each series, such as PL-2026",
)

staff = sa.Table(
    "staff",
    metadata,
    sa.Column("id", CODE, primary_key=True),
    sa.Column("name", CODE, nullable=False),
    sa.Column("password_hash", sa.String(255)),
    sa.Column("posts", Json, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("locked_until", Instant),
    sa.Column("event_sequence", sa.Integer, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("disabled_at", Instant),
    comment="Who may sign in. failures counts wrong passwords since the last right one",
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("sid", CODE, primary_key=True),
    sa.Column("staff", CODE, sa.ForeignKey("staff.id"), nullable=False, index=True),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("renewed_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    comment="sid is the hash of the session id, which itself stands only in the holder's token",
)
