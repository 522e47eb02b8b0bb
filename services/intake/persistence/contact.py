"""The consents of persons to be told themselves: one row for each request that has one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from services.intake.persistence.rights_tables import contact_consents
from shared.db import Insert
from shared.db.rows import Row
from shared.db.types import Id

NEW = Insert(contact_consents)

_OF = sa.select(contact_consents).where(contact_consents.c.request_id == sa.bindparam("request", type_=Id))
_COLUMNS = contact_consents.c
_STANDS = sa.select(_COLUMNS.id, _COLUMNS.event_sequence, _COLUMNS.expires_on, _COLUMNS.withdrawn_at).where(
    _COLUMNS.id.in_(sa.bindparam("consents", expanding=True))
)


class Stand(NamedTuple):
    """How a consent stands: the sequence of the last event about it, its last day, and whether it was ended."""

    sequence: int
    expires_on: date
    ended: bool


def of(connection: Connection, request: str) -> dict[str, Any] | None:
    """Give a request's consent, withdrawn or not; None where there never was one."""
    row = connection.execute(_OF, {"request": request}).mappings().one_or_none()
    return None if row is None else dict(row)


def stands(connection: Connection, consents: Collection[str]) -> Mapping[str, Stand]:
    """Tell how these consents stand; one that is unknown is left out."""
    rows = connection.execute(_STANDS, {"consents": sorted(consents)})
    return {row.id: Stand(row.event_sequence, row.expires_on, row.withdrawn_at is not None) for row in rows}


def add(connection: Connection, row: Row) -> None:
    """Write the first consent of a request down."""
    connection.execute(sa.insert(contact_consents), [row])


def change(connection: Connection, consent: str, **values: Any) -> None:  # noqa: ANN401 - as the columns are
    """Change a consent's row."""
    connection.execute(sa.update(contact_consents).where(contact_consents.c.id == consent).values(**values))
