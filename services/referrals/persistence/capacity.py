"""Load and save the places of a programme and its waiting list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from services.referrals.domain.capacity import Capacity
from services.referrals.persistence.capacity_tables import capacities, waiting
from services.referrals.persistence.tables import referrals
from shared.db.types import Instant

_COLUMNS = tuple(capacities.c[name] for name in Capacity.__dataclass_fields__)
_ONE = sa.select(*_COLUMNS).where(capacities.c.programme == sa.bindparam("programme"))
_LOCK = _ONE.with_for_update()
_ALL = sa.select(*_COLUMNS).order_by(capacities.c.programme)
# Whoever comes second finds the row of the first: neither fails, and both then lock the same one.
_BEGIN = {
    "postgresql": postgresql.insert(capacities).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(capacities).on_conflict_do_nothing(),
}
_SAVE = (
    capacities.update()
    .where(capacities.c.programme == sa.bindparam("_programme"))
    .values({name: sa.bindparam(name) for name in ("places", "free", "as_of", "version", "changed_at")})
)

_LENGTHS = sa.select(waiting.c.programme, sa.func.count()).group_by(waiting.c.programme)
_LENGTH = sa.select(sa.func.count()).where(waiting.c.programme == sa.bindparam("programme"))
_OWN_PLACE = sa.select(waiting.c.place).where(waiting.c.referral_id == sa.bindparam("referral"))
_AHEAD = _LENGTH.where(
    waiting.c.referral_id != sa.bindparam("referral"),
    waiting.c.place < sa.func.coalesce(_OWN_PLACE.scalar_subquery(), sa.literal(2**62)),
)
_JOIN = waiting.insert()
_LEAVE = waiting.delete().where(waiting.c.referral_id == sa.bindparam("referral"))
_LINE = (
    sa.select(
        referrals.c.id,
        referrals.c.number,
        referrals.c.status,
        referrals.c.version,
        waiting.c.since,
        waiting.c.programme,
    )
    .join(waiting, waiting.c.referral_id == referrals.c.id)
    .where(waiting.c.programme.in_(sa.bindparam("programmes", expanding=True)))
    .order_by(waiting.c.place)
)


_NOT_OFFERED = (
    sa.select(*_COLUMNS)
    .where(capacities.c.offered_version < capacities.c.version)
    .order_by(capacities.c.programme)
)
_LOOKED_AT = (
    capacities.update()
    .where(capacities.c.programme == sa.bindparam("_programme"))
    .values(offered_version=sa.bindparam("seen"))
)
_TURNS = (
    sa.select(waiting.c.place)
    .where(waiting.c.programme == sa.bindparam("_programme"))
    .order_by(waiting.c.place)
    .limit(sa.bindparam("free"))
)
_TURN = _TURNS.subquery()
_NEXT = (
    sa.select(waiting.c.referral_id)
    .join(_TURN, _TURN.c.place == waiting.c.place)
    .where(waiting.c.offered_at.is_(None))
    .order_by(waiting.c.place)
)
_TAKE_BACK = (
    waiting.update()
    .where(
        waiting.c.programme == sa.bindparam("_programme"),
        waiting.c.offered_at.is_not(None),
        waiting.c.place.not_in(sa.select(_TURN.c.place)),
    )
    .values(offered_at=None)
)
_OFFER = (
    waiting.update()
    .where(waiting.c.referral_id == sa.bindparam("referral"), waiting.c.offered_at.is_(None))
    .values(offered_at=sa.bindparam("at", type_=Instant))
)


def every(connection: Connection) -> dict[str, Capacity]:
    """Load the places of all programmes that were ever counted, by programme."""
    found = (Capacity(**row) for row in connection.execute(_ALL).mappings())
    return {capacity.programme: capacity for capacity in found}


def lock(connection: Connection, dialect: str, start: Capacity, at: datetime) -> Capacity:
    """Load a programme's places and hold their row; ``start`` is how counting begins if nobody has counted yet."""
    row = connection.execute(_LOCK, {"programme": start.programme}).mappings().one_or_none()
    if row is None:
        connection.execute(_BEGIN[dialect], [{**asdict(start), "changed_at": at}])
        row = connection.execute(_LOCK, {"programme": start.programme}).mappings().one()
    return Capacity(**row)


def save(connection: Connection, capacity: Capacity, at: datetime) -> None:
    """Write the changed places of a programme whose row this transaction holds."""
    values = {name: getattr(capacity, name) for name in ("places", "free", "as_of", "version")}
    connection.execute(_SAVE, {**values, "_programme": capacity.programme, "changed_at": at})


def lengths(connection: Connection) -> dict[str, int]:
    """Count who waits, by programme; those nobody waits for are left out."""
    return {str(row[0]): int(row[1]) for row in connection.execute(_LENGTHS)}


def length(connection: Connection, programme: str) -> int:
    """Count who waits for one programme."""
    return int(connection.execute(_LENGTH, {"programme": programme}).scalar_one())


def ahead(connection: Connection, programme: str, referral: str) -> int:
    """Count who waits before a referral: all who wait, if it is not on the list itself."""
    return int(connection.execute(_AHEAD, {"programme": programme, "referral": referral}).scalar_one())


def join(connection: Connection, programme: str, referral: str, since: datetime, *, known: bool) -> None:
    """Put a referral at the end of the list, unless it has its place there already.

    ``known``: a place was free for it, and whoever put it on the list saw that.
    """
    if connection.execute(_OWN_PLACE, {"referral": referral}).first() is None:
        row = {"programme": programme, "referral_id": referral, "since": since}
        connection.execute(_JOIN, {**row, "offered_at": since if known else None})


def leave(connection: Connection, referral: str) -> bool:
    """Take a referral off the list; tells whether it was on it."""
    return connection.execute(_LEAVE, {"referral": referral}).rowcount == 1


def not_offered(connection: Connection) -> list[Capacity]:
    """Give the places of the programmes that have changed since those whose turn it is were told."""
    return [Capacity(**row) for row in connection.execute(_NOT_OFFERED).mappings()]


def looked_at(connection: Connection, capacity: Capacity) -> None:
    """Note that those whose turn it is by this version were told."""
    connection.execute(_LOOKED_AT, {"_programme": capacity.programme, "seen": capacity.version})


def take_offers_back(connection: Connection, capacity: Capacity) -> None:
    """Note for whom no place is kept any more, so that they are told when there is one again."""
    connection.execute(_TAKE_BACK, {"_programme": capacity.programme, "free": capacity.free})


def next_in_line(connection: Connection, capacity: Capacity) -> list[str]:
    """Name the referrals whose turn it is and that were not told, in order: as many stand for it as places are free."""
    found = connection.execute(_NEXT, {"_programme": capacity.programme, "free": capacity.free})
    return [str(row[0]) for row in found]


def offer(connection: Connection, referral: str, at: datetime) -> bool:
    """Keep a place for a referral; tells whether none was kept before."""
    return connection.execute(_OFFER, {"referral": referral, "at": at}).rowcount == 1


def line(connection: Connection, programmes: Sequence[str]) -> list[Mapping[str, Any]]:
    """Give the referrals that wait for these programmes, in their order."""
    return [*connection.execute(_LINE, {"programmes": programmes}).mappings()] if programmes else []
