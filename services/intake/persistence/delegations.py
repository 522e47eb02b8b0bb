"""Who may act for whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from services.intake.domain.delegating import Delegation
from services.intake.persistence.staff_tables import delegations as table
from shared.db.types import Id, Instant

_INSERT = sa.insert(table)
_LAST = (
    sa.select(table)
    .where(table.c.ended_at.is_(None), table.c.until >= sa.bindparam("today"))
    .order_by(table.c.made_at, table.c.id)
)
_OF = _LAST.where(sa.or_(table.c.staff == sa.bindparam("who"), table.c.deputy == sa.bindparam("who")))
_BETWEEN = _LAST.where(table.c.staff == sa.bindparam("staff"), table.c.deputy == sa.bindparam("deputy"))
_END = (
    sa.update(table)
    .where(table.c.id == sa.bindparam("this", type_=Id))
    .values(ended_at=sa.bindparam("at", type_=Instant))
)


def add(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write one."""
    connection.execute(_INSERT, row)


def of(connection: Connection, account: str, today: date) -> list[Delegation]:
    """Read those that last and concern an account: given by it, or to it."""
    rows = connection.execute(_OF, {"who": account, "today": today})
    return [Delegation(row.id, row.staff, row.deputy, row.until) for row in rows]


def lasts(connection: Connection, account: str, deputy: str, today: date) -> bool:
    """Tell whether a deputy may act for an account today."""
    wanted = {"staff": account, "deputy": deputy, "today": today}
    return connection.execute(_BETWEEN, wanted).first() is not None


def end(connection: Connection, delegation: str, at: datetime) -> None:
    """Take one back."""
    connection.execute(_END, {"this": delegation, "at": at})
