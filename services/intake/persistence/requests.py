"""Writing and loading requests: statements made once, rows sent in few round trips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from services.intake.domain.request import CLOSED, WITHDRAWN
from services.intake.persistence.tables import consents, legs, people, requests
from shared.db import Insert, UnitOfWork
from shared.db.rows import Row
from shared.db.types import Instant

_PEOPLE, _REQUESTS, _NEW_LEGS, _CONSENTS = (Insert(table) for table in (people, requests, legs, consents))

_LOCK = (
    sa.select(
        requests.c.id,
        requests.c.number,
        requests.c.unit,
        requests.c.street,
        requests.c.status,
        requests.c.version,
        requests.c.event_sequence,
    )
    .where(requests.c.id == sa.bindparam("id"))
    .with_for_update()
)
_LEGS = (
    sa.select(
        legs.c.id,
        legs.c.agency,
        legs.c.programme,
        legs.c.status,
        legs.c.outcome,
        legs.c.cancel_requested_at,
    )
    .where(legs.c.request_id == sa.bindparam("request"))
    .order_by(legs.c.position)
)
_ASK_TO_CANCEL = (
    sa.update(legs)
    .where(legs.c.id == sa.bindparam("leg"))
    .values(cancel_requested_at=sa.bindparam("at"), cancel_refusal=None, updated_at=sa.bindparam("at"))
)
_ADVANCE = (
    sa.update(requests)
    .where(requests.c.id == sa.bindparam("request"))
    .values(
        version=requests.c.version + 1,
        event_sequence=sa.bindparam("sequence"),
        withdrawal_requested_at=sa.func.coalesce(
            sa.bindparam("withdrawn", type_=Instant), requests.c.withdrawal_requested_at
        ),
        updated_at=sa.bindparam("at"),
    )
)
_WHERE_OPEN = (
    sa.select(requests.c.unit, requests.c.street)
    .distinct()
    .where(requests.c.status.not_in((CLOSED, WITHDRAWN)))
    .order_by(requests.c.unit)
)


@dataclass(frozen=True, slots=True)
class LockedRequest:
    """A request whose row this transaction holds: nobody else can add an event to it."""

    id: str
    number: str
    unit: str
    street: str | None
    status: str
    version: int
    event_sequence: int


@dataclass(frozen=True, slots=True)
class LegState:
    """What intake knows of a leg when it decides about it."""

    id: str
    agency: str
    programme: str
    status: str
    outcome: str | None
    cancel_requested_at: datetime | None


def add(
    uow: UnitOfWork, person: Row, request: Row, leg_rows: Sequence[Row], consent_rows: Sequence[Row]
) -> None:
    """Write a new request with all that belongs to it, as the unit of work ends."""
    uow.add(_PEOPLE, [person])
    uow.add(_REQUESTS, [request])
    uow.add(_NEW_LEGS, leg_rows)
    uow.add(_CONSENTS, consent_rows)


def lock(connection: Connection, request: str) -> LockedRequest | None:
    """Load a request and hold its row until the transaction ends; None when there is none."""
    row = connection.execute(_LOCK, {"id": request}).one_or_none()
    return None if row is None else LockedRequest(*row)


def where_open(connection: Connection) -> list[tuple[str, str | None]]:
    """Give unit and street of every place that has requests which are neither closed nor withdrawn."""
    return [(row.unit, row.street) for row in connection.execute(_WHERE_OPEN)]


def legs_of(connection: Connection, request: str) -> list[LegState]:
    """Load the legs of a request in the order in which they were asked for."""
    return [LegState(*row) for row in connection.execute(_LEGS, {"request": request})]


def ask_to_cancel(connection: Connection, leg_ids: Sequence[str], at: datetime) -> None:
    """Note on each leg that its cancellation was asked for; an earlier refusal is history from now on."""
    connection.execute(_ASK_TO_CANCEL, [{"leg": leg, "at": at} for leg in leg_ids])


def advance(connection: Connection, request: str, *, sequence: int, at: datetime, withdrawn: bool) -> None:
    """Count a change of a locked request; ``withdrawn`` notes that the whole of it was withdrawn."""
    connection.execute(
        _ADVANCE, {"request": request, "sequence": sequence, "at": at, "withdrawn": at if withdrawn else None}
    )
