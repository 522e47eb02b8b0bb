"""What a deed of time works with, and what it says comes next."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from services.intake.use_cases.context import Context
from shared.clock import Deadline, deadline
from shared.db import UnitOfWork
from shared.directory import District


class Next(NamedTuple):
    """What time does after this, and when; nothing, unless it is said."""

    timer: str | None = None
    at: datetime | None = None


class Moment(NamedTuple):
    """What a deed of time works with."""

    context: Context
    uow: UnitOfWork
    district: District
    now: datetime

    def within(self, limit: str, start: datetime) -> Deadline:
        """Give the deadline of one of the platform's own limits, counted from ``start``."""
        rule = self.district.limits[limit]
        return deadline(rule, start, self.district.calendar, self.district.timezone)
