"""Finds what was published and never settled by a consumer that wants it, and has it published again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from deploy.resend import Ask, carry_out, never_settled
from deploy.run_out import EXPIRED
from shared.db import Database

log = structlog.get_logger(__name__)

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
    ask = Ask(since=since, until=now - GRACE)
    shares = [never_settled(databases, ask, producer, now) for producer in databases]
    for share in shares:
        if share.held:
            # The desk has a task for it: what is sent again under no consent would be sent for nobody.
            log.warning("reconcile.held-back", producer=share.producer, count=share.held, reason=EXPIRED)
    return {
        share.producer: carry_out(databases, ask, [share], reason="reconcile", at=now)
        for share in shares
        if share.events
    }
