"""An officer opens the packet of one referral, for a reason; each opening is audited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.referrals.domain.errors import (
    BadFields,
    FieldFault,
    KeyElsewhere,
    NoSuchReferral,
    PacketDeleted,
    PacketFrozen,
    PacketUnreadable,
    PersonErased,
    ReferralError,
)
from services.referrals.domain.keeping import has_deleted, may_be_read
from services.referrals.domain.referral import Referral
from services.referrals.persistence import referrals
from services.referrals.persistence.referrals import SealedPacket
from services.referrals.use_cases.audited import audit
from services.referrals.use_cases.context import Context
from services.referrals.use_cases.reaching import is_own
from services.referrals.use_cases.tell_opened import tell_opened
from shared.identity import Grant, Principal, allow
from shared.sealing import CannotOpen
from shared.text import Text

_NAMES_SOMEBODY = Text(
    "理由会记入审计日志：请勿写姓名、证件号码或电话。",
    "The reason is kept in the log: leave name, ID number and telephone out.",
)
_WHO = ("name", "id_number", "phone")


@dataclass(frozen=True, slots=True)
class OpenedPacket:
    """What a packet said when it was opened; it is shown once and kept nowhere."""

    referral: str
    rev: int
    opened_at: datetime
    body: Mapping[str, Any]


def open_packet(context: Context, principal: Principal, referral_id: str, reason: str) -> OpenedPacket:
    """Open the newest packet of a referral of one's own agency.

    Raises ``NoSuchReferral``, ``PersonErased``, ``KeyElsewhere`` where the agency's own system holds the key,
    ``PacketFrozen`` while consent has ended and the agency has named no ground of its own, ``PacketDeleted`` once it
    keeps nothing, ``PacketUnreadable``, ``BadFields`` for a reason that says who somebody is (the
    log is to name nobody), or ``shared.identity.Forbidden``. A refusal is audited too.
    """
    grant = allow(principal, "referrals.open-packet")
    district = context.directory.current()
    now = context.clock.now()
    with context.database.unit_of_work() as uow:
        referral, sealed = _held(uow.connection, grant, referral_id)
        refusal: ReferralError | None = None
        agency = district.agencies.get(referral.agency)
        if agency is not None and agency.keys == "own":
            refusal = KeyElsewhere()
        elif has_deleted(referral.life):
            refusal = PacketDeleted(referral_id)
        elif not may_be_read(referral.life):
            refusal = PacketFrozen(referral_id)
        else:
            try:
                claims = context.keyring.open(sealed.packet, referral.agency, "packet", referral_id)
            except CannotOpen as error:
                refusal = PacketUnreadable(error.reason)
            else:
                if _names_somebody(reason, claims.body):
                    refusal = BadFields([FieldFault("reason", _NAMES_SOMEBODY)])
        # The line commits whether the packet opened or not: a refusal is raised only after that.
        kept = None if isinstance(refusal, BadFields) else reason
        what, rev = "packet.opened" if refusal is None else "access.refused", {"rev": sealed.rev}
        audit(context, uow, principal, grant, what, ("referral", referral_id), rev, reason=kept)
        if refusal is None:
            tell_opened(context, uow, referral, grant, "packet", at=now, reason=reason)
    if refusal is not None:
        raise refusal
    return OpenedPacket(referral_id, claims.rev, now, claims.body)


def _held(connection: Connection, grant: Grant, referral_id: str) -> tuple[Referral, SealedPacket]:
    referral = referrals.load(connection, [referral_id], lock=True).get(referral_id)
    if referral is None or not is_own(grant, referral):
        raise NoSuchReferral(referral_id)
    if referral.life.erased_at is not None:
        raise PersonErased(referral_id)
    sealed = referrals.packet_of(connection, referral_id)
    if sealed is None:
        raise NoSuchReferral(referral_id)
    return referral, sealed


def _names_somebody(reason: str, body: Mapping[str, Any]) -> bool:
    # Telling words are not looked for: an agency that was refused one would learn what kind of words are.
    written = "".join(reason.split()).casefold()
    people = [person for person in (body.get("person"), body.get("beneficiary")) if person]
    known = [
        "".join(str(person[name]).split()).casefold()
        for person in people
        for name in _WHO
        if person.get(name)
    ]
    return any(value in written for value in known)
