"""Keeps outbox and inbox from growing for ever, and tells what a consumer has settled."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from shared.inbox.tables import dead_letters, receipts
from shared.outbox.lanes import chunks
from shared.outbox.tables import ledger, outbox

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from shared.db import Database

ROWS_KEPT = timedelta(days=30)
RECEIPTS_KEPT = ROWS_KEPT + timedelta(days=7)
AT_ONCE = 1000


def purge_outbox(database: Database, now: datetime) -> int:
    """Move rows published over 30 days ago into the ledger, at most 1,000; gives how many."""
    finished = sa.and_(
        outbox.c.published_at < now - ROWS_KEPT,
        sa.or_(outbox.c.agencies_body.is_(None), outbox.c.agencies_published_at.is_not(None)),
    )
    old = sa.select(outbox).where(finished).order_by(outbox.c.id).limit(AT_ONCE)
    with database.unit_of_work() as uow:
        rows = uow.connection.execute(old).all()
        if rows:
            uow.connection.execute(
                sa.insert(ledger),
                [
                    {
                        "event_id": row.event_id,
                        "type": row.type,
                        "subject": row.subject,
                        "sequence": row.sequence,
                        "body_sha256": hashlib.sha256(row.body).digest(),
                        "recorded_at": row.recorded_at,
                    }
                    for row in rows
                ],
            )
            uow.connection.execute(sa.delete(outbox).where(outbox.c.id.in_([row.id for row in rows])))
    return len(rows)


def purge_receipts(database: Database, now: datetime) -> int:
    """Forget receipts older than 37 days, at most 1,000; never the last of a chain: the next one needs it."""
    later = receipts.alias()
    superseded = sa.exists().where(
        later.c.consumer == receipts.c.consumer,
        later.c.source == receipts.c.source,
        later.c.subject == receipts.c.subject,
        later.c.sequence > receipts.c.sequence,
    )
    old = (
        sa.select(receipts.c.consumer, receipts.c.event_id)
        .where(receipts.c.received_at < now - RECEIPTS_KEPT, superseded)
        .limit(AT_ONCE)
    )
    with database.unit_of_work() as uow:
        rows = uow.connection.execute(old).all()
        for consumer in {row.consumer for row in rows}:
            ids = [row.event_id for row in rows if row.consumer == consumer]
            uow.connection.execute(
                sa.delete(receipts).where(receipts.c.consumer == consumer, receipts.c.event_id.in_(ids))
            )
    return len(rows)


def settled(connection: Connection, consumer: str, events: Collection[str]) -> set[str]:
    """Give which of these events the consumer holds a receipt or a letter for."""
    found: set[str] = set()
    for chunk in chunks(events):
        found.update(
            connection.execute(
                sa.select(receipts.c.event_id).where(
                    receipts.c.consumer == consumer, receipts.c.event_id.in_(chunk)
                )
            ).scalars()
        )
        found.update(
            connection.execute(
                sa.select(dead_letters.c.event_id).where(
                    dead_letters.c.consumer == consumer, dead_letters.c.event_id.in_(chunk)
                )
            ).scalars()
        )
    return found
