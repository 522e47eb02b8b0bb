"""Which process relays which partitions: session locks on PostgreSQL, one process on SQLite."""

from __future__ import annotations

import zlib

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection

from shared.events import PARTITIONS

FROZEN_SECONDS = 20
"""A holder polls many times a second; one that has not spoken for this long is frozen and loses its locks."""

log = structlog.get_logger(__name__)

_TRY = sa.text(
    "select p.number from generate_series(0, :last) as p(number)"
    " where p.number <> all(cast(:held as integer[])) and pg_try_advisory_lock(:service, p.number)"
)
_END_FROZEN = sa.text(
    "select pg_terminate_backend(a.pid) from (select distinct l.pid from pg_locks l"
    " where l.locktype = 'advisory' and l.granted and l.database = (select oid from pg_database"
    " where datname = current_database()) and l.classid = :service and l.objsubid = 2) held"
    " join pg_stat_activity a on a.pid = held.pid"
    " where a.pid <> pg_backend_pid()"
    " and a.state_change < clock_timestamp() - make_interval(secs => :seconds)"
)


class Holding:
    """The partitions one relay session holds; ends with the connection it was made on."""

    def __init__(self, connection: Connection, service: str) -> None:
        self._connection = connection
        self._service = zlib.crc32(f"relay:{service}".encode()) % 2**31
        self.partitions: list[int] = list(range(PARTITIONS)) if connection.dialect.name == "sqlite" else []

    @property
    def complete(self) -> bool:
        """Whether there is no partition left to try for."""
        return len(self.partitions) == PARTITIONS

    def extend(self) -> None:
        """Take the partitions nobody holds; end a frozen holder's session, so as to take them next time."""
        values = {"service": self._service, "last": PARTITIONS - 1, "held": self.partitions}
        gained = self._connection.execute(_TRY, values).scalars().all()
        self.partitions = sorted({*self.partitions, *gained})
        if not self.complete:
            ended = self._connection.execute(
                _END_FROZEN, {"service": self._service, "seconds": FROZEN_SECONDS}
            )
            if any(ended.scalars()):
                log.warning("relay.frozen-holder-ended", service=self._service)
