"""Time that does not count: the pauses of a clock, and a calendar that leaves their days out."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from shared.clock.calendar import Calendar

_ONE = timedelta(1)


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch in which a clock stood still (aware moments), and what for.

    Counted in days, the day of pausing is used and the day of resuming is not: a pause from Monday to Thursday takes
    out Tuesday, Wednesday and Thursday. Counted in hours it takes out exactly its own length.
    """

    start: datetime
    end: datetime
    kind: str = "pause"

    def __post_init__(self) -> None:
        """Refuse with ``ValueError`` a pause without a zone, or one that ends before it begins."""
        if self.start.tzinfo is None or self.end.tzinfo is None:
            message = "a pause lies between aware moments"
            raise ValueError(message)
        if self.end < self.start:
            message = f"a pause that began at {self.start} cannot end at {self.end}"
            raise ValueError(message)


class Days(Protocol):
    """What a deadline needs of a calendar: days that count, forward and back; ``Calendar`` itself is one."""

    def is_working_day(self, on: date) -> bool:
        """Tell whether offices work on that day and the clock runs."""
        ...

    def add_working_days(self, on: date, days: int) -> date:
        """Go so many working days that count forward, or back if negative."""
        ...

    def add_days(self, on: date, days: int) -> date:
        """Go so many calendar days that count forward, or back if negative."""
        ...

    def last_day(self, on: date) -> date:
        """Give ``on``, or the first day after it, on which a clock can run out."""
        ...


class Paused:
    """A calendar without the days on which one clock stood still."""

    def __init__(self, calendar: Calendar, pauses: Sequence[Pause], timezone: str) -> None:
        """Take the pauses in any order; they may overlap and touch."""
        self._calendar = calendar
        zone = ZoneInfo(timezone)
        days = sorted(
            (pause.start.astimezone(zone).date(), pause.end.astimezone(zone).date()) for pause in pauses
        )
        # Each stretch leaves out the days after ``begun`` up to and including ``ended``.
        self._begun: list[date] = []
        self._ended: list[date] = []
        for begun, ended in days:
            if begun == ended:
                continue
            if self._ended and begun <= self._ended[-1]:
                self._ended[-1] = max(self._ended[-1], ended)
            else:
                self._begun.append(begun)
                self._ended.append(ended)

    def stands_still(self, on: date) -> bool:
        """Tell whether a day is left out."""
        place = bisect_left(self._begun, on) - 1
        return place >= 0 and on <= self._ended[place]

    def begins_a_pause(self, on: date) -> bool:
        """Tell whether the clock stopped on that day and stood still on the next."""
        place = bisect_left(self._begun, on)
        return place < len(self._begun) and self._begun[place] == on

    def is_working_day(self, on: date) -> bool:
        """Tell whether offices work on that day and the clock runs."""
        return self._calendar.is_working_day(on) and not self.stands_still(on)

    def add_working_days(self, on: date, days: int) -> date:
        """Go so many working days that count forward, or back if negative."""
        if days < 0:
            return self._back(on, -days, working=True)
        return self._forward(on, days, working=True)

    def add_days(self, on: date, days: int) -> date:
        """Go so many calendar days that count forward, or back if negative."""
        if days < 0:
            return self._back(on, -days, working=False)
        return self._forward(on, days, working=False)

    def last_day(self, on: date) -> date:
        """Give ``on``, or the first day after it, on which a clock can run out: a working day that counts.

        Nor can it run out on a day on which it was stopped: whoever stops it on the last day has not had that day
        in full, and finds it again after the pause instead of being late at the moment the clock goes on.
        """
        while not self.is_working_day(on) or self.begins_a_pause(on):
            on += _ONE
        return on

    def _forward(self, on: date, days: int, *, working: bool) -> date:
        place = bisect_right(self._ended, on)
        for begun, ended in zip(self._begun[place:], self._ended[place:], strict=True):
            between = self._between(on, begun, working=working)
            if between >= days:
                break
            days -= between
            on = ended
        return self._go(on, days, working=working)

    def _back(self, on: date, days: int, *, working: bool) -> date:
        place = bisect_left(self._begun, on)
        for begun, ended in zip(reversed(self._begun[:place]), reversed(self._ended[:place]), strict=True):
            # Counted are the days before ``on`` that lie after the stretch.
            between = self._between(ended, on - _ONE, working=working)
            if between >= days:
                break
            days -= between
            on = min(on, begun + _ONE)
        return self._go(on, -days, working=working)

    def _between(self, after: date, until: date, *, working: bool) -> int:
        if until <= after:
            return 0
        return self._calendar.working_days_between(after, until) if working else (until - after).days

    def _go(self, on: date, days: int, *, working: bool) -> date:
        return self._calendar.add_working_days(on, days) if working else on + timedelta(days)


def moments_left_out(pauses: Sequence[Pause], after: datetime) -> list[tuple[datetime, datetime]]:
    """Give the pauses after a moment, in order and without overlap, for a clock that counts hours."""
    merged: list[tuple[datetime, datetime]] = []
    for pause in sorted(pauses, key=lambda pause: pause.start):
        begun, ended = max(pause.start, after), pause.end
        if ended <= begun:
            continue
        if merged and begun <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ended))
        else:
            merged.append((begun, ended))
    return merged


def add_hours(at: datetime, span: timedelta, left_out: Sequence[tuple[datetime, datetime]]) -> datetime:
    """Go a span forward from a moment, over what ``moments_left_out`` gave for it."""
    due = at + span
    for begun, ended in left_out:
        if begun >= due:
            break
        due += ended - begun
    return due


def take_hours(at: datetime, span: timedelta, left_out: Sequence[tuple[datetime, datetime]]) -> datetime:
    """Go a span back from a moment that lies in no pause."""
    found = at - span
    for begun, ended in reversed(left_out):
        if ended <= found:
            break
        if begun < at:
            found -= ended - begun
    return found
