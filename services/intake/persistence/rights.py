"""Finding the filings of one person, and writing down what they ask for as of right: erasure and objection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from services.intake.persistence.rights_tables import erasures, objections
from services.intake.persistence.tables import consents, former_consents, people, requests
from shared.db import Insert, insert
from shared.db.types import Id, Instant

_PERSON = sa.bindparam("person", type_=Id)
_REQUEST = sa.bindparam("request", type_=Id)
_INDEX = sa.select(people.c.id_index).where(people.c.id == _PERSON).scalar_subquery()
_FILINGS = (
    sa.select(
        requests.c.id,
        requests.c.unit,
        requests.c.street,
        requests.c.person_id,
        requests.c.pack,
        requests.c.ended_at,
        requests.c.forgotten_at,
    )
    .join(people, people.c.id == requests.c.person_id)
    .where(sa.or_(people.c.id == _PERSON, people.c.id_index == _INDEX))
    .order_by(requests.c.created_at, requests.c.id)
)
_OF_REQUEST = {
    table: sa.select(table).where(table.c.request_id == _REQUEST).order_by(table.c.id)
    for table in (erasures, objections, consents, former_consents)
}
_UNDECIDED = (
    sa.select(erasures, requests.c.unit, requests.c.street)
    .join(requests, requests.c.id == erasures.c.request_id)
    .where(erasures.c.open_key.is_not(None))
    .order_by(erasures.c.id)
)
_ERASURES, _OBJECTIONS = Insert(erasures), Insert(objections)
_TOMBSTONES = (
    sa.select(erasures.c.request_id, erasures.c.erased_at)
    .where(erasures.c.erased_at.is_not(None))
    .order_by(erasures.c.erased_at, erasures.c.request_id)
)


def filings_of(connection: Connection, person: str) -> Sequence[RowMapping]:
    """Find every filing of whoever the row ``person`` is about, by the ID number where one is known; oldest first."""
    return connection.execute(_FILINGS, {"person": person}).mappings().all()


def erasures_of(connection: Connection, request: str) -> Sequence[RowMapping]:
    """Read what was asked to be erased of one request, oldest first."""
    return connection.execute(_OF_REQUEST[erasures], {"request": request}).mappings().all()


def one_erasure(connection: Connection, erasure: str) -> RowMapping | None:
    """Read one erasure; None when there is none."""
    return connection.execute(sa.select(erasures).where(erasures.c.id == erasure)).mappings().one_or_none()


def undecided(connection: Connection, *, after: str | None, limit: int) -> Sequence[RowMapping]:
    """Read erasures that are neither declined nor carried out, oldest first, at most ``limit`` beyond ``after``."""
    statement = _UNDECIDED.limit(limit)
    if after is not None:
        statement = statement.where(erasures.c.id > after)
    return connection.execute(statement).mappings().all()


def add_erasure(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write down that an erasure was asked for."""
    insert(connection, (_ERASURES, [row]))


def settle_erasure(connection: Connection, erasure: str, **values: Any) -> None:  # noqa: ANN401 - columns
    """Change an erasure: decided, held, or carried out."""
    connection.execute(sa.update(erasures).where(erasures.c.id == erasure).values(**values))


def approved(connection: Connection, request: str) -> RowMapping | None:
    """Find the erasure of a request that was approved and waits for the end of a hold."""
    rows = erasures_of(connection, request)
    return next((row for row in rows if row["open_key"] and row["decided_at"]), None)


def tombstones(connection: Connection) -> list[tuple[str, datetime]]:
    """Give every request whose person was erased, and when."""
    return [(row.request_id, row.erased_at) for row in connection.execute(_TOMBSTONES)]


def wake(connection: Connection, request: str, timer: str, at: datetime) -> None:
    """Have time look at a request at a moment, whatever else it was to do with it."""
    connection.execute(
        sa.update(requests)
        .where(requests.c.id == request)
        .values(timer=timer, timer_at=sa.literal(at, Instant))
    )


def objections_of(connection: Connection, request: str) -> Sequence[RowMapping]:
    """Read the objections about a request, oldest first."""
    return connection.execute(_OF_REQUEST[objections], {"request": request}).mappings().all()


def add_objection(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write an objection down."""
    insert(connection, (_OBJECTIONS, [row]))


def answer_objection(connection: Connection, objection: str, **values: Any) -> None:  # noqa: ANN401 - columns
    """Write down what came of an objection."""
    connection.execute(sa.update(objections).where(objections.c.id == objection).values(**values))


def consents_of(connection: Connection, request: str) -> list[Mapping[str, Any]]:
    """Read every consent there ever was of a request; ``replaced_at`` is None of those that stand."""
    standing = connection.execute(_OF_REQUEST[consents], {"request": request}).mappings()
    former = connection.execute(_OF_REQUEST[former_consents], {"request": request}).mappings()
    return [*({**row, "replaced_at": None} for row in standing), *map(dict, former)]
