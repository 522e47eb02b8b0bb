"""Time within a deadline: the days a public notice hangs, and the limit of each named step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypedDict
from zoneinfo import ZoneInfo

from shared.clock.calendar import Calendar
from shared.clock.deadlines import END_OF_DAY, ClockRule, Deadline, Unit, deadline, local_date
from shared.clock.pauses import Pause

PUBLICITY = "publicity"
"""The step in which a notice hangs, and the kind of the pause it makes where its days do not count."""


class PublicityRule(TypedDict):
    """How long a public notice hangs, and whether its days count in the agency's time (安庆: no; others: yes)."""

    unit: Unit
    total: int
    counts: bool


@dataclass(frozen=True, slots=True)
class StepDue:
    """The limit of one step: when it began to run, when it is due, and when the step was reached.

    Of a step whose turn has not come, or that was passed over, ``started_at`` and ``due`` are None.
    """

    step: str
    rule: ClockRule
    started_at: datetime | None
    reached_at: datetime | None
    due: Deadline | None


def publicity_ends_at(
    rule: PublicityRule, started_at: datetime, calendar: Calendar, timezone: str
) -> datetime:
    """Give the moment (aware, UTC) at which a notice that was put up at ``started_at`` has hung long enough.

    In days the first is not counted, and it is the end of the last one, working day or not: a notice hangs through
    the weekend, and on Monday the agency may decide.
    """
    if rule["unit"] == "hour":
        return (started_at + timedelta(hours=rule["total"])).astimezone(UTC)
    first = local_date(started_at, timezone)
    go = calendar.add_working_days if rule["unit"] == "working_day" else calendar.add_days
    last: date = go(first, rule["total"])
    return datetime.combine(last, END_OF_DAY, ZoneInfo(timezone)).astimezone(UTC)


def publicity_pause(
    rule: PublicityRule | None, started_at: datetime, calendar: Calendar, timezone: str
) -> Pause | None:
    """Give the pause that a public notice makes; None where there is no notice or its days count."""
    if rule is None or rule["counts"]:
        return None
    return Pause(started_at, publicity_ends_at(rule, started_at, calendar, timezone), PUBLICITY)


def step_dues(
    steps: Sequence[str],
    limits: Mapping[str, ClockRule],
    accepted_at: datetime,
    reached: Mapping[str, datetime],
    calendar: Calendar,
    timezone: str,
    *,
    publicity: PublicityRule | None = None,
    pauses: Sequence[Pause] = (),
) -> list[StepDue]:
    """Give the limit of each step that has one, in the programme's order.

    A step's time begins when the step before it was reached (the first step's with acceptance), after a public
    notice when that has hung long enough. ``reached`` maps steps to the moment they were last recorded.
    """
    found: list[StepDue] = []
    began: datetime | None = accepted_at
    latest = accepted_at
    last_reached = max((place for place, step in enumerate(steps) if step in reached), default=-1)
    for place, step in enumerate(steps):
        at = reached.get(step)
        if step in limits:
            started_at = latest if at is not None else began if place > last_reached else None
            due = None
            if started_at is not None:
                due = deadline(limits[step], started_at, calendar, timezone, pauses)
            found.append(StepDue(step, limits[step], started_at, at, due))
        if at is None:
            began = None
            continue
        if step == PUBLICITY and publicity is not None:
            at = publicity_ends_at(publicity, at, calendar, timezone)
        began = latest = max(latest, at)
    return found
