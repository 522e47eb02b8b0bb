"""Which published events an operator wants delivered again, and what is known of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from shared.events import CATALOGUE
from shared.outbox.lanes import LANES, Lane, Row, chunks
from shared.outbox.tables import ledger, outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Published events of some types; what is None does not matter.

    ``since`` ≤ published < ``until``. With ``agency`` those that went to that agency's own system, by when they did.
    """

    types: frozenset[str]
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One event in the outbox."""

    id: str
    type: str
    subject: str
    sequence: int


_FOUND = (outbox.c.event_id, outbox.c.type, outbox.c.subject, outbox.c.sequence)


def find(connection: Connection, wanted: Wanted) -> list[Found]:
    """Give the events that are wanted, in the order in which they were written."""
    moment = outbox.c.published_at if wanted.agency is None else outbox.c.agencies_published_at
    statement = (
        sa.select(*_FOUND)
        .where(moment.is_not(None), *_conditions(outbox, moment, wanted))
        .order_by(outbox.c.id)
    )
    if wanted.agency is not None:
        keys = {CATALOGUE[type_].routing_key(wanted.agency) for type_ in wanted.types}
        statement = statement.where(outbox.c.routing_key.in_(sorted(keys)))
    return [Found(*row) for row in connection.execute(statement)]


def forgotten(connection: Connection, wanted: Wanted) -> int:
    """Count the events of the same kind that left so long ago that only the ledger knows them."""
    statement = sa.select(sa.func.count()).select_from(ledger)
    conditions = _conditions(ledger, ledger.c.recorded_at, wanted)
    return int(connection.execute(statement.where(*conditions)).scalar_one())


def publish_again(connection: Connection, events: Collection[str], *, outside: bool = False) -> int:
    """Have the relay publish these events once more, on the lane of outside systems if asked; gives how many.

    Who has them already takes them for duplicates. Nothing passes by the relay's own question what may no longer be
    sent outside.
    """
    prefix = "agencies_" if outside else ""
    published, rest = outbox.c[f"{prefix}published_at"], outbox.c[f"{prefix}next_attempt_at"]
    return sum(
        connection.execute(
            sa.update(outbox)
            .where(outbox.c.event_id.in_(chunk), published.is_not(None))
            .values({published: None, rest: None})
        ).rowcount
        for chunk in chunks(events)
    )


def agencies_rows(
    connection: Connection, events: Collection[str], subjects: Collection[str]
) -> tuple[Lane, list[Row]]:
    """Give the lane of outside systems, and what of these events it has of these aggregates."""
    (lane,) = (one for one in LANES if one.outside)
    columns = (
        outbox.c.id,
        outbox.c.agencies_id,
        outbox.c.type,
        outbox.c.subject,
        outbox.c.routing_key,
        outbox.c.agencies_body,
        outbox.c.agencies_attempts,
    )
    found = [
        Row(*row)
        for chunk in chunks(events)
        for row in connection.execute(sa.select(*columns).where(outbox.c.event_id.in_(chunk)))
    ]
    return lane, [row for row in found if row.subject in subjects]


def starts(connection: Connection, events: Collection[str]) -> Mapping[str, int]:
    """Give the aggregates of these events, each with the lowest of their sequences."""
    lowest: dict[str, int] = {}
    for chunk in chunks(events):
        statement = (
            sa.select(outbox.c.subject, sa.func.min(outbox.c.sequence))
            .where(outbox.c.event_id.in_(chunk))
            .group_by(outbox.c.subject)
        )
        for subject, sequence in connection.execute(statement):
            lowest[subject] = min(sequence, lowest.get(subject, sequence))
    return lowest


def with_type(connection: Connection, subjects: Collection[str], types: Collection[str]) -> set[str]:
    """Give those of these aggregates of which an event of one of these types was written."""
    found: set[str] = set()
    for chunk in chunks(subjects):
        statement = sa.select(outbox.c.subject).where(
            outbox.c.subject.in_(chunk), outbox.c.type.in_(sorted(types))
        )
        found.update(connection.execute(statement).scalars())
    return found


def bodies(
    connection: Connection, events: Collection[str], types: Collection[str]
) -> dict[str, tuple[str, bytes]]:
    """Give, of these events, those of one of these types: id → (subject, body)."""
    found: dict[str, tuple[str, bytes]] = {}
    for chunk in chunks(events):
        statement = sa.select(outbox.c.event_id, outbox.c.subject, outbox.c.body).where(
            outbox.c.event_id.in_(chunk), outbox.c.type.in_(sorted(types))
        )
        found.update({row.event_id: (row.subject, row.body) for row in connection.execute(statement)})
    return found


@dataclass(frozen=True, slots=True)
class Written:
    """An event as it lies in the outbox, published or not."""

    id: str
    routing_key: str
    body: bytes


def written_after(connection: Connection, subject: str, sequence: int) -> list[Written]:
    """Give what was written of an aggregate after one of its events, in order."""
    statement = (
        sa.select(outbox.c.event_id, outbox.c.routing_key, outbox.c.body)
        .where(outbox.c.subject == subject, outbox.c.sequence > sequence)
        .order_by(outbox.c.sequence)
    )
    return [Written(*row) for row in connection.execute(statement)]


def _conditions(table: sa.Table, moment: sa.Column[Any], wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [table.c.type.in_(sorted(wanted.types))]
    if wanted.subject is not None:
        conditions.append(table.c.subject == wanted.subject)
    if wanted.since is not None:
        conditions.append(moment >= wanted.since)
    if wanted.until is not None:
        conditions.append(moment < wanted.until)
    return conditions
