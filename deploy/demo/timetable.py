"""When the demo's cases were filed and acted on: working days back from today, in office hours, never ahead of now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from deploy.demo.plan import ACTIONS, Case, Leg
from shared.directory import District

OPENS = time(9, 0)
OFFICE_MINUTES = 7 * 60
BEFORE_NOW = timedelta(minutes=60)
"""What the plan puts on today is filed at most an hour ago, whatever the time of day."""
APART = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Deed:
    """One action of a desk at one moment."""

    at: datetime
    action: str


class Timetable:
    """Turns a plan's working days into moments (aware, UTC); the same plan gives the same moments all day long."""

    def __init__(self, district: District, now: datetime) -> None:
        self._calendar = district.calendar
        self._zone = ZoneInfo(district.timezone)
        self._now = now
        self._today = now.astimezone(self._zone).date()

    def filed(self, case: Case, number: int) -> datetime:
        """Give when the case of this number was filed."""
        return min(self._moment(self._day(case), number * 37), self._now - BEFORE_NOW)

    def deeds(self, case: Case, leg: Leg, number: int, filed: datetime) -> Sequence[Deed]:
        """Give what the leg's desk did and when, each after the one before it."""
        return list(self._deeds(case, leg, number, filed))

    def _deeds(self, case: Case, leg: Leg, number: int, filed: datetime) -> Iterator[Deed]:
        last = filed
        for place, action in enumerate(ACTIONS[: len(leg.did)], 1):
            day = self._calendar.add_working_days(self._day(case), leg.did[action])
            planned = self._moment(day, number * 53 + place * 41)
            latest = self._now - BEFORE_NOW + place * APART
            last = max(last + APART, min(planned, latest))
            yield Deed(last, action)

    def _day(self, case: Case) -> date:
        return self._calendar.add_working_days(self._today, -case.filed)

    def _moment(self, day: date, minutes: int) -> datetime:
        opened = datetime.combine(day, OPENS, self._zone)
        return (opened + timedelta(minutes=minutes % OFFICE_MINUTES)).astimezone(UTC)
