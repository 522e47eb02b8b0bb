"""The help desk asks for a referral to be cancelled: done while nobody has taken it on, refused with a reason after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from services.referrals.domain.errors import IllegalTransition
from services.referrals.domain.referral import Referral, act
from services.referrals.domain.status import ENDED
from services.referrals.persistence import referrals
from services.referrals.schemas.messages import CancelRequested
from services.referrals.use_cases.context import Context, timetable
from services.referrals.use_cases.record import By, answer_command, record_change
from shared.db import UnitOfWork
from shared.directory import District
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
    district = context.directory.current()
    wanted = sorted({_leg(command) for command in commands})
    held = referrals.load(uow.connection, wanted, lock=True)
    for command in commands:
        referral = held.get(_leg(command))
        if referral is None or referral.request_id != command.subject or referral.agency != command.agency:
            raise Refused(Text("该申请没有这一转介。", "The request has no such referral."))
        held[referral.id] = _cancel(context, uow, referral, command, district)


def _leg(command: Event) -> str:
    return cast("CancelRequested", command.data)["referral"]


def _cancel(
    context: Context, uow: UnitOfWork, referral: Referral, command: Event, district: District
) -> Referral:
    at, by = command.time, By(actor=None, role=_HELP_DESK, post=_HELP_DESK, cause=command)
    reason = cast("CancelRequested", command.data)["reason"]
    try:
        change = act(referral, "cancel", {"reason": reason}, at, timetable(district))
    except IllegalTransition:
        refusal = ALREADY_ENDED if referral.status in ENDED else ALREADY_ACCEPTED
        return answer_command(context, uow, referral, "cancel", by, at=at, reason=refusal)
    after = record_change(context, uow, change, by, district, at=at)
    return answer_command(context, uow, after, "cancel", by, at=at)
