"""A person is erased: what was sealed about them goes, whatever the leg's status, and nothing brings it back.

Source: 个人信息保护法 Art. 47. An agency with a key of its own holds what we cannot delete: it is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.referrals.domain import events
from services.referrals.domain.due_moves import owed_no_more
from services.referrals.domain.erasure import erased
from services.referrals.domain.referral import Referral
from services.referrals.persistence import referrals, timers
from services.referrals.persistence.referrals import Line
from services.referrals.use_cases.capacity import give_turn_up
from services.referrals.use_cases.context import Context, timetable
from services.referrals.use_cases.record import CLOCK, SYSTEM, record_change
from services.referrals.use_cases.words import holds_own_key
from shared import ids
from shared.audit import AuditEntry
from shared.db import UnitOfWork
from shared.events import Event
from shared.outbox.scrubbing import scrub

ERASED = "referral.erased.v1"
ROLE = "intake-desk"


def erase_people(context: Context, uow: UnitOfWork, tombstones: Sequence[Event]) -> None:
    """Delete what is held of the people of some requests; each leg tells so once, however often a tombstone comes."""
    for tombstone in tombstones:
        erase_request(context, uow, tombstone.subject, tombstone.time, cause=tombstone)


def erase_request(
    context: Context, uow: UnitOfWork, request: str, at: datetime, *, cause: Event | None = None
) -> int:
    """Delete packets, messages, slips and index tokens of a request's legs; gives how many legs were not erased before.

    What waits in outbox and dead letters of them loses what is sealed in it.
    """
    held = referrals.load(uow.connection, referrals.ids_of(uow.connection, request), lock=True)
    done = [_erase(context, uow, referral, at, cause) for referral in held.values()]
    scrub(uow.connection, [request, *held])
    return sum(done)


def _erase(context: Context, uow: UnitOfWork, referral: Referral, at: datetime, cause: Event | None) -> bool:
    new = referral.life.erased_at is None
    district = context.directory.current()
    if new:
        # Whoever holds nothing any more owes no answer for it: that is no longer due.
        change = owed_no_more(referral, at, timetable(district))
        if change is not None:
            referral = record_change(context, uow, change, CLOCK, district, at=at)
        after = erased(referral, at)
        referrals.update(uow.connection, referral, after)
        keys = "own" if holds_own_key(after, district) else "platform"
        _write_down(context, uow, after, at, keys, cause)
    # Also where it was erased before: an older copy of the tables may have brought something back.
    give_turn_up(context, uow, referral, district, at, cause)
    timers.forget(uow.connection, referral.id)
    return new


def _write_down(
    context: Context, uow: UnitOfWork, after: Referral, at: datetime, keys: str, cause: Event | None
) -> None:
    uow.record(
        events.event(
            ERASED,
            after,
            events.erased(after, at, keys=keys),
            id=ids.new(),
            source=context.source,
            at=at,
            sequence=after.event_sequence,
            cause=cause,
        )
    )
    line = Line(
        id=ids.new(),
        referral_id=after.id,
        at=at,
        action="erase",
        from_status=after.status,
        to_status=after.status,
        actor=None,
        role=ROLE,
        fields={"keys": keys},
    )
    referrals.add_history(uow.connection, [line])
    uow.audit(
        AuditEntry(
            at=at,
            actor=SYSTEM,
            post=ROLE,
            action="referral.erase",
            object_type="referral",
            object_id=after.id,
            detail={"keys": keys, **({"command": cause.id} if cause else {})},
        )
    )
