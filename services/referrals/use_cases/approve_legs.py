"""The street has checked a request: its planned legs are issued, and only now their clocks start; or sent back."""

from __future__ import annotations

from collections.abc import Sequence

from services.referrals.domain import events
from services.referrals.domain.clocks import Timetable
from services.referrals.domain.referral import Referral, act
from services.referrals.domain.status import Status
from services.referrals.persistence import referrals
from services.referrals.use_cases.commands import HELP_DESK, Carrying
from services.referrals.use_cases.context import Context, timetable
from services.referrals.use_cases.record import By, record_change
from shared.db import UnitOfWork
from shared.directory import District
from shared.events import Event
from shared.inbox import Refused
from shared.text import Text

NO_SUCH_REQUEST = Text("没有这件申请的转介。", "No referral belongs to this request.")


def approve_legs(context: Context, uow: UnitOfWork, approved: Sequence[Event]) -> None:
    """Issue the planned referrals of the approved requests; what was cancelled meanwhile stays so.

    Business time is that of the approval, so that clocks count from the moment the street agreed.
    Raises ``Refused`` for a request of which there is no referral at all.
    """
    district = context.directory.current()
    reckoning = timetable(district)
    for event in approved:
        ids = referrals.ids_of(uow.connection, event.subject)
        if not ids:
            raise Refused(NO_SUCH_REQUEST)
        for referral in referrals.load(uow.connection, ids, lock=True).values():
            if referral.status is Status.PLANNED:
                _issue(context, uow, referral, event, district, reckoning)


def hold_legs(action: str, context: Context, uow: UnitOfWork, told: Sequence[Event]) -> None:
    """Let the street's time stand still for planned referrals (``send-back``), or run anew (``resubmit``).

    Raises ``Refused`` for a request of which there is no referral at all.
    """
    district = context.directory.current()
    for event in told:
        ids = referrals.ids_of(uow.connection, event.subject)
        if not ids:
            raise Refused(NO_SUCH_REQUEST)
        for referral in referrals.load(uow.connection, ids, lock=True).values():
            if referral.status is Status.PLANNED:
                Carrying(context, uow, district, event, referral).side_act(action, {})


def _issue(
    context: Context,
    uow: UnitOfWork,
    referral: Referral,
    approval: Event,
    district: District,
    reckoning: Timetable,
) -> None:
    change = act(referral, "issue", {}, approval.time, reckoning)
    told = events.issued(change.after, reckoning, _sealed(uow, change.after, district))
    by = By(actor=None, role=HELP_DESK, post=HELP_DESK, cause=approval)
    record_change(context, uow, change, by, district, at=approval.time, more=told)


def _sealed(uow: UnitOfWork, referral: Referral, district: District) -> dict[str, str]:
    # As at an opening: only whoever keeps its own key gets the packet by message.
    agency = district.agencies.get(referral.agency)
    if agency is None or agency.keys != "own":
        return {}
    packet = referrals.packet_of(uow.connection, referral.id)
    return {} if packet is None else {"packet": packet.packet, "badge": packet.badge}
