"""Time as the law counts it: clocks that are injected, working days, due dates and their lights."""

from shared.clock.calendar import Calendar, Day, DayMark
from shared.clock.clocks import Clock, FixedClock, SystemClock
from shared.clock.deadlines import (
    ClockRule,
    Deadline,
    Light,
    StatusKind,
    days_left,
    deadline,
    light,
    local_date,
)

__all__ = [
    "Calendar",
    "Clock",
    "ClockRule",
    "Day",
    "DayMark",
    "Deadline",
    "FixedClock",
    "Light",
    "StatusKind",
    "SystemClock",
    "days_left",
    "deadline",
    "light",
    "local_date",
]
