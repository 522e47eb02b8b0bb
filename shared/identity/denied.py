"""The deny table: tokens that were signed before their holder was disabled or changed are worth nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from shared.db import Database, UnitOfWork
from shared.db.types import Instant
from shared.events import Event
from shared.identity.principal import Principal
from shared.identity.tables import denied_staff as table
from shared.identity.tokens import LIFETIME, SKEW

REFRESH_SECONDS = 10.0
"""Age of the copy in memory at most; with the road of the event a disabled account is out within a minute."""

_MATTERS = LIFETIME + 2 * SKEW
_RECENT = sa.select(table.c.staff, table.c.since).where(table.c.since >= sa.bindparam("cut", type_=Instant))


def _upsert(insert: type[postgresql.Insert | sqlite.Insert]) -> sa.Insert:
    statement = insert(table)
    # Never backwards: events of one person may be replayed out of their order.
    return statement.on_conflict_do_update(
        index_elements=[table.c.staff],
        set_={"since": statement.excluded.since},
        where=statement.excluded.since > table.c.since,
    )


_UPSERT = {"postgresql": _upsert(postgresql.Insert), "sqlite": _upsert(sqlite.Insert)}


def deny(connection: Connection, staff: str, since: datetime) -> None:
    """End every token of ``staff`` that was signed at ``since`` (aware) or before."""
    deny_all(connection, {staff: since})


def deny_all(connection: Connection, since: Mapping[str, datetime]) -> None:
    """Do the same for several people at once."""
    if since:
        rows = [{"staff": staff, "since": moment} for staff, moment in since.items()]
        connection.execute(_UPSERT[connection.dialect.name], rows)


def _deny_from_events(uow: UnitOfWork, events: Sequence[Event]) -> None:
    latest: dict[str, datetime] = {}
    for event in events:
        latest[event.subject] = max(event.time, latest.get(event.subject, event.time))
    deny_all(uow.connection, latest)


deny_handlers: Mapping[str, Callable[[UnitOfWork, Sequence[Event]], None]] = MappingProxyType(
    {"staff.disabled.v1": _deny_from_events, "staff.changed.v1": _deny_from_events}
)
"""Event type → handler, for each consumer's subscriptions.

A disabled account gets no new token at intake; one whose posts changed gets one without being asked again.
"""


class DeniedStaff:
    """The deny table of one service, read from its database at most every ``REFRESH_SECONDS``."""

    def __init__(self, database: Database, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._since: Mapping[str, datetime] = {}
        self._read_at: float | None = None

    def is_denied(self, principal: Principal, now: datetime) -> bool:
        """Tell whether the principal's token was signed before (or at) the moment that ended it."""
        if principal.issued_at is None:
            return False
        since = self._current(now).get(principal.staff)
        return since is not None and principal.issued_at <= since

    def forget(self) -> None:
        """Read the table afresh at the next question (after this process has itself denied someone)."""
        self._read_at = None

    def _current(self, now: datetime) -> Mapping[str, datetime]:
        if not self._fresh():
            with self._lock:
                if not self._fresh():
                    with self._database.read() as connection:
                        # Older entries concern only tokens that have expired.
                        rows = connection.execute(_RECENT, {"cut": now - _MATTERS})
                        self._since = {row.staff: row.since for row in rows}
                    self._read_at = self._monotonic()
        return self._since

    def _fresh(self) -> bool:
        return self._read_at is not None and self._monotonic() - self._read_at < REFRESH_SECONDS
