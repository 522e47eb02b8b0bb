"""The light a leg shows now: reckoned from the moments referrals told, by the rule the agency's own light follows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from services.intake.domain.request import LEG_PAUSED, PLANNED
from services.intake.persistence.queries import Row
from shared.clock import Light, StatusKind, days_left, light, local_date
from shared.clock.deadlines import END_OF_DAY
from shared.directory import District

Leg = Mapping[str, Any] | Row


class _Due(NamedTuple):
    due_at: datetime
    yellow_at: datetime


def today(now: datetime, district: District) -> date:
    """Give the day of ``now`` in the district's own time."""
    return local_date(now, district.timezone)


def present(now: datetime, district: District) -> datetime:
    """Give ``now`` in the district's own time."""
    return now.astimezone(ZoneInfo(district.timezone))


def light_of(leg: Leg, now: datetime) -> Light | None:
    """Give a leg's light at a moment of the district's own time; None while no agency has it yet."""
    if leg["status"] == PLANNED:
        return None
    return light(_kind(leg), _due(leg, now), now)


def days_left_of(leg: Leg, day: date, district: District) -> int | None:
    """Count the working days a leg has left, negative when overdue; None while no clock runs."""
    return days_left(leg["due_on"], day, district.calendar) if leg["due_on"] else None


def _due(leg: Leg, now: datetime) -> _Due | None:
    if leg["due_on"] is None:
        return None
    # Facts of an earlier release told the days alone.
    return _Due(
        leg["due_at"] or datetime.combine(leg["due_on"], END_OF_DAY, now.tzinfo),
        leg["yellow_at"] or datetime.combine(leg["yellow_on"], time(), now.tzinfo),
    )


def _kind(leg: Leg) -> StatusKind:
    # What is paused or has ended has a day only while its agency owes an answer to a withdrawn consent.
    if leg["due_on"] is not None:
        return "running"
    if leg["ended_at"]:
        return "ended"
    return "paused" if leg["status"] in LEG_PAUSED else "running"
