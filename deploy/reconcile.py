"""Finds what was published and never settled by a consumer that wants it, and has it published again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from shared.db import Database
from shared.events import types_of
from shared.messaging.topology import INTERESTS
from shared.outbox.upkeep import publish_again, published, settled

GRACE = timedelta(minutes=1)
"""What was published more recently than this may still be on its way."""


def reconcile(
    databases: Mapping[str, Database], now: datetime, *, since: datetime | None = None
) -> dict[str, int]:
    """Compare every producer's published events with the receipts and letters of those who follow it.

    ``databases`` maps each service to its database; with ``since`` only what was published from then on is
    looked at. Gives, by producer, how many events are published again; a
    consumer that has one of them already takes it for the duplicate it is.
    """
    missing: dict[str, set[str]] = {service: set() for service in databases}
    for consumer, interests in INTERESTS.items():
        for producer in sorted({producer for producer, _aggregate in interests}):
            types = {
                row.type for owner, about in interests if owner == producer for row in types_of(owner, about)
            }
            with databases[producer].read() as connection:
                sent = published(connection, types, now - GRACE, since)
            with databases[consumer].read() as connection:
                missing[producer] |= sent - settled(connection, consumer, sent)
    return {
        producer: publish_again(databases[producer], events) for producer, events in missing.items() if events
    }
