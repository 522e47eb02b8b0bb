"""A due date explained day by day: which days a clock used, which it did not, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from shared.clock.calendar import Calendar, Day
from shared.clock.deadlines import ClockRule, deadline, local_date, remaining
from shared.clock.pauses import Pause, Paused, moments_left_out

Why = Literal["counted", "day-off", "paused", "stopped-on-last-day", "rolled", "past-due"]

_HOUR = timedelta(hours=1)
_ONE = timedelta(1)


@dataclass(frozen=True, slots=True)
class ExplainedDay:
    """One day of a clock.

    ``counted`` tells whether it used up time, and ``units`` how much of it, in the clock's own unit (hours with their
    fractions). ``why`` is ``counted``; ``day-off`` (a working-day clock skips it); ``paused``, with the pause's kind
    in ``pause``; ``stopped-on-last-day`` (the clock was stopped on what would have been its last day, which is given
    back after the pause); ``rolled`` (the last calendar day could not be the due day, so the clock runs on to this
    one); ``past-due``. ``day`` says whose word the calendar's answer is and whether it is final.
    """

    day: Day
    counted: bool
    units: float
    why: Why
    pause: str | None = None


def explain(
    rule: ClockRule,
    started_at: datetime,
    until: date,
    calendar: Calendar,
    timezone: str,
    pauses: Sequence[Pause] = (),
    used: int = 0,
) -> list[ExplainedDay]:
    """Explain the days of a clock from the first that can count up to and including ``until``.

    Days are the district's own. The units of all days up to the due day are together what the clock had when it
    started. Raises as ``deadline``.
    """
    due_on = deadline(rule, started_at, calendar, timezone, pauses, used).due_on
    total = remaining(rule, used)
    if rule["unit"] == "hour":
        return list(_hours(total, started_at, due_on, until, calendar, timezone, pauses))
    paused = Paused(calendar, pauses, timezone)
    kinds = _Kinds(pauses, timezone)
    working = rule["unit"] == "working_day"
    explained: list[ExplainedDay] = []
    left = total
    for on in _days(local_date(started_at, timezone) + _ONE, until):
        day = calendar.day(on)
        if on > due_on:
            explained.append(ExplainedDay(day, counted=False, units=0, why="past-due"))
        elif paused.stands_still(on):
            explained.append(ExplainedDay(day, counted=False, units=0, why="paused", pause=kinds.on(on)))
        elif working and not day.working:
            explained.append(ExplainedDay(day, counted=False, units=0, why="day-off"))
        elif working and left == 1 and on < due_on:
            stopped = kinds.on(on + _ONE)
            explained.append(
                ExplainedDay(day, counted=False, units=0, why="stopped-on-last-day", pause=stopped)
            )
        elif left == 0:
            explained.append(ExplainedDay(day, counted=False, units=0, why="rolled"))
        else:
            left -= 1
            explained.append(ExplainedDay(day, counted=True, units=1, why="counted"))
    return explained


class _Kinds:
    """What each paused day was paused for."""

    def __init__(self, pauses: Sequence[Pause], timezone: str) -> None:
        self._spans = [
            (local_date(pause.start, timezone), local_date(pause.end, timezone), pause.kind)
            for pause in pauses
        ]

    def on(self, on: date) -> str | None:
        """Give the kind of the first pause that leaves a day out."""
        return next((kind for begun, ended, kind in self._spans if begun < on <= ended), None)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(n) for n in range((last - first).days + 1))


def _hours(
    total: int,
    started_at: datetime,
    due_on: date,
    until: date,
    calendar: Calendar,
    timezone: str,
    pauses: Sequence[Pause],
) -> Iterator[ExplainedDay]:
    zone = ZoneInfo(timezone)
    kinds = sorted(pauses, key=lambda pause: pause.start)
    left_out = moments_left_out(pauses, started_at)
    left = timedelta(hours=total)
    for on in _days(local_date(started_at, timezone), until):
        begins = max(datetime.combine(on, time(), zone), started_at)
        ends = datetime.combine(on + _ONE, time(), zone)
        stood = sum((_overlap(begins, ends, *span) for span in left_out), timedelta())
        running = min(_length(begins, ends) - stood, left)
        day = calendar.day(on)
        if on > due_on:
            yield ExplainedDay(day, counted=False, units=0, why="past-due")
        elif left and not running:
            kind = next(
                (pause.kind for pause in kinds if _overlap(begins, ends, pause.start, pause.end)), None
            )
            yield ExplainedDay(day, counted=False, units=0, why="paused", pause=kind)
        else:
            # A clock that runs out at midnight is due on the day that then begins, and uses none of it.
            left -= running
            yield ExplainedDay(day, counted=True, units=running / _HOUR, why="counted")


def _length(begins: datetime, ends: datetime) -> timedelta:
    # In UTC: moments of one zone are subtracted by the wall clock, which leaves out a change of hour.
    return ends.astimezone(UTC) - begins.astimezone(UTC)


def _overlap(begins: datetime, ends: datetime, begun: datetime, ended: datetime) -> timedelta:
    return max(_length(max(begins, begun), min(ends, ended)), timedelta())
