"""Drafts as they are kept: one row of ciphertext each, until they are submitted, deleted or expire."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from services.intake.persistence.tables import drafts, requests
from shared.db import Insert, insert
from shared.db.types import Id

_ADD = Insert(drafts)
_FIND = sa.select(drafts).where(drafts.c.id == sa.bindparam("draft", type_=Id))
_LOCK = _FIND.with_for_update()
_DELETE = sa.delete(drafts).where(drafts.c.id == sa.bindparam("draft", type_=Id))
_BECAME = sa.select(requests.c.unit, requests.c.street, requests.c.status, requests.c.checking).where(
    requests.c.id == sa.bindparam("draft", type_=Id)
)


def add(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write a new draft."""
    insert(connection, (_ADD, [row]))


def find(connection: Connection, draft: str) -> RowMapping | None:
    """Read a draft; None when there is none (any more)."""
    return connection.execute(_FIND, {"draft": draft}).mappings().one_or_none()


def lock(connection: Connection, draft: str) -> RowMapping | None:
    """Load a draft and hold its row until the transaction ends; None when there is none (any more)."""
    return connection.execute(_LOCK, {"draft": draft}).mappings().one_or_none()


def change(connection: Connection, draft: str, **values: Any) -> None:  # noqa: ANN401 - columns
    """Set some columns of a draft."""
    connection.execute(sa.update(drafts).where(drafts.c.id == draft).values(**values))


def delete(connection: Connection, draft: str) -> None:
    """Take a draft away for good."""
    connection.execute(_DELETE, {"draft": draft})


def became(connection: Connection, draft: str) -> RowMapping | None:
    """Find the request that a draft has become: unit, street, status, checking; None when it has become none."""
    return connection.execute(_BECAME, {"draft": draft}).mappings().one_or_none()


def page(
    connection: Connection, units: Collection[str], *, limit: int, after: str | None
) -> list[RowMapping]:
    """Read at most ``limit`` drafts of these units, the newest first, after the id ``after``."""
    statement = (
        sa.select(drafts).where(drafts.c.unit.in_(sorted(units))).order_by(drafts.c.id.desc()).limit(limit)
    )
    if after is not None:
        statement = statement.where(drafts.c.id < sa.literal(after, Id))
    return list(connection.execute(statement).mappings())
