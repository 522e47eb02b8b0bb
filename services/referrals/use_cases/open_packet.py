"""An officer opens the packet of one referral, for a reason; each opening is audited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.referrals.domain.errors import KeyElsewhere, NoSuchReferral, PacketUnreadable
from services.referrals.persistence import referrals
from services.referrals.use_cases.context import Context
from shared.audit import AuditEntry
from shared.identity import Grant, Principal, allow
from shared.sealing import CannotOpen


@dataclass(frozen=True, slots=True)
class OpenedPacket:
    """What a packet said when it was opened; it is shown once and kept nowhere."""

    referral: str
    rev: int
    opened_at: datetime
    body: Mapping[str, Any]


def open_packet(context: Context, principal: Principal, referral_id: str, reason: str) -> OpenedPacket:
    """Open the newest packet of a referral of one's own agency.

    Raises ``NoSuchReferral``, ``KeyElsewhere`` where the agency's own system holds the key, ``PacketUnreadable``,
    or ``shared.identity.Forbidden``. A refusal is audited too.
    """
    grant = allow(principal, "referrals.open-packet")
    district = context.directory.current()
    now = context.clock.now()
    with context.database.unit_of_work() as uow:
        referral = referrals.load(uow.connection, [referral_id]).get(referral_id)
        sealed = referrals.packet_of(uow.connection, referral_id)
        if referral is None or sealed is None or not grant.reaches(agency=referral.agency):
            raise NoSuchReferral(referral_id)
        refusal: KeyElsewhere | PacketUnreadable | None = None
        agency = district.agencies.get(referral.agency)
        if agency is not None and agency.keys == "own":
            refusal = KeyElsewhere()
        else:
            try:
                claims = context.keyring.open(sealed.packet, referral.agency, "packet", referral_id)
            except CannotOpen as error:
                refusal = PacketUnreadable(error.reason)
        # The line commits whether the packet opened or not: a refusal is raised only after that.
        uow.audit(_entry(principal, grant, referral_id, reason, now, sealed.rev, refused=refusal is not None))
    if refusal is not None:
        raise refusal
    return OpenedPacket(referral_id, claims.rev, now, claims.body)


def _entry(
    principal: Principal,
    grant: Grant,
    referral_id: str,
    reason: str,
    now: datetime,
    rev: int,
    *,
    refused: bool,
) -> AuditEntry:
    return AuditEntry(
        at=now,
        actor=principal.staff,
        post=str(grant.post),
        action="access.refused" if refused else "packet.opened",
        object_type="referral",
        object_id=referral_id,
        reason=reason,
        detail={"rev": rev},
    )
