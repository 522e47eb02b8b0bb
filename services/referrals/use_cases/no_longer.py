"""Which referrals' data may go to no agency's own system any more, however late or often an event is sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection

from services.referrals.domain.status import LET_GO
from services.referrals.persistence import referrals as store

FROZEN, ERASED = "frozen", "erased"


def no_longer(connection: Connection, referrals: Collection[str]) -> Mapping[str, str]:
    """Give those of these referrals whose agency may be sent nothing now, each with the reason.

    It has nothing to do with the person any more (the status tells), consent has ended (``frozen``), or the person was
    ``erased``.
    """
    held = store.load(connection, list(referrals)).values()
    frozen = {referral.id: FROZEN for referral in held if referral.life.frozen is not None}
    let_go = {referral.id: referral.status.value for referral in held if referral.status in LET_GO}
    erased = {referral.id: ERASED for referral in held if referral.life.erased_at is not None}
    return frozen | let_go | erased
