"""What an operator does with dead letters: list them, look at one, have it tried again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from shared.audit import AuditEntry
from shared.inbox.tables import dead_letters

if TYPE_CHECKING:
    from shared.db import Database

OPEN_STATES = ("dead", "waiting", "replay")

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
        uow.audit(
            AuditEntry(
                at=at,
                actor=actor,
                post="operator",
                action="dead-letter.replayed",
                object_type="dead-letter",
                object_id=str(number),
            )
        )
