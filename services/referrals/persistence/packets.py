"""What is sealed to an agency and kept until it opens it: the packets of a referral, and short messages to its desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from services.referrals.persistence.tables import messages, packets, referrals
from shared.db import Insert, insert
from shared.db.types import Id, Instant

TOKENS = ("name", "initials", "phone", "last4")

_PACKETS, _MESSAGES = Insert(packets), Insert(messages)
_REV = sa.select(sa.func.max(packets.c.rev)).where(
    packets.c.referral_id == sa.bindparam("referral", type_=Id)
)
_DROP = sa.delete(packets).where(packets.c.referral_id == sa.bindparam("referral", type_=Id))
_INDEX = (
    sa.update(referrals)
    .where(referrals.c.id == sa.bindparam("referral", type_=Id))
    .values({f"index_{name}": sa.bindparam(f"new_{name}", type_=sa.Text) for name in ("key", *TOKENS)})
)
_MESSAGES_OF = (
    sa.select(messages)
    .where(messages.c.referral_id == sa.bindparam("referral", type_=Id))
    .order_by(messages.c.at, messages.c.id)
)
_READ = (
    sa.update(messages)
    .where(messages.c.referral_id == sa.bindparam("referral", type_=Id), messages.c.opened_at.is_(None))
    .values(opened_at=sa.bindparam("now", type_=Instant))
)


def replace(
    connection: Connection,
    referral: str,
    *,
    packet: str,
    badge: str,
    tokens: Mapping[str, Any] | None,
    at: datetime,
) -> int:
    """Put a packet and a badge in the place of the present ones; gives the new revision.

    The older ones go: what was corrected is to be read nowhere any more. ``tokens`` are those of the agency's index.
    """
    rev = (connection.execute(_REV, {"referral": referral}).scalar_one_or_none() or 0) + 1
    connection.execute(_DROP, {"referral": referral})
    row = {"referral_id": referral, "rev": rev, "packet": packet, "badge": badge, "sealed_at": at}
    insert(connection, (_PACKETS, [row]))
    known = tokens or {}
    names = {f"new_{name}": known.get(name) for name in TOKENS}
    connection.execute(_INDEX, {"referral": referral, "new_key": known.get("key_id"), **names})
    return rev


def keep_message(
    connection: Connection, *, id_: str, referral: str, at: datetime, sealed: str, author: str | None = None
) -> None:
    """Keep words for the agency's desk, as they were sealed; ``author`` is the colleague who left them as a note."""
    row = {"id": id_, "referral_id": referral, "at": at, "author": author, "sealed": sealed}
    insert(connection, (_MESSAGES, [row]))


def messages_of(connection: Connection, referral: str) -> Sequence[RowMapping]:
    """Read the messages to the agency's desk about a referral, oldest first."""
    return connection.execute(_MESSAGES_OF, {"referral": referral}).mappings().all()


def note_opened(connection: Connection, referral: str, now: datetime) -> None:
    """Note that the desk has read the messages there are; the first time stays."""
    connection.execute(_READ, {"referral": referral, "now": now})
