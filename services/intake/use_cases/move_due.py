"""The calendar has changed: days of open tasks counted in working days are counted anew, and their timers with them.

Drafts and consents end on a day of the calendar, which no notice moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import RowMapping

from services.intake.domain.tasks import LEAD
from services.intake.domain.timers import CHECK_OVERDUE, FOLLOW_UP_OVERDUE
from services.intake.persistence import dated_tasks as store
from services.intake.use_cases.context import Context
from services.intake.use_cases.tasks import SYSTEM
from shared.audit import AuditEntry, AuditQuery, search
from shared.clock import Deadline, deadline, local_date
from shared.db import Database, UnitOfWork
from shared.directory import District
from shared.directory.store import in_force_since, is_overtaken

CHECK, CALL_BACK = "check", "call-back"
COUNTED_BY: Mapping[str, str] = MappingProxyType(
    {
        CHECK: "assign",
        CALL_BACK: "callback",
        "sent-back": "first_contact",
        "inform-afterwards": "first_contact",
        LEAD: "first_contact",
        "bad-rating": "bad_rating_fix",
    }
)
"""Kind of task → the district's limit by which its day was counted."""
TIMERS: Mapping[str, str] = MappingProxyType({CHECK: CHECK_OVERDUE, CALL_BACK: FOLLOW_UP_OVERDUE})
"""Kind of task → the timer of its request that runs out with its day."""

BATCH = 200
SETTLED_AFTER = timedelta(seconds=15)
"""Until a calendar has been in force so long, another process may still count by the one before."""
_YEARS_BACK, _YEARS_ON = 1, 2
_MARK, _CALENDAR = "calendar.dues-moved", "calendar"


def move_all(database: Database, district: District) -> int:
    """Count the days of all open tasks anew, now; gives how many have moved."""
    moved, after = 0, store.FIRST
    while True:
        with database.read() as connection:
            rows = store.page(connection, COUNTED_BY, after=after, most=BATCH)
        wrong = [row for row in rows if _is_wrong(row, district)]
        if wrong:
            with database.unit_of_work() as uow:
                held = store.hold(uow.connection, COUNTED_BY, wrong)
                # Whoever counts by a calendar that is no longer in force takes back nothing.
                held = [] if is_overtaken(uow.connection, district) else held
                for row in held:
                    if _is_wrong(row, district):
                        _put_right(uow, row, district)
                        moved += 1
        if len(rows) < BATCH:
            return moved
        after = rows[-1]["id"]


@dataclass
class TaskMover:
    """The worker's walk, whenever the calendar is not the one by which all tasks were counted.

    That all were is kept in the audit log, so that neither a restart nor another worker begins in vain.
    """

    context: Context
    _settled: str | None = None
    _moved: int = 0

    def tick(self) -> int:
        """Walk, if the calendar has changed; gives how many days moved. Nothing to do costs no query."""
        district, began = self.context.directory.current(), self.context.clock.now()
        year = local_date(began, district.timezone).year
        calendar = district.calendar.fingerprint(year - _YEARS_BACK, year + _YEARS_ON)
        if calendar == self._settled:
            return 0
        if self._was_settled(calendar):
            self._settled = calendar
            return 0
        moved = move_all(self.context.database, district)
        self._moved += moved
        self._settle(calendar, began)
        return moved

    def _was_settled(self, calendar: str) -> bool:
        wanted = AuditQuery(action=_MARK, object_type=_CALENDAR, object_id=_CALENDAR)
        with self.context.database.read() as connection:
            last = search(connection, wanted, limit=1)
        return bool(last) and last[0].detail["calendar"] == calendar

    def _settle(self, calendar: str, began: datetime) -> None:
        with self.context.database.unit_of_work() as uow:
            since = in_force_since(uow.connection)
            if since is None or began < since + SETTLED_AFTER:
                return
            uow.audit(
                AuditEntry(
                    at=self.context.clock.now(),
                    actor=SYSTEM,
                    post=SYSTEM,
                    action=_MARK,
                    object_type=_CALENDAR,
                    object_id=_CALENDAR,
                    detail={"calendar": calendar, "moved": self._moved},
                )
            )
        self._settled, self._moved = calendar, 0


def _due(row: RowMapping, district: District) -> Deadline:
    start = row["ended_at"] if row["kind"] == CALL_BACK and row["ended_at"] else row["raised_at"]
    return deadline(district.limits[COUNTED_BY[row["kind"]]], start, district.calendar, district.timezone)


def _is_wrong(row: RowMapping, district: District) -> bool:
    due = _due(row, district)
    runs = row["timer"] is not None and row["timer"] == TIMERS.get(row["kind"])
    return bool(row["due_on"] != due.due_on or (runs and row["timer_at"] != due.due_at))


def _put_right(uow: UnitOfWork, row: RowMapping, district: District) -> None:
    due, kind = _due(row, district), row["kind"]
    store.move(uow.connection, row["id"], due.due_on)
    if kind in TIMERS:
        store.move_timer(uow.connection, row["request_id"], TIMERS[kind], due.due_at)
    if kind == CHECK:
        store.move_check(uow.connection, row["request_id"], due.due_on)
