"""Writes the events of a unit of work into the outbox, in the transaction of the state they tell of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from shared import ids
from shared.db import Insert
from shared.events import CATALOGUE, partition
from shared.outbox.tables import outbox

if TYPE_CHECKING:
    from shared.db import UnitOfWork
    from shared.events import Event

_INSERT = Insert(outbox, texts=("body", "agencies_body"))


def _no_systems(_agency: str) -> bool:
    return False


class Writer:
    """The flush that empties ``uow.events`` into the outbox.

    ``has_system`` tells whether an agency takes its events with a system of its own; only then is the outside
    form of the types meant for it kept too.
    """

    def __init__(self, has_system: Callable[[str], bool] = _no_systems) -> None:
        self._has_system = has_system

    def __call__(self, uow: UnitOfWork) -> None:
        """Make rows of the collected events, in the order in which they were recorded.

        Writing them raises ``sqlalchemy.exc.IntegrityError`` if a (subject, sequence) is taken: the aggregate was not
        locked.
        """
        if uow.events:
            now = datetime.now(UTC)
            uow.add(_INSERT, [self._row(event, now) for event in uow.events])
            uow.events.clear()

    def _row(self, event: Event, now: datetime) -> dict[str, Any]:
        row: dict[str, Any] = {
            "event_id": event.id,
            "type": event.type,
            "subject": event.subject,
            "sequence": event.sequence,
            "partition": partition(event.subject),
            "routing_key": event.routing_key,
            "body": event.internal(),
            "recorded_at": now,
            "agencies_id": None,
            "agencies_body": None,
        }
        goes_outside = CATALOGUE[event.type].outside and not event.inside_only
        if event.agency is not None and goes_outside and self._has_system(event.agency):
            row["agencies_id"] = ids.new()
            row["agencies_body"] = event.outside(row["agencies_id"])
        return row


flush = Writer()
"""The writer of an installation without outside systems."""
