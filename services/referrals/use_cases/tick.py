"""What time alone brings about: each timer that has run out is done once, whoever's turn it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import structlog

from services.referrals.domain import timers
from services.referrals.domain.clocks import STEP, Timetable, clock
from services.referrals.domain.doing import Doing
from services.referrals.domain.errors import ReferralError
from services.referrals.domain.referral import Change, Referral, act, reckoned
from services.referrals.domain.side_actions import side_act
from services.referrals.persistence import timers as store
from services.referrals.use_cases.context import Context, timetable
from services.referrals.use_cases.record import CLOCK, SYSTEM, record_change
from shared.audit import AuditEntry
from shared.db import UnitOfWork
from shared.directory import District

BATCH = 25
"""So many referrals share a transaction."""
MOST = 1000
"""So many are done in one tick: then the worker's other timers have their turn."""
PUT_OFF = timedelta(minutes=10)
"""A timer that fails is tried again after this."""

NOTICES: Mapping[str, str] = MappingProxyType(
    {"blue-notice": "blue", "yellow-notice": "yellow", "red-notice": "red"}
)
"""What a level of the escalation table does → the supervision notice it gives."""

log = structlog.get_logger(__name__)

Deed = Callable[[Referral, datetime, Timetable], Change]


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
        found = store.due(uow.connection, now, most)
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
    """Do all that is due to one referral, in the order in which it was due."""
    while referral.timer is not None and referral.timer_at is not None and referral.timer_at <= now:
        if referral.timer == timers.FORGET:
            _forget(uow, referral, now)
            return
        deed = _DEEDS.get(referral.timer)
        if deed is None:
            anew = reckoned(referral, now, reckoning)
            store.set_timers(uow.connection, [anew])
            if anew.timer == referral.timer:
                return
            referral = anew
            continue
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


def _moment(change: Change, referral: Referral, now: datetime) -> datetime:
    """Give when it happened: acceptance on silence at the end of its time, however late somebody looked."""
    if change.action == "accept" and change.after.accepted_at is not None and referral.accepted_at is None:
        return change.after.accepted_at
    return now


def _accept(referral: Referral, now: datetime, reckoning: Timetable) -> Change:
    # Silence counts from delivery; whoever signed for it after its time had run out is not put before that.
    at = min(now, max(referral.timer_at or now, referral.status_since))
    return act(referral, "accept", {"deemed": True}, at, reckoning)


def _escalate(referral: Referral, now: datetime, reckoning: Timetable) -> Change:
    level = timers.next_level(referral, reckoning)
    row: Mapping[str, Any] = next(
        (row for row in reckoning.escalation if level is not None and int(row["at"]) == level), {}
    )
    alert = timers.with_alert(referral, timers.level_alert(referral, level or 0))
    notice = next((NOTICES[deed] for deed in row.get("do", ()) if deed in NOTICES), None)
    if notice is None:
        due_on = referral.due_on.isoformat() if referral.due_on else None
        return _remind(referral, now, reckoning, "due-soon", due_on, {"alert": alert})
    fields = {
        "level": notice,
        "cause": "clock",
        "alert": alert,
        "copy_to": list(row.get("copy_to", ())),
    }
    return side_act(referral, "supervise", Doing(referral, fields, now, reckoning, None))


def _remind_papers(referral: Referral, now: datetime, reckoning: Timetable) -> Change:
    life = referral.life
    changes = {
        "papers_reminders": life.papers_reminders + 1,
        "papers_reminded_on": reckoning.day_of(now),
    }
    due_on = life.papers_due_on.isoformat() if life.papers_due_on else None
    return _remind(referral, now, reckoning, "papers", due_on, changes)


def _lapse(referral: Referral, now: datetime, reckoning: Timetable) -> Change:
    return act(referral, "lapse", {}, now, reckoning)


def _review(referral: Referral, now: datetime, reckoning: Timetable) -> Change:
    on = referral.life.review_on
    alert = timers.with_alert(referral, timers.review_alert(on)) if on else referral.life.alert
    return _remind(referral, now, reckoning, "review", on.isoformat() if on else None, {"alert": alert})


def _step(referral: Referral, now: datetime, reckoning: Timetable) -> Change:
    step = clock(STEP, referral.rules, referral.starts, reckoning, referral.life)
    if step is None:
        return _remind(referral, now, reckoning, "step", None, {})
    alert = timers.with_alert(referral, timers.step_alert(step.due_on, len(referral.life.steps)))
    return _remind(referral, now, reckoning, "step", step.due_on.isoformat(), {"alert": alert})


def _remind(
    referral: Referral,
    now: datetime,
    reckoning: Timetable,
    about: str,
    on: str | None,
    life: Mapping[str, Any],
) -> Change:
    fields = {"about": about, "on": on, "life": life}
    return side_act(referral, "remind", Doing(referral, fields, now, reckoning, None))


_DEEDS: Mapping[str, Deed] = MappingProxyType(
    {
        timers.ACCEPT_ON_SILENCE: _accept,
        timers.ESCALATE: _escalate,
        timers.REMIND_PAPERS: _remind_papers,
        timers.LAPSE: _lapse,
        timers.REVIEW: _review,
        timers.STEP_DUE: _step,
    }
)


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
