"""Outside systems as the table knows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from services.intake.domain.api_clients import ApiClient
from services.intake.persistence.access_tables import clients

_FIND = sa.select(clients).where(clients.c.id == sa.bindparam("id"))
_LOCK = _FIND.with_for_update()
_ALL = sa.select(clients).order_by(clients.c.agency, clients.c.id)
_INSERT = sa.insert(clients)
_SET = sa.update(clients).where(clients.c.id == sa.bindparam("client"))


def find(connection: Connection, client: str, *, hold: bool = False) -> ApiClient | None:
    """Load one, holding its row with ``hold``; None when there is none."""
    row = connection.execute(_LOCK if hold else _FIND, {"id": client}).mappings().one_or_none()
    return None if row is None else _client(row)


def everyone(connection: Connection) -> list[ApiClient]:
    """Load all, by agency."""
    return [_client(row) for row in connection.execute(_ALL).mappings()]


def insert(
    connection: Connection,
    *,
    id: str,  # noqa: A002 - the column's own name
    agency: str,
    scopes: Sequence[str],
    secret_hash: str,
    expires_at: datetime,
    now: datetime,
) -> None:
    """Write a new one."""
    row = {
        "id": id,
        "agency": agency,
        "scopes": list(scopes),
        "secret_hash": secret_hash,
        "expires_at": expires_at,
        "event_sequence": 0,
        "created_at": now,
        "changed_at": now,
    }
    connection.execute(_INSERT, [row])


def change(connection: Connection, client: str, **values: Any) -> None:  # noqa: ANN401 - columns of the table
    """Set some columns of one."""
    connection.execute(_SET.values(**values), {"client": client})


def _client(row: RowMapping) -> ApiClient:
    return ApiClient(
        id=row["id"],
        agency=row["agency"],
        scopes=tuple(row["scopes"]),
        secret_hash=row["secret_hash"],
        former_hash=row["former_hash"],
        former_until=row["former_until"],
        expires_at=row["expires_at"],
        event_sequence=row["event_sequence"],
        created_at=row["created_at"],
        revoked_at=row["revoked_at"],
    )
