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
    remaining,
    total_until,
)
from shared.clock.explanation import ExplainedDay, explain
from shared.clock.pauses import Pause
from shared.clock.spans import is_span_of_time
from shared.clock.steps import PublicityRule, StepDue, publicity_ends_at, publicity_pause, step_dues

__all__ = [
    "Calendar",
    "Clock",
    "ClockRule",
    "Day",
    "DayMark",
    "Deadline",
    "ExplainedDay",
    "FixedClock",
    "Light",
    "Pause",
    "PublicityRule",
    "StatusKind",
    "StepDue",
    "SystemClock",
    "days_left",
    "deadline",
    "explain",
    "is_span_of_time",
    "light",
    "local_date",
    "publicity_ends_at",
    "publicity_pause",
    "remaining",
    "step_dues",
    "total_until",
]
