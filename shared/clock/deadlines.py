"""From a clock's rule to its due date, the day it turns yellow, and the light shown today.

Sources: 行政许可法 Art. 82 (limits are working days), 民事诉讼法 Art. 85 (the first day is not counted; a last day
that is a holiday moves to the next working day).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NotRequired, Protocol, TypedDict
from zoneinfo import ZoneInfo

from shared.clock.calendar import Calendar

Unit = Literal["working_day", "calendar_day", "hour"]
Start = Literal["issued", "received", "accepted"]
Light = Literal["green", "yellow", "red", "grey", "blue"]
StatusKind = Literal["running", "paused", "ended"]

_END_OF_DAY = time(23, 59, 59)
_THREE_WORKING_DAYS = 3


class ClockRule(TypedDict):
    """One clock as it travels in a leg's rules; ``total`` and ``extended_total`` count ``unit``."""

    unit: Unit
    total: int
    extended_total: NotRequired[int | None]
    starts_on: NotRequired[Start]


class Dated(Protocol):
    """What ``light`` needs to know of a deadline (a table row will do)."""

    @property
    def due_on(self) -> date:
        """Last day in time."""
        ...

    @property
    def yellow_on(self) -> date:
        """First day on which time is short."""
        ...


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a clock runs out.

    ``due_at`` (aware, UTC) is the last moment in time: for day units the end of ``due_on`` in the district's own
    time, for hours the exact moment. ``due_on`` and ``yellow_on`` are days in the district's own time.
    """

    due_at: datetime
    due_on: date
    yellow_on: date


def local_date(at: datetime, timezone: str) -> date:
    """Give the day on which an aware moment falls in the district's own time."""
    return at.astimezone(ZoneInfo(timezone)).date()


def deadline(rule: ClockRule, started_at: datetime, calendar: Calendar, timezone: str) -> Deadline:
    """Work out when a clock that started at ``started_at`` (aware) runs out.

    Working days: the first day is not counted. Calendar days: likewise, and a last day off moves to the next
    working day. Hours run through nights and holidays. Raises ``ValueError`` for a unit that does not exist and
    for a total below 1.
    """
    unit, total = rule["unit"], rule["total"]
    if total < 1:
        message = f"a clock needs at least 1 {unit}, not {total}"
        raise ValueError(message)
    if unit == "hour":
        return _after_hours(total, started_at, calendar, timezone)
    first = local_date(started_at, timezone)
    key = (unit, timezone, total, first)
    return calendar.remembered(key) or calendar.remember(
        key, _after_days(unit, total, first, calendar, timezone)
    )


def _after_days(unit: str, total: int, first: date, calendar: Calendar, timezone: str) -> Deadline:
    if unit == "working_day":
        due_on = calendar.add_working_days(first, total)
        tenths = min(max(10 * _THREE_WORKING_DAYS, 2 * total), 5 * total)
        yellow_on = _fewer_working_days_left(due_on, tenths, calendar)
    elif unit == "calendar_day":
        due_on = calendar.next_working_day(first + timedelta(total))
        yellow_on = max(
            min(
                _fewer_working_days_left(due_on, 10 * _THREE_WORKING_DAYS, calendar),
                _fewer_days_left(due_on, 2 * total),
            ),
            _fewer_days_left(due_on, 5 * total),
        )
    else:
        message = f"no such unit of time: {unit}"
        raise ValueError(message)
    due_at = datetime.combine(due_on, _END_OF_DAY, ZoneInfo(timezone)).astimezone(UTC)
    return Deadline(due_at, due_on, yellow_on)


def _after_hours(total: int, started_at: datetime, calendar: Calendar, timezone: str) -> Deadline:
    due_at = (started_at + timedelta(hours=total)).astimezone(UTC)
    due_on = local_date(due_at, timezone)
    yellow_on = max(
        min(
            _fewer_working_days_left(due_on, 10 * _THREE_WORKING_DAYS, calendar),
            local_date(due_at - timedelta(hours=total) / 5, timezone),
        ),
        local_date(due_at - timedelta(hours=total) / 2, timezone),
    )
    return Deadline(due_at, due_on, yellow_on)


def _fewer_working_days_left(due_on: date, tenths: int, calendar: Calendar) -> date:
    """Give the first day on which fewer than ``tenths`` / 10 working days remain after it up to ``due_on``."""
    most = (tenths - 1) // 10
    # A due day that is itself off (hours only) holds no working day, so the count begins one day earlier.
    return calendar.add_working_days(due_on, -most if calendar.is_working_day(due_on) else -(most + 1))


def _fewer_days_left(due_on: date, tenths: int) -> date:
    return due_on - timedelta((tenths - 1) // 10)


def light(kind: StatusKind, due: Dated | None, today: date) -> Light:
    """Give the light of a leg: blue ended, grey paused, red overdue, yellow when time is short, else green.

    Without a due date nothing can be late: green.
    """
    if kind != "running":
        return "blue" if kind == "ended" else "grey"
    if due is None or today < due.yellow_on:
        return "green"
    return "yellow" if today <= due.due_on else "red"


def days_left(due_on: date, today: date, calendar: Calendar) -> int:
    """Count the working days after ``today`` up to and including ``due_on``.

    On the due day 0; overdue always negative, also on the weekend right after the due day.
    """
    left = calendar.working_days_between(today, due_on)
    return min(left, -1) if today > due_on else left
