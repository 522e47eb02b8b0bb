"""The consents of persons to be told themselves: one row for each request that has one."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from services.intake.persistence.rights_tables import contact_consents
from shared.db import Insert
from shared.db.rows import Row
from shared.db.types import Id

NEW = Insert(contact_consents)

_OF = sa.select(contact_consents).where(contact_consents.c.request_id == sa.bindparam("request", type_=Id))


def of(connection: Connection, request: str) -> dict[str, Any] | None:
    """Give a request's consent, withdrawn or not; None where there never was one."""
    row = connection.execute(_OF, {"request": request}).mappings().one_or_none()
    return None if row is None else dict(row)


def add(connection: Connection, row: Row) -> None:
    """Write the first consent of a request down."""
    connection.execute(sa.insert(contact_consents), [row])


def change(connection: Connection, consent: str, **values: Any) -> None:  # noqa: ANN401 - as the columns are
    """Change a consent's row."""
    connection.execute(sa.update(contact_consents).where(contact_consents.c.id == consent).values(**values))
