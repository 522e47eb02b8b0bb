"""Where persons may be told, as it came sealed; one row for each consent, and its packet goes as soon as it ends."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from services.notifications.persistence.tables import contacts
from shared.db.types import Instant

_STANDING = contacts.c.packet.is_not(None) & contacts.c.ended_at.is_(None)
_BY_REQUEST = sa.select(contacts.c.request, contacts.c.id).where(
    contacts.c.request.in_(sa.bindparam("requests", expanding=True)), _STANDING
)
_ONE = sa.select(contacts).where(contacts.c.id == sa.bindparam("contact")).with_for_update()
_SAME_PACKET = contacts.c.digest == sa.bindparam("digest", type_=sa.LargeBinary)
_OF_REQUEST = contacts.c.request == sa.bindparam("request", type_=contacts.c.request.type)
_ELSEWHERE = sa.select(contacts.c.id).where(sa.or_(_SAME_PACKET, sa.and_(_OF_REQUEST, _STANDING)))
_ANY = sa.select(sa.exists().where(_STANDING))


def standing(connection: Connection, requests: Collection[str]) -> Mapping[str, str]:
    """Give request → contact, of those requests whose person may be told."""
    found = connection.execute(_BY_REQUEST, {"requests": list(requests)})
    return {row.request: row.id for row in found}


def hold(connection: Connection, contact: str) -> RowMapping | None:
    """Load and hold one contact; None if it never came."""
    return connection.execute(_ONE, {"contact": contact}).mappings().one_or_none()


def of_request(connection: Connection, request: str) -> Sequence[str]:
    """Give the contacts of a request of which a packet lies here still."""
    lying = sa.select(contacts.c.id).where(contacts.c.request == request, contacts.c.packet.is_not(None))
    return connection.execute(lying).scalars().all()


def in_the_way(connection: Connection, contact: str, request: str, digest: bytes) -> bool:
    """Tell whether a packet was sent before, or another contact stands for the same request."""
    found = connection.execute(_ELSEWHERE, {"digest": digest, "request": request}).scalars()
    return any(other != contact for other in found)


def store(connection: Connection, row: Mapping[str, Any], *, there: bool) -> None:
    """Write a contact down, in the place of what it said before."""
    if there:
        connection.execute(sa.update(contacts).where(contacts.c.id == row["id"]).values(**row))
    else:
        connection.execute(sa.insert(contacts), [dict(row)])


def end(connection: Connection, contact: str, reason: str, at: datetime) -> None:
    """End a contact and delete its packet."""
    connection.execute(
        sa.update(contacts)
        .where(contacts.c.id == contact)
        .values(packet=None, ended_at=at, ended=reason, channels=[])
    )


def put_aside(connection: Connection, contact: str, reason: str, at: datetime) -> None:
    """Use a contact no more and keep its packet, for an operator to see what came."""
    connection.execute(sa.update(contacts).where(contacts.c.id == contact).values(ended_at=at, ended=reason))


def end_expired(connection: Connection, today: date, reason: str, at: datetime) -> int:
    """End every contact whose last day is over; gives how many."""
    over = sa.update(contacts).where(contacts.c.packet.is_not(None), contacts.c.expires_on < today)
    moment = sa.literal(at, Instant)
    return connection.execute(
        over.values(
            packet=None, channels=[], ended=reason, ended_at=sa.func.coalesce(contacts.c.ended_at, moment)
        )
    ).rowcount


def any_standing(connection: Connection) -> bool:
    """Tell whether anybody at all may be told."""
    return bool(connection.execute(_ANY).scalar())


def retire(connection: Connection, before: datetime, most: int) -> int:
    """Delete contacts that ended before a moment; gives how many."""
    old = sa.select(contacts.c.id).where(contacts.c.ended_at < sa.literal(before, Instant)).limit(most)
    ids_ = list(connection.execute(old).scalars())
    if ids_:
        connection.execute(sa.delete(contacts).where(contacts.c.id.in_(ids_)))
    return len(ids_)
