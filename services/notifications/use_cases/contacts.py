"""Takes in where persons may be told, sealed as it came, and lets go of it when their consent ends.

Nothing is opened here: what can be seen from outside is checked, all else at the moment of sending.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import cast

from services.notifications.persistence import contacts, sendings
from shared.db import UnitOfWork
from shared.events import Event
from shared.inbox import Refused
from shared.outbox.scrubbing import SCRUBBED
from shared.sealing import looks_sealed
from shared.text import Text

ERASED = "erased"
REPLAYED = Text(
    "该联系方式密封包此前已送达，或该申请已有另一份联系方式：不予采用。",
    "This contact packet came before, or the request has another contact already: it is not used.",
)
NO_PACKET = Text(
    "联系方式不是本平台的密封包：不予采用。", "This is no sealed contact packet of ours: it is not used."
)
EXPIRED = Text(
    "该联系方式在发出时已过有效期：不予采用。", "This contact had expired when it was sent: it is not used."
)
NO_REQUEST = Text("联系方式没有写明属于哪项申请。", "The contact does not say which request it belongs to.")
A_DAY = timedelta(days=1)


def take_contact(uow: UnitOfWork, events: Sequence[Event]) -> None:
    """Store contact packets, each in the place of the one before; ``data`` is ``{channels, expires_on, packet}``.

    Raises:
        Refused: it is no packet, came before under another name, or had expired; an operator looks at it.
    """
    for event in events:
        packet, expires_on = str(event.data["packet"]), event.data["expires_on"]
        if packet == SCRUBBED:
            # Whoever it was is erased; that they are is told next.
            continue
        if event.correlation is None:
            raise Refused(NO_REQUEST)
        if not looks_sealed(packet):
            raise Refused(NO_PACKET)
        if not isinstance(expires_on, date) or expires_on < (event.time - A_DAY).date():
            raise Refused(EXPIRED)
        digest = hashlib.sha256(packet.encode()).digest()
        if contacts.in_the_way(uow.connection, event.subject, event.correlation, digest):
            raise Refused(REPLAYED)
        there = contacts.hold(uow.connection, event.subject)
        if there is not None and there["digest"] == digest:
            raise Refused(REPLAYED)
        row = {
            "id": event.subject,
            "request": event.correlation,
            "rev": event.sequence,
            "channels": list(cast("Sequence[str]", event.data["channels"])),
            "expires_on": expires_on,
            "packet": packet,
            "digest": digest,
            "received_at": event.time,
            "ended_at": None,
            "ended": None,
        }
        contacts.store(uow.connection, row, there=there is not None)


def end_contact(uow: UnitOfWork, events: Sequence[Event]) -> None:
    """Delete contact packets; ``data`` is ``{reason}``. Of an erased person nothing of what was sent stays either."""
    for event in events:
        contacts.end(uow.connection, event.subject, str(event.data["reason"]), event.time)
        if event.data["reason"] == ERASED:
            sendings.forget(uow.connection, event.subject)


def forget_contacts(uow: UnitOfWork, request: str, at: datetime) -> int:
    """Delete again what an older copy of the database has brought back of an erased person; gives how many packets."""
    lying = contacts.of_request(uow.connection, request)
    for contact in lying:
        contacts.end(uow.connection, contact, ERASED, at)
        sendings.forget(uow.connection, contact)
    return len(lying)


def retire_contacts(uow: UnitOfWork, before: datetime, most: int) -> int:
    """Delete what ended, and what was sent, before a moment, at most ``most`` of each; gives how many went."""
    return contacts.retire(uow.connection, before, most) + sendings.retire(uow.connection, before, most)
