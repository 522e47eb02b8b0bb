"""The open legs of one person that stand in the way of another programme."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from services.intake.persistence.tables import legs, people, requests

_OF_PERSON = (
    sa.select(requests.c.id, requests.c.unit, requests.c.street, requests.c.number, legs.c.programme)
    .join_from(people, requests, requests.c.person_id == people.c.id)
    .join(legs, legs.c.request_id == requests.c.id)
    .where(
        people.c.id_index == sa.bindparam("id_index"),
        legs.c.programme.in_(sa.bindparam("programmes", expanding=True)),
        legs.c.ended_at.is_(None),
        # A leg for somebody else of the family is not this person's own.
        legs.c.beneficiary.is_(None),
    )
    .order_by(requests.c.created_at, legs.c.position)
)


@dataclass(frozen=True, slots=True)
class OpenLeg:
    """An open leg of the person, and where its request was filed."""

    request: str
    unit: str
    street: str | None
    number: str
    programme: str


def open_legs_among(connection: Connection, id_index: bytes, programmes: Collection[str]) -> list[OpenLeg]:
    """Find the person's own open legs of these programmes, oldest first; ``id_index`` is the full keyed hash."""
    rows = connection.execute(_OF_PERSON, {"id_index": id_index, "programmes": sorted(programmes)})
    return [OpenLeg(*row) for row in rows]
