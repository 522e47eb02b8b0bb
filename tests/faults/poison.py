"""Poison from outside: some events cannot be handled while it is on, whatever the product does with them.

A trigger refuses their receipts, by the last digits of the event's id, so that which events are poison is known to all
and does not depend on how often or in which company they are delivered.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Connection

from shared.db import Database
from shared.outbox.tables import outbox
from tests.faults.history import Recorder

DIGITS = 3
"""So many of the last hexadecimal digits of an event's id are looked at."""
ONE_IN_A_HUNDRED = "029"
"""Event ids that end below this: 41 of 4096."""

_ON = {
    "postgresql": (
        (
            "create or replace function poison() returns trigger language plpgsql as $body$ begin"
            " if right(new.event_id::text, {digits}) < '{below}' then"
            " raise exception 'poison' using errcode = 'check_violation'; end if; return new; end $body$"
        ),
        "create trigger poison before insert on inbox_receipts for each row execute function poison()",
    ),
    "sqlite": (
        (
            "create trigger poison before insert on inbox_receipts"
            " when substr(new.event_id, -{digits}) < '{below}' begin select raise(abort, 'poison'); end"
        ),
    ),
}
_OFF = {
    "postgresql": ("drop trigger poison on inbox_receipts",),
    "sqlite": ("drop trigger poison",),
}


def put_on(database: Database, below: str = ONE_IN_A_HUNDRED) -> None:
    """Let no event whose id ends below these digits be handled; ``database`` is the owner's."""
    with database.engine.begin() as connection:
        _run(connection, _ON[database.dialect], below)


def take_off(database: Database) -> None:
    """Let every event be handled again."""
    with database.engine.begin() as connection:
        _run(connection, _OFF[database.dialect], "")


def note(recorder: Recorder, consumer: str, producer: Database, below: str = ONE_IN_A_HUNDRED) -> int:
    """Tell the recorder of every event of a producer that was poison for ``consumer``; gives how many there are."""
    query = sa.select(outbox.c.event_id, outbox.c.body).order_by(outbox.c.id)
    with producer.read() as connection:
        poisoned = [row for row in connection.execute(query) if str(row.event_id)[-DIGITS:] < below]
    for row in poisoned:
        recorder.poison(consumer=consumer, body=row.body, event_id=str(row.event_id))
    return len(poisoned)


def _run(connection: Connection, statements: tuple[str, ...], below: str) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement.format(digits=DIGITS, below=below))
