"""Load and save slips: which there are for a referral, the sealed key of each, and which have served a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy import Connection

from services.referrals.domain.slips import Slip
from services.referrals.persistence.slip_tables import slips
from services.referrals.persistence.tables import history
from shared.db import Insert, insert
from shared.db.types import Id

_SLIPS = Insert(slips)
_COLUMNS = tuple(slips.c[name] for name in Slip.__dataclass_fields__)
_OF = (
    sa.select(*_COLUMNS)
    .where(slips.c.referral_id == sa.bindparam("referral", type_=Id))
    .order_by(slips.c.added_at, slips.c.id)
)
_RECORDED = sa.select(history.c.fields).where(
    history.c.referral_id == sa.bindparam("referral", type_=Id), history.c.action == "record-on-behalf"
)
_KEY = sa.select(slips.c.content_key).where(slips.c.id == sa.bindparam("slip", type_=Id))


def add(connection: Connection, slip: Slip, content_key: bytes) -> None:
    """Write down a slip with its sealed key."""
    insert(connection, (_SLIPS, [{**asdict(slip), "content_key": content_key}]))


def of(connection: Connection, referral: str) -> list[Slip]:
    """Read the slips of a referral, oldest first."""
    return [Slip(**row) for row in connection.execute(_OF, {"referral": referral}).mappings()]


def recorded(connection: Connection, referral: str) -> set[str]:
    """Tell by which slips something was taken down for a referral."""
    lines = connection.execute(_RECORDED, {"referral": referral}).scalars()
    return {fields["slip"] for fields in lines if "slip" in fields}


def key_of(connection: Connection, slip: str) -> bytes:
    """Read the sealed key of a slip."""
    return bytes(connection.execute(_KEY, {"slip": slip}).scalar_one())


def known(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Tell which of some blobs a slip names."""
    return set(connection.execute(sa.select(slips.c.id).where(slips.c.id.in_(list(ids)))).scalars())
