"""Reading who has said no: the refusals of a person, in whichever of their requests they were written down."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from services.intake.domain.refusals import FACT, Refusal
from services.intake.persistence.tables import people, request_events, requests
from shared.db.reach import beyond
from shared.db.types import Id, Instant

_said = request_events.c
_OF_REQUEST = sa.select(requests.c.id).where(requests.c.id == sa.bindparam("request", type_=Id))
_OF_PERSON = (
    sa.select(requests.c.id)
    .join(people, people.c.id == requests.c.person_id)
    .where(people.c.id_index == sa.bindparam("person", type_=sa.LargeBinary))
)
_REFUSALS = (
    sa.select(_said.at, _said.detail)
    .where(
        _said.fact == FACT,
        _said.at > sa.bindparam("after", type_=Instant),
        _said.request_id.in_(sa.union(_OF_REQUEST, _OF_PERSON)),
    )
    .order_by(_said.at, _said.id)
)
_PERSON_OF = (
    sa.select(people.c.id_index)
    .join(requests, requests.c.person_id == people.c.id)
    .where(requests.c.id == sa.bindparam("request", type_=Id))
)


def refusals_of(
    connection: Connection, request: str, person: bytes | None, after: datetime
) -> tuple[Refusal, ...]:
    """Give what was refused after a moment in a request, and in all others of the same ID number's keyed hash."""
    wanted = {"request": request, "person": person, "after": after}
    # Nobody asks again, whichever desk it was said to.
    with beyond(connection) if person is not None else nullcontext():
        rows = connection.execute(_REFUSALS, wanted).all()
    return tuple(
        Refusal(row.detail["agency"], programme, row.at)
        for row in rows
        for programme in row.detail["programmes"] or (None,)
    )


def person_of(connection: Connection, request: str) -> bytes | None:
    """Give the keyed hash of the ID number of a request's person; None where it is not known."""
    found: bytes | None = connection.execute(_PERSON_OF, {"request": request}).scalar_one_or_none()
    return found
