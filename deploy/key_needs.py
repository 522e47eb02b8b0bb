"""What still needs a key: rows under it, packets sealed to it, and events on their way that carry such packets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

import sqlalchemy as sa
from sqlalchemy import Connection

from deploy.every_table import metadata_of
from deploy.work import consumers_of
from services.referrals.persistence.tables import referrals
from shared.db import Database
from shared.inbox.tables import SETTLED_STATES, dead_letters
from shared.outbox.tables import outbox
from shared.outbox.upkeep import settled
from shared.sealing import Key, Use
from shared.sealing.columns import sealed_tables
from shared.sealing.encryption import start_of
from shared.sealing.packets import RESERVED
from shared.sealing.readdressing import sealed_to
from shared.sealing.reencryption import under
from shared.sealing.ring import head_of

Databases = Mapping[str, Database]

OUTBOX, LETTERS = "outbox", "dead_letters"


def needs(databases: Databases, key: Key) -> dict[str, int]:
    """Count what needs a key, by ``service.table``; nothing is left out that it opens, or by which something is found.

    A key that signs is needed for nothing once another one signs: what checks its signatures is its public part, which
    stays.
    """
    find = _FINDERS.get(Use(key.use))
    return {} if find is None else find(databases, key)


def _field(databases: Databases, key: Key) -> dict[str, int]:
    tables = list(sealed_tables(*metadata_of(key.owner)))
    with databases[key.owner].read() as connection:
        found = under(connection, tables, head_of(key))
    return {f"{key.owner}.{table}": count for table, count in found.items()}


def _receiving(databases: Databases, key: Key) -> dict[str, int]:
    start = start_of(key.kid)
    found: dict[str, int] = {}
    for service, database in databases.items():
        with database.read() as connection:
            stored = sealed_to(connection, metadata_of(service), start)
            letters = _letters(connection, start)
        found |= {f"{service}.{table}": count for table, count in stored.items()}
        found |= {f"{service}.{LETTERS}": letters} if letters else {}
    reader = key.owner if key.owner in RESERVED else "referrals"
    return found | _under_way(databases, start, reader)


def _index(databases: Databases, key: Key) -> dict[str, int]:
    # The tokens of an agency that keeps its own key are looked for by nobody here.
    statement = sa.select(sa.func.count()).where(referrals.c.index_key == key.kid)
    with databases["referrals"].read() as connection:
        rows = connection.execute(statement).scalar_one()
    found = {"referrals.referrals": int(rows)} if rows else {}
    return found | _under_way(databases, key.kid, "referrals")


_FINDERS: Mapping[Use, Callable[[Databases, Key], dict[str, int]]] = {
    Use.FIELD: _field,
    Use.PACKET_RECEIVING: _receiving,
    Use.INDEX: _index,
}


def _under_way(databases: Databases, text: str, consumer: str) -> dict[str, int]:
    """Count the events that carry a text and that the service which keeps it has not yet settled."""
    found: Counter[str] = Counter()
    for producer, database in databases.items():
        with database.read() as connection:
            rows = connection.execute(
                sa.select(outbox.c.event_id, outbox.c.type).where(_holds(connection, outbox.c.body, text))
            ).all()
        wanted = {row.event_id for row in rows if consumer in consumers_of(row.type)}
        if wanted:
            with databases[consumer].read() as connection:
                found[f"{producer}.{OUTBOX}"] += len(wanted - settled(connection, consumer, wanted))
    return {place: count for place, count in found.items() if count}


def _letters(connection: Connection, text: str) -> int:
    still_open = dead_letters.c.state.not_in(SETTLED_STATES)
    statement = sa.select(sa.func.count()).where(still_open, _holds(connection, dead_letters.c.body, text))
    return int(connection.execute(statement).scalar_one())


def _holds(connection: Connection, column: sa.Column[bytes], text: str) -> sa.ColumnElement[bool]:
    needle = sa.literal(text.encode(), sa.LargeBinary)
    if connection.dialect.name == "postgresql":
        return sa.func.pg_catalog.position(column, needle) > 0
    return sa.func.instr(column, needle) > 0
