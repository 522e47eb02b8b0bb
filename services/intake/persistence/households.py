"""Households as they are kept: an id and a relation beside each request that belongs to one."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from services.intake.domain.household import SELF
from services.intake.persistence.tables import people, requests
from shared.db.reach import beyond
from shared.db.types import Id

_COLUMNS = (
    requests.c.id,
    requests.c.number,
    requests.c.unit,
    requests.c.street,
    requests.c.status,
    requests.c.household_id,
    requests.c.household_relation,
    requests.c.person_id,
    people.c.name.label("person_name"),
)
_MEMBERS = (
    sa.select(*_COLUMNS)
    .join(people, people.c.id == requests.c.person_id)
    .where(requests.c.household_id == sa.bindparam("household", type_=Id))
    .order_by(
        sa.case((requests.c.household_relation == SELF, 0), else_=1), requests.c.created_at, requests.c.id
    )
)
_LEAVE = (
    sa.update(requests)
    .where(requests.c.household_id == sa.bindparam("household", type_=Id))
    .values(household_id=None, household_relation=None)
)
_JOIN = (
    sa.update(requests)
    .where(requests.c.id == sa.bindparam("request", type_=Id))
    .values(household_id=sa.bindparam("household", type_=Id), household_relation=sa.bindparam("relation"))
)


def lock(connection: Connection, ids: Sequence[str]) -> dict[str, RowMapping]:
    """Load requests and hold their rows, taken in one order, so that two who link the same never cross."""
    statement = (
        sa.select(requests)
        .where(requests.c.id.in_(sa.bindparam("ids", expanding=True)))
        .order_by(requests.c.id)
        .with_for_update()
    )
    return {row["id"]: row for row in connection.execute(statement, {"ids": list(ids)}).mappings()}


def members_of(connection: Connection, household: str) -> list[RowMapping]:
    """Read the requests of a household with their persons' names as ciphertext."""
    return list(connection.execute(_MEMBERS, {"household": household}).mappings())


def replace(connection: Connection, household: str, relations: Sequence[tuple[str, str]]) -> None:
    """Make a household consist of these requests (id, relation) and of no others; of none, and it is no more."""
    # One of them may have been moved to another desk since.
    with beyond(connection):
        connection.execute(_LEAVE, {"household": household})
    if relations:
        connection.execute(
            _JOIN,
            [
                {"request": request, "household": household, "relation": relation}
                for request, relation in relations
            ],
        )
