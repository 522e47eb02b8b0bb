"""What time alone brings about: each timer that has run out is done once, whoever's turn it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from services.referrals.domain import timers
from services.referrals.domain.clocks import Timetable
from services.referrals.domain.due_moves import moved, owed_no_more
from services.referrals.domain.errors import ReferralError
from services.referrals.domain.passing_time import DEEDS
from services.referrals.domain.referral import Change, Referral, reckoned
from services.referrals.domain.status import ENDED
from services.referrals.persistence import timers as store
from services.referrals.persistence.referrals import Unreadable
from services.referrals.use_cases.capacity import give_turn_up
from services.referrals.use_cases.context import Context, timetable
from services.referrals.use_cases.record import CLOCK, SYSTEM, record_change
from shared.audit import AuditEntry
from shared.db import UnitOfWork
from shared.directory import District

BATCH = 25
"""So many referrals share a transaction."""
MOST = 1000
"""So many are done in one tick: then the worker's other timers have their turn."""
MOST_FOR_ONE = 100
"""No referral has so much to be told at once, however long nobody looked."""
PUT_OFF = timedelta(minutes=10)
"""A timer that fails is tried again after this."""

log = structlog.get_logger(__name__)


def tick(context: Context) -> int:
    """Do everything whose time has come; gives how many timers were done.

    Safe on several machines at once and killed at any moment: each batch locks its rows, and what it does, what it
    tells and the next timer are one transaction.
    """
    done = 0
    while done < MOST:
        try:
            batch = _batch(context, BATCH)
        except _Failed as failed:
            done += _one_by_one(context, failed.ids)
            continue
        done += batch
        if batch < BATCH:
            break
    return done


class _Failed(Exception):
    """A batch could not be done together."""

    def __init__(self, ids: Sequence[str]) -> None:
        super().__init__(f"{len(ids)} timers")
        self.ids = ids


def _batch(context: Context, most: int) -> int:
    district = context.directory.current()
    reckoning = timetable(district)
    now = context.clock.now()
    with context.database.unit_of_work() as uow:
        try:
            found = store.due(uow.connection, now, most)
        except Unreadable as error:
            raise _Failed([error.referral]) from error
        try:
            for referral in found:
                _run_out(context, uow, referral, now, reckoning, district)
        except (ReferralError, LookupError, ValueError, TypeError) as error:
            # One of them is not as the rules expect: found out one by one, so that it holds up no other.
            raise _Failed([referral.id for referral in found]) from error
    return len(found)


def _one_by_one(context: Context, ids: Sequence[str]) -> int:
    district = context.directory.current()
    reckoning = timetable(district)
    now = context.clock.now()
    for referral_id in ids:
        try:
            with context.database.unit_of_work() as uow:
                referral = store.one_due(uow.connection, referral_id, now)
                if referral is not None:
                    _run_out(context, uow, referral, now, reckoning, district)
        except (ReferralError, LookupError, ValueError, TypeError):
            log.exception("timer.failed", referral=referral_id)
            with context.database.unit_of_work() as uow:
                store.put_off(uow.connection, referral_id, now + PUT_OFF, timers.RECKON)
    return len(ids)


def _run_out(
    context: Context,
    uow: UnitOfWork,
    referral: Referral,
    now: datetime,
    reckoning: Timetable,
    district: District,
) -> None:
    """Do all that is due to one referral, in the order in which it was due.

    Raises ``ValueError`` when that comes to no end: a timer that does not move on must not hold up the rest.
    """
    for _ in range(MOST_FOR_ONE):
        if referral.timer is None or referral.timer_at is None or referral.timer_at > now:
            return
        if referral.timer == timers.FORGET:
            settled = owed_no_more(referral, now, reckoning)
            if settled is not None:
                record_change(context, uow, settled, CLOCK, district, at=now)
            give_turn_up(context, uow, referral, district, now)
            _forget(uow, referral, now)
            return
        deed = DEEDS.get(referral.timer)
        if deed is None:
            late = moved(referral, now, reckoning) if referral.status in ENDED else None
            if not isinstance(late, Change):
                referral = reckoned(referral, now, reckoning)
                store.set_timers(uow.connection, [referral])
                continue
            change = late
        else:
            change = deed(referral, now, reckoning)
        referral = record_change(
            context,
            uow,
            change,
            CLOCK,
            district,
            at=_moment(change, referral, now),
            detail={"timer": referral.timer},
        )
    message = f"the timer {referral.timer} of {referral.id} comes to no end"
    raise ValueError(message)


def _moment(change: Change, referral: Referral, now: datetime) -> datetime:
    """Give when it happened: acceptance on silence at the end of its time, however late somebody looked."""
    if change.action == "accept" and change.after.accepted_at is not None and referral.accepted_at is None:
        return change.after.accepted_at
    return now


def _forget(uow: UnitOfWork, referral: Referral, now: datetime) -> None:
    store.forget(uow.connection, referral.id)
    uow.audit(
        AuditEntry(
            at=now,
            actor=SYSTEM,
            post=CLOCK.post,
            action="referral.forget",
            object_type="referral",
            object_id=referral.id,
            detail={"ended": referral.ended_at.isoformat() if referral.ended_at else None},
        )
    )
