"""How far a consumer is behind: the time from an event's writing to its effect, measured where it takes effect."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence

from shared.messaging import Delivery, Handle
from shared.telemetry.trouble import Trouble

BEHIND_SECONDS = 60.0
"""An event takes effect within a second; a consumer that is this late is told to operators …"""
LASTING_SECONDS = 15.0
"""… when it has been so for this long: a few events sent again long after are no sign of anything."""

# The envelope begins with its id, a UUIDv7, which carries the moment at which the event was written.
_WRITTEN = re.compile(rb'"id":"([0-9a-f]{8})-([0-9a-f]{4})-7')
_HEAD = 200


def written_at(body: bytes) -> float | None:
    """Read from a message when its event was written, in seconds since 1970; None if it does not tell."""
    found = _WRITTEN.search(body, 0, _HEAD)
    return None if found is None else int(found[1] + found[2], 16) / 1000


class Followed:
    """A handler that notes how late each batch took effect, and the beat that tells when it stays late."""

    def __init__(
        self,
        handle: Handle,
        beat: Callable[[str | Trouble | None], None],
        observe: Callable[[float], None],
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._handle = handle
        self._beat = beat
        self._observe = observe
        self._now = now
        self._lag = 0.0
        self._late_since: float | None = None
        self._last = 0.0

    def __call__(self, deliveries: Sequence[Delivery]) -> None:
        """Handle a batch, then note by how much it was late; what cannot be handled is not measured."""
        self._handle(deliveries)
        now = self._now()
        moments = [moment for delivery in deliveries if (moment := written_at(delivery.body)) is not None]
        for moment in moments:
            self._observe(max(now - moment, 0.0))
        if not moments:
            return
        # The youngest counts: beside it may lie some that were sent again.
        self._lag, self._last = now - max(moments), now
        if self._lag < BEHIND_SECONDS:
            self._late_since = None
        elif self._late_since is None:
            self._late_since = now

    def beat(self, problem: str | Trouble | None) -> None:
        """Tell what is wrong, or else that it is behind; one that has had nothing to do for a while is not."""
        now = self._now()
        if now - self._last > LASTING_SECONDS:
            self._late_since = None
        if problem is None and self._late_since is not None and now - self._late_since >= LASTING_SECONDS:
            self._beat(Trouble.of("consumer-behind", seconds=round(self._lag)))
        else:
            self._beat(problem)
