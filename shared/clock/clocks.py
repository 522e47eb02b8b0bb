"""Where the present moment comes from, so that tests and the demo can choose it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Anything that tells the time.

    In whole milliseconds, as events do: in finer steps what was done would stand after the answer to it.
    """

    def now(self) -> datetime:
        """Give the present moment, aware, in UTC, in whole milliseconds."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Give the present moment, aware, in UTC, in whole milliseconds."""
        return _whole(datetime.now(UTC))


class FixedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        """Start at ``at``; raises ``ValueError`` for a naive moment."""
        self._at = _in_utc(at)

    def now(self) -> datetime:
        """Give the moment the clock was last set to, aware, in UTC."""
        return self._at

    def move_to(self, at: datetime) -> None:
        """Set the clock, forward or back; raises ``ValueError`` for a naive moment."""
        self._at = _in_utc(at)


def _in_utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        message = "a clock takes aware moments only"
        raise ValueError(message)
    return _whole(at.astimezone(UTC))


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
