"""What an operator does with dead letters: list them, look at one, have it tried again, pass it over for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from shared.audit import AuditEntry
from shared.db import Insert
from shared.events import parse
from shared.inbox.arrival import NOT_ADDRESSED, STRANGER, Arrival
from shared.inbox.store import Store, Verdict
from shared.inbox.tables import attempts, dead_letters, receipts
from shared.messaging import Delivery, service_user

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from shared.db import Database, UnitOfWork

OPEN_STATES = ("dead", "waiting", "replay")
_RECEIPT = Insert(receipts)

_COLUMNS = (
    "id",
    "consumer",
    "state",
    "reason",
    "detail",
    "event_id",
    "type",
    "source",
    "subject",
    "sequence",
    "routing_key",
    "queue",
    "user_id",
    "kept_at",
    "retry_at",
    "settled_at",
)


class UnknownLetterError(LookupError):
    """There is no open letter of that number."""


class OutOfTurnError(Exception):
    """A letter cannot be dismissed before what stands before it in its chain: the event numbered ``missing``."""

    def __init__(self, missing: int) -> None:
        super().__init__(f"event {missing} of the same chain comes first")
        self.missing = missing


@dataclass(frozen=True)
class Letter:
    """A kept delivery, as an operator sees it; ``size`` in bytes, ``body`` only where one is looked at."""

    fields: dict[str, Any]
    size: int
    body: bytes | None = None


def list_letters(database: Database, *, after: int = 0, limit: int = 100) -> Sequence[Letter]:
    """Give the open letters in the order they were kept, those with a number above ``after``."""
    statement = (
        sa.select(
            *(dead_letters.c[name] for name in _COLUMNS), sa.func.length(dead_letters.c.body).label("size")
        )
        .where(dead_letters.c.state.in_(OPEN_STATES), dead_letters.c.id > after)
        .order_by(dead_letters.c.id)
        .limit(limit)
    )
    with database.read() as connection:
        rows = connection.execute(statement).mappings().all()
    return [Letter({name: row[name] for name in _COLUMNS}, row["size"]) for row in rows]


def show_letter(database: Database, number: int) -> Letter:
    """Give one letter with its bytes. Raises ``UnknownLetterError``."""
    with database.read() as connection:
        row = (
            connection.execute(sa.select(dead_letters).where(dead_letters.c.id == number))
            .mappings()
            .one_or_none()
        )
    if row is None:
        raise UnknownLetterError(number)
    return Letter({name: row[name] for name in _COLUMNS}, len(row["body"]), row["body"])


def replay_letter(database: Database, number: int, *, actor: str, at: datetime) -> None:
    """Ask for a letter to be tried again; the running consumer does it within about a second.

    Raises ``UnknownLetterError`` when it is not open.
    """
    with database.unit_of_work() as uow:
        asked = uow.connection.execute(
            sa.update(dead_letters)
            .where(dead_letters.c.id == number, dead_letters.c.state.in_(OPEN_STATES))
            .values(state="replay", retry_at=None)
        )
        if asked.rowcount != 1:
            raise UnknownLetterError(number)
        uow.audit(_entry("replayed", number, actor, at))


def lay_by(database: Database, consumer: str, deliveries: Sequence[Delivery]) -> None:
    """Keep events of ours as letters that wait for their predecessor, as if they had come early.

    They are handled in the transaction that handles it, or, if it has been handled, within about a second.
    """
    waiting = [
        Verdict(Arrival(delivery, event=parse(delivery.body)), "waiting", "laid by for its predecessor")
        for delivery in deliveries
    ]
    with database.unit_of_work() as uow:
        Store(consumer).keep(uow.connection, waiting)


def dismiss_letter(database: Database, number: int, *, reason: str, actor: str, at: datetime) -> bool:
    """Pass a letter over for good: it will have no effect here, and what waited behind it goes on.

    Its place in the chain is taken by a receipt marked as dismissed, so that the sequence has no gap and its copies
    are duplicates; the running consumer releases what waited within about a second. Gives whether there was such a
    place: what no service of ours sent, or what can be placed in no chain, leaves none.

    Raises ``UnknownLetterError`` when it is not open, ``OutOfTurnError`` when what comes before it is not settled.
    """
    statement = (
        sa.select(dead_letters)
        .where(dead_letters.c.id == number, dead_letters.c.state.in_(OPEN_STATES))
        .with_for_update()
    )
    with database.unit_of_work() as uow:
        row = uow.connection.execute(statement).mappings().one_or_none()
        if row is None:
            raise UnknownLetterError(number)
        placed = _take_its_place(uow, row, at)
        uow.connection.execute(
            sa.update(dead_letters)
            .where(dead_letters.c.id == number)
            .values(state="dismissed", settled_at=at, retry_at=None)
        )
        names = ("consumer", "event_id", "type", "subject", "sequence")
        uow.audit(
            _entry("dismissed", number, actor, at, reason=reason, detail={name: row[name] for name in names})
        )
    return placed


def _take_its_place(uow: UnitOfWork, row: sa.RowMapping, at: datetime) -> bool:
    known = [row[name] for name in ("event_id", "source", "subject", "sequence")]
    if None in known or row["reason"] in {STRANGER, NOT_ADDRESSED}:
        return False
    if row["user_id"] != service_user(row["source"].rpartition("/")[2]):
        # Whoever sent this may claim any place; the real event must still find its own free.
        return False
    last = _last(uow.connection, row)
    if row["sequence"] > last + 1:
        raise OutOfTurnError(last + 1)
    if row["sequence"] <= last:
        return False
    names = ("consumer", "event_id", "source", "subject", "sequence")
    uow.add(_RECEIPT, [{name: row[name] for name in names} | {"received_at": at, "dismissed": True}])
    uow.connection.execute(
        sa.delete(attempts).where(
            attempts.c.consumer == row["consumer"], attempts.c.event_id == row["event_id"]
        )
    )
    return True


def _last(connection: Connection, row: sa.RowMapping) -> int:
    chain = [receipts.c[name] == row[name] for name in ("subject", "source", "consumer")]
    highest = sa.select(sa.func.max(receipts.c.sequence)).where(*chain)
    return int(connection.execute(highest).scalar_one() or 0)


def _entry(done: str, number: int, actor: str, at: datetime, **more: Any) -> AuditEntry:  # noqa: ANN401 - fields of the entry
    return AuditEntry(
        at=at,
        actor=actor,
        post="operator",
        action=f"dead-letter.{done}",
        object_type="dead-letter",
        object_id=str(number),
        **more,
    )
