"""Put what happened to a leg into the inboxes of those who are told of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from services.notifications.domain.messages import Fact, messages_for
from services.notifications.persistence import messages
from shared.db import UnitOfWork
from shared.events import Event

PARAMS = ("programme", "street", "outcome", "due_on", "to", "level", "about")
MARKS = ("cause", "reason", "by_post", "assignee", "holder")
PLANNED = "planned"
"""The status of a leg that waits for the street's check."""


def tell(uow: UnitOfWork, events: Sequence[Event]) -> None:
    """Write one message for each event and inbox, in one round trip; ``data`` is what the reader schema loads."""
    messages.add(uow.connection, [message for event in events for message in messages_for(_fact(event))])


def _fact(event: Event) -> Fact:
    if event.agency is None:
        message = f"{event.type} without an agency"
        raise ValueError(message)
    data = event.data
    return Fact(
        event_id=event.id,
        type=event.type,
        subject=event.subject,
        agency=event.agency,
        at=event.time,
        number=str(data["number"]),
        unit=str(data["unit"]),
        request=event.correlation,
        desk_street=str(data["desk_street"]) if data.get("desk_street") else None,
        issued=data.get("status") != PLANNED,
        copy_to=tuple(cast("Sequence[str]", data.get("copy_to", ()))),
        circular=bool(data.get("circular")),
        whose=str(data["whose"]) if data.get("whose") else None,
        marks={name: str(data[name]) for name in MARKS if data.get(name)},
        params={name: str(data[name]) for name in PARAMS if data.get(name)},
    )
