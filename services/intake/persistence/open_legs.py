"""The open legs of people: under whose request, for whom, and where they were filed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from services.intake.persistence.tables import legs, people, requests
from shared.db.types import Id

_COLUMNS = (
    legs.c.id,
    legs.c.request_id,
    requests.c.unit,
    requests.c.street,
    requests.c.number,
    legs.c.programme,
    requests.c.created_at,
    legs.c.position,
    requests.c.household_id,
    people.c.id_index,
    legs.c.beneficiary_index,
    legs.c.beneficiary,
)
_OPEN: sa.Select[Any] = (
    sa.select(*_COLUMNS)
    .join_from(legs, requests, requests.c.id == legs.c.request_id)
    .join(people, people.c.id == requests.c.person_id)
    .where(legs.c.ended_at.is_(None))
)
_NAMESAKES: sa.Select[Any] = _OPEN.add_columns(people.c.id.label("person_id"), people.c.birth_date).where(
    people.c.name_index == sa.bindparam("name"),
    requests.c.unit == sa.bindparam("unit"),
    requests.c.id != sa.bindparam("beside", type_=Id),
    legs.c.programme.in_(sa.bindparam("programmes", expanding=True)),
    legs.c.beneficiary.is_(None),
)
_IDS: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True)
_FILED_BY = _OPEN.where(people.c.id_index.in_(_IDS))
_MADE_FOR = _OPEN.where(legs.c.beneficiary_index.in_(_IDS))
_IN_HOUSEHOLDS = _OPEN.where(
    requests.c.household_id.in_(sa.bindparam("households", expanding=True)),
    legs.c.programme.in_(sa.bindparam("programmes", expanding=True)),
)
# Two questions of one index each, where one question with an "or" would read every open leg.
_OF_PEOPLE = sa.union_all(_FILED_BY, _MADE_FOR)
_HOUSEHOLDS = (
    sa.select(requests.c.household_id)
    .join_from(people, requests, requests.c.person_id == people.c.id)
    .where(people.c.id_index.in_(_IDS), requests.c.household_id.is_not(None))
    .distinct()
)


@dataclass(frozen=True, slots=True)
class OpenLeg:
    """An open leg and its request. ``filer`` and ``beneficiary_index`` are keyed hashes of ID numbers.

    ``beneficiary`` is ciphertext of whom it is for, where that is not the person of the request.
    """

    id: str
    request: str
    unit: str
    street: str | None
    number: str
    programme: str
    created_at: datetime
    position: int
    household: str | None
    filer: bytes | None
    beneficiary_index: bytes | None
    beneficiary: bytes | None


def open_legs_of(connection: Connection, ids: Collection[bytes]) -> list[OpenLeg]:
    """Find the open legs that people with these ID numbers (keyed hashes) have filed or are for, oldest first.

    One that somebody has filed for another of these people comes twice.
    """
    if not ids:
        return []
    return _oldest_first(OpenLeg(*row) for row in connection.execute(_OF_PEOPLE, {"ids": sorted(ids)}))


def open_legs_in(
    connection: Connection, households: Collection[str], programmes: Collection[str]
) -> list[OpenLeg]:
    """Find the open legs of these programmes that linked requests of these households have, oldest first."""
    wanted = {"households": sorted(households), "programmes": sorted(programmes)}
    return _oldest_first(OpenLeg(*row) for row in connection.execute(_IN_HOUSEHOLDS, wanted))


def legs_of_namesakes(
    connection: Connection, name: bytes, unit: str, programmes: Collection[str], *, beside: str
) -> list[tuple[OpenLeg, str, bytes | None]]:
    """Find the open legs of these programmes that people of one name have asked for at one desk, for themselves.

    ``beside`` is the request in whose place nothing is looked for. Gives each with the person's id and the date of
    birth as ciphertext.
    """
    wanted = {"name": name, "unit": unit, "programmes": sorted(programmes), "beside": beside}
    found = connection.execute(_NAMESAKES.order_by(requests.c.created_at, legs.c.position), wanted)
    return [(OpenLeg(*row[:-2]), row.person_id, row.birth_date) for row in found]


def households_of(connection: Connection, ids: Collection[bytes]) -> set[str]:
    """Name the households to which a request of somebody with one of these ID numbers was linked."""
    return set(connection.scalars(_HOUSEHOLDS, {"ids": sorted(ids)})) if ids else set()


def _oldest_first(found: Iterable[OpenLeg]) -> list[OpenLeg]:
    return sorted(found, key=lambda leg: (leg.created_at, leg.position))
