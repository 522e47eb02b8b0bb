"""Which of a referral's clocks runs in which status, and which of the running ones is due first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from services.referrals.domain.status import Status
from shared.clock import Calendar, Deadline, deadline, local_date
from shared.text import Text

ACKNOWLEDGE, ACCEPT, DECIDE = "acknowledge", "accept", "decide"

RUNNING: Mapping[Status, tuple[str, ...]] = MappingProxyType(
    {
        Status.PLANNED: (),
        Status.ISSUED: (ACKNOWLEDGE, ACCEPT, DECIDE),
        Status.RECEIVED: (ACCEPT, DECIDE),
        Status.RETURN_PROPOSED: (ACCEPT, DECIDE),
        Status.AWAITING_DOCUMENTS: (),
        Status.ACCEPTED: (DECIDE,),
        Status.IN_PROGRESS: (DECIDE,),
        Status.TRANSFER_PROPOSED: (DECIDE,),
        Status.SUSPENDED: (),
        Status.RETURNED: (),
        Status.TRANSFERRED: (),
        Status.CLOSED: (),
        Status.CANCELLED: (),
    }
)
"""The clocks an agency can still miss in each status: what it has done (signed for, accepted) no longer runs."""

CLOCK_TEXTS: Mapping[str, Text] = MappingProxyType(
    {
        ACKNOWLEDGE: Text("签收时限", "Time to acknowledge"),
        ACCEPT: Text("受理时限", "Time to accept"),
        DECIDE: Text("办结时限", "Time to decide"),
    }
)

UNIT_TEXTS: Mapping[str, Text] = MappingProxyType(
    {
        "working_day": Text("个工作日", "working days"),
        "calendar_day": Text("个自然日", "calendar days"),
        "hour": Text("小时", "hours"),
    }
)


class Starts(NamedTuple):
    """The moments a clock may start from; None is still to come."""

    issued: datetime | None
    received: datetime | None
    accepted: datetime | None


@dataclass(frozen=True, slots=True)
class Running:
    """One running clock: its name, when it started and when it is due."""

    clock: str
    started_at: datetime
    due_at: datetime
    due_on: date
    yellow_on: date


@dataclass(frozen=True, slots=True)
class Timetable:
    """What deadlines are reckoned with: the calendar of the district and its time zone."""

    calendar: Calendar
    timezone: str

    def due(self, rule: Mapping[str, Any], started_at: datetime) -> Deadline:
        """Work out one clock's deadline."""
        return deadline(rule, started_at, self.calendar, self.timezone)  # type: ignore[arg-type]

    def day_of(self, at: datetime) -> date:
        """Give the day of a moment in the district's own time."""
        return local_date(at, self.timezone)


def clock(name: str, rules: Mapping[str, Any], starts: Starts, timetable: Timetable) -> Running | None:
    """Give one clock of the rules that travelled with the referral; None if it has none or has not started."""
    rule = rules["clocks"].get(name)
    if rule is None:
        return None
    started_at: datetime | None = getattr(starts, rule["starts_on"])
    if started_at is None:
        return None
    due = timetable.due(rule, started_at)
    return Running(name, started_at, due.due_at, due.due_on, due.yellow_on)


def due_first(
    status: Status, rules: Mapping[str, Any], starts: Starts, timetable: Timetable
) -> Running | None:
    """Give the running clock that is due first in a status; None while none runs.

    Of two that are due at the same moment the one that stands first in ``RUNNING`` counts.
    """
    first: Running | None = None
    for name in RUNNING[status]:
        running = clock(name, rules, starts, timetable)
        if running is not None and (first is None or running.due_at < first.due_at):
            first = running
    return first
