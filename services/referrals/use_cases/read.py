"""Reading referrals: a queue, one referral, its history, and how its days are counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from services.referrals.domain.clocks import CLOCK_TEXTS, RUNNING, clock
from services.referrals.domain.errors import NoSuchReferral
from services.referrals.domain.referral import Referral
from services.referrals.domain.status import Status
from services.referrals.persistence import queries, referrals
from services.referrals.persistence.queries import Filter
from services.referrals.persistence.referrals import Line
from services.referrals.use_cases.badges import Badge
from services.referrals.use_cases.context import Context, filed_at, reach, timetable
from services.referrals.use_cases.search import search
from services.referrals.use_cases.views import ReferralView, view
from shared.audit import AuditEntry
from shared.clock import Day
from shared.db import UnitOfWork
from shared.directory import District
from shared.identity import Forbidden, Grant, Principal, allow
from shared.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a queue is to show; ``q`` looks a person up instead of listing."""

    agency: str | None = None
    unit: str | None = None
    statuses: frozenset[Status] = frozenset()
    light: str | None = None
    q: str | None = None
    limit: int = 20
    after: tuple[int, str] | None = None


def list_referrals(context: Context, principal: Principal, wanted: Wanted) -> list[ReferralView]:
    """List referrals due first, one more than ``limit`` where there are more; opening the list is audited once.

    Rows of one's own agency carry their badge. Raises ``NoSuchReferral`` for another agency's queue, and
    ``shared.identity.Forbidden``.
    """
    grant = allow(principal, "referrals.read")
    district = context.directory.current()
    today = context.today(district)
    if wanted.agency is not None and grant.agencies and not grant.reaches(agency=wanted.agency):
        raise NoSuchReferral(wanted.agency)
    readable = _agencies_read_by_badge(principal, district)
    unit, street = filed_at(district, wanted.unit)
    with context.database.unit_of_work() as uow:
        chosen = Filter(
            reach=reach(grant),
            today=today,
            agency=wanted.agency,
            unit=unit,
            street=street,
            statuses=wanted.statuses,
            light=wanted.light,
        )
        if wanted.q:
            found = search(context, principal, wanted.q, district, uow)
        else:
            found = queries.listing(uow.connection, chosen, limit=wanted.limit + 1, after=wanted.after)
        badges = _badges(context, uow, [leg for leg in found if leg.agency in readable])
        _audit_listing(context, uow, principal, grant, wanted, opened=len(badges), listed=len(found))
    return [view(leg, principal, district, today, badge=badges.get(leg.id)) for leg in found]


def count_by_status(
    context: Context, principal: Principal, agency: str | None, *, most: int
) -> dict[Status, int]:
    """Count a queue's referrals by status; all ended ones together under ``closed``, up to ``most``."""
    grant = allow(principal, "referrals.read")
    with context.database.read() as connection:
        return queries.counts(connection, reach(grant), agency, most=most)


def read_referral(context: Context, principal: Principal, referral_id: str) -> ReferralView:
    """Show one referral; opening its badge is audited.

    Raises ``NoSuchReferral`` for one that is out of reach, and ``Forbidden``.
    """
    return _read(context, principal, referral_id, with_badge=True)


