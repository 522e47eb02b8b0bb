"""Finding the referrals whose time has come, and nothing else: one index leads to them, however many are open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from services.referrals.domain.referral import Referral
from services.referrals.persistence.referrals import COLUMNS, from_row
from services.referrals.persistence.slip_tables import slips
from services.referrals.persistence.tables import TOKEN_COLUMNS, messages, packets, referrals
from shared.db.types import Instant

_DUE = (
    sa.select(*COLUMNS)
    .where(
        referrals.c.timer_at.is_not(None),
        referrals.c.timer_at <= sa.bindparam("now", type_=Instant),
    )
    .order_by(referrals.c.timer_at)
    .limit(sa.bindparam("most"))
    # Whoever else is at it has these rows; whatever is left is ours.
    .with_for_update(skip_locked=True)
)
_ONE = (
    sa.select(*COLUMNS)
    .where(
        referrals.c.id == sa.bindparam("id"),
        referrals.c.timer_at <= sa.bindparam("now", type_=Instant),
    )
    .with_for_update(skip_locked=True)
)
_SET = (
    sa.update(referrals)
    .where(referrals.c.id == sa.bindparam("_id"))
    .values(timer=sa.bindparam("timer"), timer_at=sa.bindparam("timer_at", type_=Instant))
)
_RECKONED = _SET.values(yellow_at=sa.bindparam("yellow_at", type_=Instant))
_FORGET = (
    sa.update(referrals)
    .where(referrals.c.id == sa.bindparam("_id"))
    .values(
        timer=None, timer_at=None, index_key=None, **{column.name: None for column in TOKEN_COLUMNS.values()}
    )
)
_FORGET_SEALED = tuple(
    sa.delete(table).where(table.c.referral_id == sa.bindparam("_id")) for table in (packets, messages, slips)
)


def due(connection: Connection, now: datetime, most: int) -> list[Referral]:
    """Lock and load the referrals whose timer has run out by ``now``, oldest first, at most ``most`` of them.

    Those that another process is at are left out.
    """
    rows = connection.execute(_DUE, {"now": now, "most": most}).mappings()
    return [from_row(row) for row in rows]


def one_due(connection: Connection, referral_id: str, now: datetime) -> Referral | None:
    """Lock and load one referral if its timer has still run out and nobody else is at it."""
    row = connection.execute(_ONE, {"id": referral_id, "now": now}).mappings().one_or_none()
    return None if row is None else from_row(row)


def set_timers(connection: Connection, rows: Sequence[Referral]) -> None:
    """Write what was reckoned anew for referrals that have not changed otherwise: what is next, and from when short."""
    found = [
        {"_id": row.id, "timer": row.timer, "timer_at": row.timer_at, "yellow_at": row.yellow_at}
        for row in rows
    ]
    connection.execute(_RECKONED, found)


def put_off(connection: Connection, referral_id: str, until: datetime, what: str) -> None:
    """Try a timer again later."""
    connection.execute(_SET, {"_id": referral_id, "timer": what, "timer_at": until})


def forget(connection: Connection, referral_id: str) -> None:
    """Remove what was sealed about a person and the tokens by which they could be looked up; the codes stay.

    The content of a slip goes with its key, and its blob when the store is swept.
    """
    for statement in _FORGET_SEALED:
        connection.execute(statement, {"_id": referral_id})
    connection.execute(_FORGET, {"_id": referral_id})
