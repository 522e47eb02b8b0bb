"""Takes down, once all is at rest, what every database holds and every queue still has, as files of JSON lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson
import pika
import sqlalchemy as sa
from pika.exceptions import ChannelClosedByBroker
from sqlalchemy import Connection

from deploy.local import Servers
from services.intake.persistence import tables as intake
from services.notifications.persistence import tables as notifications
from services.referrals.persistence import capacity_tables as _capacity
from services.referrals.persistence import tables as referrals
from shared.audit import tables as _audit
from shared.db import Database
from shared.db.metadata import platform
from shared.directory import tables as _directory
from shared.http import tables as _http
from shared.identity import tables as _identity
from shared.inbox import tables as _inbox
from shared.messaging.topology import vhost_of
from shared.outbox import tables as _outbox
from shared.telemetry import tables as _telemetry

OWN = {
    "intake": intake.metadata,
    "referrals": referrals.metadata,
    "notifications": notifications.metadata,
}
PLATFORM_PARTS = (_audit, _directory, _http, _identity, _inbox, _outbox, _telemetry)
"""Importing them is what fills ``platform``."""
OWN_PARTS = (_capacity,)
"""Tables that a service keeps apart from its others."""
PUBLIC: Mapping[str, tuple[str, ...]] = {"keys": ("kid", "use", "owner"), "sessions": (), "staff": ()}
"""All that is taken down of tables with private keys or credentials: auditors hand these files on."""
QUIET_SECONDS = 5.0
"""A broker that has hands full may take so long to give the next message; it is waited for only where some are left."""
MOST_AT_ONCE = 65_535

_HEX = re.compile(r"[0-9a-f]{32}")


def collect(folder: Path, databases: Mapping[str, Database], rabbitmq: Servers | None) -> None:
    """Write every table of these databases, the effect logs, and what is in the queues; nothing is changed.

    ``rabbitmq`` is None where the transport was memory, which keeps nothing. Lines of an earlier call are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for service, database in databases.items():
        with _at_one_moment(database) as connection:
            for metadata in (platform, OWN[service]):
                for table in metadata.sorted_tables:
                    columns = PUBLIC.get(table.name, tuple(table.columns.keys()))
                    if columns:
                        write(folder / f"{service}.{table.name}.jsonl", _rows(connection, table, columns))
            if sa.inspect(connection).has_table("effects"):
                write(folder / f"effects.{service}.jsonl", _effects(connection))
    if rabbitmq is not None:
        _queues(folder, rabbitmq)


@contextmanager
def _at_one_moment(database: Database) -> Iterator[Connection]:
    # What does not come to rest is still seen as it was at one moment: tables and effect log fit together.
    options = {"isolation_level": "REPEATABLE READ"} if database.dialect == "postgresql" else {}
    with database.engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as JSON lines."""
    with path.open("wb") as file:
        file.writelines(orjson.dumps(row, default=str) + b"\n" for row in rows)


def _rows(connection: Connection, table: sa.Table, columns: Iterable[str]) -> Iterable[dict[str, Any]]:
    ordered = sa.select(*(table.c[name] for name in columns)).order_by(*table.primary_key.columns)
    for row in connection.execute(ordered).mappings():
        yield {str(name): _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if not isinstance(value, bytes):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return value.hex()


def _effects(connection: Connection) -> Iterable[dict[str, Any]]:
    for row in connection.exec_driver_sql("select * from effects order by n").mappings():
        line = dict(row)
        for name in ("before", "after"):
            if isinstance(line[name], str):
                line[name] = orjson.loads(line[name])
            if line[name] is not None:
                line[name] = {key: _hyphened(value) for key, value in line[name].items()}
        line["key"] = "/".join(map(_hyphened, line["key"].split("/")))
        yield line


def _hyphened(value: Any) -> Any:
    # SQLite keeps a UUID without its hyphens.
    if isinstance(value, str) and _HEX.fullmatch(value):
        return "-".join((value[:8], value[8:12], value[12:16], value[16:20], value[20:]))
    return value


def _queues(folder: Path, servers: Servers) -> None:
    vhost = vhost_of(servers.district)
    connection = pika.BlockingConnection(pika.URLParameters(servers.amqp_url("admin")))
    with connection:
        for name in sorted(queue["name"] for queue in servers.rabbitmq.call("GET", f"queues/{vhost}")):
            write(folder / f"queue.{name}.jsonl", _messages(connection, name))


def _messages(connection: pika.BlockingConnection, queue: str) -> list[dict[str, Any]]:
    """Read a queue to its end; as nothing is acknowledged, all of it goes back to where it was."""
    channel = connection.channel()
    found: list[dict[str, Any]] = []
    try:
        ready = channel.queue_declare(queue, passive=True).method.message_count
        if not ready:
            return found
        # Without a number a quorum queue hands out 2,000 at most while none is acknowledged.
        channel.basic_qos(prefetch_count=min(ready, MOST_AT_ONCE))
        for method, properties, body in channel.consume(queue, inactivity_timeout=QUIET_SECONDS):
            if method is None:
                break
            found.append(
                {
                    "routing_key": method.routing_key,
                    "exchange": method.exchange,
                    "redelivered": method.redelivered,
                    "message_id": properties.message_id,
                    "user_id": properties.user_id,
                    "body": _plain(body),
                }
            )
            if len(found) == ready:
                break
    finally:
        with suppress(ChannelClosedByBroker):
            channel.close()
    # What is there and cannot be read, since a service reads it, is as unsettled as what can.
    return found or [{"unread": ready}]
