"""How often one member of staff may do what is dear, on one day: counted in the audit log, which nobody winds back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection

from shared.audit.tables import table

QUOTAS: Mapping[str, int] = MappingProxyType(
    {
        # A desk has a handful of people a day who ask for a copy.
        "person.exported": 20,
        "statistics.exported": 100,
        # Fifty people with ten papers each: more than anybody scans between morning and evening.
        "paper.added": 500,
    }
)
"""By the action under which it is audited, how often a day one member of staff may do it."""


class QuotaSpent(Exception):
    """Somebody has done something as often as one may on a day; ``again_in`` seconds begins the next."""

    def __init__(self, action: str, quota: int, again_in: int) -> None:
        super().__init__(f"{action}: {quota} a day")
        self.action = action
        self.quota = quota
        self.again_in = again_in


def spent(connection: Connection, staff: str, action: str, now: datetime, timezone: str) -> QuotaSpent | None:
    """Tell whether ``staff`` has done ``action`` as often as allowed on the day of ``now`` in the district's time.

    Asked and written in one transaction each; two at the very same moment may both be let through.
    """
    local = now.astimezone(ZoneInfo(timezone))
    midnight = datetime.combine(local.date(), time(), local.tzinfo)
    done = connection.execute(
        sa.select(sa.func.count()).where(
            table.c.actor == staff, table.c.at >= midnight, table.c.action == action
        )
    ).scalar_one()
    if done < QUOTAS[action]:
        return None
    return QuotaSpent(action, QUOTAS[action], round((midnight + timedelta(days=1) - local).total_seconds()))
