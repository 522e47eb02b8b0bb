"""One transaction of one use case: its rows, events and audit entries commit together or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from shared.audit import AuditEntry
    from shared.events import Event


class UnitOfWork:
    """What a use case writes with.

    ``connection`` runs statements; ``record`` and ``audit`` collect, and the flushes write what was collected
    just before the commit; ``result`` is what an idempotent request answers, now and when it is sent again.
    """

    __slots__ = ("connection", "entries", "events", "result")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.events: list[Event] = []
        self.entries: list[AuditEntry] = []
        self.result: Any = None

    def record(self, event: Event) -> None:
        """Add an event to this transaction; the aggregate's row must already be locked by it."""
        self.events.append(event)

    def audit(self, entry: AuditEntry) -> None:
        """Add a line to the audit log of this transaction."""
        self.entries.append(entry)


Flush = Callable[[UnitOfWork], None]
"""Writes what a unit of work has collected, inside its transaction."""


class Once(Protocol):
    """Makes one request take effect once, however often it is sent."""

    def begin(self, connection: Connection) -> None:
        """Claim the key; raises when the request was already answered or is still running."""

    def finish(self, connection: Connection, result: Any) -> None:  # noqa: ANN401 - each use case has its own result
        """Keep the answer in the same transaction as the effect."""
