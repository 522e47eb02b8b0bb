"""The rows for which time is up: each is taken by one machine, however many look at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from services.intake.persistence.tables import consents, drafts, legs, requests
from shared.db.types import Id, Instant

BATCH = 100
"""So many rows at most are held in one transaction."""

TIMED: Mapping[str, sa.Table] = {"requests": requests, "drafts": drafts, "consents": consents}

_NOW = sa.bindparam("now", type_=Instant)
_TAKE = {
    name: sa.select(table)
    .where(table.c.timer_at <= _NOW)
    .order_by(table.c.timer_at)
    .limit(BATCH)
    .with_for_update(skip_locked=True)
    for name, table in TIMED.items()
}
_ANY = {name: sa.select(sa.exists().where(table.c.timer_at <= _NOW)) for name, table in TIMED.items()}
_SET = {
    name: sa.update(table)
    .where(table.c.id == sa.bindparam("row", type_=Id))
    .values(timer=sa.bindparam("next"), timer_at=sa.bindparam("at", type_=Instant))
    for name, table in TIMED.items()
}
_OPEN_LEGS = (
    sa.select(legs.c.id, requests.c.unit, requests.c.street)
    .join(requests, requests.c.id == legs.c.request_id)
    .where(
        legs.c.request_id == sa.bindparam("request", type_=Id),
        legs.c.agency == sa.bindparam("agency"),
        legs.c.programme == sa.bindparam("programme"),
        legs.c.ended_at.is_(None),
    )
    .order_by(legs.c.position)
)


def anything(connection: Connection, table: str, now: datetime) -> bool:
    """Tell whether a row's time has come; reads one entry of the index."""
    return bool(connection.execute(_ANY[table], {"now": now}).scalar())


def take(connection: Connection, table: str, now: datetime) -> Sequence[RowMapping]:
    """Hold rows whose time has come, the longest due first; what another transaction holds is left to it."""
    return connection.execute(_TAKE[table], {"now": now}).mappings().all()


def set_next(connection: Connection, table: str, row: str, timer: str | None, at: datetime | None) -> None:
    """Set what time does next to a row; None where it does nothing more."""
    connection.execute(_SET[table], {"row": row, "next": timer, "at": at})


def open_legs_under(connection: Connection, consent: RowMapping) -> Sequence[RowMapping]:
    """Find the open legs that a consent covers, with unit and street of their request."""
    wanted = {name: consent[name] for name in ("agency", "programme")} | {"request": consent["request_id"]}
    return connection.execute(_OPEN_LEGS, wanted).mappings().all()
