"""What may leave for an outside system no more: sealed data of people with whom its agency has no business now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import orjson
import structlog
from sqlalchemy import Connection

from shared import audit
from shared.audit import AuditEntry
from shared.db import UnitOfWork
from shared.events import CATALOGUE

if TYPE_CHECKING:
    from shared.outbox.lanes import Lane, Row

NoLonger = Callable[[Connection, Collection[str]], Mapping[str, str]]
"""Gives those of these aggregates whose sealed data may go outside no more, each with the reason (a code).

A service answers it from its own state: today a referral that was cancelled, later also consent and erasure.
"""

log = structlog.get_logger(__name__)


def withhold(
    connection: Connection, lane: Lane, rows: Sequence[Row], no_longer: NoLonger, now: datetime
) -> list[Row]:
    """Give the rows as they may be sent now: what is sealed is taken out where it may not go any more.

    The event itself still goes, with its id and sequence: the agency's own books would wait for a missing one for
    ever, and what is left says nothing that the following events do not say. The outbox keeps the shorter form, so
    that no later resending can bring the data either; each is written to the audit log.
    """
    subjects = {row.subject for row in rows if CATALOGUE[row.type].sealed}
    if not subjects:
        return list(rows)
    with connection.begin():
        reasons = no_longer(connection, subjects)
    if not reasons:
        return list(rows)
    with connection.begin():
        uow = UnitOfWork(connection)
        shorter = shorten(uow, lane, rows, reasons, now)
        audit.flush(uow)
        uow.write()
    return [shorter.get(row.id, row) for row in rows]


def shorten(
    uow: UnitOfWork, lane: Lane, rows: Sequence[Row], reasons: Mapping[str, str], now: datetime
) -> dict[int, Row]:
    """Take out what is sealed in the events of these aggregates, for good; gives the rows that became shorter."""
    shorter = {
        row.id: replace(row, body=body)
        for row in rows
        if row.subject in reasons and (body := without_sealed(row.type, row.body)) is not None
    }
    if shorter:
        lane.rewrite(uow.connection, list(shorter.values()))
    for row in shorter.values():
        uow.audit(_entry(row, reasons[row.subject], now))
        log.info("relay.withheld", event_id=row.message_id, reason=reasons[row.subject])
    return shorter


def without_sealed(type_: str, body: bytes) -> bytes | None:
    """Give an event's bytes without what is sealed in its data; None where there is nothing to take out."""
    envelope = orjson.loads(body)
    kept = {name: value for name, value in envelope["data"].items() if name not in CATALOGUE[type_].sealed}
    if len(kept) == len(envelope["data"]):
        return None
    return orjson.dumps({**envelope, "data": kept})


def _entry(row: Row, reason: str, now: datetime) -> AuditEntry:
    return AuditEntry(
        at=now,
        actor="system",
        post="system",
        action="event.withheld",
        object_type="event",
        object_id=row.message_id,
        detail={"subject": row.subject, "type": row.type, "reason": reason},
    )
