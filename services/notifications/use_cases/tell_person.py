"""Notes which persons are to be told of what happened to a leg of theirs, if they wish to be told at all."""

from __future__ import annotations

from collections.abc import Sequence

from services.notifications.domain.persons import GIVE_UP, WAITING, telling_of
from services.notifications.persistence import contacts, sendings
from services.notifications.use_cases.tell import tell
from shared import ids
from shared.db import UnitOfWork
from shared.events import Event


def tell_all(uow: UnitOfWork, events: Sequence[Event]) -> None:
    """Put facts into the inboxes as ever, and note them for the persons they are about."""
    tell(uow, events)
    tell_persons(uow, events)


def tell_persons(uow: UnitOfWork, events: Sequence[Event]) -> None:
    """Note one message for each event about a request whose person may be told; the sender does the rest."""
    tellings = [
        (event, event.correlation, telling)
        for event in events
        if (telling := telling_of(event.type, str(event.data.get("about")))) and event.correlation
    ]
    if not tellings:
        return
    reached = contacts.standing(uow.connection, {request for _, request, _ in tellings})
    rows = [
        {
            "id": ids.at(event.time),
            "event_id": event.id,
            "request": request,
            "contact": reached[request],
            "type": event.type,
            "words": telling.words,
            "urgent": telling.urgent,
            "at": event.time,
            "due_at": event.time,
            "give_up_at": event.time + GIVE_UP,
            "state": WAITING,
            "attempts": 0,
        }
        for event, request, telling in tellings
        if request in reached
    ]
    sendings.add(uow.connection, rows)
