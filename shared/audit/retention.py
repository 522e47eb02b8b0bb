"""Lets go of entries whose time is over, whole batches from the oldest on; their links of the chain stay."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from shared.audit import chain
from shared.audit.tables import lists, seals, table
from shared.db import Database
from shared.db.types import among

LEAST_YEARS = 3
"""The database itself keeps entries for so long (``shared/db/platform_0005.py``)."""
BATCHES_AT_ONCE = 20
_YEAR = timedelta(days=366)


def kept_until(years: int, now: datetime) -> datetime:
    """Give the moment before which what was sealed may go."""
    return now - max(years, LEAST_YEARS) * _YEAR


def forget_old_batches(database: Database, years: int, now: datetime) -> int:
    """Delete the entries of batches sealed over ``years`` years ago, at most 20 batches; gives how many entries."""
    before = kept_until(years, now)
    oldest = (
        sa.select(lists.c.number, lists.c.entries)
        .join(seals, seals.c.number == lists.c.number)
        .where(seals.c.sealed_at < before)
        .order_by(lists.c.number)
        .limit(BATCHES_AT_ONCE)
    )
    with database.read() as connection:
        if connection.execute(oldest.limit(1)).first() is None:
            return 0
    count = 0
    with database.unit_of_work() as uow:
        for number, packed in uow.connection.execute(oldest).all():
            ids = [chain.hyphened(id_) for id_, _ in chain.unlisted(packed)]
            count += _forget(uow.connection, number, ids)
    return count


def _forget(connection: Connection, number: int, ids: list[str]) -> int:
    if connection.dialect.name == "postgresql":
        # The worker's role may delete nothing here: a function of the owner's does, and looks at the age itself.
        forget = sa.text("select audit_forget(:batch, cast(:ids as uuid[]))")
        return int(connection.execute(forget, {"batch": number, "ids": ids}).scalar_one())
    gone = connection.execute(sa.delete(table).where(among(table.c.id, "ids", "sqlite")), {"ids": ids})
    connection.execute(sa.delete(lists).where(lists.c.number == number))
    return gone.rowcount
