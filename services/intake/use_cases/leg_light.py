"""The light a leg shows today: reckoned from the days referrals told, by the rule the agency's own light follows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from services.intake.domain.request import LEG_PAUSED, PLANNED
from services.intake.persistence.queries import Row
from shared.clock import Light, StatusKind, days_left, light, local_date
from shared.directory import District

Leg = Mapping[str, Any] | Row


class _Due(NamedTuple):
    due_on: date
    yellow_on: date


def today(now: datetime, district: District) -> date:
    """Give the day of ``now`` in the district's own time."""
    return local_date(now, district.timezone)


def light_of(leg: Leg, day: date) -> Light | None:
    """Give a leg's light on a day; None while no agency has it yet."""
    if leg["status"] == PLANNED:
        return None
    due = _Due(leg["due_on"], leg["yellow_on"]) if leg["due_on"] else None
    return light(_kind(leg), due, day)


def days_left_of(leg: Leg, day: date, district: District) -> int | None:
    """Count the working days a leg has left, negative when overdue; None while no clock runs."""
    return days_left(leg["due_on"], day, district.calendar) if leg["due_on"] else None


def _kind(leg: Leg) -> StatusKind:
    if leg["ended_at"]:
        return "ended"
    return "paused" if leg["status"] in LEG_PAUSED else "running"
