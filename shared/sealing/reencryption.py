"""Encrypts the columns of a database anew under the field key in use, in small batches while everybody works."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from shared.db import Database
from shared.sealing.columns import SealedTable, row_id
from shared.sealing.errors import CannotDecrypt
from shared.sealing.fields import FORMAT, KEY_ID, FieldCipher

BATCH = 200
"""Rows per transaction: so few that on SQLite, which has one writer, nobody waits longer than a blink."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one batch did: how many rows of a table are new, and which could not be read (``table.column row``)."""

    table: str
    rows: int
    unreadable: tuple[str, ...] = ()


def reencrypt(
    database: Database,
    cipher: FieldCipher,
    head: bytes,
    tables: Sequence[SealedTable],
    *,
    batch: int = BATCH,
    pause: Callable[[], object] = lambda: None,
) -> Iterator[Step]:
    """Bring every ciphertext of another key than ``head`` (16 bytes) under the one the cipher encrypts with now.

    Each batch is a transaction of its own, and what is done is not looked at again: cut short, it is begun anew and
    goes on where it was. Rows that somebody else holds are passed over and come in a later round; nobody is ever waited
    for while rows are held, so that no two can wait for each other. ``pause`` is called between two batches.
    """
    for sealed in tables:
        lost: set[str] = set()
        while True:
            done = 0
            for step in _round(database, cipher, head, sealed, batch):
                fresh = tuple(place for place in step.unreadable if place not in lost)
                lost.update(fresh)
                done += step.rows
                yield Step(step.table, step.rows, fresh)
                pause()
            if not done and _left(database, sealed, head) <= len({place.split()[-1] for place in lost}):
                break


def under(
    connection: Connection, tables: Sequence[SealedTable], head: bytes, *, other: bool = False
) -> dict[str, int]:
    """Count by table the rows with ciphertext of the key ``head``, or of any ``other``; a table without is left out."""
    found = {}
    for sealed in tables:
        ways = [_of_another(column, head) if other else _of(column, head) for column in sealed.columns]
        statement = sa.select(sa.func.count()).select_from(sealed.table).where(sa.or_(*ways))
        if count := connection.execute(statement).scalar_one():
            found[sealed.table.name] = int(count)
    return found


def _left(database: Database, sealed: SealedTable, head: bytes) -> int:
    with database.read() as connection:
        return sum(under(connection, [sealed], head, other=True).values())


def _round(
    database: Database, cipher: FieldCipher, head: bytes, sealed: SealedTable, batch: int
) -> Iterator[Step]:
    after: Any = None
    while True:
        with database.unit_of_work() as uow:
            rows = uow.connection.execute(_next(sealed, head, after, batch)).all()
            lost = list(_renew(uow.connection, cipher, head, sealed, rows))
        if rows:
            failed = {place.split()[-1] for place in lost}
            yield Step(sealed.table.name, len(rows) - len(failed), tuple(lost))
            after = rows[-1][0]
        if len(rows) < batch:
            return


def _next(sealed: SealedTable, head: bytes, after: object, batch: int) -> sa.Select[Any]:
    statement = (
        sa.select(sealed.key, *sealed.columns)
        .where(sa.or_(*(_of_another(column, head) for column in sealed.columns)))
        .order_by(sealed.key)
        .limit(batch)
        # No key changes, so that rows elsewhere that refer to these may go on being written.
        .with_for_update(key_share=True, skip_locked=True)
    )
    return statement if after is None else statement.where(sealed.key > after)


def _renew(
    connection: Connection, cipher: FieldCipher, head: bytes, sealed: SealedTable, rows: Sequence[sa.Row[Any]]
) -> Iterator[str]:
    """Encrypt these rows anew; gives the places that cannot be read."""
    changes: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        key, name, changed = row[0], row_id(row[0]), {}
        values: Sequence[bytes | None] = row[1:]
        for column, value in zip(sealed.columns, values, strict=True):
            if value is None or value[:1] != FORMAT or value[KEY_ID] == head:
                continue
            place = sealed.place(column.name)
            try:
                changed[column.name] = cipher.encrypt(*place, name, cipher.decrypt_bytes(*place, name, value))
            except CannotDecrypt:
                yield f"{sealed.table.name}.{column.name} {name}"
        if changed:
            changes.setdefault(tuple(changed), []).append(
                {_KEY: key} | {f"new_{at}": to for at, to in changed.items()}
            )
    for names, given in changes.items():
        statement = sa.update(sealed.table).where(sealed.key == sa.bindparam(_KEY, type_=sealed.key.type))
        fresh = {at: sa.bindparam(f"new_{at}", type_=sealed.table.c[at].type) for at in names}
        connection.execute(statement.values(fresh), given)


_KEY = "of_row"


def _of(column: sa.Column[Any], head: bytes) -> sa.ColumnElement[bool]:
    return _start(column, len(FORMAT) + len(head)) == FORMAT + head


def _of_another(column: sa.Column[Any], head: bytes) -> sa.ColumnElement[bool]:
    # What does not begin as our ciphertext does came sealed from somebody else, and is not ours to renew.
    return sa.and_(
        _start(column, len(FORMAT)) == FORMAT, _start(column, len(FORMAT) + len(head)) != FORMAT + head
    )


def _start(column: sa.Column[Any], length: int) -> sa.ColumnElement[bytes]:
    return sa.func.substr(column, 1, length, type_=sa.LargeBinary)
