"""One leg takes another's place: the old holder is let go when the new one's has been issued, and not before.

Whoever owes an answer to a withdrawn consent is let go with that answer: ended, nobody would ask for it any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from services.referrals.domain.clocks import owes_answer
from services.referrals.domain.referral import Referral, act
from services.referrals.domain.status import Status
from services.referrals.persistence import referrals
from services.referrals.use_cases.commands import HELP_DESK, NO_SUCH_LEG, Carrying
from services.referrals.use_cases.context import Context, timetable
from services.referrals.use_cases.record import By, record_change
from shared.db import UnitOfWork
from shared.db.reach import beyond
from shared.events import Event
from shared.inbox import Refused

COMPLETES: Mapping[Status, str] = MappingProxyType(
    {Status.RETURN_PROPOSED: "complete-return", Status.TRANSFER_PROPOSED: "complete-transfer"}
)
"""By the status of a leg that waits for a successor, what ends it."""

NOT_NEEDED = "not-needed"
"""Why a successor is dropped: its predecessor was withdrawn meanwhile, or stays with its agency after all."""


def is_awaited(predecessor: Referral) -> bool:
    """Tell whether a leg still waits for its successor."""
    proposal = predecessor.life.proposal
    return predecessor.status in COMPLETES and proposal is not None and proposal.confirmed


def let_go(
    context: Context, uow: UnitOfWork, predecessor: Referral, successor: Referral, cause: Event
) -> None:
    """End a leg whose successor has been issued in this transaction, unless it owes an answer first."""
    if not owes_answer(predecessor.life):
        _end(context, uow, predecessor, successor.id, cause.time, cause)


def let_go_after_answer(
    context: Context, uow: UnitOfWork, referral: Referral, at: datetime, cause: Event | None = None
) -> Referral:
    """End a leg whose row is held and that owes no answer any more, if its successor was issued meanwhile.

    Gives the referral as it is then.
    """
    if not is_awaited(referral) or owes_answer(referral.life):
        return referral
    # The successor is another agency's: only whether there is one is asked of it.
    with beyond(uow.connection):
        legs = referrals.ids_of(uow.connection, referral.request_id)
        others = referrals.load(uow.connection, legs).values()
    made = (leg.id for leg in others if leg.life.predecessor == referral.id and leg.has_been_issued)
    successor = next(made, None)
    return referral if successor is None else _end(context, uow, referral, successor, at, cause)


def _end(
    context: Context,
    uow: UnitOfWork,
    predecessor: Referral,
    successor: str,
    at: datetime,
    cause: Event | None,
) -> Referral:
    district = context.directory.current()
    by = By(actor=None, role=HELP_DESK, post=HELP_DESK, cause=cause)
    action = COMPLETES[predecessor.status]
    change = act(predecessor, action, {"successor": successor}, at, timetable(district))
    return record_change(context, uow, change, by, district, at=at)


def drop(context: Context, uow: UnitOfWork, successor: Referral, cause: Event) -> None:
    """Cancel a successor that nobody waits for any more, before its agency has heard of it."""
    district = context.directory.current()
    by = By(actor=None, role=HELP_DESK, post=HELP_DESK, cause=cause)
    change = act(successor, "cancel", {"reason": NOT_NEEDED}, cause.time, timetable(district))
    record_change(context, uow, change, by, district, at=cause.time)


def stay(context: Context, uow: UnitOfWork, refused: Sequence[Event]) -> None:
    """Take in that the help desk makes no successor: the leg stays where it is.

    A transfer is over with that; a return goes back to the coordinator, who decides anew.
    Raises ``Refused`` for a referral that does not exist or belongs to another request or agency.
    """
    district = context.directory.current()
    held = referrals.load(
        uow.connection, sorted({str(event.data["referral"]) for event in refused}), lock=True
    )
    for event in refused:
        referral = held.get(str(event.data["referral"]))
        if referral is None or referral.request_id != event.subject or referral.agency != event.agency:
            raise Refused(NO_SUCH_LEG)
        carrying = Carrying(context, uow, district, event, referral)
        reason = {"reason": str(event.data["reason"])}
        if is_awaited(referral):
            if referral.status is Status.TRANSFER_PROPOSED:
                carrying.act("refuse-transfer", reason)
            else:
                carrying.side_act("reissue-failed", reason)
        held[referral.id] = carrying.referral


def move(context: Context, uow: UnitOfWork, moved: Sequence[Event]) -> None:
    """Give the legs of a request to another help desk, ended ones too: the whole case goes."""
    district = context.directory.current()
    for event in moved:
        ids = referrals.ids_of(uow.connection, event.subject)
        unit = str(event.data["unit"])
        place = {"unit": unit, "street": event.data["street"] or unit}
        for referral in referrals.load(uow.connection, ids, lock=True).values():
            Carrying(context, uow, district, event, referral).side_act("move", place)
