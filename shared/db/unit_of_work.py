"""One transaction of one use case: its rows, events and audit entries commit together or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from shared.db.rows import Insert, Row, insert

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.exc import IntegrityError

    from shared.audit import AuditEntry
    from shared.events import Event


class UnitOfWork:
    """What a use case writes with.

    ``connection`` runs statements; ``record`` and ``audit`` collect, and the flushes make rows of what was collected
    just before the commit; ``add`` collects rows, too. ``result`` is what an idempotent request answers, now and when
    it is sent again.
    """

    __slots__ = ("_new", "connection", "entries", "events", "result")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._new: dict[tuple[object, ...], tuple[Insert, list[Row]]] = {}
        self.events: list[Event] = []
        self.entries: list[AuditEntry] = []
        self.result: Any = None

    def record(self, event: Event) -> None:
        """Add an event to this transaction; the aggregate's row must already be locked by it."""
        self.events.append(event)

    def audit(self, entry: AuditEntry) -> None:
        """Add a line to the audit log of this transaction."""
        self.entries.append(entry)

    def add(self, into: Insert, rows: Sequence[Row]) -> None:
        """Insert rows just before the commit, with the events and the audit entries in one round trip.

        Until then no statement of this transaction sees them. However often this is called for one table, its rows
        travel together.
        """
        if rows:
            self._new.setdefault((into, *rows[0]), (into, []))[1].extend(rows)

    def write(self) -> None:
        """Send the rows that were collected."""
        insert(self.connection, *self._new.values())
        self._new.clear()


Flush = Callable[[UnitOfWork], None]
"""Makes rows of what a unit of work has collected, for its transaction."""


class Once(Protocol):
    """Makes one request take effect once, however often it is sent."""

    def begin(self, connection: Connection) -> None:
        """Claim the key; raises when the request was already answered or is still running."""

    def finish(self, uow: UnitOfWork) -> None:
        """Keep the answer, ``uow.result``, in the same transaction as the effect."""

    def explain(self, error: IntegrityError) -> None:
        """Raise what it means when a constraint refused the kept answer; return if it was another one."""
