"""Encrypts stored packets anew to their receiver's present key, in small batches while everybody works."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from shared.db import Database
from shared.sealing.columns import SEALED_TO, WHOLE, sealed_texts
from shared.sealing.encryption import start_of
from shared.sealing.errors import CannotOpen
from shared.sealing.keyring import Keyring
from shared.sealing.keys import Key
from shared.sealing.reencryption import BATCH, Step


def sealed_to(connection: Connection, metadata: Sequence[sa.MetaData], start: str) -> dict[str, int]:
    """Count by table the rows with packets that begin with ``start``, on their own or within a document."""
    found: dict[str, int] = {}
    for table, columns in _by_table(metadata, whole=False).items():
        statement = sa.select(sa.func.count()).select_from(table)
        statement = statement.where(sa.or_(*(_begins(column, start) for column in columns)))
        if count := connection.execute(statement).scalar_one():
            found[table.name] = int(count)
    return found


def readdress(
    database: Database,
    keyring: Keyring,
    metadata: Sequence[sa.MetaData],
    old: Key,
    *,
    batch: int = BATCH,
    pause: Callable[[], object] = lambda: None,
) -> Iterator[Step]:
    """Encrypt every packet stored under an older receiving key to its owner's present one.

    As with columns, each batch is a transaction of its own, what is done is not looked at again, and rows that somebody
    holds are left for another round. What waits within a document is not touched: it is settled in days.
    """
    start = start_of(old.kid)
    for table, columns in _by_table(metadata, whole=True).items():
        lost: set[tuple[Any, ...]] = set()
        while True:
            with database.unit_of_work() as uow:
                rows = uow.connection.execute(_next(table, columns, start, batch + len(lost))).all()
                rows = [row for row in rows if _key(table, row) not in lost]
                failed = {
                    _key(table, row)
                    for row in rows
                    if not _renew(uow.connection, keyring, old, table, columns, row)
                }
            lost |= failed
            if rows:
                names = tuple(f"{table.name} {' '.join(map(str, key))}" for key in sorted(failed))
                yield Step(table.name, len(rows) - len(failed), names)
            elif not _left(database, table, columns, start, lost):
                break
            pause()


def _renew(
    connection: Connection,
    keyring: Keyring,
    old: Key,
    table: sa.Table,
    columns: Sequence[sa.Column[Any]],
    row: sa.Row[Any],
) -> bool:
    start, changed = start_of(old.kid), {}
    for column, value in zip(columns, row[len(table.primary_key.columns) :], strict=True):
        token = value.decode() if isinstance(value, bytes) else value
        if token is None or not token.startswith(start):
            continue
        try:
            fresh = keyring.readdress(token, old.owner)
        except CannotOpen:
            return False
        changed[column.name] = fresh.encode() if isinstance(value, bytes) else fresh
    key = zip(table.primary_key.columns, _key(table, row), strict=True)
    connection.execute(sa.update(table).where(*(column == value for column, value in key)).values(changed))
    return True


def _next(table: sa.Table, columns: Sequence[sa.Column[Any]], start: str, limit: int) -> sa.Select[Any]:
    return (
        sa.select(*table.primary_key.columns, *columns)
        .where(sa.or_(*(_begins(column, start) for column in columns)))
        .order_by(*table.primary_key.columns)
        .limit(limit)
        .with_for_update(key_share=True, skip_locked=True)
    )


def _left(
    database: Database,
    table: sa.Table,
    columns: Sequence[sa.Column[Any]],
    start: str,
    lost: set[tuple[Any, ...]],
) -> bool:
    statement = sa.select(sa.func.count()).select_from(table)
    with database.read() as connection:
        count = connection.execute(
            statement.where(sa.or_(*(_begins(column, start) for column in columns)))
        ).scalar_one()
    return bool(count > len(lost))


def _key(table: sa.Table, row: sa.Row[Any]) -> tuple[Any, ...]:
    return tuple(row[: len(table.primary_key.columns)])


def _by_table(metadata: Sequence[sa.MetaData], *, whole: bool) -> Mapping[sa.Table, Sequence[sa.Column[Any]]]:
    found: dict[sa.Table, list[sa.Column[Any]]] = {}
    for column in sealed_texts(*metadata):
        if not whole or column.info[SEALED_TO] == WHOLE:
            found.setdefault(column.table, []).append(column)
    return found


def _begins(column: sa.Column[Any], start: str) -> sa.ColumnElement[bool]:
    if isinstance(column.type, sa.Text | sa.String):
        return sa.func.substr(column, 1, len(start), type_=sa.Text) == start
    if column.info[SEALED_TO] == WHOLE:
        given = sa.literal(start.encode(), sa.LargeBinary)
        return sa.func.substr(column, 1, len(start), type_=sa.LargeBinary) == given
    return sa.cast(column, sa.Text).contains(start, autoescape=True)
