"""Whose account a subject of the identity provider is."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from services.intake.persistence.access_tables import identities

_FIND = sa.select(identities.c.staff).where(identities.c.key == sa.bindparam("key"))
_IS_LINKED = sa.select(identities.c.key).where(identities.c.staff == sa.bindparam("account"))
_LAST = sa.select(identities.c.last_at).where(identities.c.staff == sa.bindparam("account"))
_LINKED = sa.select(identities.c.staff)
_LINK = sa.insert(identities)
_USED = (
    sa.update(identities)
    .where(identities.c.key == sa.bindparam("identity"))
    .values(last_at=sa.bindparam("at"))
)
_UNLINK = sa.delete(identities).where(identities.c.staff == sa.bindparam("account"))


def staff_of(connection: Connection, key: str) -> str | None:
    """Give the account of a subject (the hash of issuer and subject); None if it never came."""
    found: str | None = connection.execute(_FIND, {"key": key}).scalar_one_or_none()
    return found


def is_linked(connection: Connection, staff: str) -> bool:
    """Tell whether an account belongs to a subject already."""
    return connection.execute(_IS_LINKED, {"account": staff}).first() is not None


def last_vouched_for(connection: Connection, staff: str) -> datetime | None:
    """Give when the provider was last asked about an account; None where it belongs to no subject."""
    found: datetime | None = connection.execute(_LAST, {"account": staff}).scalar_one_or_none()
    return found


def linked(connection: Connection) -> frozenset[str]:
    """Give every account that belongs to a subject: its posts are what the provider last said."""
    return frozenset(connection.execute(_LINKED).scalars())


def link(connection: Connection, key: str, staff: str, issuer: str, at: datetime) -> None:
    """Write down whose account a subject is."""
    row = {"key": key, "staff": staff, "issuer": issuer, "linked_at": at, "last_at": at}
    connection.execute(_LINK, [row])


def used(connection: Connection, key: str, at: datetime) -> None:
    """Note that a subject signed in."""
    connection.execute(_USED, {"identity": key, "at": at})


def unlink(connection: Connection, staff: str) -> bool:
    """Forget whose account it is; tells whether it was anybody's."""
    return connection.execute(_UNLINK, {"account": staff}).rowcount > 0
