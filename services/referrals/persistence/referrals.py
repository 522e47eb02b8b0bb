"""Load and save the aggregate: a referral, its packet, and the lines of its history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection

from services.referrals.domain.referral import Referral
from services.referrals.domain.status import Status
from services.referrals.persistence.life import (
    life_from_json,
    life_to_json,
    pending_from_json,
    pending_to_json,
)
from services.referrals.persistence.tables import history, packets, referrals
from shared.db import Insert
from shared.db import insert as into

log = structlog.get_logger(__name__)

FIELDS = tuple(field.name for field in fields(Referral))
COLUMNS = tuple(referrals.c[name] for name in FIELDS)

_AS_JSON: Mapping[str, Callable[[Any], Any]] = {"life": life_to_json, "pending": pending_to_json}
_REFERRALS, _PACKETS, _HISTORY = Insert(referrals), Insert(packets), Insert(history)
_BY_IDS = (
    sa.select(*COLUMNS)
    .where(referrals.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(referrals.c.id)
)
_LOCK = _BY_IDS.with_for_update()
# Identity and rules stay as they were issued (but see ``set_rules``); all the rest an action or a timer may change.
_FIXED = frozenset(
    ("id", "number", "request_id", "request_number", "agency", "programme", "position", "rules")
)
_CHANGING = tuple(name for name in FIELDS if name not in _FIXED)
_UPDATE = (
    referrals.update()
    .where(referrals.c.id == sa.bindparam("_id"), referrals.c.event_sequence == sa.bindparam("_seen"))
    .values({name: sa.bindparam(name) for name in _CHANGING})
)
_PACKET = (
    sa.select(packets.c.rev, packets.c.packet, packets.c.badge)
    .where(packets.c.referral_id == sa.bindparam("id"))
    .order_by(packets.c.rev.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class SealedPacket:
    """The newest packet and badge of a referral, as compact JWE."""

    rev: int
    packet: str
    badge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a referral's history: who did what, by post and staff id, with codes and no words."""

    id: str
    referral_id: str
    at: datetime
    action: str
    from_status: Status
    to_status: Status
    actor: str | None
    role: str
    fields: Mapping[str, Any]


class Overtaken(Exception):
    """A referral was changed by another transaction although this one held its lock: nothing may be written."""


class Unreadable(ValueError):
    """What is stored of a referral (an id) is not as this release writes it."""

    def __init__(self, referral: str) -> None:
        super().__init__(f"the referral {referral} cannot be read")
        self.referral = referral


def from_row(row: sa.RowMapping) -> Referral:
    """Make a referral from a row that has at least ``COLUMNS``; raises ``Unreadable`` naming it."""
    values = {name: row[name] for name in FIELDS}
    try:
        values["status"] = Status(values["status"])
        values["previous_status"] = Status(values["previous_status"]) if values["previous_status"] else None
        values["life"] = life_from_json(values["life"])
        values["pending"] = pending_from_json(values["pending"])
    except (TypeError, ValueError, LookupError) as error:
        # What breaks then is told without details: a list, a command; only this says which row it is.
        log.exception("referral.unreadable", referral=row["id"])
        raise Unreadable(row["id"]) from error
    return Referral(**values)


def insert(
    connection: Connection, new: Sequence[tuple[Referral, Mapping[str, str | None], SealedPacket]]
) -> None:
    """Insert referrals with the tokens of their blind index and their packets."""
    rows = []
    sealed = []
    for referral, tokens, packet in new:
        row = _row(referral, FIELDS)
        row.update(tokens)
        rows.append(row)
        sealed.append(
            {
                "referral_id": referral.id,
                "rev": packet.rev,
                "packet": packet.packet,
                "badge": packet.badge,
                "sealed_at": referral.issued_at,
            }
        )
    into(connection, (_REFERRALS, rows), (_PACKETS, sealed))


def load(connection: Connection, ids: Sequence[str], *, lock: bool = False) -> dict[str, Referral]:
    """Load referrals by id; with ``lock`` their rows are locked, in the order of their ids, until the commit."""
    rows = connection.execute(_LOCK if lock else _BY_IDS, {"ids": list(ids)}).mappings()
    return {referral.id: referral for referral in map(from_row, rows)}


def set_rules(connection: Connection, referral: Referral) -> None:
    """Write the rules of a referral whose row is held: the help desk alone changes them, to take something out."""
    statement = referrals.update().where(referrals.c.id == referral.id)
    connection.execute(statement.values(rules=dict(referral.rules)))


def ids_of(connection: Connection, request: str) -> list[str]:
    """Give the ids of a request's referrals, in their order."""
    statement = sa.select(referrals.c.id).where(referrals.c.request_id == request).order_by(referrals.c.id)
    return list(connection.execute(statement).scalars())


def update(connection: Connection, before: Referral, after: Referral) -> None:
    """Write a changed referral.

    Raises ``Overtaken`` if the row is no longer as ``before``.
    """
    row = _row(after, _CHANGING)
    if connection.execute(_UPDATE, {**row, "_id": before.id, "_seen": before.event_sequence}).rowcount != 1:
        raise Overtaken(before.id)


def _row(referral: Referral, names: Sequence[str]) -> dict[str, Any]:
    row = {name: getattr(referral, name) for name in names}
    for name, write in _AS_JSON.items():
        row[name] = write(row[name])
    return row


def packet_of(connection: Connection, referral_id: str) -> SealedPacket | None:
    """Load the newest packet of a referral."""
    row = connection.execute(_PACKET, {"id": referral_id}).one_or_none()
    return None if row is None else SealedPacket(row.rev, row.packet, row.badge)


def add_history(connection: Connection, lines: Sequence[Line]) -> None:
    """Append lines to the history."""
    rows = [
        {
            "id": line.id,
            "referral_id": line.referral_id,
            "at": line.at,
            "action": line.action,
            "from_status": line.from_status,
            "to_status": line.to_status,
            "actor": line.actor,
            "role": line.role,
            "fields": dict(line.fields),
        }
        for line in lines
    ]
    into(connection, (_HISTORY, rows))
