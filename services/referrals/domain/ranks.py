"""The one number by which every list of referrals is sorted."""

from __future__ import annotations

from datetime import UTC, datetime

from services.referrals.domain.clocks import Running
from services.referrals.domain.status import ENDED, Status

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ENDED_LAST = 1_000_000_000_000
NO_CLOCK = 500_000_000_000
"""Ranks from this on are those of open referrals without a running clock."""
OPEN_BELOW = 900_000_000_000
"""Ranks below this are those of open referrals, and of ended ones whose agency still owes an answer."""


def rank(status: Status, running: Running | None, at: datetime) -> int:
    """Give one number by which a queue is sorted: open referrals by their due moment, then ended ones, newest first.

    Open ones whose clock is paused stand between the two. An ended one of which something is still owed has a running
    clock, and stands among the open ones. Counts seconds.
    """
    if running is not None:
        return _seconds(running.due_at)
    return _ENDED_LAST - _seconds(at) if status in ENDED else NO_CLOCK + _seconds(at)


def _seconds(at: datetime) -> int:
    return int((at - _EPOCH).total_seconds())