def _read(context: Context, principal: Principal, referral_id: str, *, with_badge: bool) -> ReferralView:
    grant = allow(principal, "referrals.read")
    district = context.directory.current()
    with context.database.read() as connection:
        referral = _reached(referrals.load(connection, [referral_id]).get(referral_id), grant, referral_id)
        readable = with_badge and referral.agency in _agencies_read_by_badge(principal, district)
        sealed = referrals.packet_of(connection, referral_id) if readable else None
    badge = None
    if sealed is not None:
        with context.database.unit_of_work() as uow:
            badge = context.badges.open(context.keyring, referral.agency, referral.id, sealed.badge)
            uow.audit(
                AuditEntry(
                    at=context.clock.now(),
                    actor=principal.staff,
                    post=str(grant.post),
                    action="badges.opened",
                    object_type="referral",
                    object_id=referral.id,
                    detail={"badges": int(badge is not None), "rows": 1},
                )
            )
    return view(referral, principal, district, context.today(district), badge=badge)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of a history as it is shown; ``actor`` (a staff id) only to the agency itself."""

    at: datetime
    action: str
    from_status: Status | None
    to_status: Status
    role: str
    actor: str | None
    fields: Mapping[str, Any]


def read_history(context: Context, principal: Principal, referral_id: str) -> list[HistoryLine]:
    """Tell what was done with a referral, oldest first; its issue is told by the referral itself.

    Raises as ``read_referral``.
    """
    grant = allow(principal, "referrals.read")
    with context.database.read() as connection:
        referral = _reached(referrals.load(connection, [referral_id]).get(referral_id), grant, referral_id)
        lines = queries.history_of(connection, referral_id)
    own = referral.agency in grant.agencies
    issued = HistoryLine(referral.issued_at, "issue", None, Status.ISSUED, "system", None, {})
    return [issued, *(_shown(line, own=own) for line in lines)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockView:
    """One clock of a referral: its rule, when it started and is due, and whether it still runs.

    ``days`` explains the running clock due first day by day: which days count and which do not, and why.
    """

    clock: str
    name: Text
    unit: str
    total: int
    starts_on: str
    started_at: datetime | None
    due_at: datetime | None
    due_on: date | None
    yellow_on: date | None
    running: bool
    days: Sequence[Day]


def explain_clock(
    context: Context, principal: Principal, referral_id: str, *, with_badge: bool = False
) -> tuple[ReferralView, list[ClockView]]:
    """Explain how a referral's time is counted. Raises as ``read_referral``."""
    shown = _read(context, principal, referral_id, with_badge=with_badge)
    referral = shown.referral
    district = context.directory.current()
    return shown, [_explained(referral, name, district) for name in referral.rules["clocks"]]


def _explained(referral: Referral, name: str, district: District) -> ClockView:
    rule = referral.rules["clocks"][name]
    counted = clock(name, referral.rules, referral.starts, timetable(district))
    running = counted is not None and name in RUNNING[referral.status]
    days: list[Day] = []
    if counted is not None and running and name == referral.clock and rule["unit"] != "hour":
        first = timetable(district).day_of(counted.started_at)
        span = (counted.due_on - first).days
        days = [district.calendar.day(first + timedelta(n)) for n in range(1, span + 1)]
    return ClockView(
        clock=name,
        name=CLOCK_TEXTS[name],
        unit=rule["unit"],
        total=rule["total"],
        starts_on=rule["starts_on"],
        started_at=counted.started_at if counted else None,
        due_at=counted.due_at if counted else None,
        due_on=counted.due_on if counted else None,
        yellow_on=counted.yellow_on if counted else None,
        running=running,
        days=days,
    )


def _reached(referral: Referral | None, grant: Grant, referral_id: str) -> Referral:
    if referral is None or not grant.reaches(
        agency=referral.agency, unit=referral.unit, street=referral.street
    ):
        raise NoSuchReferral(referral_id)
    return referral


def _agencies_read_by_badge(principal: Principal, district: District) -> frozenset[str]:
    """Name the agencies whose badges this person may see, and whose key is held here."""
    try:
        mine = allow(principal, "referrals.open-badge").agencies
    except Forbidden:
        return frozenset()
    return frozenset(
        name for name in mine if name in district.agencies and district.agencies[name].keys == "platform"
    )


def _badges(context: Context, uow: UnitOfWork, legs: Sequence[Referral]) -> dict[str, Badge]:
    sealed = queries.newest_badges(uow.connection, [leg.id for leg in legs])
    opened = {
        leg.id: context.badges.open(context.keyring, leg.agency, leg.id, sealed[leg.id]) for leg in legs
    }
    return {leg: badge for leg, badge in opened.items() if badge is not None}


def _audit_listing(
    context: Context,
    uow: UnitOfWork,
    principal: Principal,
    grant: Grant,
    wanted: Wanted,
    *,
    opened: int,
    listed: int,
) -> None:
    uow.audit(
        AuditEntry(
            at=context.clock.now(),
            actor=principal.staff,
            post=str(grant.post),
            action="badges.opened" if opened else "referrals.listed",
            object_type="queue",
            object_id=(wanted.agency or ",".join(sorted(grant.agencies)) or "district")[:64],
            detail={"badges": opened, "rows": listed},
        )
    )


def _shown(line: Line, *, own: bool) -> HistoryLine:
    fields = line.fields if own else {name: line.fields[name] for name in _FOR_ALL if name in line.fields}
    return HistoryLine(
        line.at, line.action, line.from_status, line.to_status, line.role, line.actor if own else None, fields
    )


_FOR_ALL = ("step", "outcome", "reason")
"""What others than the agency read of an action: codes; amounts and periods stay with the agency and the help desk."""
