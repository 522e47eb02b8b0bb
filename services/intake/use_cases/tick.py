"""What time does at intake: each thing once, whatever is killed meanwhile and on however many machines it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import RowMapping

from services.intake.domain import timers
from services.intake.domain.request import ENDED, OPEN
from services.intake.domain.tasks import HUT, SPECIALIST
from services.intake.persistence import drafts, due, tasks
from services.intake.use_cases.context import Context
from services.intake.use_cases.draft_views import days_of
from services.intake.use_cases.drafts import TASKS as DRAFT_TASKS
from services.intake.use_cases.forget import empty_request, forget_person, kept_until
from services.intake.use_cases.moment import Moment, Next
from services.intake.use_cases.refusals import not_before
from services.intake.use_cases.tasks import SYSTEM, raise_task, settle_tasks
from shared.audit import AuditEntry
from shared.clock import Deadline, local_date

A_SECOND = timedelta(seconds=1)
"""A day for the check ends just before the next: what was told at its very end was told of it."""


def tick(context: Context) -> int:
    """Do everything whose time has come; gives how many things were done.

    Each batch is one transaction that holds its rows, and a row that another machine holds is left to it. What was
    done and what comes next commit together, so that nothing is done twice.
    """
    done = 0
    for table in due.TIMED:
        while taken := _batch(context, table):
            done += taken
            if taken < due.BATCH:
                break
    return done


def _batch(context: Context, table: str) -> int:
    now = context.clock.now()
    with context.database.read() as connection:
        if not due.anything(connection, table, now):
            return 0
    with context.database.unit_of_work() as uow:
        moment = Moment(context, uow, context.directory.current(), now)
        rows = due.take(uow.connection, table, now)
        for row in rows:
            following = DEEDS[row["timer"]](moment, row)
            if following is not None:
                due.set_next(uow.connection, table, row["id"], *following)
    return len(rows)


def _check_overdue(moment: Moment, request: RowMapping) -> Next:
    # Whoever has filed stays answerable until an agency has it (首问负责), so it is the desk that asks the street.
    if request["status"] not in OPEN:
        return _after_its_end(moment, request)
    last, zone = request["check_due_on"], moment.district.timezone
    if request["checking"] and last is not None and request["timer_at"] < timers.start_of(last, zone):
        # A leg was reopened, and time only looked again at what it has to do.
        return Next(timers.CHECK_OVERDUE, timers.after(last, zone))
    _about(moment, request, "check-overdue")
    return Next()


def _follow_up(moment: Moment, request: RowMapping) -> Next:
    _about(moment, request, "call-back", due=moment.within("callback", request["ended_at"]))
    return _after_its_end(moment, request)


def _follow_up_overdue(moment: Moment, request: RowMapping) -> Next:
    return _after_its_end(moment, request)


def _after_its_end(moment: Moment, request: RowMapping) -> Next:
    """Tell what is overdue about a request that has ended, each once, and give what comes first of what is left.

    Where aid came first its end may come before the street's check, which is then due beside the call.
    """
    coming = [Next(timers.FORGET, kept_until(moment.district, request["ended_at"]))]
    for kind, name, since, due_at, role in _dues(moment, request):
        if moment.now < due_at:
            coming.append(Next(name, due_at))
        elif not tasks.was_raised(moment.uow.connection, request["id"], kind, since):
            _about(moment, request, kind, role=role)
    return min(coming, key=lambda one: one.at or moment.now)


def _dues(moment: Moment, request: RowMapping) -> Iterator[tuple[str, str, datetime, datetime, str]]:
    last = request["check_due_on"]
    if request["checking"] and last is not None:
        over = timers.after(last, moment.district.timezone)
        yield "check-overdue", timers.CHECK_OVERDUE, over - A_SECOND, over, HUT
    if request["status"] == ENDED:
        since = request["ended_at"]
        call_by = moment.within("callback", since).due_at
        role = SPECIALIST if request["street"] else HUT
        yield "call-back-overdue", timers.FOLLOW_UP_OVERDUE, since, call_by, role


def _about(
    moment: Moment, request: RowMapping, kind: str, *, role: str = HUT, due: Deadline | None = None
) -> None:
    raise_task(
        moment.uow,
        kind=kind,
        role=role,
        unit=request["unit"],
        street=request["street"],
        request=request["id"],
        due_on=due.due_on if due else None,
        at=moment.now,
    )


def _draft_expiring(moment: Moment, draft: RowMapping) -> Next:
    zone = moment.district.timezone
    last = timers.draft_expires_on(local_date(draft["created_at"], zone), days_of(moment.district))
    warning = timers.draft_warning(last, zone)
    if moment.now < warning:
        return Next(timers.DRAFT_EXPIRING, warning)
    raise_task(
        moment.uow,
        kind="draft-expiring",
        unit=draft["unit"],
        street=draft["street"],
        request=draft["id"],
        due_on=last,
        at=moment.now,
    )
    return Next(timers.DRAFT_EXPIRED, timers.after(last, zone))


def _draft_expired(moment: Moment, draft: RowMapping) -> None:
    drafts.delete(moment.uow.connection, draft["id"])
    settle_tasks(moment.uow, draft["id"], *DRAFT_TASKS, at=moment.now)
    moment.uow.audit(
        AuditEntry(
            at=moment.now,
            actor=SYSTEM,
            post=SYSTEM,
            action="draft.expired",
            object_type="draft",
            object_id=draft["id"],
        )
    )


def _consent_expiry(moment: Moment, consent: RowMapping) -> Next:
    zone = moment.district.timezone
    warning = timers.consent_warning(consent["expires_on"], zone)
    if moment.now < warning:
        return Next(timers.CONSENT_EXPIRY, warning)
    expired = timers.after(consent["expires_on"], zone)
    rest = not_before(moment, consent)
    if rest is not None:
        # The person has said no to it: when they may be asked again, it has ended or ends soon.
        return Next(timers.CONSENT_EXPIRED, max(rest, expired))
    if not _ask_for_consent(moment, consent, "renewal"):
        return Next()
    return Next(timers.CONSENT_EXPIRED, expired)


def _consent_expired(moment: Moment, consent: RowMapping) -> Next:
    rest = not_before(moment, consent)
    if rest is not None:
        return Next(timers.CONSENT_EXPIRED, rest)
    _ask_for_consent(moment, consent, "consent-needed")
    return Next()


def _ask_for_consent(moment: Moment, consent: RowMapping, kind: str) -> bool:
    if consent["withdrawn_at"] is not None:
        return False
    legs = due.open_legs_under(moment.uow.connection, consent)
    for leg in legs:
        raise_task(
            moment.uow,
            kind=kind,
            unit=leg["unit"],
            street=leg["street"],
            request=consent["request_id"],
            leg=leg["id"],
            due_on=consent["expires_on"],
            detail={"consent": consent["id"]},
            at=moment.now,
        )
    return bool(legs)


DEEDS: Mapping[str, Callable[[Moment, RowMapping], Next | None]] = MappingProxyType(
    {
        timers.CHECK_OVERDUE: _check_overdue,
        timers.FOLLOW_UP: _follow_up,
        timers.FOLLOW_UP_OVERDUE: _follow_up_overdue,
        timers.FORGET: empty_request,
        timers.FORGET_PERSON: forget_person,
        timers.DRAFT_EXPIRING: _draft_expiring,
        timers.DRAFT_EXPIRED: _draft_expired,
        timers.CONSENT_EXPIRY: _consent_expiry,
        timers.CONSENT_EXPIRED: _consent_expired,
    }
)
"""What a timer's name means; each deed gives what comes next, or nothing where its row is no more."""
