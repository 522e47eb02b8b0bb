"""The calendar has changed: every open referral is reckoned anew, and what moves is told.

Nothing is lost when the walk is cut short: it begins again, and what stands right already is left as it is.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from services.referrals.domain.clocks import Timetable
from services.referrals.domain.due_moves import MOVE_DUE, Retimed, moved
from services.referrals.domain.ranks import OPEN_BELOW
from services.referrals.domain.referral import Referral
from services.referrals.persistence import queries, referrals
from services.referrals.persistence.filters import Filter, Reach
from services.referrals.use_cases.context import Context, timetable
from services.referrals.use_cases.record import CLOCK, audit_name, record_change
from shared.audit import AuditEntry, AuditQuery, AuditRecord, search
from shared.clock import local_date
from shared.db import UnitOfWork
from shared.directory import District
from shared.directory.store import in_force_since, is_overtaken

BATCH = 500
LOCKED = 50
"""Referrals put right in one transaction: whoever decides about one of them meanwhile does not wait long."""
SLICE = 2000
"""Referrals that one tick looks at: the worker has other timers, which must not wait for a million."""
SETTLED_AFTER = timedelta(seconds=15)
"""Until a calendar has been in force so long, another process may still reckon by the one before."""

_YEARS_BACK, _YEARS_ON = 1, 2
BEGINNING = datetime.min.replace(tzinfo=UTC)
_MARK = "calendar.dues-moved"
_CALENDAR = "calendar"


@dataclass(frozen=True, slots=True)
class Moved:
    """A referral whose due day has moved; either day is None where no clock ran."""

    number: str
    agency: str
    was_on: date | None
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Slice:
    """What one stretch of the walk has come to: what moved, and where the next begins (None: at the end)."""

    moved: Sequence[Moved]
    after: tuple[int, str] | None


def move_all(context: Context) -> Generator[Moved, None, None]:
    """Reckon every open referral by the calendar in force, now; gives those whose due day moves as they do."""
    after: tuple[int, str] | None = None
    while True:
        found = _slice(context, context.directory.current(), after, BATCH)
        yield from found.moved
        if found.after is None:
            return
        after = found.after


def moved_by(context: Context, district: District, since: datetime) -> Generator[Moved, None, None]:
    """Give what has moved by one version of the pack since a moment, whoever moved it, oldest first.

    A worker may have been quicker than the command that put the version in force.
    """
    found: list[AuditRecord] = []
    after: tuple[datetime, str] | None = None
    with context.database.read() as connection:
        while True:
            wanted = AuditQuery(action=audit_name(MOVE_DUE), since=since)
            records = search(connection, wanted, limit=BATCH, after=after)
            found += (record for record in records if record.detail.get("pack") == district.version)
            if len(records) < BATCH:
                break
            after = (records[-1].at, records[-1].id)
        found.reverse()
        for first in range(0, len(found), BATCH):
            records = found[first : first + BATCH]
            legs = referrals.load(connection, [record.object_id for record in records])
            for record in records:
                leg, was_on, due_on = legs[record.object_id], record.detail["was_on"], record.detail["due_on"]
                if was_on != due_on:
                    yield Moved(leg.number, leg.agency, _day(was_on), _day(due_on))


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(written: str | None) -> date | None:
    return None if written is None else date.fromisoformat(written)


@dataclass
class DueMover:
    """The worker's walk: a slice at a tick whenever the calendar is not the one all referrals were reckoned by.

    That all were is kept in the audit log, so that neither a restart nor another worker begins in vain.
    """

    context: Context
    _settled: str | None = None
    _walking: str | None = None
    _after: tuple[int, str] | None = None
    _began: datetime | None = None
    _moved: int = 0

    def tick(self) -> Sequence[Moved]:
        """Go on with the walk, or begin one; gives what moved. Nothing to do costs no query."""
        district = self.context.directory.current()
        calendar = self._fingerprint(district)
        if calendar == self._settled:
            return ()
        if calendar != self._walking:
            if self._settled_before(calendar):
                self._settled = calendar
                return ()
            self._begin(calendar)
        found = _slice(self.context, district, self._after, SLICE)
        self._moved += len(found.moved)
        self._after = found.after
        if found.after is None:
            self._end(calendar)
        return found.moved

    def _begin(self, calendar: str) -> None:
        self._walking, self._after, self._began = calendar, None, self.context.clock.now()

    def _end(self, calendar: str) -> None:
        with self.context.database.unit_of_work() as uow:
            since = in_force_since(uow.connection)
            if since is None or self._began is None or self._began < since + SETTLED_AFTER:
                self._begin(calendar)
                return
            uow.audit(
                AuditEntry(
                    at=self.context.clock.now(),
                    actor="system",
                    post="system",
                    action=_MARK,
                    object_type=_CALENDAR,
                    object_id=_CALENDAR,
                    detail={"calendar": calendar, "moved": self._moved},
                )
            )
        self._settled, self._walking, self._moved = calendar, None, 0

    def _settled_before(self, calendar: str) -> bool:
        with self.context.database.read() as connection:
            last = search(
                connection, AuditQuery(action=_MARK, object_type=_CALENDAR, object_id=_CALENDAR), limit=1
            )
        return bool(last) and last[0].detail["calendar"] == calendar

    def _fingerprint(self, district: District) -> str:
        # A release of the package that knows next year's make-up workdays moves due days as a notice does.
        year = local_date(self.context.clock.now(), district.timezone).year
        return district.calendar.fingerprint(year - _YEARS_BACK, year + _YEARS_ON)


def _slice(context: Context, district: District, after: tuple[int, str] | None, most: int) -> Slice:
    found: list[Moved] = []
    seen = 0
    while seen < most:
        batch = _batch(context, after)
        wrong = _wrong(batch, context, timetable(district))
        for first in range(0, len(wrong), LOCKED):
            with context.database.unit_of_work() as uow:
                found += _put_right(context, uow, wrong[first : first + LOCKED], district)
        if len(batch) < BATCH:
            return Slice(found, None)
        seen += len(batch)
        after = (batch[-1].rank, batch[-1].id)
    return Slice(found, after)


def _batch(context: Context, after: tuple[int, str] | None) -> list[Referral]:
    everything = Filter(reach=Reach(everything=True), now=BEGINNING, today=BEGINNING.date())
    with context.database.read() as connection:
        found = queries.listing(connection, everything, limit=BATCH, after=after)
    return [referral for referral in found if referral.rank < OPEN_BELOW]


def _wrong(batch: Sequence[Referral], context: Context, reckoning: Timetable) -> list[str]:
    at = context.clock.now()
    return [referral.id for referral in batch if moved(referral, at, reckoning) is not None]


def _put_right(
    context: Context, uow: UnitOfWork, wrong: Sequence[str], district: District
) -> Iterator[Moved]:
    at = context.clock.now()
    reckoning = timetable(district)
    locked: Mapping[str, Referral] = referrals.load(uow.connection, wrong, lock=True)
    # A walk that was under way when the calendar changed must not take back what the change has moved.
    if is_overtaken(uow.connection, district):
        return
    for referral in locked.values():
        change = moved(referral, at, reckoning)
        if change is None:
            continue
        if isinstance(change, Retimed):
            referrals.update(uow.connection, change.before, change.after)
            continue
        days = {"was_on": _iso(referral.due_on), "due_on": _iso(change.after.due_on)}
        after = record_change(
            context, uow, change, CLOCK, district, at=at, detail={**days, "pack": district.version}
        )
        if after.due_on != referral.due_on:
            yield Moved(referral.number, referral.agency, referral.due_on, after.due_on)
