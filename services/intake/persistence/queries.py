"""Page reads: plain SELECTs that give rows as they are stored; decrypting is the reader's part."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from services.intake.persistence.tables import consents, leg_events, legs, people, requests
from shared.db.types import Id, Instant
from shared.identity import Grant

Row = RowMapping

_ONE = (
    sa.select(
        requests, *(column.label(f"person_{column.name}") for column in people.c if column is not people.c.id)
    )
    .join(people, people.c.id == requests.c.person_id)
    .where(requests.c.id == sa.bindparam("id", type_=Id))
)
_LEGS = (
    sa.select(legs)
    .where(legs.c.request_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(legs.c.position)
)
_CONSENTS = (
    sa.select(consents)
    .where(consents.c.request_id == sa.bindparam("id", type_=Id))
    .order_by(consents.c.agency, consents.c.programme)
)
_TIMELINE = (
    sa.select(leg_events, legs.c.number, legs.c.agency, legs.c.programme)
    .join(legs, legs.c.id == leg_events.c.leg_id)
    .where(leg_events.c.request_id == sa.bindparam("id", type_=Id))
    .order_by(leg_events.c.at, leg_events.c.sequence, leg_events.c.id)
)
_LIST = sa.select(
    requests.c.id,
    requests.c.number,
    requests.c.unit,
    requests.c.status,
    requests.c.version,
    requests.c.urgency,
    requests.c.created_at,
    requests.c.updated_at,
    people.c.id.label("person_id"),
    people.c.name.label("person_name"),
).join(people, people.c.id == requests.c.person_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which requests a list shows. The indexes are keyed hashes of what was searched for; any of them may match."""

    statuses: Collection[str] = ()
    number: str | None = None
    receipt_index: bytes | None = None
    name_index: bytes | None = None
    id_index: bytes | None = None
    phone_index: bytes | None = None


def one(connection: Connection, request: str) -> Row | None:
    """Read a request with its person's columns as ``person_…``; None when there is none."""
    return connection.execute(_ONE, {"id": request}).mappings().one_or_none()


def legs_of(connection: Connection, request_ids: Collection[str]) -> dict[str, list[Row]]:
    """Read the legs of some requests, by request id, in the order in which they were asked for."""
    found: dict[str, list[Row]] = {request: [] for request in request_ids}
    if found:
        for row in connection.execute(_LEGS, {"ids": list(found)}).mappings():
            found[row["request_id"]].append(row)
    return found


def consents_of(connection: Connection, request: str) -> list[Row]:
    """Read the consents of a request, one per agency and programme."""
    return list(connection.execute(_CONSENTS, {"id": request}).mappings())


def timeline_of(connection: Connection, request: str) -> list[Row]:
    """Read what happened to the legs of a request, oldest first."""
    return list(connection.execute(_TIMELINE, {"id": request}).mappings())


def page(
    connection: Connection, grant: Grant, wanted: Wanted, *, limit: int, after: tuple[datetime, str] | None
) -> list[Row]:
    """Read at most ``limit`` requests within reach of the grant, newest first, after the keyset (created_at, id)."""
    statement = (
        _LIST.where(within(grant)).order_by(requests.c.created_at.desc(), requests.c.id.desc()).limit(limit)
    )
    if wanted.statuses:
        statement = statement.where(requests.c.status.in_(wanted.statuses))
    matches = [
        column == value
        for column, value in (
            (requests.c.number, wanted.number),
            (requests.c.receipt_index, wanted.receipt_index),
            (people.c.name_index, wanted.name_index),
            (people.c.id_index, wanted.id_index),
            (people.c.phone_index, wanted.phone_index),
        )
        if value is not None
    ]
    if matches:
        statement = statement.where(sa.or_(*matches))
    if after is not None:
        moment, request = after
        place = sa.tuple_(sa.literal(moment, Instant), sa.literal(request, Id))
        statement = statement.where(sa.tuple_(requests.c.created_at, requests.c.id) < place)
    return list(connection.execute(statement).mappings())


def counts(connection: Connection, grant: Grant) -> dict[str, int]:
    """Count the requests within reach of the grant by status."""
    statement = (
        sa.select(requests.c.status, sa.func.count().label("total"))
        .where(within(grant))
        .group_by(requests.c.status)
    )
    return {row.status: row.total for row in connection.execute(statement)}


def within(grant: Grant) -> sa.ColumnElement[bool]:
    """Limit a query on requests to what a grant reaches."""
    if grant.everything:
        return sa.true()
    return sa.or_(requests.c.unit.in_(grant.units), requests.c.street.in_(grant.streets))
