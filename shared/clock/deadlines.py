"""From a clock's rule to its due moment, the moment it turns yellow, and the light shown now.

Sources: 行政许可法 Art. 82 (limits are working days), 民事诉讼法 Art. 85 (the first day is not counted; a last day
that is a holiday moves to the next working day).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NotRequired, Protocol, TypedDict
from zoneinfo import ZoneInfo

from shared.clock.calendar import Calendar
from shared.clock.pauses import Days, Pause, Paused, add_hours, moments_left_out, take_hours

Unit = Literal["working_day", "calendar_day", "hour"]
Start = Literal["issued", "received", "accepted"]
Light = Literal["green", "yellow", "red", "grey", "blue"]
StatusKind = Literal["running", "paused", "ended"]

END_OF_DAY = time(23, 59, 59)
_THREE_WORKING_DAYS = 3


class ClockRule(TypedDict):
    """One clock as it travels in a leg's rules; ``total`` and ``extended_total`` count ``unit``."""

    unit: Unit
    total: int
    extended_total: NotRequired[int | None]
    starts_on: NotRequired[Start]


class Timed(Protocol):
    """What ``light`` needs to know of a deadline (a table row will do)."""

    @property
    def due_at(self) -> datetime:
        """Last moment in time."""
        ...

    @property
    def yellow_at(self) -> datetime:
        """First moment at which time is short."""
        ...


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a clock runs out.

    ``due_at`` (aware, UTC) is the last moment in time: for day units the end of ``due_on`` in the district's own
    time, for hours the exact moment. ``yellow_at`` is the first moment at which time is short: for day units the
    beginning of a day. ``due_on`` and ``yellow_on`` are their days in the district's own time.
    """

    due_at: datetime
    due_on: date
    yellow_at: datetime
    yellow_on: date


def local_date(at: datetime, timezone: str) -> date:
    """Give the day on which an aware moment falls in the district's own time."""
    return at.astimezone(ZoneInfo(timezone)).date()


def deadline(
    rule: ClockRule,
    started_at: datetime,
    calendar: Calendar,
    timezone: str,
    pauses: Sequence[Pause] = (),
    used: int = 0,
) -> Deadline:
    """Work out when a clock that started at ``started_at`` (aware) runs out.

    Working days: the first day is not counted. Calendar days: likewise, and a last day off moves to the next
    working day. Hours run through nights and holidays. What lies in a pause does not count (see ``Pause``), in any
    unit. ``used`` units count as gone already; at least one remains, and the light is that of what remains. An
    extended clock is the same clock with a larger ``total``.

    Raises ``ValueError`` for a unit that does not exist, for a total below 1 and for ``used`` below 0.
    """
    unit, total = rule["unit"], remaining(rule, used)
    if unit == "hour":
        return _after_hours(total, started_at, calendar, timezone, pauses)
    first = local_date(started_at, timezone)
    if pauses:
        return _after_days(unit, total, first, Paused(calendar, pauses, timezone), timezone)
    key = (unit, timezone, total, first)
    return calendar.remembered(key) or calendar.remember(
        key, _after_days(unit, total, first, calendar, timezone)
    )


def remaining(rule: ClockRule, used: int) -> int:
    """Give the units a clock has when it starts: its total without those used before, but never fewer than one.

    Raises ``ValueError`` for a total below 1 and for ``used`` below 0.
    """
    if rule["total"] < 1:
        message = f"a clock needs at least 1 {rule['unit']}, not {rule['total']}"
        raise ValueError(message)
    if used < 0:
        message = f"{used} units cannot have been used"
        raise ValueError(message)
    return max(rule["total"] - used, 1)


def total_until(
    rule: ClockRule,
    started_at: datetime,
    wanted_on: date,
    calendar: Calendar,
    timezone: str,
    pauses: Sequence[Pause] = (),
    used: int = 0,
) -> int:
    """Give the smallest total with which a clock is not due before ``wanted_on``, a day in the district's own time.

    For an extension that is asked for by its day; the rule's own total plays no part. Raises as ``deadline``.
    """

    def reaches(total: int) -> bool:
        tried: ClockRule = {**rule, "total": total}
        return deadline(tried, started_at, calendar, timezone, pauses, used).due_on >= wanted_on

    enough = 1
    while not reaches(enough):
        enough *= 2
    return bisect_left(range(enough), x=True, lo=1, key=reaches)


def _after_days(unit: str, total: int, first: date, days: Days, timezone: str) -> Deadline:
    if unit == "working_day":
        due_on = days.last_day(days.add_working_days(first, total))
        tenths = min(max(10 * _THREE_WORKING_DAYS, 2 * total), 5 * total)
        yellow_on = _fewer_working_days_left(due_on, tenths, days)
    elif unit == "calendar_day":
        due_on = days.last_day(days.add_days(first, total))
        yellow_on = max(
            min(
                _fewer_working_days_left(due_on, 10 * _THREE_WORKING_DAYS, days),
                _fewer_days_left(due_on, 2 * total, days),
            ),
            _fewer_days_left(due_on, 5 * total, days),
        )
    else:
        message = f"no such unit of time: {unit}"
        raise ValueError(message)
    due_at = datetime.combine(due_on, END_OF_DAY, ZoneInfo(timezone)).astimezone(UTC)
    return Deadline(due_at, due_on, _beginning(yellow_on, timezone), yellow_on)


def _after_hours(
    total: int, started_at: datetime, calendar: Calendar, timezone: str, pauses: Sequence[Pause]
) -> Deadline:
    left_out = moments_left_out(pauses, started_at)
    days: Days = Paused(calendar, pauses, timezone) if pauses else calendar
    whole = timedelta(hours=total)
    due_at = add_hours(started_at, whole, left_out).astimezone(UTC)
    due_on = local_date(due_at, timezone)
    three_days = _fewer_working_days_left(due_on, 10 * _THREE_WORKING_DAYS, days)
    yellow_at = max(
        min(_beginning(three_days, timezone), take_hours(due_at, whole / 5, left_out)),
        take_hours(due_at, whole / 2, left_out),
    )
    return Deadline(due_at, due_on, yellow_at, local_date(yellow_at, timezone))


def _beginning(on: date, timezone: str) -> datetime:
    return datetime.combine(on, time(), ZoneInfo(timezone)).astimezone(UTC)


def _fewer_working_days_left(due_on: date, tenths: int, days: Days) -> date:
    """Give the first day on which fewer than ``tenths`` / 10 working days remain after it up to ``due_on``."""
    most = (tenths - 1) // 10
    # A due day that is itself off (hours only) holds no working day, so the count begins one day earlier.
    return days.add_working_days(due_on, -most if days.is_working_day(due_on) else -(most + 1))


def _fewer_days_left(due_on: date, tenths: int, days: Days) -> date:
    return days.add_days(due_on, -((tenths - 1) // 10))


def light(kind: StatusKind, due: Timed | None, now: datetime) -> Light:
    """Give the light of a leg: blue ended, grey paused, red overdue, yellow when time is short, else green.

    Without a due date nothing can be late: green.
    """
    if kind != "running":
        return "blue" if kind == "ended" else "grey"
    if due is None or now < due.yellow_at:
        return "green"
    return "yellow" if now <= due.due_at else "red"


def days_left(due_on: date, today: date, calendar: Calendar) -> int:
    """Count the working days after ``today`` up to and including ``due_on``.

    On the due day 0, although a clock in hours may run out in the course of it; after it always negative, also on the
    weekend right after it.
    """
    left = calendar.working_days_between(today, due_on)
    return min(left, -1) if today > due_on else left
