"""Opening what an officer has put to the leader, with the words that go with it."""

from __future__ import annotations

from typing import Any

from services.referrals.domain.approvals import nothing_pending
from services.referrals.domain.errors import NoSuchReferral, PacketUnreadable
from services.referrals.persistence import referrals
from services.referrals.use_cases.audited import audit
from services.referrals.use_cases.context import Context
from services.referrals.use_cases.reaching import is_own
from services.referrals.use_cases.words import open_inside
from shared.identity import Principal, allow
from shared.sealing import CannotOpen


def open_pending(context: Context, principal: Principal, referral_id: str) -> dict[str, Any]:
    """Give ``{action, fields, words, by, at}`` of what waits; the look is audited.

    Raises ``NoSuchReferral``, ``NothingPending``, ``PacketUnreadable``, or ``shared.identity.Forbidden``.
    """
    grant = allow(principal, "referrals.open-pending")
    with context.database.unit_of_work() as uow:
        referral = referrals.load(uow.connection, [referral_id]).get(referral_id)
        if referral is None or not is_own(grant, referral):
            raise NoSuchReferral(referral_id)
        if referral.pending is None:
            raise nothing_pending(referral, "open-pending", grant.post.role)
        try:
            words = open_inside(context, referral, referral.pending.words)
        except CannotOpen as error:
            raise PacketUnreadable(error.reason) from error
        opened = {"action": referral.pending.action}
        audit(context, uow, principal, grant, "referral.pending-opened", ("referral", referral.id), opened)
    return {
        "action": referral.pending.action,
        "fields": dict(referral.pending.fields),
        "words": words,
        "by": referral.pending.by,
        "at": referral.pending.at,
    }
