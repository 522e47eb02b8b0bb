"""A person was erased: every message about their legs goes, and what comes late about them is not told."""

from __future__ import annotations

from collections.abc import Sequence

from services.notifications.persistence import messages
from shared.db import UnitOfWork
from shared.events import Event


def forget(uow: UnitOfWork, events: Sequence[Event]) -> None:
    """Delete the messages about erased legs.

    The tombstone is counted with the leg, so all that was told of it came before; nothing is told of it afterwards,
    for referrals takes no action on it any more.
    """
    messages.forget(uow.connection, [event.subject for event in events])
