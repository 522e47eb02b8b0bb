"""The working-day calendar: district overrides over imported notices over the statutory days of ``holidays``."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from shared.clock.statutory import statutory_year
from shared.text import Text

if TYPE_CHECKING:
    from shared.clock.deadlines import Deadline

Layer = Literal["notice", "override"]
Source = Literal["override", "notice", "statutory", "weekday"]

_SATURDAY = 5
_REMEMBERED = 8192


@dataclass(frozen=True, slots=True)
class DayMark:
    """One day that a district or a notice has marked.

    ``notice_year`` is the year the notice is for: the notice for 2027 may well make a Sunday of December 2026
    a working day, and that does not make it the notice for 2026.
    """

    on: date
    working: bool
    name: Text
    layer: Layer
    notice_year: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """What the calendar says about one day, and on whose word."""

    on: date
    working: bool
    name: Text | None
    source: Source
    provisional: bool


class _Year(NamedTuple):
    """The working days of one year as ordinals in order; all arithmetic is a bisect in here."""

    ordinals: tuple[int, ...]
    ordinal_set: frozenset[int]


class Calendar:
    """Working days, with tables made once per year.

    A year for which a notice is imported is taken from the notice alone (the notice says everything about its
    year); any other year is taken from the package, provisional while the package lacks the make-up workdays.
    Days the district itself marks win over both.
    """

    def __init__(self, marks: Iterable[DayMark] = ()) -> None:
        """Build from marked days in any order; two marks of one layer for one day: the later one wins."""
        self.marks: tuple[DayMark, ...] = tuple(marks)
        self._overrides = {mark.on: mark for mark in self.marks if mark.layer == "override"}
        self._notices = {mark.on: mark for mark in self.marks if mark.layer == "notice"}
        self._notice_years = frozenset(mark.notice_year for mark in self.marks if mark.layer == "notice")
        self._years: dict[int, _Year] = {}
        # The answers of shared.clock.deadlines for this calendar: on the hot path the same few rules start on
        # the same day thousands of times.
        self._deadlines: dict[tuple[str, str, int, date], Deadline] = {}

    def __eq__(self, other: object) -> bool:
        """Tell whether both hold the same marks."""
        return isinstance(other, Calendar) and self.marks == other.marks

    def __hash__(self) -> int:
        """Hash by the marks."""
        return hash(self.marks)

    def is_working_day(self, on: date) -> bool:
        """Tell whether offices work on that day."""
        return on.toordinal() in self._year(on.year).ordinal_set

    def is_provisional(self, on: date) -> bool:
        """Tell whether the answer for that day may still change with the year's notice."""
        return self.day(on).provisional

    def is_final(self, year: int) -> bool:
        """Tell whether a year's days are those of its notice, marked here or known to the package."""
        return year in self._notice_years or not statutory_year(year).provisional

    def day(self, on: date) -> Day:
        """Explain one day: working or not, its name, whose word it is, and whether that is final."""
        mark = self._overrides.get(on)
        if mark is not None:
            return Day(on, mark.working, mark.name, "override", provisional=False)
        mark = self._notices.get(on)
        if mark is not None:
            return Day(on, mark.working, mark.name, "notice", provisional=False)
        weekday = on.weekday() < _SATURDAY
        if on.year in self._notice_years:
            return Day(on, weekday, None, "weekday", provisional=False)
        statutory = statutory_year(on.year)
        if on in statutory.off:
            return Day(
                on,
                working=False,
                name=statutory.off[on],
                source="statutory",
                provisional=statutory.provisional,
            )
        if on in statutory.work:
            return Day(on, working=True, name=_MADE_UP, source="statutory", provisional=False)
        return Day(on, weekday, None, "weekday", provisional=statutory.provisional)

    def add_working_days(self, on: date, days: int) -> date:
        """Go ``days`` working days forward (or back, if negative) from ``on``, which is not counted itself.

        Zero gives ``on`` unchanged, working day or not.
        """
        if days == 0:
            return on
        year = on.year
        ordinals = self._year(year).ordinals
        ordinal = on.toordinal()
        if days > 0:
            place = bisect_left(ordinals, ordinal + 1) + days - 1
            while place >= len(ordinals):
                place -= len(ordinals)
                year += 1
                ordinals = self._year(year).ordinals
            return date.fromordinal(ordinals[place])
        place = bisect_left(ordinals, ordinal) + days
        while place < 0:
            year -= 1
            ordinals = self._year(year).ordinals
            place += len(ordinals)
        return date.fromordinal(ordinals[place])

    def add_days(self, on: date, days: int) -> date:
        """Go ``days`` calendar days forward, or back if negative."""
        return on + timedelta(days)

    def next_working_day(self, on: date) -> date:
        """Give ``on`` itself if it is a working day, else the first one after it."""
        return on if self.is_working_day(on) else self.add_working_days(on, 1)

    last_day = next_working_day
    """Where a clock that was never paused can run out (see ``shared.clock.pauses.Days``)."""

    def working_days_between(self, after: date, until: date) -> int:
        """Count the working days after ``after`` up to and including ``until``; negative if ``until`` is earlier."""
        if until < after:
            return -self.working_days_between(until, after)
        total = -bisect_left(self._year(after.year).ordinals, after.toordinal() + 1)
        for year in range(after.year, until.year):
            total += len(self._year(year).ordinals)
        return total + bisect_left(self._year(until.year).ordinals, until.toordinal() + 1)

    def fingerprint(self, first: int, last: int) -> str:
        """Give 64 hexadecimal digits that are the same while the working days of these years are the same."""
        worked = (ordinal for year in range(first, last + 1) for ordinal in self._year(year).ordinals)
        return hashlib.sha256(",".join(map(str, worked)).encode()).hexdigest()

    def remembered(self, key: tuple[str, str, int, date]) -> Deadline | None:
        """Give a deadline worked out before for (unit, timezone, total, first day), if any."""
        return self._deadlines.get(key)

    def remember(self, key: tuple[str, str, int, date], value: Deadline) -> Deadline:
        """Keep a deadline for the next who asks; the memory is emptied when it grows large."""
        if len(self._deadlines) >= _REMEMBERED:
            self._deadlines.clear()
        self._deadlines[key] = value
        return value

    def _year(self, year: int) -> _Year:
        table = self._years.get(year)
        if table is None:
            first = date(year, 1, 1)
            days = (first + timedelta(n) for n in range((date(year, 12, 31) - first).days + 1))
            ordinals = tuple(on.toordinal() for on in days if self.day(on).working)
            table = self._years[year] = _Year(ordinals, frozenset(ordinals))
        return table


_MADE_UP = Text("调休上班", "Make-up working day")
