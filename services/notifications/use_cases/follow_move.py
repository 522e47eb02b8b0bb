"""A case went to another help desk: what was told about its legs goes to that desk's inbox, and it is told so."""

from __future__ import annotations

from collections.abc import Sequence

from services.notifications.domain import inboxes
from services.notifications.persistence import messages
from services.notifications.use_cases.tell import tell
from shared.db import UnitOfWork
from shared.events import Event


def follow_move(uow: UnitOfWork, events: Sequence[Event]) -> None:
    """Move the messages about legs from one desk's inbox to another's; what the old one has read is news to the new.

    ``data`` is what the reader schema loads: ``unit`` is whose the leg is now, ``from_unit`` whose it was.
    """
    for event in events:
        messages.hand_over(
            uow.connection,
            subject=event.subject,
            old=inboxes.filing_unit(str(event.data["from_unit"])),
            new=inboxes.filing_unit(str(event.data["unit"])),
        )
    tell(uow, events)
