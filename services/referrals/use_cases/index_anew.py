"""Makes the tokens of a referral's index anew from its packet, where intake may not send it again."""

from __future__ import annotations

import itertools
import string
from collections.abc import Mapping, Sequence
from typing import cast

import sqlalchemy as sa
import structlog

from services.referrals.persistence.packets import TOKENS
from services.referrals.persistence.queries import newest_packets
from services.referrals.persistence.tables import referrals as table
from shared.db import Database
from shared.sealing import CannotOpen, Keyring, initials

log = structlog.get_logger(__name__)

MOST_LETTERS = 3
"""So many letters of a name are tried through (26³); a longer one that is read otherwise gets its usual reading."""

_OLD = (
    sa.select(table.c.id, *(table.c[f"index_{name}"] for name in TOKENS))
    .where(
        table.c.agency == sa.bindparam("agency"), table.c.index_key.in_(sa.bindparam("keys", expanding=True))
    )
    .order_by(table.c.id)
    .limit(sa.bindparam("limit", type_=sa.Integer))
    .with_for_update(key_share=True, skip_locked=True)
)


def under_old_key(database: Database, agency: str, keys: Sequence[str]) -> list[tuple[str, str]]:
    """Give (request, referral) of every referral of an agency whose tokens are of one of these keys."""
    statement = (
        sa.select(table.c.request_id, table.c.id)
        .where(table.c.agency == agency, table.c.index_key.in_(keys))
        .order_by(table.c.request_id, table.c.id)
    )
    with database.read() as connection:
        return [(row.request_id, row.id) for row in connection.execute(statement)]


def index_anew(
    database: Database,
    keyring: Keyring,
    agency: str,
    keys: Sequence[str],
    *,
    besides: Sequence[str],
    limit: int,
) -> tuple[int, list[str]]:
    """Make the tokens of at most ``limit`` referrals of an agency anew, by its index' present key.

    ``keys`` are the ids of the older ones, ``besides`` referrals that are left alone. Gives how many are done, and
    those whose packet is gone or cannot be opened: they keep no tokens, and are found by their number.
    """
    lost: list[str] = []
    with database.unit_of_work() as uow:
        asked = {"agency": agency, "keys": list(keys), "limit": limit}
        statement = _OLD.where(table.c.id.not_in(list(besides))) if besides else _OLD
        rows = uow.connection.execute(statement, asked).all()
        packets = newest_packets(uow.connection, [row.id for row in rows])
        for row in rows:
            tokens = _tokens(keyring, agency, row, packets.get(row.id))
            if tokens is None:
                lost.append(row.id)
            fresh = tokens or dict.fromkeys(("key", *TOKENS))
            uow.connection.execute(
                sa.update(table)
                .where(table.c.id == row.id)
                .values({f"index_{name}": value for name, value in fresh.items()})
            )
    return len(rows), lost


def _tokens(
    keyring: Keyring, agency: str, row: sa.Row[tuple[str, ...]], packet: str | None
) -> dict[str, str | None] | None:
    try:
        person = keyring.open(packet or "", agency, "packet", row.id).body["person"]
    except (CannotOpen, KeyError):
        log.warning("index.unreadable", referral=row.id)
        return None
    name = str(person.get("name") or "")
    made = keyring.index.agency_tokens(
        agency,
        name=name if row.index_name else None,
        initials=_read_as(keyring, agency, name, row.index_initials) if row.index_initials else None,
        phone=person.get("phone") if row.index_phone else None,
        last4=person.get("id_number") if row.index_last4 else None,
    )
    found = cast("Mapping[str, str | None]", made)
    return {"key": made["key_id"], **{kind: found[kind] for kind in TOKENS}}


def _read_as(keyring: Keyring, agency: str, name: str, token: str) -> str:
    """Find out how a name is read: a desk may have put that right, which no packet tells, and the old token knows."""
    usual = initials(name)
    letters = itertools.chain.from_iterable(
        itertools.product(string.ascii_lowercase, repeat=length) for length in range(1, MOST_LETTERS + 1)
    )
    tried = itertools.chain([usual], map("".join, letters))
    return next((one for one in tried if token in keyring.index.looked_for(agency, "initials", one)), usual)
