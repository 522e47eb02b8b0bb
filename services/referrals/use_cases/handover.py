"""All that an officer has in hand goes to a colleague: for good when they leave, or until a day while they are away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.referrals.domain import assigning, reasons, wording
from services.referrals.domain.clocks import Timetable
from services.referrals.domain.doing import Doing, coded, filled
from services.referrals.domain.errors import BadFields, FieldFault
from services.referrals.domain.referral import Change, Referral
from services.referrals.domain.side_actions import side_act
from services.referrals.persistence import hands, referrals
from services.referrals.use_cases.assign import check_officer, is_officer
from services.referrals.use_cases.audited import audit
from services.referrals.use_cases.context import Context, timetable
from services.referrals.use_cases.record import By, record_change
from shared.clock import local_date
from shared.db import Once, UnitOfWork
from shared.directory import District
from shared.identity import Grant, Principal, allow

MOST = 500
"""So many change hands in one transaction; ``left`` tells that there are more, and sending it again goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Whose referrals go to whom and why (a code); with ``until`` they are lent, and come back by themselves."""

    from_: str
    to: str
    reason: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class HandedOver:
    """How many changed hands, how many are left for another go, and how many were lent so before."""

    handed_over: int
    left: int
    already: int = 0


@dataclass(frozen=True, slots=True)
class _Handing:
    context: Context
    uow: UnitOfWork
    district: District
    command: HandOver
    grant: Grant
    staff: str
    at: datetime
    today: date
    reckoning: Timetable


def hand_over(
    context: Context, principal: Principal, command: HandOver, *, once: Once | None = None
) -> HandedOver:
    """Give the open referrals that an officer has in hand, or stands in for, to a colleague of the same agency.

    All of them or none, up to ``MOST``; what is handed over already is not handed over again, so that it can be sent
    until nothing is left.

    Raises ``BadFields`` naming every field that is wrong, or ``shared.identity.Forbidden``.
    """
    grant = allow(principal, "referrals.hand-over")
    district = context.directory.current()
    at = context.clock.now()
    today = local_date(at, district.timezone)
    with context.database.unit_of_work(once=once) as uow:
        lend = (command.to, command.until) if command.until is not None else None
        found, left = hands.open_in_hand(
            uow.connection, grant.agencies, command.from_, today, lend=lend, most=MOST
        )
        already = hands.lent_already(uow.connection, grant.agencies, command.from_, *lend) if lend else 0
        _check(command, grant, district, found, today)
        handing = _Handing(
            context, uow, district, command, grant, principal.staff, at, today, timetable(district)
        )
        held = referrals.load(uow.connection, found, lock=True)
        changes = [change for leg in held.values() if (change := _change(handing, leg)) is not None]
        by = By(actor=principal.staff, role=grant.post.role, post=str(grant.post))
        for change in changes:
            record_change(context, uow, change, by, district, at=at)
        detail = {
            "to": command.to,
            "reason": command.reason,
            "referrals": len(changes),
            **({"until": command.until.isoformat()} if command.until else {}),
        }
        audit(context, uow, principal, grant, "referrals.handed-over", ("account", command.from_), detail)
        uow.result = HandedOver(len(changes), left, already)
    result: HandedOver = uow.result
    return result


def _check(command: HandOver, grant: Grant, district: District, found: list[str], today: date) -> None:
    faults = []
    if not found and not any(is_officer(district, agency, command.from_) for agency in grant.agencies):
        # Whoever has left holds no post any more, but what they left behind bears their name.
        faults.append(FieldFault("from", filled(wording.NO_SUCH_STAFF, staff=command.from_)))
    if command.to == command.from_:
        faults.append(FieldFault("to", wording.ANOTHER_OFFICER))
    elif not any(is_officer(district, agency, command.to) for agency in grant.agencies):
        faults.append(FieldFault("to", filled(wording.NOT_AN_OFFICER, staff=command.to)))
    if command.until is not None and command.reason in reasons.FOR_GOOD:
        faults.append(FieldFault("until", wording.GONE_FOR_GOOD))
    elif command.until is not None or command.reason in reasons.FOR_A_TIME:
        wrong = assigning.wrong_until(command.until, today)
        faults += [FieldFault("until", wrong)] if wrong else []
    try:
        coded({"reason": command.reason}, "reason", reasons.HANDOVER_REASONS)
    except BadFields as error:
        faults += error.faults
    if faults:
        raise BadFields(faults)


def _change(handing: _Handing, leg: Referral) -> Change | None:
    """Give what happens to one referral; None where, now that its row is held, there is nothing left to hand over."""
    command = handing.command
    if leg.assignee == command.from_:
        check_officer(handing.district, leg, command.to, "to")
        if command.until is None:
            return _side(handing, leg, "reassign", {"assignee": command.to, "reason": command.reason})
        if assigning.is_lent(leg, command.to, command.until):
            return None
        lent = {"assignee": command.to, "until": command.until, "reason": command.reason}
        return _side(handing, leg, "delegate", lent)
    if command.until is not None or assigning.deputy(leg, handing.today) != command.from_:
        return None
    # Who leaves stands in for nobody any more: the colleague does, or has it back.
    check_officer(handing.district, leg, command.to, "to")
    if leg.assignee == command.to:
        return _side(handing, leg, "reassign", {"assignee": command.to, "reason": command.reason})
    # What was lent beyond reason before there was a limit is lent on until the latest day there is.
    until = min(leg.delegated_until or handing.today, handing.today + assigning.LONGEST_LENT)
    lent = {"assignee": command.to, "until": until, "reason": command.reason}
    return _side(handing, leg, "delegate", lent)


def _side(handing: _Handing, leg: Referral, action: str, fields: Mapping[str, Any]) -> Change:
    return side_act(leg, action, Doing(leg, fields, handing.at, handing.reckoning, handing.staff))
