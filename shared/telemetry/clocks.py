"""How far the clock of this machine is from its database's, whose time heartbeats are written in."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from shared.clock import Clock, SystemClock
from shared.telemetry.trouble import Trouble

TOLERATED_SECONDS = 3.0
"""Machines that keep their time by NTP differ by milliseconds; beyond this people are told."""

_CLOCK = sa.select(sa.func.clock_timestamp())


def measured(connection: Connection, clock: Clock | None = None) -> tuple[datetime, float]:
    """Give the database's present moment, and by how many seconds our own clock is at least away from it.

    More than nothing is ahead of the database, less is behind. What the question itself took is not counted. SQLite
    has no clock but ours, and a ``clock`` that is given is taken for the database's too.
    """
    ours = clock or SystemClock()
    if clock is not None or connection.dialect.name != "postgresql":
        return ours.now(), 0.0
    before = ours.now()
    theirs: datetime = connection.scalar(_CLOCK)  # type: ignore[assignment] # it always tells
    after = ours.now()
    if before > theirs:
        return theirs, (before - theirs).total_seconds()
    return theirs, min((after - theirs).total_seconds(), 0.0)


def differing(host: str, difference: float) -> list[Trouble]:
    """Give the trouble of a host whose clock is too far away, or none."""
    if abs(difference) <= TOLERATED_SECONDS:
        return []
    return [Trouble.of("clock-differs", about=host, seconds=round(difference))]
