"""The help desk asks for a referral to be cancelled: done while nobody has taken it on, refused with a reason after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from services.referrals.domain import events
from services.referrals.domain.clocks import Timetable
from services.referrals.domain.errors import IllegalTransition
from services.referrals.domain.referral import Referral, act, told
from services.referrals.domain.status import ENDED
from services.referrals.persistence import referrals
from services.referrals.persistence.referrals import Line
from services.referrals.schemas.messages import CancelRequested
from services.referrals.use_cases.context import Context, timetable
from shared import ids
from shared.audit import AuditEntry
from shared.db import UnitOfWork
from shared.events import Event
from shared.identity import Role, outward_role
from shared.inbox import Refused
from shared.text import Text

ALREADY_ACCEPTED, ALREADY_ENDED = "already-accepted", "already-ended"
"""The reasons for which a command to cancel is refused; each becomes a task at the help desk."""

_HELP_DESK = outward_role(Role.HUT)


def cancel_referrals(context: Context, uow: UnitOfWork, commands: Sequence[Event]) -> None:
    """Carry out or refuse commands to cancel, in the order in which they were given.

    Raises ``Refused`` for a command about a referral that does not exist or belongs to another request or agency.
    """
    reckoning = timetable(context.directory.current())
    wanted = sorted({_leg(command) for command in commands})
    held = referrals.load(uow.connection, wanted, lock=True)
    for command in commands:
        referral = held.get(_leg(command))
        if referral is None or referral.request_id != command.subject or referral.agency != command.agency:
            raise Refused(Text("该申请没有这一转介。", "The request has no such referral."))
        held[referral.id] = _cancel(context, uow, referral, command, reckoning)


def _leg(command: Event) -> str:
    return cast("CancelRequested", command.data)["referral"]


def _cancel(
    context: Context, uow: UnitOfWork, referral: Referral, command: Event, reckoning: Timetable
) -> Referral:
    at = command.time
    try:
        change = act(
            referral, "cancel", {"reason": cast("CancelRequested", command.data)["reason"]}, at, reckoning
        )
    except IllegalTransition:
        reason = ALREADY_ENDED if referral.status in ENDED else ALREADY_ACCEPTED
        return _answer(context, uow, referral, referral, command, "referral.cancel-refused.v1", reason=reason)
    uow.record(
        events.event(
            change.transition.fact,
            change.after,
            events.changed(change, at, by_post=_HELP_DESK),
            id=ids.new(),
            source=context.source,
            at=at,
            sequence=change.after.event_sequence,
            cause=command,
        )
    )
    referrals.add_history(
        uow.connection,
        [
            Line(
                id=ids.new(),
                referral_id=referral.id,
                at=at,
                action="cancel",
                from_status=change.before.status,
                to_status=change.after.status,
                actor=None,
                role=_HELP_DESK,
                fields=change.fields,
            )
        ],
    )
    uow.audit(
        AuditEntry(
            at=at,
            actor="system",
            post=_HELP_DESK,
            action="referral.cancelled",
            object_type="referral",
            object_id=referral.id,
            detail={
                "version": change.after.version,
                "command": command.id,
                "reason": change.fields["reason"],
            },
        )
    )
    return _answer(context, uow, referral, change.after, command, "referral.cancel-done.v1")


def _answer(
    context: Context,
    uow: UnitOfWork,
    before: Referral,
    after: Referral,
    command: Event,
    type_: str,
    *,
    reason: str | None = None,
) -> Referral:
    answered = told(after)
    referrals.update(uow.connection, before, answered)
    uow.record(
        events.event(
            type_,
            answered,
            events.settled(answered, command.time, reason=reason),
            id=ids.new(),
            source=context.source,
            at=command.time,
            sequence=answered.event_sequence,
            cause=command,
        )
    )
    return answered
