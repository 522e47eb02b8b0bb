"""The short words about a referral that an agency's staff may read: from the help desk, and notes of colleagues."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping

from services.referrals.domain.errors import KeyElsewhere, NoSuchReferral, PacketUnreadable
from services.referrals.persistence import packets, referrals
from services.referrals.use_cases.audited import audit
from services.referrals.use_cases.context import Context
from services.referrals.use_cases.reaching import is_own
from services.referrals.use_cases.tell_opened import tell_opened
from shared.identity import Principal, allow
from shared.sealing import CannotOpen


@dataclass(frozen=True, slots=True)
class OpenedMessage:
    """One message; ``opened_at`` is when somebody of the agency had read it first, None until now.

    ``author`` is the colleague who left it as a note, None for what the help desk sent.
    """

    id: str
    at: datetime
    author: str | None
    opened_at: datetime | None
    text: str


def read_messages(context: Context, principal: Principal, referral_id: str) -> list[OpenedMessage]:
    """Open the messages about a referral of one's own agency, oldest first; the look is written to the audit log.

    Raises ``NoSuchReferral``, ``KeyElsewhere`` where the agency's own system holds the key, ``PacketUnreadable``, or
    ``shared.identity.Forbidden``.
    """
    grant = allow(principal, "referrals.open-packet")
    now = context.clock.now()
    district = context.directory.current()
    with context.database.unit_of_work() as uow:
        referral = referrals.load(uow.connection, [referral_id], lock=True).get(referral_id)
        if referral is None or not is_own(grant, referral):
            raise NoSuchReferral(referral_id)
        agency = district.agencies.get(referral.agency)
        if agency is not None and agency.keys == "own":
            raise KeyElsewhere
        rows = packets.messages_of(uow.connection, referral_id)
        packets.note_opened(uow.connection, referral_id, now)
        opened = {"count": len(rows)}
        audit(context, uow, principal, grant, "messages.opened", ("referral", referral_id), opened)
        if rows:
            tell_opened(context, uow, referral, grant, "messages", at=now)
    try:
        return [_opened(context, referral.agency, referral_id, row) for row in rows]
    except CannotOpen as error:
        raise PacketUnreadable(error.reason) from error


def _opened(context: Context, agency: str, referral_id: str, row: RowMapping) -> OpenedMessage:
    author = row["author"]
    kind, sender = ("message", "intake") if author is None else ("internal", agency)
    claims = context.keyring.open(row["sealed"], agency, kind, referral_id, sender=sender)
    return OpenedMessage(row["id"], row["at"], author, row["opened_at"], str(claims.body["text"]))
