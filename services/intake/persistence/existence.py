"""Whether a thing exists at all, whoever may see it."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy import Connection

from services.intake.persistence.tables import drafts, people, requests, tasks
from shared.db.reach import beyond
from shared.db.types import Id

_THERE: Mapping[str, sa.Select[tuple[str]]] = {
    kind: sa.select(table.c.id).where(table.c.id == sa.bindparam("thing", type_=Id))
    for kind, table in {"request": requests, "person": people, "draft": drafts, "task": tasks}.items()
}


def is_there(connection: Connection, kind: str, thing: str) -> bool:
    """Tell whether there is a ``request``, ``person``, ``draft`` or ``task`` of this id, in whoever's reach."""
    # Somebody who asks for another's is told the same as of nobody's, and the audit log tells the two apart.
    with beyond(connection):
        return connection.execute(_THERE[kind], {"thing": thing}).first() is not None
