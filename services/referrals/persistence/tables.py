"""The tables of this service: referrals, the sealed packets that came with them, and what was done when."""

from __future__ import annotations

import sqlalchemy as sa

from services.referrals.domain.clocks import ANSWER_WITHDRAWAL
from services.referrals.domain.ranks import OPEN_BELOW
from shared.db.metadata import service_metadata
from shared.db.types import Id, Instant, Json
from shared.sealing.columns import SEALED_TO, WHOLE, WITHIN

metadata = service_metadata()

_WHOSE = ["status", "previous_status", "unit", "street", "desk_street"]

referrals = sa.Table(
    "referrals",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    sa.Column("request_id", Id, nullable=False),
    sa.Column("request_number", sa.Text, nullable=False),
    sa.Column("agency", sa.Text, nullable=False),
    sa.Column("programme", sa.Text, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("street", sa.Text, nullable=False),
    sa.Column("urgency", sa.Text, nullable=False),
    sa.Column("position", sa.SmallInteger, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("previous_status", sa.Text),
    sa.Column("status_since", Instant, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("event_sequence", sa.Integer, nullable=False),
    sa.Column("rules", Json, nullable=False),
    sa.Column("issued_at", Instant, nullable=False),
    sa.Column("received_at", Instant),
    sa.Column("accepted_at", Instant),
    sa.Column("ended_at", Instant),
    sa.Column("clock", sa.Text),
    sa.Column("due_at", Instant),
    sa.Column("due_on", sa.Date),
    sa.Column("yellow_at", Instant),
    sa.Column("yellow_on", sa.Date),
    # One number sorts every queue (domain/ranks.py), so that one index serves lists of all statuses.
    sa.Column("rank", sa.BigInteger, nullable=False),
    sa.Column("step", sa.Text),
    sa.Column("outcome", sa.Text),
    sa.Column("outcome_fields", Json),
    sa.Column("reason", sa.Text),
    # Officers (staff ids): whose it is, and who stands in for them until a day.
    sa.Column("assignee", sa.Text),
    sa.Column("delegated_to", sa.Text),
    sa.Column("delegated_until", sa.Date),
    # The street whose counter of the agency it belongs to; of most there is none.
    sa.Column("desk_street", sa.Text),
    # Stands for whom it is for, among those of one programme of one agency: the figures count people by it.
    sa.Column("counts_as", Id),
    # The gravest notice given for what is due now.
    sa.Column("supervised", sa.Text),
    # What waits for the leader: codes, and words sealed to the agency itself.
    sa.Column("pending", Json, info={SEALED_TO: WITHIN}),
    # What time alone will do to it next, and when: a tick looks at nothing else.
    sa.Column("timer", sa.Text),
    sa.Column("timer_at", Instant),
    # All that most referrals never meet (domain/life.py); null for one that has met none of it.
    sa.Column("life", Json),
    # Tokens of the agency's own blind index; equal tokens are only candidates until the packet confirms them.
    sa.Column("index_key", sa.Text),
    sa.Column("index_name", sa.Text),
    sa.Column("index_initials", sa.Text),
    sa.Column("index_phone", sa.Text),
    sa.Column("index_last4", sa.Text),
    # What the other legs of a case are asked for stands in the index itself, and so in all three does what decides
    # who may see a referral (reach.py): otherwise each would be read for that alone.
    sa.Index(None, "request_id", postgresql_include=["rank", "id", "agency", *_WHOSE]),
    # With the status in it, and whence it came, a queue's drawers are told apart and counted without reading a
    # referral: one that was cancelled while it was planned is in none of them.
    sa.Index(None, "agency", "rank", "id", postgresql_include=_WHOSE),
    sa.Index(None, "unit", "rank", "id"),
    sa.Index(None, "street", "rank", "id"),
    sa.Index(None, "rank", "id"),
)

# The few open ones among all there ever were, with what decides a case's light: its board is counted from here.
_open = sa.text(f"rank < {OPEN_BELOW}")
sa.Index(
    "ix_referrals_open",
    referrals.c.request_id,
    postgresql_where=_open,
    sqlite_where=_open,
    postgresql_include=["rank", "id", "agency", "due_at", "yellow_at", *_WHOSE],
)

# Of whatever status, those whose agency owes an answer to a withdrawn consent.
_owing = sa.text(f"clock = '{ANSWER_WITHDRAWAL}'")
sa.Index(
    "ix_referrals_owing",
    referrals.c.rank,
    referrals.c.id,
    postgresql_where=_owing,
    sqlite_where=_owing,
)

_timed = referrals.c.timer_at.is_not(None)
sa.Index("ix_referrals_timer_at", referrals.c.timer_at, postgresql_where=_timed, sqlite_where=_timed)

# What few referrals have costs those without it nothing: each of these indexes holds only the rows it is about.
for _name, _columns in (
    ("assignee", ("assignee", "rank", "id")),
    ("delegated_to", ("delegated_to", "rank", "id")),
    ("desk_street", ("agency", "desk_street", "rank", "id")),
    ("supervised", ("supervised", "rank", "id")),
):
    _has = referrals.c[_name].is_not(None)
    sa.Index(
        f"ix_referrals_{_name}",
        *(referrals.c[column] for column in _columns),
        postgresql_where=_has,
        sqlite_where=_has,
    )

TOKEN_COLUMNS = {kind: referrals.c[f"index_{kind}"] for kind in ("name", "initials", "phone", "last4")}
for _column in TOKEN_COLUMNS.values():
    _known = _column.is_not(None)
    sa.Index(None, _column, postgresql_where=_known, sqlite_where=_known)

packets = sa.Table(
    "packets",
    metadata,
    sa.Column("referral_id", Id, primary_key=True),
    sa.Column("rev", sa.Integer, primary_key=True),
    # Compact JWE as they came; a referral's packet and badge are sealed and replaced together.
    sa.Column("packet", sa.Text, nullable=False, info={SEALED_TO: WHOLE}),
    sa.Column("badge", sa.Text, nullable=False, info={SEALED_TO: WHOLE}),
    sa.Column("sealed_at", Instant, nullable=False),
)

messages = sa.Table(
    "messages",
    metadata,
    # Of a message from the help desk, the id of the command that brought it.
    sa.Column("id", Id, primary_key=True),
    sa.Column("referral_id", Id, sa.ForeignKey("referrals.id"), nullable=False, index=True),
    sa.Column("at", Instant, nullable=False),
    # Who of the agency left it as a note for colleagues; null for what the help desk sent.
    sa.Column("author", sa.Text),
    sa.Column("sealed", sa.Text, nullable=False, info={SEALED_TO: WHOLE}),
    sa.Column("opened_at", Instant),
    comment="Short messages from the help desk, sealed to the agency; nobody here can read them without its key",
)

history = sa.Table(
    "history",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("referral_id", Id, sa.ForeignKey("referrals.id"), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("from_status", sa.Text, nullable=False),
    sa.Column("to_status", sa.Text, nullable=False),
    sa.Column("actor", sa.Text),
    sa.Column("role", sa.Text, nullable=False),
    # Codes only (step, outcome, reason): what was written in words goes sealed to the help desk and stays there.
    sa.Column("fields", Json, nullable=False),
    sa.Index(None, "referral_id", "at"),
)
