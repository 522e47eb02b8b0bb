"""Wrong tries at signing in, by the keyed hash of a name or an address."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from services.intake.domain.sign_in_rules import KEPT, Allowance, Tries, after_one_more
from services.intake.persistence.staff_tables import sign_in_tries as table
from shared.db import Insert, insert
from shared.db.types import Instant

_THIS = table.c.mark == sa.bindparam("this", type_=sa.LargeBinary)
_OF = sa.select(table).where(table.c.mark.in_(sa.bindparam("marks", expanding=True, type_=sa.LargeBinary)))
_HOLD = sa.select(table).where(_THIS).with_for_update()
_BEGIN = Insert(table, skip_existing=True)
_SET = (
    sa.update(table)
    .where(_THIS)
    .values(
        wrong=sa.bindparam("count"),
        last_at=sa.bindparam("at", type_=Instant),
        paused_until=sa.bindparam("until", type_=Instant),
    )
)
_CLEAR = sa.delete(table).where(_THIS)
_FORGET = sa.delete(table).where(table.c.last_at < sa.bindparam("cut", type_=Instant))


def known(connection: Connection, marks: Collection[bytes]) -> dict[bytes, Tries]:
    """Read the wrong tries under these marks, those there are."""
    rows = connection.execute(_OF, {"marks": list(marks)})
    return {row.mark: Tries(row.wrong, row.last_at, row.paused_until) for row in rows}


def count(connection: Connection, marks: Mapping[bytes, Allowance], now: datetime) -> None:
    """Count one more wrong try under each mark, one after another where several come at once.

    Rows are held in the order of their marks, so that no two wait for each other.
    """
    connection.execute(_FORGET, {"cut": now - KEPT})
    for mark in sorted(marks):
        fresh = {"mark": mark, "wrong": 0, "last_at": now, "paused_until": None}
        insert(connection, (_BEGIN, [fresh]))
        row = connection.execute(_HOLD, {"this": mark}).one()
        after = after_one_more(Tries(row.wrong, row.last_at, row.paused_until), marks[mark], now)
        values = {"this": mark, "count": after.count, "at": now, "until": after.paused_until}
        connection.execute(_SET, values)


def clear(connection: Connection, mark: bytes) -> None:
    """Forget the wrong tries under a mark: somebody signed in, or the account has a new password."""
    connection.execute(_CLEAR, {"this": mark})
