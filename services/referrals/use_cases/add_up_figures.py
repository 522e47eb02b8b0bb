"""Adds up what changed, and counts what was there before the figures: a timer, harmless when several machines do it."""

from __future__ import annotations

import time

from services.referrals.domain.figures import contribution
from services.referrals.persistence import figure_backlog, figure_sums
from services.referrals.use_cases.context import Context, timetable

AT_ONCE = 1000
SPAN_SECONDS = 1.0
"""After so long no further transaction of a run is begun: other timers wait for this one."""


def add_up(context: Context) -> int:
    """Add up what waits, the oldest first; gives how many differences that was.

    Each batch is one transaction: taken away and added up, or neither. Of several who do it at once one works and the
    others go.
    """
    begun = time.monotonic()
    done = added = _batch(context)
    while added and time.monotonic() - begun < SPAN_SECONDS:
        added = _batch(context)
        done += added
    return done


def _batch(context: Context) -> int:
    with context.database.unit_of_work() as uow:
        if not figure_sums.alone(uow.connection):
            return 0
        changes = figure_sums.take(uow.connection, AT_ONCE)
        if not changes:
            reckoning = timetable(context.directory.current())
            changes = [
                (figure, count, referral.person)
                for referral in figure_backlog.take(uow.connection, AT_ONCE)
                for figure, count in contribution(referral, reckoning).items()
            ]
        if changes:
            figure_sums.add(uow.connection, changes)
    return len(changes)
