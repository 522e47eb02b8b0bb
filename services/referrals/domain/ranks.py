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
"""Ranks below this are those of open referrals."""


def rank(status: Status, running: Running | None, at: datetime) -> int:
    """Give one number by which a queue is sorted: open referrals by their due moment, then ended ones, newest first.

    Open ones whose clock is paused stand between the two. Counts seconds.
    """
    if status in ENDED:
        return _ENDED_LAST - _seconds(at)
    return NO_CLOCK + _seconds(at) if running is None else _seconds(running.due_at)


def _seconds(at: datetime) -> int:
    return int((at - _EPOCH).total_seconds())
