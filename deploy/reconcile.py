"""Finds what was published and never settled by a consumer that wants it, and has it published again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from deploy.resend import Ask, Share, carry_out, followed
from shared.db import Database
from shared.messaging.topology import INTERESTS
from shared.outbox.upkeep import published, settled

GRACE = timedelta(minutes=1)
"""What was published more recently than this may still be on its way."""


def reconcile(
    databases: Mapping[str, Database], now: datetime, *, since: datetime | None = None
) -> dict[str, int]:
    """Compare every producer's published events with the receipts and letters of those who follow it.

    ``databases`` maps each service to its database; with ``since`` only what was published from then on is
    looked at. Gives, by producer, how many events are published again; a consumer that has one of them already takes
    it for the duplicate it is. Outside systems leave no receipts with us: what one of them has lost is sent again
    when an operator asks for it (``carehut replay --to``).
    """
    counts = {}
    for producer in databases:
        lacking: dict[str, frozenset[str]] = {}
        for consumer in INTERESTS:
            if types := followed(consumer, producer):
                with databases[producer].read() as connection:
                    sent = published(connection, types, now - GRACE, since)
                with databases[consumer].read() as connection:
                    lacking[consumer] = frozenset(sent - settled(connection, consumer, sent))
        missing = frozenset().union(*lacking.values())
        if missing:
            wanted = {consumer: len(events) for consumer, events in lacking.items()}
            share = Share(producer=producer, events=missing, forgotten=0, wanted=wanted, lacking=lacking)
            ask = Ask(since=since)
            counts[producer] = carry_out(databases, ask, [share], reason="reconcile", at=now)
    return counts
