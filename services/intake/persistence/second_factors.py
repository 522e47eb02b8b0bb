"""The second factor of an account: the secret of its one-time codes, encrypted, and the codes kept on paper."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from services.intake.persistence.staff_tables import second_factors as table

TABLE, SECRET, RECOVERY = table.name, "secret", "recovery"
_THIS = table.c.staff == sa.bindparam("account")
_FIND = sa.select(table).where(_THIS)
_HOLD = _FIND.with_for_update()
_SET = sa.update(table).where(_THIS)
_REMOVE = sa.delete(table).where(_THIS)
_INSERT = sa.insert(table)
_IN_USE = sa.select(table.c.staff).where(table.c.confirmed_at.is_not(None))


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor as it is kept; it is in use once it was confirmed."""

    staff: str
    secret: bytes = field(repr=False)
    recovery: bytes | None
    last_step: int
    confirmed_at: datetime | None


def find(connection: Connection, account: str, *, hold: bool = False) -> Factor | None:
    """Load the second factor of an account, holding its row with ``hold``; None when there is none."""
    row = connection.execute(_HOLD if hold else _FIND, {"account": account}).one_or_none()
    return (
        None if row is None else Factor(row.staff, row.secret, row.recovery, row.last_step, row.confirmed_at)
    )


def in_use(connection: Connection) -> frozenset[str]:
    """Name the accounts that have a second factor in use."""
    return frozenset(connection.execute(_IN_USE).scalars())


def begin(connection: Connection, account: str, secret: bytes, at: datetime) -> None:
    """Write a secret that is still to be confirmed, in the place of any other."""
    remove(connection, account)
    row = {"staff": account, "secret": secret, "last_step": 0, "begun_at": at}
    connection.execute(_INSERT, row)


def change(connection: Connection, account: str, **values: Any) -> None:  # noqa: ANN401 - columns of the table
    """Set some columns."""
    connection.execute(_SET.values(**values), {"account": account})


def remove(connection: Connection, account: str) -> bool:
    """Take a second factor away; tells whether there was one."""
    return bool(connection.execute(_REMOVE, {"account": account}).rowcount)
